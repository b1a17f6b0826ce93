package crr

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// messageOptions are the options of keys, topics and queues for messages.
type messageOptions struct {
	tags    map[string]string
	protect bool
	// deletionWindow of the keys in days; 0 is the default.
	deletionWindow int
	// formerNames of the component.
	formerNames []string
}

// messageKeys finds or creates the keys that encrypt the messages of a component's
// alarms and events. All components of a program share one key in each account and
// region. A component keeps its own key if an earlier release created one, because
// messages in queues are encrypted with it, or if the user supplies the provider,
// because its account is not known.
type messageKeys struct {
	parent pulumi.Resource
	name   string
	// senders are the buckets whose events are encrypted with the keys.
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

// in returns the ARN of the key in an account and region.
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

// suffix returns the suffix of resource names in an account and region. Two of the
// user's providers for the same region get different suffixes.
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

// sendersIn returns the ARNs of the sending buckets in an account and region.
func (k *messageKeys) sendersIn(at environment) []pulumi.StringInput {
	var arns []pulumi.StringInput
	for _, bucket := range k.senders {
		if bucket.env.accountRegion() == at.accountRegion() {
			arns = append(arns, bucket.madeARN)
		}
	}
	return arns
}

// createMessageKey registers a key and its alias.
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

// messageKeyPolicy enables IAM policies of the account, and allows the services that
// send messages: CloudWatch for alarms of the account, and S3 for the buckets.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
func messageKeyPolicy(region, account string, bucketARNs []string) policy.Document {
	statements := []policy.Statement{plan.AccountStatement(region, account)}
	for _, sender := range senders(region, account, bucketARNs) {
		sender.Action, sender.Resource = policy.Values{"kms:Decrypt", "kms:GenerateDataKey*"}, policy.Values{"*"}
		statements = append(statements, sender)
	}
	return policy.New(statements...)
}

// senders returns statements, without actions and resources, that allow alarms of the
// account, and S3 for the buckets.
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

// bucketSender returns the statement, without actions and resources, that allows S3 for
// the buckets of an account.
func bucketSender(account string, bucketARNs []string) policy.Statement {
	return policy.Statement{
		Sid: "AllowBucketEvents", Effect: policy.Allow, Principal: policy.Service("s3.amazonaws.com"),
		Condition: policy.Conditions{
			"ArnEquals":    {"aws:SourceArn": bucketARNs},
			"StringEquals": {"aws:SourceAccount": {account}},
		},
	}
}
