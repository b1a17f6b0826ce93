package crr

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// messageOptions are the options of keys, topics and queues for messages.
type messageOptions struct {
	tags    map[string]string
	protect bool
	// deletionWindow of the keys in days; 0 is the default.
	deletionWindow int
	// formerNames of the component that they are for.
	formerNames []string
}

// messageKeys are the keys that encrypt what alarms and S3 send for one component:
// that which all components of a program share in each region of an account. A key
// that an earlier release made for the component alone stays in use: messages in
// queues are encrypted with it. So does one of a provider that was brought along,
// of which no other component is known to be of the same account.
type messageKeys struct {
	parent pulumi.Resource
	name   string
	// senders are the buckets whose events are encrypted too.
	senders []*EncryptedBucket
	options messageOptions

	made     map[accountRegion]pulumi.StringOutput
	suffixes map[accountRegion]string
}

func newMessageKeys(parent pulumi.Resource, name string, options messageOptions, senders ...*EncryptedBucket) *messageKeys {
	return &messageKeys{
		parent: parent, name: name, senders: senders, options: options,
		made: map[accountRegion]pulumi.StringOutput{}, suffixes: map[accountRegion]string{},
	}
}

// in returns the ARN of the key of a place.
func (k *messageKeys) in(ctx *pulumi.Context, at environment) (arn pulumi.StringOutput, err error) {
	if arn, made := k.made[at.accountRegion()]; made {
		return arn, nil
	}
	suffix := "-" + k.suffix(at)
	if at.shared() && !previousOf(ctx).hasChild(keyType, append([]string{k.name}, k.options.formerNames...), suffix+"-key") {
		arn, err = sharedIn(ctx).key(ctx, at, k.options)
	} else {
		arn, err = createMessageKey(ctx, k.name+suffix, at, k.parent, k.sendersIn(at), k.options)
	}
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	k.made[at.accountRegion()] = arn
	return arn, nil
}

// suffix of the names of what is made in a place. Two providers that were brought
// along for the same region get different ones.
func (k *messageKeys) suffix(at environment) string {
	if suffix, known := k.suffixes[at.accountRegion()]; known {
		return suffix
	}
	base := at.accountRegion().suffix()
	suffix := base
	for n := 2; slices.Contains(slices.Collect(maps.Values(k.suffixes)), suffix); n++ {
		suffix = fmt.Sprintf("%s-%d", base, n)
	}
	k.suffixes[at.accountRegion()] = suffix
	return suffix
}

// sendersIn are the ARNs of the buckets of a place whose events S3 sends.
func (k *messageKeys) sendersIn(at environment) []pulumi.StringInput {
	var arns []pulumi.StringInput
	for _, bucket := range k.senders {
		if bucket.env.accountRegion() == at.accountRegion() {
			arns = append(arns, bucket.madeARN)
		}
	}
	return arns
}

// createMessageKey makes a key and its alias.
func createMessageKey(
	ctx *pulumi.Context, name string, at environment, parent pulumi.Resource, bucketARNs []pulumi.StringInput, options messageOptions,
) (pulumi.StringOutput, error) {
	document := documentOf(func(texts []string) policy.Document {
		return messageKeyPolicy(at.region, texts[0], texts[1:])
	}, append([]pulumi.StringInput{at.account}, bucketARNs...)...)
	key, err := kms.NewKey(ctx, name+"-key", &kms.KeyArgs{
		Description:          pulumi.Sprintf("Encrypts what alarms and S3 send (%s)", name),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(cmp.Or(options.deletionWindow, defaultDeletionWindow)),
		Policy:               document,
		Tags:                 pulumi.ToStringMap(options.tags),
	}, at.child(parent, keepKey(options.protect)))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	alias, err := kms.NewAlias(ctx, name+"-alias", &kms.AliasArgs{TargetKeyId: key.KeyId}, at.child(parent))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	providersOf(ctx).messages.settings.add(keySettings(at, key.Arn, alias.Name, document)...)
	return key.Arn, nil
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
