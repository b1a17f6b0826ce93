package localaws

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// without returns the role's policy without one action.
func (p *pair) without(action string) func() {
	return func() {
		document := model.RolePolicy(p.source, []model.BucketRef{p.destination})
		for i := range document.Statement {
			var kept policy.Values
			for _, each := range document.Statement[i].Action {
				if each != action {
					kept = append(kept, each)
				}
			}
			if len(kept) == 0 {
				kept = policy.Values{"s3:NothingAtAll"}
			}
			document.Statement[i].Action = kept
		}
		p.rolePolicy(roleName, document)
	}
}

func (p *pair) withoutAt(action, key string) func() {
	return func() {
		document := model.RolePolicy(p.source, []model.BucketRef{p.destination})
		document.Statement = append(document.Statement, policy.Statement{
			Effect: policy.Deny, Action: policy.Values{action}, Resource: policy.Values{key},
		})
		p.rolePolicy(roleName, document)
	}
}

func (p *pair) wholeRole() {
	p.rolePolicy(roleName, model.RolePolicy(p.source, []model.BucketRef{p.destination}))
}

func (p *pair) trust(document string) func() {
	return func() {
		_, err := iam.NewFromConfig(p.config).UpdateAssumeRolePolicy(p.t.Context(), &iam.UpdateAssumeRolePolicyInput{
			RoleName: aws.String(roleName), PolicyDocument: &document,
		})
		require.NoError(p.t, err)
	}
}

func (p *pair) kms(at model.BucketRef) *kms.Client {
	config := p.config.Copy()
	config.Region = at.Region
	return kms.NewFromConfig(config)
}

func (p *pair) setKey(at model.BucketRef, enabled bool) func() {
	return func() {
		var err error
		if enabled {
			_, err = p.kms(at).EnableKey(p.t.Context(), &kms.EnableKeyInput{KeyId: &at.KMSKeyARN})
		} else {
			_, err = p.kms(at).DisableKey(p.t.Context(), &kms.DisableKeyInput{KeyId: &at.KMSKeyARN})
		}
		require.NoError(p.t, err)
	}
}

func (p *pair) keyPolicy(at model.BucketRef, statements ...policy.Statement) func() {
	return func() {
		document := policy.New(append([]policy.Statement{{
			Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::" + homeAccount + ":root"), Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"},
		}}, statements...)...).JSON()
		_, err := p.kms(at).PutKeyPolicy(p.t.Context(), &kms.PutKeyPolicyInput{KeyId: &at.KMSKeyARN, PolicyName: aws.String("default"), Policy: &document})
		require.NoError(p.t, err)
	}
}

func (p *pair) bucketPolicy(bucket, action string) func() {
	return func() {
		p.policy(bucket, policy.New(policy.Statement{
			Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{action},
			Resource: policy.Values{"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"},
		}).JSON())
	}
}

// bucketDeny denies all actions on the objects of a bucket under a condition.
func (p *pair) bucketDeny(bucket, condition string) func() {
	return func() {
		p.policy(bucket, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:Replicate*","s3:GetObjectVersionForReplication"],`+
			`"Resource":"arn:aws:s3:::`+bucket+`/*","Condition":`+condition+`}]}`)
	}
}

func (p *pair) noBucketPolicy(bucket string) func() {
	return func() {
		_, err := p.s3().DeleteBucketPolicy(p.t.Context(), &s3.DeleteBucketPolicyInput{Bucket: &bucket})
		require.NoError(p.t, err)
	}
}

func (p *pair) setVersioning(status types.BucketVersioningStatus) func() {
	return func() { p.versioning("dst", status) }
}

func (p *pair) replicaKey(key string) func() {
	return func() {
		rule := ruleTo("all", 1, p.destination)
		rule.Destination.EncryptionConfiguration.ReplicaKmsKeyID = &key
		p.putReplication("src", types.ReplicationConfiguration{Role: p.configuration.Role, Rules: []types.ReplicationRule{rule}})
	}
}

func (p *pair) wholeRules() { p.putReplication("src", p.configuration) }

