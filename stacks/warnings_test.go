package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

// replicated returns a configuration of one replication to us-west-2, with more to say about the
// stack, the replication, its source and its destination.
func replicated(stack, itself, source, destination string) string {
	return "config: { " + stack + " 'crr:replications': [{ name: data, " + itself + " source: { region: us-east-1, " + source + " }, " +
		"destinations: [{ name: dr, region: us-west-2, " + destination + " }] }] }"
}

func TestWarnings_AreShownOnceAndAreThoseOfLint(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		config string
		want   []string
	}{
		"nothing unwise": {replicated("", "", "", ""), nil},
		"a region that is not known": {
			strings.ReplaceAll(replicated("", "", "", ""), "us-west-2", "eu-atlantis-1"),
			[]string{"replications[0].rules: dr is in \"eu-atlantis-1\", which is not a region known to this version. Correct the name"},
		},
		"a rule that never decides": {
			replicated("", "rules: [{ id: all, destinations: [dr] }, { id: some, destinations: [dr], prefix: a/ }],", "", ""),
			[]string{"replications[0].rules[1]: the rule never applies: the rule all has the same destination"},
		},
		"no enabled rule": {
			replicated("", "rules: [{ id: all, enabled: false }],", "", ""),
			[]string{"replications[0].monitoring: no alarm watches OperationsFailedReplication", "replications[0].rules: no rule is enabled, so nothing replicates. Enable a rule"},
		},
		"force destroy of protected buckets": {
			replicated("'crr:protect': true, 'crr:forceDestroy': true,", "", "", ""),
			[]string{"forceDestroy: has no effect while protect is on"},
		},
		"thresholds of a disabled rule": {
			replicated("", "rules: [{ id: old, enabled: false, monitoring: { latencySeconds: 5 } }, { id: all }],", "", ""),
			[]string{"replications[0].rules[0].monitoring: has no effect: a disabled rule has no alarms"},
		},
		"archive tiers without objects in the class": {
			replicated("", "", "", "storageClass: GLACIER_IR, intelligentTiering: { archiveDays: 90 }"),
			[]string{"replications[0].destinations[0].intelligentTiering: has no effect"},
		},
		"archive tiers of objects that keep their class": {
			replicated("", "", "", "intelligentTiering: { archiveDays: 90 }"), nil,
		},
		"archive tiers of objects that a lifecycle moves": {
			replicated("", "", "", "storageClass: STANDARD, lifecycle: { noncurrentDays: 30, transitions: [{ days: 1, storageClass: INTELLIGENT_TIERING }] }, intelligentTiering: { archiveDays: 90 }"), nil,
		},
		"a lifecycle that ends before the retention": {
			replicated("", "", "objectLock: { mode: COMPLIANCE, days: 365 }, lifecycle: { noncurrentDays: 7 }", "objectLock: { mode: GOVERNANCE, days: 30 }, lifecycle: { noncurrentDays: 30 }"),
			[]string{"replications[0].source.lifecycle.noncurrentDays: is 7, but the bucket retains each version for 365 days"},
		},
		"a heartbeat that is old before the next one": {
			replicated("", "canary: { enabled: true, everyMinutes: 60, ageSeconds: 1, code: testdata/canary.zip },", "", ""),
			[]string{"replications[0].canary.ageSeconds: is 1, but a heartbeat is written only every 3600 seconds"},
		},
		"a second account for metrics where there is one": {
			replicated("", "monitoring: { account: destination },", "", ""),
			[]string{"replications[0].monitoring.account: has no effect"},
		},
		"a second account for metrics where there are two": {
			replicated("", "monitoring: { account: destination },", "", "assumeRoleArn: 'arn:aws:iam::222222222222:role/deploy'"), nil,
		},
		"replicas that do not travel on": {
			"config: { 'crr:replications': [" +
				"{ name: a, source: { region: us-east-1, bucket: first }, destinations: [{ name: dr, region: us-west-2, bucket: second, existing: true, kmsKeyArn: 'arn:aws:kms:us-west-2:111111111111:key/1' }] }, " +
				"{ name: b, source: { region: us-west-2, bucket: second, existing: true, replaceRules: true, kmsKeyArn: 'arn:aws:kms:us-west-2:111111111111:key/1' }, destinations: [{ name: eu, region: eu-west-1 }] }] }",
			[]string{"replications[1].rules: "},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder, err := run(t, c.config)
			require.NoError(t, err)
			shown := recorder.Warnings()
			require.Lenf(t, shown, len(c.want), "%q", shown)
			for i, want := range c.want {
				assert.Contains(t, shown[i], want)
			}
			var linted []string
			for _, finding := range model.Lint(configOf(t, c.config).Subjects()...) {
				if finding.Severity != model.SeverityInfo {
					linted = append(linted, finding.Path+": "+finding.Message)
				}
			}
			slices.Sort(linted)
			require.Len(t, linted, len(shown), "warnings of crr lint --config")
			for i := range shown {
				assert.Contains(t, shown[i], linted[i])
			}
		})
	}
}

func TestWarnings_OfAComponentInAProgram(t *testing.T) {
	t.Parallel()
	args := func() *crr.ReplicatedBucketArgs {
		return &crr.ReplicatedBucketArgs{
			Protect:      true,
			Source:       crr.BucketArgs{Region: "us-east-1", ForceDestroy: true},
			Destinations: []crr.DestinationArgs{{Name: "dr", Bucket: crr.BucketArgs{Region: "us-west-2"}}},
			Rules:        []crr.RuleArgs{{ID: "all"}, {ID: "some", Prefix: "a/"}},
		}
	}
	shown := func(args *crr.ReplicatedBucketArgs, options ...pulumi.RunOption) []string {
		recorder, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
			_, err := crr.NewReplicatedBucket(ctx, "data", args)
			return err
		}, options...)
		require.NoError(t, err)
		return recorder.Warnings()
	}
	for _, warnings := range [][]string{shown(args()), shown(args(), pulumitest.Preview)} {
		require.Len(t, warnings, 2)
		assert.Contains(t, warnings[0], "rules[1]: the rule never applies")
		assert.Contains(t, warnings[0], "Give the narrower rule the higher priority")
		assert.Contains(t, warnings[1], "source.forceDestroy: has no effect while protect is on")
	}
	silent := args()
	silent.NoWarnings = true
	assert.Empty(t, shown(silent))
}
