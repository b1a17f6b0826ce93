package verify

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// planned is a deployment whose probes are planned, with everything as it was
// deployed, and no AWS behind it.
func planned(t *testing.T, rules []replication.Rule, change func(source, dr *place), failed ...*Check) *deployment {
	t.Helper()
	descriptor := replication.Descriptor{
		Version: 1, Name: "data", RoleARN: "arn:aws:iam::111111111111:role/data", Rules: rules,
		Source: deployedPlace("source", "us-east-1"), Destinations: []replication.DeployedBucket{deployedPlace("dr", "us-west-2")},
	}
	d := &deployment{descriptor: descriptor, run: "run", list: &checklist{replication: "data"}, standings: map[*place]standing{}}
	for _, deployed := range descriptor.Buckets() {
		p := newPlace(deployed, "", aws.Config{Region: deployed.Region})
		p.versioning.value.state = model.VersioningEnabled
		p.encryption.value = encryption{algorithm: model.SSEKMS, key: deployed.KMSKeyARN, bucketKey: true}
		d.places = append(d.places, p)
	}
	change(d.places[0], d.places[1])
	d.flows = flows(descriptor, d.places)
	require.Len(t, d.flows, 1)
	d.planProbes(d.flows[0], func(*place, []string) []*Check { return failed })
	return d
}

func deployedPlace(name, region string) replication.DeployedBucket {
	return replication.DeployedBucket{
		Name: name, Bucket: "data-" + name, ARN: "arn:aws:s3:::data-" + name, Region: region, AccountID: "111111111111",
		KMSKeyARN: "arn:aws:kms:" + region + ":111111111111:key/" + name,
	}
}

func asDeployed(*place, *place) {}

var twoRules = []replication.Rule{
	{ID: "critical", Priority: 3, Destination: "dr", Prefix: "finance/", Tags: map[string]string{"class": "critical"}, Status: replication.Enabled},
	{ID: "off", Priority: 2, Destination: "dr", Prefix: "tmp/", Status: replication.Disabled},
	{ID: "rest", Priority: 1, Destination: "dr", Status: replication.Enabled, DeleteMarkers: true},
}

func TestPlanProbes_OneForEachWayToPickObjects(t *testing.T) {
	t.Parallel()
	d := planned(t, twoRules, asDeployed)
	keys := map[string]string{}
	for _, p := range d.probes {
		keys[p.name] = p.object.Key
	}
	assert.Equal(t, map[string]string{
		"rule critical": "finance/.crr-verify/run/rule-critical",
		"rule rest":     ".crr-verify/run/rule-rest",
		"explicit key":  ".crr-verify/run/explicit-key",
		"multipart":     ".crr-verify/run/multipart",
	}, keys)
	assert.Equal(t, map[string]string{"class": "critical"}, d.probes[0].object.Tags)
	assert.Equal(t, []string{
		"rule critical", "delete marker (critical)", "rule rest", "delete marker (rest)", "explicit key", "multipart",
	}, namesOf(d.list.checks))
}

func TestPlanProbes_PutsNothingThatMustFail(t *testing.T) {
	t.Parallel()
	d := planned(t, twoRules, asDeployed, &Check{About: "dr", Name: "key", Status: Fail, blocks: true})
	assert.Empty(t, d.probes)
	require.NotEmpty(t, d.list.checks)
	for _, check := range d.list.checks {
		assert.Equal(t, Skipped, check.Status, check.Name)
		assert.Equal(t, "because of dr, key", check.Reason)
	}
	assert.Equal(t, []string{"rule critical", "rule rest", "explicit key", "multipart"}, namesOf(d.list.checks))
}

func TestPlanProbes_NoneVanishesWhenARuleIsNotAsDeployed(t *testing.T) {
	t.Parallel()
	changed := &Check{About: "rules", Name: "only", Status: Fail, blocks: true}
	for name, rules := range map[string]s3config.Configuration{
		"disabled": {Rules: []s3config.Rule{{ID: "only", Status: replication.Disabled, Destination: s3config.Destination{Bucket: "arn:aws:s3:::data-dr"}}}},
		"gone":     {Rules: []s3config.Rule{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			only := []replication.Rule{{ID: "only", Priority: 1, Destination: "dr", Status: replication.Enabled}}
			d := planned(t, only, func(source, _ *place) { source.rules.value = &rules }, changed)
			assert.Empty(t, d.probes)
			assert.Equal(t, []string{"rule only", "explicit key", "multipart"}, namesOf(d.list.checks))
			for _, check := range d.list.checks {
				assert.Equal(t, "because of rules, only", check.Reason)
			}
		})
	}
}

func TestPlanProbes_LeavesNothingLargeUnderRetention(t *testing.T) {
	t.Parallel()
	d := planned(t, twoRules, func(_, dr *place) { dr.lock.value = lock{on: true, retains: true} })
	assert.NotContains(t, probeNames(d), "multipart")
	last := d.list.checks[len(d.list.checks)-1]
	assert.Equal(t, "multipart", last.Name)
	assert.Equal(t, Skipped, last.Status)
}

func TestPlanProbes_TellsOfAPrefixWithoutRoom(t *testing.T) {
	t.Parallel()
	long := []replication.Rule{{ID: "long", Priority: 1, Destination: "dr", Prefix: strings.Repeat("p", 1020), Status: replication.Enabled}}
	d := planned(t, long, asDeployed)
	assert.Empty(t, d.probes)
	assert.Contains(t, d.list.checks[0].Reason, "leaves no room")
}

func namesOf(checks []*Check) []string {
	var names []string
	for _, check := range checks {
		names = append(names, check.Name)
	}
	return names
}

func probeNames(d *deployment) []string {
	var names []string
	for _, p := range d.probes {
		names = append(names, p.name)
	}
	return names
}
