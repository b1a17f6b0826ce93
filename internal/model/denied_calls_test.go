package model_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// deployedPair is a deployment, and its replication with the policies that it
// was deployed with.
func deployedPair(t *testing.T) (replication.Descriptor, model.Subject) {
	t.Helper()
	place := func(name, region string) replication.DeployedBucket {
		return replication.DeployedBucket{
			Name: name, Bucket: "data-" + name, ARN: "arn:aws:s3:::data-" + name, Region: region, AccountID: "111111111111",
			KMSKeyARN: "arn:aws:kms:" + region + ":111111111111:key/" + name,
		}
	}
	descriptor := replication.Descriptor{
		Version: 1, Name: "data", RoleARN: "arn:aws:iam::111111111111:role/data",
		Source: place("source", "us-east-1"), Destinations: []replication.DeployedBucket{place("dr", "us-west-2")},
		Rules: []replication.Rule{{ID: "dr", Priority: 1, Destination: "dr", Status: replication.Enabled, DeleteMarkers: true}},
	}
	subjects := model.Subjects(descriptor)
	require.Len(t, subjects, 1)
	subjects[0].Facts.Role.Policies = []policy.Document{grantTo(t, descriptor, descriptor.RoleARN)}
	return descriptor, subjects[0]
}

func TestRefusals_NoneOfWhatIsDeployed(t *testing.T) {
	t.Parallel()
	_, subject := deployedPair(t)
	assert.Empty(t, model.DeniedCalls(subject))
}

func TestRefusals_NamesActionAndTarget(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]model.DeniedCall{
		"s3:GetObjectVersionForReplication": {Target: model.SourceBucket, Failure: "SrcGetObjectNotPermitted"},
		"s3:ReplicateObject":                {Target: model.DestinationBucket, Failure: "DstPutObjectNotPermitted"},
		"s3:ReplicateDelete":                {Target: model.DestinationBucket, Failure: "DstDelObjNotPermitted"},
		"s3:ReplicateTags":                  {Target: model.DestinationBucket, Failure: "DstPutTaggingNotPermitted", Optional: true},
		"kms:Encrypt":                       {Target: model.DestinationKey, Failure: "DstPutObjectNotPermitted"},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			_, subject := deployedPair(t)
			document := &subject.Facts.Role.Policies[0]
			for i := range document.Statement {
				actions := slices.DeleteFunc(slices.Clone(document.Statement[i].Action), func(a string) bool { return a == action })
				document.Statement[i].Action = actions
			}
			denied := model.DeniedCalls(subject)
			require.NotEmpty(t, denied)
			got := denied[0]
			assert.NotEmpty(t, got.Cause)
			assert.Equal(t, policy.ImplicitDenyIdentity, got.Reason, "nothing denies it; an Allow is missing")
			got.Cause, got.Reason = "", ""
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
	denied := model.DeniedCalls(subject)
	require.NotEmpty(t, denied)
	assert.Equal(t, policy.ExplicitDeny, denied[0].Reason)
	assert.Contains(t, denied[0].Cause, "Closed")
	for _, each := range denied {
		assert.Empty(t, each.Part, "it hits everything")
	}
}

