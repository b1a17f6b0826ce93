package verify

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// A deployment changes nothing of what it adopted, so that deploying again is no way
// out there.
func TestAdvice_OffersToDeployAgainOnlyWhatTheStackMade(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::111111111111:role/r"
	made := func(arns ...string) []replication.Setting {
		settings := []replication.Setting{{Kind: replication.TopicSetting, ARN: "arn:aws:sns:us-east-1:111111111111:t"}}
		for _, arn := range arns {
			settings = append(settings, replication.Setting{Kind: replication.BucketPolicySetting, ARN: arn})
		}
		return settings
	}
	source, dr := deployedPlace("source", "us-east-1"), deployedPlace("dr", "us-west-2")
	found := dr
	found.Existing = true
	everything := made(role, source.ARN, source.KMSKeyARN, dr.ARN, dr.KMSKeyARN)
	missingAllow := func(target model.Target, reason policy.Reason) func(*flow) string {
		return func(f *flow) string {
			return f.allow(model.DeniedCall{Action: "s3:ReplicateObject", Target: target, Reason: reason}, f.to[0])
		}
	}
	for name, c := range map[string]struct {
		to       replication.DeployedBucket
		settings []replication.Setting
		advice   func(*flow) string
		restores bool
	}{
		"a role that is gone":                                {dr, everything, roleGone, true},
		"a role that is gone, adopted":                       {dr, made(source.ARN, dr.ARN), roleGone, false},
		"a role that is gone, by an earlier release":         {dr, nil, roleGone, true},
		"a trust policy":                                     {dr, everything, trustGone, true},
		"a trust policy of an adopted role":                  {dr, made(source.ARN, dr.ARN), trustGone, false},
		"a policy of the role":                               {dr, everything, missingAllow(model.DestinationBucket, policy.ImplicitDenyIdentity), true},
		"a policy of an adopted role":                        {dr, made(dr.ARN), missingAllow(model.DestinationBucket, policy.ImplicitDenyIdentity), false},
		"a policy of the bucket":                             {dr, everything, missingAllow(model.DestinationBucket, policy.ImplicitDenyResource), true},
		"a policy of an adopted bucket":                      {found, everything, missingAllow(model.DestinationBucket, policy.ImplicitDenyResource), false},
		"a policy of an adopted bucket, by an older release": {found, nil, missingAllow(model.DestinationBucket, policy.ImplicitDenyResource), false},
		"a policy of the key":                                {dr, everything, missingAllow(model.DestinationKey, policy.ImplicitDenyResource), true},
		"a policy of an adopted key":                         {dr, made(role, dr.ARN), missingAllow(model.DestinationKey, policy.ImplicitDenyResource), false},
		"a Deny in an adopted bucket and role":               {found, made(source.ARN), missingAllow(model.DestinationBucket, policy.ExplicitDeny), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := newPlace(source, role, awsConfig), newPlace(c.to, "", awsConfig)
			from.settings, to.settings = c.settings, c.settings
			advice := c.advice(&flow{from: from, to: []*place{to}})
			if c.restores {
				assert.Contains(t, advice, "pulumi up --refresh")
			} else {
				assert.NotContains(t, advice, "pulumi up --refresh")
				assert.Contains(t, advice, "managed")
			}
		})
	}
}

func roleGone(f *flow) string {
	f.from.role.value.missing = true
	return f.from.judgeRole().fix
}

func trustGone(f *flow) string { return f.from.judgeTrust(nil).fix }
