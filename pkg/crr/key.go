package crr

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const defaultDeletionWindow = 30

// createKey makes the key of a bucket and its alias, or takes the one that was
// brought along. It returns what must be there before the bucket encrypts.
//
// A key that an earlier deployment made stays in the program when another one is
// brought along: older objects are encrypted with it.
func (b *EncryptedBucket) createKey(ctx *pulumi.Context, name string, args *EncryptedBucketArgs) ([]pulumi.Resource, error) {
	former, made := previousOf(ctx).findAny(keyType, append([]string{name}, args.formerNames...), "-key")
	supplied := args.Bucket.KMSKeyARN != nil && (!made || known(args.Bucket.KMSKeyARN) != former.text("arn"))
	if supplied {
		b.useKey(args.Bucket)
	}
	if supplied && !made {
		return nil, nil
	}
	window := args.Bucket.DeletionWindowInDays
	if window == 0 {
		window = defaultDeletionWindow
	}
	document := documentOf(func(texts []string) policy.Document {
		return keyPolicy(args.Bucket, texts[0], texts[1:])
	}, append([]pulumi.StringInput{b.AccountID}, args.ReplicationRoleARNs...)...)
	key, err := kms.NewKey(ctx, name+"-key", &kms.KeyArgs{
		Description:          pulumi.Sprintf("Encrypts the S3 bucket %s", name),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(window),
		Policy:               document,
		Tags:                 pulumi.ToStringMap(args.Tags),
	}, b.env.child(b, keepKey(args.Protect)))
	if err != nil {
		return nil, err
	}
	alias, err := kms.NewAlias(ctx, name+"-alias", &kms.AliasArgs{TargetKeyId: key.KeyId}, b.env.child(b, keepData(false, args.Bucket.ForceDestroy)))
	if err != nil {
		return nil, err
	}
	b.settings = append(b.settings, keySettings(b.env, key.Arn, alias.Name, document)...)
	if supplied {
		b.decryptKeyARNs = append(b.decryptKeyARNs, key.Arn)
		return nil, nil
	}
	b.KMSKeyARN, b.KMSKeyID, b.KMSAliasName = key.Arn, key.KeyId, alias.Name
	return []pulumi.Resource{key}, nil
}

// bringKey takes a key of the user's, or none for a bucket with SSE-S3.
func (b *EncryptedBucket) useKey(args BucketArgs) {
	b.KMSKeyARN = pulumi.String("").ToStringOutput()
	if args.KMSKeyARN != nil {
		b.KMSKeyARN = checkedKey(args.KMSKeyARN, args.Region)
	}
	b.KMSKeyID = pulumi.String("").ToStringOutput()
	b.KMSAliasName = pulumi.String("").ToStringOutput()
}

// keyPolicy leaves it to the account's IAM policies who may use the key, and
// lets replication roles of other accounts in. S3 uses the key with the
// permissions of whoever calls, so no service is named.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
//
// A key comes before its bucket, so only a bucket's name that was given can
// limit what another account uses the key for.
func keyPolicy(args BucketArgs, account string, replicationRoleARNs []string) policy.Document {
	at := replication.BucketRef{Region: args.Region, Account: account}
	if args.Bucket != "" {
		at.BucketARN = replication.BucketARN(args.Region, args.Bucket)
	}
	statements := []policy.Statement{accountStatement(at.Region, at.Account)}
	return policy.New(slices.Concat(
		statements, replication.DestinationKeyStatements(at, replicationRoleARNs...), statementsOnKey(args.KeyStatements),
	)...)
}

// accountStatement of a key's policy leaves it to the account's IAM policies who
// may use the key.
func accountStatement(region, account string) policy.Statement {
	partition, _ := replication.PartitionOf(region)
	return policy.Statement{
		Sid:       "EnableIAMPolicies",
		Effect:    policy.Allow,
		Principal: policy.AWS(fmt.Sprintf("arn:%s:iam::%s:root", partition.ID, account)),
		Action:    policy.Values{"kms:*"},
		Resource:  policy.Values{"*"},
	}
}