// What a policy says of a part of a bucket is found whichever policy says it, and
// only where a rule replicates something of that part.
func TestRefusals_TellsOfPartsOfABucket(t *testing.T) {
	t.Parallel()
	const source, dr = "arn:aws:s3:::data-source/", "arn:aws:s3:::data-dr/"
	type refused struct {
		action, part string
		reason       policy.Reason
	}
	deny := func(action, resource string) policy.Statement {
		return policy.Statement{Effect: policy.Deny, Action: policy.Values{action}, Resource: policy.Values{resource}}
	}
	toRole := func(facts *model.Facts, statement policy.Statement) {
		facts.Role.Policies = append(facts.Role.Policies, policy.New(statement))
	}
	toSource := func(facts *model.Facts, statement policy.Statement) {
		statement.Principal = policy.Anyone()
		document := policy.New(statement)
		facts.Source.Policy = &document
	}
	for name, c := range map[string]struct {
		prefix string // of the rule
		add    func(*model.Facts, policy.Statement)
		say    policy.Statement
		want   []refused
	}{
		"the role's policy, of replicas": {
			"", toRole, deny("s3:ReplicateObject", dr+"finance/*"), []refused{{"s3:ReplicateObject", dr + "finance/*", policy.ExplicitDeny}},
		},
		"the source's policy, of originals": {
			"", toSource, deny("s3:GetObjectVersionForReplication", source+"secret/*"),
			[]refused{{"s3:GetObjectVersionForReplication", source + "secret/*", policy.ExplicitDeny}},
		},
		"a kind of objects": {
			"finance/", toRole, deny("s3:ReplicateObject", "arn:aws:s3:::*/*.pdf"), []refused{{"s3:ReplicateObject", "arn:aws:s3:::*/*.pdf", policy.ExplicitDeny}},
		},
		"a part of what the rule replicates": {
			"finance/", toRole, deny("s3:ReplicateObject", dr+"finance/2024/*"), []refused{{"s3:ReplicateObject", dr + "finance/2024/*", policy.ExplicitDeny}},
		},
		"all that the rule replicates": {
			"finance/2024/", toRole, deny("s3:ReplicateObject", dr+"finance/*"), []refused{{"s3:ReplicateObject", dr + "finance/2024/*", policy.ExplicitDeny}},
		},
		"all of the bucket":              {"finance/", toRole, deny("s3:ReplicateObject", dr+"*"), []refused{{"s3:ReplicateObject", "", policy.ExplicitDeny}}},
		"a part that no rule replicates": {"hr/", toRole, deny("s3:ReplicateObject", dr+"finance/*"), nil},
		"a call that S3 does not make":   {"", toRole, deny("s3:GetObject", source+"secret/*"), nil},
		"a condition that spares the role": {
			"", toRole, policy.Statement{
				Effect: policy.Deny, Action: policy.Values{"s3:*"}, Resource: policy.Values{dr + "finance/*"},
				Condition: policy.Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
			}, nil,
		},
		"all but a part": {
			"", func(facts *model.Facts, statement policy.Statement) {
				boundary := policy.New(statement)
				facts.Role.Boundary = &boundary
			},
			policy.Statement{Effect: policy.Allow, Action: policy.Values{"*"}, NotResource: policy.Values{source + "secret/*"}},
			[]refused{
				{"s3:GetObjectVersionForReplication", source + "secret/*", policy.ImplicitDenyBoundary},
				{"s3:GetObjectVersionAcl", source + "secret/*", policy.ImplicitDenyBoundary},
				{"s3:GetObjectVersionTagging", source + "secret/*", policy.ImplicitDenyBoundary},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			descriptor, _ := deployedPair(t)
			descriptor.Rules[0].Prefix = c.prefix
			subject := model.Subjects(descriptor)[0]
			subject.Facts.Role.Policies = []policy.Document{grantTo(t, descriptor, descriptor.RoleARN)}
			c.add(&subject.Facts, c.say)
			var got []refused
			for _, each := range model.DeniedCalls(subject) {
				got = append(got, refused{each.Action, each.Part, each.Reason})
				assert.Contains(t, each.Cause, each.Part)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// Without a bucket key, a key's policy can distinguish objects by their encryption
// context.
func TestRefusals_TellsOfPartsByTheEncryptionContext(t *testing.T) {
	t.Parallel()
	descriptor, subject := deployedPair(t)
	denies := policy.New(
		policy.Statement{Effect: policy.Allow, Principal: policy.AWS("111111111111"), Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"}},
		policy.Statement{
			Sid: "Sealed", Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"kms:Decrypt"}, Resource: policy.Values{"*"},
			Condition: policy.Conditions{"StringLike": {"kms:EncryptionContext:aws:s3:arn": {"arn:aws:s3:::data-source/secret/*"}}},
		})
	subject.Facts.Source.Keys = map[string]model.KeyFacts{descriptor.Source.KMSKeyARN: {Policy: &denies}}
	subject.Facts.Source.BucketKey = model.No
	for bucket, facts := range subject.Facts.Destinations {
		facts.BucketKey = model.No
		subject.Facts.Destinations[bucket] = facts
	}
	denied := model.DeniedCalls(subject)
	require.Len(t, denied, 1)
	assert.Equal(t, "arn:aws:s3:::data-source/secret/*", denied[0].Part)
	assert.Equal(t, "denied by Statement[1] (Sealed) of the key policy, on "+descriptor.Source.KMSKeyARN+
		" with the encryption context arn:aws:s3:::data-source/secret/*", denied[0].Cause)
}

// grantTo is the policy that a role, a bucket or a key must have.
func grantTo(t *testing.T, descriptor replication.Descriptor, resource string) policy.Document {
	t.Helper()
	for _, grant := range model.Grants(descriptor) {
		if grant.Resource == resource {
			return grant.Document
		}
	}
	require.Fail(t, "nothing is granted to "+resource)
	return policy.Document{}
}

func TestChecks_OfAPlaceAreAboutItAlone(t *testing.T) {
	t.Parallel()
	descriptor, _ := deployedPair(t)
	targets := func(place replication.DeployedBucket) map[model.Target]bool {
		found := map[model.Target]bool{}
		for _, check := range model.BucketChecks(place, descriptor.RoleOf(place)) {
			found[check.Target] = true
		}
		return found
	}
	assert.Equal(t, map[model.Target]bool{model.SourceBucket: true, model.RoleTrust: true}, targets(descriptor.Source))
	assert.Equal(t, map[model.Target]bool{model.SourceBucket: true}, targets(descriptor.Destinations[0]), "nothing replicates from here")
	adopted := descriptor.Destinations[0]
	adopted.Existing = true
	assert.Empty(t, targets(adopted), "the policy of an adopted bucket is its owner's")
}

// A deployment may have such statements of its user's, which crr verify must not
// call a fault.
func TestChecks_OfAPlaceAcceptStatementsThatNarrowClientsDown(t *testing.T) {
	t.Parallel()
	descriptor, _ := deployedPair(t)
	narrow := model.Documents{SourceBucket: denying("s3:*", "*", nil)}
	checks := model.BucketChecks(descriptor.Destinations[0], "")
	assert.NotEmpty(t, checks)
	assert.Empty(t, narrow.Prove(checks))
}

func TestChecks_OfAPlaceAcceptTheTrustOfADeployment(t *testing.T) {
	t.Parallel()
	descriptor, _ := deployedPair(t)
	for _, trust := range []model.Trust{model.TrustAccount, model.TrustBucket, model.TrustAnyAccount} {
		documents := model.Documents{Trust: model.TrustPolicy(model.BucketRef{Account: "111111111111", BucketARN: descriptor.Source.ARN}, trust)}
		for _, check := range model.BucketChecks(descriptor.Source, descriptor.RoleARN) {
			if check.Target == model.RoleTrust {
				assert.Empty(t, documents.Prove([]model.Check{check}), "trust: %d", trust)
			}
		}
	}
}