// Every way to break a deployment fails objects with S3's reason, and objects
// written after the repair replicate.
func TestReplication_FailsAsOnAWS(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	goodTrust := p.trust(model.TrustPolicy(model.BucketRef{Account: homeAccount}, model.TrustAccount).JSON())
	batchTrust := strings.Replace(model.TrustPolicy(model.BucketRef{}, model.TrustAnyAccount).JSON(), "s3.", "batchoperations.s3.", 1)
	missingKey := "arn:aws:kms:us-west-2:" + homeAccount + ":key/00000000-0000-0000-0000-000000000000"
	denyEncrypt := policy.Statement{
		Effect: policy.Deny, Principal: policy.AWS(roleARN), Action: policy.Values{"kms:Encrypt"}, Resource: policy.Values{"*"},
	}
	for _, broken := range []struct {
		name, reason    string
		breaks, repairs func()
	}{
		{"trust", "AssumeRoleNotPermitted", p.trust(model.TrustPolicy(model.BucketRef{Account: "999999999999"}, model.TrustAccount).JSON()), goodTrust},
		{"trust of another service", "AssumeRoleNotPermitted", p.trust(batchTrust), goodTrust},
		{"versioning", "DstBucketUnversioned", p.setVersioning(types.BucketVersioningStatusSuspended), p.setVersioning(types.BucketVersioningStatusEnabled)},
		{"ReplicateObject", "DstPutObjectNotPermitted", p.without("s3:ReplicateObject"), p.wholeRole},
		{"kms:Encrypt", "DstPutObjectNotPermitted", p.without("kms:Encrypt"), p.wholeRole},
		{"kms:Decrypt", "SrcGetObjectNotPermitted", p.withoutAt("kms:Decrypt", p.source.KMSKeyARN), p.wholeRole},
		{"GetObjectVersionForReplication", "SrcGetObjectNotPermitted", p.without("s3:GetObjectVersionForReplication"), p.wholeRole},
		{"GetObjectVersionAcl", "SrcGetAclNotPermitted", p.without("s3:GetObjectVersionAcl"), p.wholeRole},
		{"ListBucket", "SrcGetObjectNotPermitted", p.without("s3:ListBucket"), p.wholeRole},
		{"destination denies", "DstPutObjectNotPermitted", p.bucketPolicy("dst", "s3:ReplicateObject"), p.noBucketPolicy("dst")},
		{"source denies", "SrcGetObjectNotPermitted", p.bucketPolicy("src", "s3:GetObjectVersionForReplication"), p.noBucketPolicy("src")},
		{"by the time", "DstPutObjectNotPermitted", p.bucketDeny("dst", `{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`), p.noBucketPolicy("dst")},
		{"by the region", "DstPutObjectNotPermitted", p.bucketDeny("dst", `{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}`), p.noBucketPolicy("dst")},
		{"by MFA", "SrcGetObjectNotPermitted", p.bucketDeny("src", `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"StringLike":{"aws:PrincipalArn":"*:role/*"}}`), p.noBucketPolicy("src")},
		{"destination key's policy", "DstPutObjectNotPermitted", p.keyPolicy(p.destination, denyEncrypt), p.keyPolicy(p.destination)},
		{"destination key disabled", "DstKmsKeyInvalidState", p.setKey(p.destination, false), p.setKey(p.destination, true)},
		{"source key disabled", "SrcKmsKeyInvalidState", p.setKey(p.source, false), p.setKey(p.source, true)},
		{"destination key of another region", "DstKmsKeyNotFound", p.replicaKey(p.source.KMSKeyARN), p.wholeRules},
		{"no such key", "DstKmsKeyNotFound", p.replicaKey(missingKey), p.wholeRules},
	} {
		_, err := p.server.Faults().Add(faults.Fault{Kind: faults.Paused})
		require.NoError(t, err)
		id := p.put("src", "broken/"+broken.name) // which can't be done with a disabled key
		broken.breaks()
		p.server.Faults().ClearAll()
		p.becomes(id, replicator.Failed)
		assert.Equal(t, map[string]string{"dst": broken.reason}, p.server.engine.Failures(id), broken.name)
		assert.Equal(t, types.ReplicationStatusFailed, p.head(id).ReplicationStatus)
		assert.False(t, p.exists(in("dst", id)), broken.name)
		broken.repairs()
		p.becomes(p.put("src", "repaired/"+broken.name), replicator.Completed)
	}
}

