package localaws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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

func TestReplication_AnObjectArrives(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	paused, err := p.server.Faults().Add(faults.Fault{Kind: faults.Paused})
	require.NoError(t, err)
	id := p.put("src", "finance/q3 é+%.txt", func(i *s3.PutObjectInput) {
		i.ContentType, i.CacheControl = aws.String("text/plain"), aws.String("no-store")
		i.Metadata = map[string]string{"owner": "me"}
		i.Tagging = aws.String("class=critical&n=1")
		i.ChecksumAlgorithm = types.ChecksumAlgorithmSha256
	})
	assert.Equal(t, types.ReplicationStatusPending, p.head(id).ReplicationStatus)
	require.NoError(t, p.server.Faults().Clear(paused.ID))
	p.becomes(id, replicator.Completed)

	source, replica := p.head(id), p.head(in("dst", id))
	assert.Equal(t, types.ReplicationStatusCompleted, source.ReplicationStatus)
	assert.Equal(t, types.ReplicationStatusReplica, replica.ReplicationStatus)
	assert.Equal(t, id.Version, aws.ToString(replica.VersionId), "the version id is kept")
	assert.Equal(t, types.ServerSideEncryptionAwsKms, replica.ServerSideEncryption)
	assert.Equal(t, p.destination.KMSKeyARN, aws.ToString(replica.SSEKMSKeyId))
	assert.True(t, aws.ToBool(replica.BucketKeyEnabled))
	assert.Equal(t, types.StorageClassStandardIa, replica.StorageClass)
	assert.Equal(t, source.ETag, replica.ETag)
	assert.NotEmpty(t, aws.ToString(source.ChecksumSHA256))
	assert.Equal(t, source.ChecksumSHA256, replica.ChecksumSHA256)
	assert.Equal(t, "text/plain", aws.ToString(replica.ContentType))
	assert.Equal(t, "no-store", aws.ToString(replica.CacheControl))
	assert.Equal(t, map[string]string{"owner": "me"}, replica.Metadata)
	assert.Equal(t, map[string]string{"class": "critical", "n": "1"}, p.tagsOf(in("dst", id)))

	newest, err := p.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("dst"), Key: &id.Key})
	require.NoError(t, err)
	require.NoError(t, newest.Body.Close())
	assert.Equal(t, id.Version, aws.ToString(newest.VersionId))
	assert.Equal(t, types.ReplicationStatusReplica, newest.ReplicationStatus)
	listed, err := p.s3().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("dst")})
	require.NoError(t, err)
	require.Len(t, listed.Versions, 1)
	assert.Equal(t, id.Version, aws.ToString(listed.Versions[0].VersionId))
}

func TestReplication_WhatComesAfter(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	first := p.put("src", "k", func(i *s3.PutObjectInput) { i.Tagging = aws.String("a=b") })
	second := p.put("src", "k")
	p.becomes(first, replicator.Completed)
	p.becomes(second, replicator.Completed)

	p.tag(first, "c", "d")
	p.becomes(first, replicator.Completed)
	assert.Equal(t, map[string]string{"c": "d"}, p.tagsOf(in("dst", first)), "of that version")
	_, err := p.s3().DeleteObjectTagging(t.Context(), &s3.DeleteObjectTaggingInput{Bucket: aws.String("src"), Key: aws.String("k"), VersionId: &first.Version})
	require.NoError(t, err)
	p.becomes(first, replicator.Completed)
	assert.Empty(t, p.tagsOf(in("dst", first)))

	_, err = p.s3().CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("src"), Key: aws.String("copy"), CopySource: aws.String("src/k")})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return p.newest("dst", "copy") != "" }, patience, 5*time.Millisecond)
	assert.Equal(t, p.newest("src", "copy"), p.newest("dst", "copy"))

	marker, err := p.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("src"), Key: aws.String("k")})
	require.NoError(t, err)
	p.becomes(replicator.ObjectID{Bucket: "src", Key: "k", Version: aws.ToString(marker.VersionId)}, replicator.Completed)
	listed, err := p.s3().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("dst"), Prefix: aws.String("k")})
	require.NoError(t, err)
	require.Len(t, listed.DeleteMarkers, 1)
	assert.Equal(t, marker.VersionId, listed.DeleteMarkers[0].VersionId)
	assert.Len(t, listed.Versions, 2)

	many, err := p.s3().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
		Bucket: aws.String("src"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("copy")}}},
	})
	require.NoError(t, err)
	p.becomes(replicator.ObjectID{Bucket: "src", Key: "copy", Version: aws.ToString(many.Deleted[0].DeleteMarkerVersionId)}, replicator.Completed)

	_, err = p.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("src"), Key: aws.String("k"), VersionId: &first.Version})
	require.NoError(t, err)
	fence := p.put("src", "fence")
	p.becomes(fence, replicator.Completed)
	assert.True(t, p.exists(in("dst", first)), "deletions of versions stay where they are")
	gone, err := p.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("dst"), Key: aws.String("k"), VersionId: &first.Version})
	require.NoError(t, err)
	assert.Equal(t, first.Version, aws.ToString(gone.VersionId))
	assert.False(t, p.exists(in("dst", first)), "and are done under the id that clients see")
}

