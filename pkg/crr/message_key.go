package crr

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// messageKeys are the keys that encrypt what alarms and S3 send: one for each
// region of an account, made when it is first needed.
type messageKeys struct {
	parent pulumi.Resource
	name   string
	// senders are the buckets whose events are encrypted too.
	senders []*EncryptedBucket
	tags    map[string]string

	made     map[spot]pulumi.StringOutput
	suffixes map[spot]string
}

func newMessageKeys(parent pulumi.Resource, name string, tags map[string]string, senders ...*EncryptedBucket) *messageKeys {
	return &messageKeys{
		parent: parent, name: name, senders: senders, tags: tags,
		made: map[spot]pulumi.StringOutput{}, suffixes: map[spot]string{},
	}
}

// in returns the ARN of the key of a place.
func (k *messageKeys) in(ctx *pulumi.Context, at place) (pulumi.StringOutput, error) {
	if arn, made := k.made[at.spot()]; made {
		return arn, nil
	}
	arn, err := createMessageKey(ctx, k.name+"-"+k.suffix(at), at, k.parent, k.sendersIn(at), k.tags)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	k.made[at.spot()] = arn
	return arn, nil
}

// suffix of the names of what is made in a place. Two providers that were brought
// along for the same region get different ones.
func (k *messageKeys) suffix(at place) string {
	if suffix, known := k.suffixes[at.spot()]; known {
		return suffix
	}
	base := at.spot().suffix()
	suffix := base
	for n := 2; slices.Contains(slices.Collect(maps.Values(k.suffixes)), suffix); n++ {
		suffix = fmt.Sprintf("%s-%d", base, n)
	}
	k.suffixes[at.spot()] = suffix
	return suffix
}

// sendersIn are the ARNs of the buckets of a place whose events S3 sends.
func (k *messageKeys) sendersIn(at place) []pulumi.StringInput {
	var arns []pulumi.StringInput
	for _, bucket := range k.senders {
		if bucket.place.spot() == at.spot() {
			arns = append(arns, bucket.madeARN)
		}
	}
	return arns
}

// createMessageKey makes a key and its alias. What it encrypts is soon read or
// gone, so it may go as soon as KMS lets it.
func createMessageKey(
	ctx *pulumi.Context, name string, at place, parent pulumi.Resource, bucketARNs []pulumi.StringInput, tags map[string]string,
) (pulumi.StringOutput, error) {
	key, err := kms.NewKey(ctx, name+"-key", &kms.KeyArgs{
		Description:          pulumi.Sprintf("Encrypts what alarms and S3 send (%s)", name),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(minDeletionWindow),
		Policy: documentOf(func(texts []string) policy.Document {
			return messageKeyPolicy(at.region, texts[0], texts[1:])
		}, append([]pulumi.StringInput{at.account}, bucketARNs...)...),
		Tags: pulumi.ToStringMap(tags),
	}, at.child(parent))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	_, err = kms.NewAlias(ctx, name+"-alias", &kms.AliasArgs{TargetKeyId: key.KeyId}, at.child(parent))
	return key.Arn, err
}

// messageKeyPolicy leaves it to the account's IAM policies who may use the key,
// and lets those senders use it that act for nobody: alarms of the account, and
// S3 for the buckets.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
func messageKeyPolicy(region, account string, bucketARNs []string) policy.Document {
	statements := []policy.Statement{accountStatement(region, account)}
	for _, sender := range senders(region, account, bucketARNs) {
		sender.Action, sender.Resource = policy.Values{"kms:Decrypt", "kms:GenerateDataKey*"}, policy.Values{"*"}
		statements = append(statements, sender)
	}
	return policy.New(statements...)
}

// senders are statements, but for their action and resource, that let alarms of
// the account, and S3 for the buckets, do something.
func senders(region, account string, bucketARNs []string) []policy.Statement {
	partition, _ := replication.PartitionOf(region)
	statements := []policy.Statement{{
		Sid: "AllowAlarms", Effect: policy.Allow, Principal: policy.Service("cloudwatch.amazonaws.com"),
		Condition: policy.Conditions{
			"ArnLike":      {"aws:SourceArn": {fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:*", partition.ID, region, account)}},
			"StringEquals": {"aws:SourceAccount": {account}},
		},
	}}
	if len(bucketARNs) == 0 {
		return statements
	}
	return append(statements, bucketSender(account, bucketARNs))
}

// bucketSender lets S3 do something for the buckets of an account.
func bucketSender(account string, bucketARNs []string) policy.Statement {
	return policy.Statement{
		Sid: "AllowBucketEvents", Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"),
		Condition: policy.Conditions{
			"ArnEquals":    {"aws:SourceArn": bucketARNs},
			"StringEquals": {"aws:SourceAccount": {account}},
		},
	}
}
