package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExisting_BucketsWithoutAKeyReplicate adopts buckets with SSE-S3, S3's default,
// on both sides and on one. EventBridge notifications, which AWS Backup relies on,
// stay enabled.
func TestExisting_BucketsWithoutAKeyReplicate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	home, away := l.in("us-east-1"), l.in("us-west-2")
	for _, bucket := range []string{"plain", "plain-too"} {
		makeBucket(t, home, "us-east-1", bucket)
	}
	makeBucket(t, away, "us-west-2", "plain-copies")
	_, err := home.s3.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("plain"), NotificationConfiguration: &s3types.NotificationConfiguration{EventBridgeConfiguration: &s3types.EventBridgeConfiguration{}},
	})
	require.NoError(t, err)
	l.project(`
config:
  crr:forceDestroy: true
  crr:replications:
    - name: data
      source: { region: us-east-1, bucket: plain, existing: true, replaceRules: true, replaceNotifications: true }
      destinations: [{ name: dr, region: us-west-2, bucket: plain-copies, existing: true }]
      monitoring: { failureQueue: true }
    - name: encrypted
      source: { region: us-east-1, bucket: plain-too, existing: true, replaceRules: true }
      destinations: [{ name: dr, region: us-west-2 }]
`)
	l.up()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	descriptors := l.descriptors()
	for i, bucket := range []string{"plain", "plain-too"} {
		copies := descriptors[i].Destinations[0].Bucket
		l.assertReplicates("us-east-1", bucket, "us-west-2", copies, "a")
		head, err := away.s3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &copies, Key: aws.String("a")})
		require.NoError(t, err)
		assert.Equal(t, s3types.ServerSideEncryptionAes256, head.ServerSideEncryption, "a replica keeps the kind of encryption")
		assert.Equal(t, "123456789012", descriptors[i].Source.AccountID, "the account of the credentials")
		assert.Empty(t, descriptors[i].Source.KMSKeyARN)
	}
	notified, err := home.s3.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: aws.String("plain")})
	require.NoError(t, err)
	assert.NotNil(t, notified.EventBridgeConfiguration)
	assert.Len(t, notified.QueueConfigurations, 1)
	output := l.mustVerify()
	assert.Contains(t, output, "adopted without a key")

	// A bucket that turns out to encrypt with KMS does not replicate those objects.
	_, err = home.s3.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: aws.String("plain"), ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
			Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAwsKms}}},
		},
	})
	require.NoError(t, err)
	output, err = l.run("crr", "verify", "--stack", "test", "--no-write", "data")
	require.Error(t, err)
	assert.Contains(t, output, "was adopted without a key")
	l.mustRun("pulumi", "destroy", "--yes", "--skip-preview", "--stack", "test")
}

// TestExisting_ObjectsUnderOlderKeysReplicate adopts a bucket whose objects are
// encrypted with several keys.
func TestExisting_ObjectsUnderOlderKeysReplicate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	home := l.in("us-east-1")
	oldKey := makeBucket(t, home, "us-east-1", "unused")
	key := makeBucket(t, home, "us-east-1", "mixed")
	put := func(name string) {
		_, err := home.s3.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("mixed"), Key: &name, Body: strings.NewReader(name), ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &oldKey,
		})
		require.NoError(t, err)
	}
	const config = `
config:
  crr:forceDestroy: true
  crr:replications:
    - name: data
      source: { region: us-east-1, bucket: mixed, existing: true, replaceRules: true, kmsKeyArn: %q%s }
      destinations: [{ name: dr, region: us-west-2 }]
`
	l.project(fmt.Sprintf(config, key, ""))
	l.up()
	put("too-early")
	home.settles(t, "mixed", "too-early", s3types.ReplicationStatusFailed)

	l.project(fmt.Sprintf(config, key, fmt.Sprintf(", decryptKeyArns: [%q]", oldKey)))
	l.up()
	l.mustRun("pulumi", "preview", "--refresh", "--expect-no-changes", "--stack", "test")
	put("granted")
	home.settles(t, "mixed", "granted", s3types.ReplicationStatusCompleted)
	assert.Equal(t, []string{oldKey}, l.descriptors()[0].Source.DecryptKeyARNs)
	l.mustVerify()
	_, err := home.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &oldKey})
	require.NoError(t, err)
	output, err := l.run("crr", "verify", "--stack", "test", "--no-write")
	require.Error(t, err)
	assert.Contains(t, output, "the key "+oldKey+" is in the state Disabled")
}

// TestExisting_WhatCannotWorkIsRefusedBeforeAnythingIsMade configures unusable
// buckets, keys and a role together.
func TestExisting_WhatCannotWorkIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	home, away := l.in("us-east-1"), l.in("us-west-2")
	disabled, doomed := makeBucket(t, home, "us-east-1", "home"), makeBucket(t, away, "us-west-2", "away")
	_, err := home.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &disabled})
	require.NoError(t, err)
	_, err = away.kms.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &doomed})
	require.NoError(t, err)
	partner := l.inAccount("222222222222", "us-west-2")
	partnerKey := makeBucket(t, partner, "us-west-2", "partner-copies")
	l.project(fmt.Sprintf(`
config:
  crr:replications:
    - name: data
      source: { region: us-east-1, bucket: home, existing: true, replaceRules: true, kmsKeyArn: %q }
      destinations:
        - { name: deleted, region: us-west-2, kmsKeyArn: %q }
        - { name: elsewhere, region: eu-west-1, bucket: away, existing: true, kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/b056fdb6-fe89-4783-8f11-3efd4eaf047c" }
        - { name: missing, region: us-west-2, bucket: not-there, existing: true, kmsKeyArn: %q }
        - { name: partner, region: us-west-2, bucket: partner-copies, existing: true, kmsKeyArn: %q }
      role: { arn: "arn:aws:iam::123456789012:role/nobody" }
`, disabled, doomed, partnerKey, partnerKey))
	for _, command := range [][]string{{"preview", "--stack", "test"}, {"up", "--yes", "--skip-preview", "--stack", "test"}} {
		output, err := l.run("pulumi", command...)
		require.Error(t, err)
		for _, problem := range []string{
			"6 problems:",
			"replications[0].source.kmsKeyArn: the key " + disabled + " is disabled",
			"replications[0].destinations[0].kmsKeyArn: the key " + doomed + " is pending deletion",
			"replications[0].destinations[1].bucket: the bucket away is in us-west-2, but region is eu-west-1",
			"replications[0].destinations[1].kmsKeyArn: ",
			"replications[0].destinations[2].bucket: the bucket not-there does not exist",
			"replications[0].role.arn: the role arn:aws:iam::123456789012:role/nobody does not exist",
			"the bucket partner-copies can't be looked up before deployment",
			"the key " + partnerKey + " can't be looked up before deployment",
		} {
			assert.Contains(t, output, problem)
		}
	}
	roles := home.leftovers(t.Context(), t)
	assert.Equal(t, []string{"bucket home", "bucket away"}, roles, "nothing was made")
}