func (a *account) tag(id replicator.ObjectID, key, value string) {
	a.t.Helper()
	_, err := a.s3().PutObjectTagging(a.t.Context(), &s3.PutObjectTaggingInput{
		Bucket: &id.Bucket, Key: &id.Key, VersionId: &id.Version, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: &key, Value: &value}}},
	})
	require.NoError(a.t, err)
}

// newest returns the version id of a key, or "".
func (a *account) newest(bucket, key string) string {
	a.t.Helper()
	head, err := a.s3().HeadObject(a.t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return ""
	}
	return aws.ToString(head.VersionId)
}

func TestReplication_OnlyWhatTheRulesAreFor(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	source, near, far := a.place("src", "us-east-1", false), a.place("near", "us-east-2", false), a.place("far", "eu-west-1", false)
	before := a.put("src", "finance/before")
	toNear, toFar := ruleTo("near", 2, near), ruleTo("far", 1, far)
	toNear.Filter = &types.ReplicationRuleFilter{Prefix: aws.String("finance/")}
	toFar.Filter = &types.ReplicationRuleFilter{Tag: &types.Tag{Key: aws.String("class"), Value: aws.String("critical")}}
	toFar.DeleteMarkerReplication.Status = types.DeleteMarkerReplicationStatusDisabled
	a.replicate(source, roleName, []types.ReplicationRule{toNear, toFar}, near, far)

	critical := func(i *s3.PutObjectInput) { i.Tagging = aws.String("class=critical") }
	both, onlyNear, onlyFar := a.put("src", "finance/both", critical), a.put("src", "finance/near"), a.put("src", "far", critical)
	neither := a.put("src", "neither")
	for _, id := range []replicator.ObjectID{both, onlyNear, onlyFar} {
		a.becomes(id, replicator.Completed)
	}
	for id, want := range map[replicator.ObjectID][2]bool{both: {true, true}, onlyNear: {true, false}, onlyFar: {false, true}, neither: {}, before: {}} {
		assert.Equal(t, want, [2]bool{a.exists(in("near", id)), a.exists(in("far", id))}, id.Key)
	}
	a.tag(neither, "class", "critical")
	a.tag(before, "class", "critical")
	for _, id := range []replicator.ObjectID{neither, before} {
		assert.Empty(t, a.head(id).ReplicationStatus, "%s: tags that came later count for nothing", id.Key)
	}
	assert.Equal(t, near.KMSKeyARN, aws.ToString(a.head(in("near", both)).SSEKMSKeyId))
	assert.Equal(t, far.KMSKeyARN, aws.ToString(a.head(in("far", both)).SSEKMSKeyId))

	plain := a.put("src", "finance/plain", func(i *s3.PutObjectInput) { i.ServerSideEncryption = types.ServerSideEncryptionAes256 })
	a.becomes(plain, replicator.Completed)
	assert.Equal(t, types.ServerSideEncryptionAes256, a.head(in("near", plain)).ServerSideEncryption, "the type of encryption is kept")
}

