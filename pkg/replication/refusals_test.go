package replication_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// deployedPair is a deployment, and its replication with the policies that it
// was deployed with.
func deployedPair(t *testing.T) (replication.Descriptor, replication.Subject) {
	t.Helper()
	place := func(name, region string) replication.DeployedPlace {
		return replication.DeployedPlace{
			Name: name, Bucket: "data-" + name, ARN: "arn:aws:s3:::data-" + name, Region: region, AccountID: "111111111111",
			KMSKeyARN: "arn:aws:kms:" + region + ":111111111111:key/" + name,
		}
	}
	descriptor := replication.Descriptor{
		Version: 1, Name: "data", RoleARN: "arn:aws:iam::111111111111:role/data",
		Source: place("source", "us-east-1"), Destinations: []replication.DeployedPlace{place("dr", "us-west-2")},
		Rules: []replication.Rule{{ID: "dr", Priority: 1, Destination: "dr", Status: replication.Enabled, DeleteMarkers: true}},
	}
	subjects := descriptor.Subjects()
	require.Len(t, subjects, 1)
	for _, grant := range descriptor.Grants() {
		if grant.Resource == descriptor.RoleARN {
			subjects[0].Facts.Role.Policies = append(subjects[0].Facts.Role.Policies, grant.Document)
		}
	}
	return descriptor, subjects[0]
}

func TestRefusals_NoneOfWhatIsDeployed(t *testing.T) {
	t.Parallel()
	_, subject := deployedPair(t)
	assert.Empty(t, replication.Refusals(subject))
}

func TestRefusals_NamesActionAndTarget(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]replication.Refusal{
		"s3:GetObjectVersionForReplication": {Target: replication.SourceBucket, Failure: "SrcGetObjectNotPermitted"},
		"s3:ReplicateObject":                {Target: replication.DestinationBucket, Failure: "DstPutObjectNotPermitted"},
		"s3:ReplicateDelete":                {Target: replication.DestinationBucket, Failure: "DstDelObjNotPermitted"},
		"s3:ReplicateTags":                  {Target: replication.DestinationBucket, Failure: "DstPutTaggingNotPermitted", Optional: true},
		"kms:Encrypt":                       {Target: replication.DestinationKey, Failure: "DstPutObjectNotPermitted"},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			_, subject := deployedPair(t)
			document := &subject.Facts.Role.Policies[0]
			for i := range document.Statement {
				actions := slices.DeleteFunc(slices.Clone(document.Statement[i].Action), func(a string) bool { return a == action })
				document.Statement[i].Action = actions
			}
			refusals := replication.Refusals(subject)
			require.NotEmpty(t, refusals)
			got := refusals[0]
			assert.NotEmpty(t, got.Cause)
			assert.False(t, got.Denied, "nothing denies it; an Allow is missing")
			got.Cause = ""
			want.Rule, want.Destination, want.Action = "dr", "data-dr", action
			assert.Equal(t, want, got)
		})
	}
}

func TestRefusals_TellsOfADeny(t *testing.T) {
	t.Parallel()
	_, subject := deployedPair(t)
	denies := policy.New(policy.Statement{
		Sid: "Closed", Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"s3:Replicate*"}, Resource: policy.Values{"*"},
	})
	facts := subject.Facts.Destinations["data-dr"]
	facts.Policy = &denies
	subject.Facts.Destinations["data-dr"] = facts
	refusals := replication.Refusals(subject)
	require.NotEmpty(t, refusals)
	assert.True(t, refusals[0].Denied)
	assert.Contains(t, refusals[0].Cause, "Closed")
}

func TestChecks_OfAPlaceAreAboutItAlone(t *testing.T) {
	t.Parallel()
	descriptor, _ := deployedPair(t)
	targets := func(place replication.DeployedPlace) map[replication.Target]bool {
		found := map[replication.Target]bool{}
		for _, check := range place.Checks(descriptor.RoleOf(place)) {
			found[check.Target] = true
		}
		return found
	}
	assert.Equal(t, map[replication.Target]bool{replication.SourceBucket: true, replication.RoleTrust: true}, targets(descriptor.Source))
	assert.Equal(t, map[replication.Target]bool{replication.SourceBucket: true}, targets(descriptor.Destinations[0]), "nothing replicates from here")
	adopted := descriptor.Destinations[0]
	adopted.Existing = true
	assert.Empty(t, targets(adopted), "the policy of an adopted bucket is its owner's")
}

// A deployment may have such statements of its user's, which crr verify must not
// call a fault.
func TestChecks_OfAPlaceAcceptStatementsThatNarrowClientsDown(t *testing.T) {
	t.Parallel()
	descriptor, _ := deployedPair(t)
	narrow := replication.Documents{SourceBucket: denying("s3:*", "*", nil)}
	checks := descriptor.Destinations[0].Checks("")
	assert.NotEmpty(t, checks)
	assert.Empty(t, narrow.Prove(checks))
}

func TestChecks_OfAPlaceAcceptTheTrustOfADeployment(t *testing.T) {
	t.Parallel()
	descriptor, _ := deployedPair(t)
	for _, anyAccount := range []bool{false, true} {
		documents := replication.Documents{Trust: replication.TrustPolicy("111111111111", anyAccount)}
		for _, check := range descriptor.Source.Checks(descriptor.RoleARN) {
			if check.Target == replication.RoleTrust {
				assert.Empty(t, documents.Prove([]replication.Check{check}), "any account: %v", anyAccount)
			}
		}
	}
}
