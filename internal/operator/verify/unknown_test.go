package verify

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/operator/live"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

var denied = &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}

// TestUnknown_IsNeverWell has what can't be judged, and what is not to be judged.
func TestUnknown_IsNeverWell(t *testing.T) {
	t.Parallel()
	source := deployedPlace("source", "us-east-1")
	partner := deployedPlace("dr", "us-west-2")
	partner.Existing = true
	strange := func(probed bool) func() []*Check {
		return func() []*Check {
			p := newPlace(partner, "", awsConfig)
			p.region.err, p.probed = denied, probed
			l := &checklist{}
			l.checkPlace(p, nil)
			return l.checks
		}
	}
	one := func(o outcome) func() []*Check {
		return func() []*Check {
			l := &checklist{}
			l.check("source", "one", nil, func() outcome { return o })
			return l.checks
		}
	}
	with := func(change func(*place)) *place {
		p := newPlace(source, "", awsConfig)
		change(p)
		return p
	}
	rules := func(status replication.Status) *deployment {
		return &deployment{descriptor: replication.Descriptor{Rules: []replication.Rule{{ID: "dr", Status: status}}}}
	}
	s, alarm := &station{window: metricWindow}, replication.Alarm{Metric: "ReplicationLatency", Rule: "dr"}
	canary := &station{window: metricWindow, found: answer[alarmsFound]{value: alarmsFound{metric: map[string]types.MetricAlarm{"": {Period: aws.Int32(300)}}}}}
	for name, test := range map[string]struct {
		checks func() []*Check
		want   Verdict
	}{
		"a partner's bucket, and no probes":          {strange(false), Unknown},
		"a partner's bucket that probes arrive in":   {strange(true), OK},
		"an alarm of a rule that nothing matches":    {one(rules(replication.Enabled).silent(s, alarm, true)), Unknown},
		"an alarm, with --no-write":                  {one(rules(replication.Enabled).silent(s, alarm, false)), OK},
		"an alarm of a rule deployed disabled":       {one(rules(replication.Disabled).silent(s, alarm, true)), OK},
		"a canary that has not run yet":              {one(canary.silentCanary(replication.Alarm{})), Unknown},
		"objects that can't be asked for their keys": {one(with(func(p *place) { p.otherKeys.value.refused = denied }).judgeOtherKeys()), Unknown},
		"an object's key whose state can't be read": {one(with(func(p *place) {
			p.otherKeys.value.keys = []otherKey{{arn: oldKey, object: "a", err: denied}}
		}).judgeOtherKeys()), Unknown},
		"probes that can't be looked for": {one(with(func(p *place) { p.leftBehind.err = denied }).judgeLeftBehind(true)), Unknown},
		"versioning that can't be read":   {one(with(func(p *place) { p.versioning.err = denied }).judgeMFADelete()), Unknown},
		"a flag":                          {one(skip("not tried, because of --no-refusals")), OK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := &Report{}
			report.add(test.checks())
			assert.Equal(t, test.want, report.Verdict())
			var out bytes.Buffer
			require.NoError(t, WriteTable(&out, report))
			assert.Equal(t, test.want == Unknown, strings.Contains(out.String(), "(1 unknown: source, one)") ||
				strings.Contains(out.String(), "(1 unknown: dr, bucket)"), out.String())
		})
	}
}

func TestUnknown_SettingsOfOtherReleases(t *testing.T) {
	t.Parallel()
	d := &deployment{
		list: &checklist{}, places: []*place{newPlace(deployedPlace("source", "us-east-1"), "", awsConfig)},
		unknownSettings: []replication.Setting{{ARN: bucketARN, Kind: "shape", AccountID: "111111111111"}},
	}
	d.checkSettings()
	require.Len(t, d.list.checks, 2, "a setting of a later release, and none from an earlier one")
	for _, check := range d.list.checks {
		assert.True(t, check.Unknown, check.Reason)
		assert.NotEmpty(t, check.Fix)
	}
}

func TestMFADelete(t *testing.T) {
	t.Parallel()
	place := deployedPlace("source", "us-east-1")
	p := newPlace(place, "", awsConfig)
	assert.Equal(t, outcome{}, p.judgeMFADelete())
	p.versioning.value = versioning{state: model.VersioningEnabled, mfaDelete: true}
	o := p.judgeMFADelete()
	assert.Contains(t, o.reason, "lifecycle rules are not applied")
	assert.Contains(t, o.fix, "--expected-bucket-owner "+place.AccountID+" --versioning-configuration Status=Enabled,MFADelete=Disabled")
	assert.Empty(t, p.judgeVersioning().reason, "the versions are there")
	place.Existing = true
	assert.True(t, newPlace(place, "", awsConfig).judgeMFADelete().skipped)
}

// TestFlags_ListWhatTheySwitchOff runs against an AWS that refuses everything.
func TestFlags_ListWhatTheySwitchOff(t *testing.T) { //nolint:paralleltest // it sets the environment
	calls := refusingAWS(t)
	for _, test := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"--no-write", Options{NoWrite: true}, []string{"probes from source, all", "source refuses, uploads", "dr refuses, uploads"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sessions, err := live.Open(t.Context())
			require.NoError(t, err)
			d := newDeployment(keyedDescriptor(), sessions, test.options, newProgress(io.Discard))
			d.verify(t.Context())
			var off []string
			for _, check := range d.list.checks {
				if strings.Contains(check.Reason, "because of "+test.name) {
					off = append(off, check.title())
				}
			}
			assert.Equal(t, test.want, off)
		})
	}
	// Every key is asked for its state and its policy once, however many checks need them.
	for _, target := range []string{"TrentService.DescribeKey", "TrentService.GetKeyPolicy"} {
		assert.Equal(t, 2, calls.of(target), target)
	}
}

func keyedDescriptor() replication.Descriptor {
	d := replication.Descriptor{
		Version: 1, Name: "data", RoleARN: "arn:aws:iam::111111111111:role/data", Source: deployedPlace("source", "us-east-1"),
		Destinations: []replication.DeployedBucket{deployedPlace("dr", "us-west-2")},
		Rules:        []replication.Rule{{ID: "dr", Priority: 1, Destination: "dr", Status: replication.Enabled}},
	}
	for _, p := range d.Buckets() {
		d.Settings = append(d.Settings, replication.Setting{ARN: p.KMSKeyARN, Kind: replication.KeyPolicySetting, Region: p.Region, AccountID: p.AccountID})
	}
	return d
}

// made are calls that were made, by their operation where it is named.
type made struct {
	sync.Mutex
	all []string
}

func (m *made) of(operation string) int {
	m.Lock()
	defer m.Unlock()
	return len(slices.DeleteFunc(slices.Clone(m.all), func(o string) bool { return o != operation }))
}

// refusingAWS describes every key, and refuses everything else.
func refusingAWS(t *testing.T) *made {
	t.Helper()
	calls := &made{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.Header.Get("X-Amz-Target")
		calls.Lock()
		calls.all = append(calls.all, target)
		calls.Unlock()
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch target {
		case "TrentService.DescribeKey":
			_, _ = io.WriteString(w, `{"KeyMetadata": {"KeyId": "k", "KeyState": "Enabled"}}`)
		case "TrentService.GetKeyPolicy":
			_, _ = io.WriteString(w, `{"Policy": "{\"Statement\": []}"}`)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return calls
}