func TestReplication_BothWaysWithoutPingPong(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	here, there := a.place("here", "us-east-1", false), a.place("there", "us-west-2", false)
	a.replicate(here, "out", []types.ReplicationRule{ruleTo("out", 1, there)}, there)
	a.replicate(there, "back", []types.ReplicationRule{ruleTo("back", 1, here)}, here)
	one, other := a.put("here", "k"), a.put("there", "k")
	a.becomes(one, replicator.Completed)
	a.becomes(other, replicator.Completed)
	assert.Equal(t, types.ReplicationStatusReplica, a.head(in("there", one)).ReplicationStatus)

	a.tag(in("there", one), "changed", "there")
	require.Eventually(t, func() bool { return a.tagsOf(one)["changed"] == "there" }, patience, 5*time.Millisecond, "changes of replicas go back")
	assert.Equal(t, types.ReplicationStatusReplica, a.head(in("there", one)).ReplicationStatus)
	a.tag(one, "changed", "here")
	require.Eventually(t, func() bool { return a.tagsOf(in("there", one))["changed"] == "here" }, patience, 5*time.Millisecond)
	a.becomes(a.put("here", "fence"), replicator.Completed)
	for _, bucket := range []string{"here", "there"} {
		listed, err := a.s3().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: aws.String("k")})
		require.NoError(t, err)
		assert.Len(t, listed.Versions, 2, "each version is in %s once", bucket)
	}
}

func TestReplication_LocksAreKept(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	source, destination := a.place("src", "us-east-1", true), a.place("dst", "us-west-2", true)
	a.replicate(source, roleName, []types.ReplicationRule{ruleTo("all", 1, destination)}, destination)
	until := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	id := a.put("src", "k", func(i *s3.PutObjectInput) {
		i.ObjectLockMode, i.ObjectLockRetainUntilDate, i.ChecksumAlgorithm = types.ObjectLockModeGovernance, &until, types.ChecksumAlgorithmSha256
	})
	a.becomes(id, replicator.Completed)
	replica := a.head(in("dst", id))
	assert.Equal(t, types.ObjectLockModeGovernance, replica.ObjectLockMode)
	assert.Equal(t, until, aws.ToTime(replica.ObjectLockRetainUntilDate).UTC())

	_, err := a.s3().PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{
		Bucket: aws.String("src"), Key: aws.String("k"), VersionId: &id.Version, LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOn},
	})
	require.NoError(t, err)
	a.becomes(id, replicator.Completed)
	assert.Equal(t, types.ObjectLockLegalHoldStatusOn, a.head(in("dst", id)).ObjectLockLegalHoldStatus)
}

// The buckets belong to two accounts: the policies of both apply, and the
// destination owns the replica.
func TestReplication_AcrossAccounts(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	source := a.place("src", "us-east-1", false)
	other := &account{t: t, server: a.server, config: a.config.Copy()}
	other.config.Credentials = a.assume("arn:aws:iam::222222222222:role/deploy")
	destination := other.place("dst", "us-west-2", false)
	destination.Account = "222222222222"
	rule := ruleTo("all", 1, destination)
	rule.Destination.Account = aws.String("222222222222")
	rule.Destination.AccessControlTranslation = &types.AccessControlTranslation{Owner: types.OwnerOverrideDestination}
	a.replicate(source, roleName, []types.ReplicationRule{rule}, destination)
	failed := a.put("src", "k")
	a.becomes(failed, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "DstPutObjectNotPermitted"}, a.server.engine.Failures(failed), "the other account has not agreed")

	other.policy("dst", policy.New(model.DestinationStatements(destination, roleARN)...).JSON())
	config := other.config.Copy()
	config.Region = "us-west-2"
	keyPolicy := policy.New(append([]policy.Statement{{
		Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::222222222222:root"), Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"},
	}}, model.DestinationKeyStatements(destination, roleARN)...)...).JSON()
	_, err := kms.NewFromConfig(config).PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{
		KeyId: &destination.KMSKeyARN, PolicyName: aws.String("default"), Policy: &keyPolicy,
	})
	require.NoError(t, err)
	id := a.put("src", "k", func(i *s3.PutObjectInput) { i.Tagging = aws.String("class=critical") })
	a.becomes(id, replicator.Completed)
	assert.Equal(t, types.ReplicationStatusReplica, other.head(in("dst", id)).ReplicationStatus)
	assert.Equal(t, map[string]string{"class": "critical"}, other.tagsOf(in("dst", id)))

	_, err = other.s3().PutBucketRequestPayment(t.Context(), &s3.PutBucketRequestPaymentInput{
		Bucket: aws.String("dst"), RequestPaymentConfiguration: &types.RequestPaymentConfiguration{Payer: types.PayerRequester},
	})
	require.NoError(t, err)
	unpaid := a.put("src", "unpaid")
	a.becomes(unpaid, replicator.Failed)
	assert.Equal(t, map[string]string{"dst": "DstPutObjectNotPermitted"}, a.server.engine.Failures(unpaid), "nobody pays for replicas of another account")
}
