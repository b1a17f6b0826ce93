package plan

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/policytest"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// pairs returns the topologies whose policies differ in kind.
func pairs() map[string]*ReplicatedBucket {
	within := func() *ReplicatedBucket {
		return &ReplicatedBucket{
			Source:       Bucket{Region: "us-east-1"},
			Destinations: []Destination{{Name: "dr", Bucket: Bucket{Region: "us-west-2", Bucket: "replicas"}}},
		}
	}
	across := within()
	across.Destinations[0].Bucket.AssumeRoleARN = "arn:aws:iam::222222222222:role/deploy"
	guarded := within()
	guarded.Source.Guard = &Guard{Except: []string{"arn:aws:iam::000000000000:role/break-glass"}}
	guarded.Destinations[0].Bucket.Guard = &Guard{}
	guarded.Source.AllowKeyChanges, guarded.Destinations[0].Bucket.AllowKeyChanges = true, true
	locked := within()
	locked.Source.ObjectLock = &replication.ObjectLock{}
	locked.Destinations[0].Bucket.ObjectLock = &replication.ObjectLock{}
	trusted := within()
	trusted.Source.Bucket, trusted.Role.TrustSourceBucket = "data", true
	return map[string]*ReplicatedBucket{
		"within an account": within(), "across accounts": across, "locked": locked, "guarded": guarded, "a role for one bucket": trusted,
	}
}

func proofOf(args *ReplicatedBucket) (model.Documents, []model.Check) {
	p := args.propose()
	checks := model.Checks(p.roles["source"], args.Role.Trust(), p.placeholders["source"], p.placeholders["dr"])
	checks = append(checks, otherBuckets(p.roles["source"], p.placeholders["dr"])...)
	if args.Source.Guard != nil {
		checks = append(checks, breakGlass(args.Source.Guard.Except[0], p.placeholders["source"]))
	}
	return p.documents("source", "dr"), checks
}

// breakGlass returns a check of those that a guard names.
func breakGlass(principal string, at model.BucketRef) model.Check {
	return model.Check{
		Name: "break the glass", Caller: model.Administrator, Target: model.SourceBucket, Want: model.Allowed,
		Request: policy.Request{
			Principal: principal, Action: "s3:PutBucketVersioning", Resource: at.BucketARN, ResourceAccount: at.Account,
			Context: map[string][]string{"aws:SecureTransport": {"true"}, "s3:TlsVersion": {"1.3"}},
		},
	}
}

// otherBuckets returns checks for destinations in other accounts whose buckets have
// names that were given.
func otherBuckets(roleARN string, at model.BucketRef) []model.Check {
	var checks []model.Check
	for name, bucket := range map[string][]string{"for another bucket": {at.BucketARN + "-other"}, "for no bucket": nil} {
		context := map[string][]string{"kms:ViaService": {replication.S3ViaService(at.Region)}}
		if bucket != nil {
			context["kms:EncryptionContext:aws:s3:arn"] = bucket
		}
		checks = append(checks, model.Check{
			Name: "use the key " + name, Caller: model.UnrestrictedRole, Target: model.DestinationKey,
			Want:    map[bool]model.Want{true: model.Denied, false: model.Allowed}[awsid.AccountOf(roleARN) != at.Account],
			Request: policy.Request{Principal: roleARN, Action: "kms:Decrypt", Resource: at.KMSKeyARN, ResourceAccount: at.Account, Context: context},
		})
	}
	return checks
}

func TestProof_HoldsForEveryCall(t *testing.T) {
	t.Parallel()
	for name, args := range pairs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents, checks := proofOf(args)
			for _, violation := range documents.Prove(checks) {
				assert.Fail(t, violation.String())
			}
			refused := 0
			for _, check := range checks {
				if check.Want == model.Denied {
					refused++
				}
			}
			assert.GreaterOrEqual(t, refused, 40, "calls that must be refused")
		})
	}
}

// TestProof_NoPartOfAPolicyCanChangeUnnoticed changes every statement, action,
// resource, principal and condition of the generated documents in turn: it removes
// each, and widens each. Every change must make a check fail in one topology at
// least.
func TestProof_NoPartOfAPolicyCanChangeUnnoticed(t *testing.T) {
	t.Parallel()
	noticed := map[string]bool{}
	for _, args := range pairs() {
		documents, checks := proofOf(args)
		for _, mutant := range mutants(t, documents) {
			if len(mutant.documents.Prove(checks)) > 0 {
				noticed[mutant.name] = true
			} else if !noticed[mutant.name] {
				noticed[mutant.name] = false
			}
		}
	}
	assert.Greater(t, len(noticed), 280, "mutants")
	for name, seen := range noticed {
		assert.Truef(t, seen, "%s, and no check fails", name)
	}
}

type mutant struct {
	name      string
	documents model.Documents
}

// mutants returns the documents with one part removed from each, or widened.
func mutants(t *testing.T, documents model.Documents) []mutant {
	t.Helper()
	var all []mutant
	for _, place := range []struct {
		name string
		of   func(*model.Documents) *policy.Document
	}{
		{"trust", func(d *model.Documents) *policy.Document { return &d.Trust }},
		{"role", func(d *model.Documents) *policy.Document { return &d.Role[0] }},
		{"source bucket", func(d *model.Documents) *policy.Document { return d.SourceBucket }},
		{"source key", func(d *model.Documents) *policy.Document { return d.SourceKey }},
		{"destination bucket", func(d *model.Documents) *policy.Document { return d.DestinationBucket }},
		{"destination key", func(d *model.Documents) *policy.Document { return d.DestinationKey }},
	} {
		for _, change := range append(policytest.Removals(*place.of(&documents)), policytest.Widenings(*place.of(&documents))...) {
			copied := clone(t, documents)
			change.Apply(place.of(&copied))
			all = append(all, mutant{place.name + ": " + change.Name, copied})
		}
	}
	return all
}

func clone(t *testing.T, documents model.Documents) model.Documents {
	t.Helper()
	copied := func(d policy.Document) policy.Document {
		var c policy.Document
		data, err := json.Marshal(d)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &c))
		return c
	}
	pointer := func(d *policy.Document) *policy.Document {
		c := copied(*d)
		return &c
	}
	return model.Documents{
		Trust: copied(documents.Trust), Role: []policy.Document{copied(documents.Role[0])},
		SourceBucket: pointer(documents.SourceBucket), SourceKey: pointer(documents.SourceKey),
		DestinationBucket: pointer(documents.DestinationBucket), DestinationKey: pointer(documents.DestinationKey),
	}
}

func TestProof_LeavesKeysThatAreBroughtAlongToTheirOwners(t *testing.T) {
	t.Parallel()
	args := pairs()["within an account"]
	args.Source.KMSKeyARN = "arn:aws:kms:us-east-1:000000000000:key/mine"
	assert.NoError(t, args.Validate())
}

func TestProof_KnowsThatTheTrustWasWidened(t *testing.T) {
	t.Parallel()
	args := pairs()["within an account"]
	args.Role.TrustAnyAccount = true
	assert.NoError(t, args.Validate())
}