func TestReplication_FailsForOtherThanObjects(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	id := p.put("src", "k", func(i *s3.PutObjectInput) { i.Tagging = aws.String("a=b") })
	p.becomes(id, replicator.Completed)

	p.without("s3:GetObjectVersionTagging")()
	untagged := p.put("src", "untagged", func(i *s3.PutObjectInput) { i.Tagging = aws.String("a=b") })
	p.becomes(untagged, replicator.Completed)
	assert.Empty(t, p.tagsOf(in("dst", untagged)), "an object whose tags can't be read replicates without them")
	p.tag(id, "a", "c")
	p.becomes(id, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "SrcGetTaggingNotPermitted"}, p.server.engine.Failures(id))

	p.without("s3:ReplicateDelete")()
	deleted, err := p.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("src"), Key: aws.String("k")})
	require.NoError(t, err)
	marker := replicator.ObjectID{Bucket: "src", Key: "k", Version: aws.ToString(deleted.VersionId)}
	p.becomes(marker, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "DstDelObjNotPermitted"}, p.server.engine.Failures(marker))
	p.wholeRole()

	archived := p.put("src", "archived", func(i *s3.PutObjectInput) { i.StorageClass = types.StorageClassGlacier })
	p.becomes(archived, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "SrcObjectNotEligible"}, p.server.engine.Failures(archived))

	_, err = p.kms(p.destination).ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &p.destination.KMSKeyARN})
	require.NoError(t, err)
	pending := p.put("src", "pending")
	p.becomes(pending, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "DstKmsKeyInvalidState"}, p.server.engine.Failures(pending))
}

// s3:GetObjectVersion is sufficient for objects that are not encrypted with KMS.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
func TestReplication_WithGetObjectVersionAlone(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	document := model.RolePolicy(p.source, []model.BucketRef{p.destination})
	for i := range document.Statement {
		for j, action := range document.Statement[i].Action {
			if action == "s3:GetObjectVersionForReplication" {
				document.Statement[i].Action[j] = "s3:GetObjectVersion"
			}
		}
	}
	p.rolePolicy(roleName, document)
	plain := p.put("src", "plain", func(i *s3.PutObjectInput) { i.ServerSideEncryption = types.ServerSideEncryptionAes256 })
	p.becomes(plain, replicator.Completed)
	assert.True(t, p.exists(in("dst", plain)))
	keyed := p.put("src", "keyed")
	p.becomes(keyed, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "SrcGetObjectNotPermitted"}, p.server.engine.Failures(keyed))
}

func TestReplication_ToABucketThatIsGone(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	source, destination := a.place("src", "us-east-1", true), a.place("dst", "us-west-2", false)
	a.replicate(source, roleName, []types.ReplicationRule{ruleTo("all", 1, destination)}, destination)
	unlocked := a.put("src", "unlocked")
	a.becomes(unlocked, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "DstBucketObjectLockConfigMissing"}, a.server.engine.Failures(unlocked))

	_, err := a.s3(inRegion("us-west-2")).DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("dst")})
	require.NoError(t, err)
	lost := a.put("src", "lost")
	a.becomes(lost, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "DstBucketNotFound"}, a.server.engine.Failures(lost))
}

// Temporarily failing operations stay PENDING and are done later.
func TestReplication_OutlivesARegion(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	down, err := p.server.Faults().Add(faults.Fault{Kind: faults.RegionDown, Region: "us-west-2"})
	require.NoError(t, err)
	id := p.put("src", "k")
	time.Sleep(300 * time.Millisecond) // some attempts
	assert.Equal(t, types.ReplicationStatusPending, p.head(id).ReplicationStatus)
	once := p.s3(func(o *s3.Options) { o.RetryMaxAttempts = 1 })
	_, err = once.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("dst")})
	require.ErrorContains(t, err, "503", "clients find the region down too")
	require.NoError(t, p.server.Faults().Clear(down.ID))
	p.becomes(id, replicator.Completed)
	assert.True(t, p.exists(in("dst", id)))
}
