package crr

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// policyBucket returns the description of the bucket for policies, once all of it is
// known.
func (b *EncryptedBucket) policyBucket() pulumi.Output {
	objectLock := b.objectLock
	return pulumi.All(b.Region, b.AccountID, b.madeARN, b.KMSKeyARN, b.decryptKeys()).ApplyT(func(known []any) model.BucketRef {
		return model.BucketRef{
			Region: known[0].(string), Account: known[1].(string), BucketARN: known[2].(string), KMSKeyARN: known[3].(string),
			DecryptKeyARNs: known[4].([]string), ObjectLock: objectLock,
		}
	})
}

// decryptKeys returns the further keys of objects without duplicates.
func (b *EncryptedBucket) decryptKeys() pulumi.StringArrayOutput {
	return pulumi.All(b.KMSKeyARN, texts(b.decryptKeyARNs)).ApplyT(func(known []any) []string {
		var keys []string
		for _, key := range known[1].([]string) {
			if key != known[0].(string) && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		return keys
	}).(pulumi.StringArrayOutput)
}

// texts combines several inputs into one output.
func texts(inputs []pulumi.StringInput) pulumi.StringArrayOutput {
	return pulumi.StringArray(inputs).ToStringArrayOutput()
}

// documentOfBuckets builds a policy document from buckets once all of them are known.
func documentOfBuckets(build func(ends []model.BucketRef) policy.Document, buckets ...*EncryptedBucket) pulumi.StringOutput {
	outputs := make([]any, len(buckets))
	for i, bucket := range buckets {
		outputs[i] = bucket.policyBucket()
	}
	return pulumi.All(outputs...).ApplyT(func(known []any) string {
		ends := make([]model.BucketRef, len(known))
		for i, end := range known {
			ends[i] = end.(model.BucketRef)
		}
		return build(ends).JSON()
	}).(pulumi.StringOutput)
}
