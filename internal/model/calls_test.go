package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// The user guide's list of what the role is asked for. Policies and proof are
// made of the same lists in the code, so that what went missing there would be
// missed by no proof.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func TestCalls_AreThoseOfTheUserGuide(t *testing.T) {
	t.Parallel()
	end := func(account, region, bucket string) model.BucketRef {
		return model.BucketRef{
			Region: region, Account: account, BucketARN: "arn:aws:s3:::" + bucket, ObjectLock: true,
			KMSKeyARN: "arn:aws:kms:" + region + ":" + account + ":key/of-" + bucket,
		}
	}
	source, destination := end("111111111111", "us-east-1", "data"), end("222222222222", "us-west-2", "replicas")
	const inSource, inDestination = "arn:aws:s3:::data/any/object", "arn:aws:s3:::replicas/any/object"
	type call struct{ action, resource, encryption, context string }
	var got []call
	for _, each := range model.Calls(roleARN, source, destination) {
		first := func(key string) string {
			if values := each.Request.Context[key]; len(values) > 0 {
				return values[0]
			}
			return ""
		}
		got = append(got, call{
			each.Request.Action, each.Request.Resource,
			first(model.SSEConditionKey), first("kms:EncryptionContext:aws:s3:arn"),
		})
	}
	assert.ElementsMatch(t, []call{
		{action: "s3:GetReplicationConfiguration", resource: source.BucketARN},
		{action: "s3:ListBucket", resource: source.BucketARN},
		{action: "s3:GetObjectVersionForReplication", resource: inSource},
		{action: "s3:GetObjectVersionAcl", resource: inSource},
		{action: "s3:GetObjectVersionTagging", resource: inSource},
		{action: "s3:GetObjectRetention", resource: inSource},
		{action: "s3:GetObjectLegalHold", resource: inSource},
		{action: "kms:Decrypt", resource: source.KMSKeyARN, context: source.BucketARN},
		{action: "kms:Decrypt", resource: source.KMSKeyARN, context: inSource},
		{action: "s3:ReplicateObject", resource: inDestination, encryption: "aws:kms"},
		{action: "s3:ReplicateDelete", resource: inDestination},
		{action: "s3:ReplicateTags", resource: inDestination},
		{action: "s3:ObjectOwnerOverrideToBucketOwner", resource: inDestination},
		{action: "kms:Encrypt", resource: destination.KMSKeyARN, context: destination.BucketARN},
		{action: "kms:Encrypt", resource: destination.KMSKeyARN, context: inDestination},
		{action: "kms:GenerateDataKey", resource: destination.KMSKeyARN, context: destination.BucketARN},
		{action: "kms:GenerateDataKey", resource: destination.KMSKeyARN, context: inDestination},
		{action: "kms:Decrypt", resource: destination.KMSKeyARN, context: destination.BucketARN},
		{action: "kms:Decrypt", resource: destination.KMSKeyARN, context: inDestination},
	}, got)
}
