package crr

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const defaultDeletionWindow = 30

// createKey registers the key of a bucket and its alias, or uses the key in the
// arguments. It returns the resources that the bucket must wait for.
//
// A key that an earlier deployment created stays in the program when the arguments have
// another one: older objects are encrypted with it.
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
		return plan.KeyPolicy(args.Bucket.plan(), texts[0], texts[1:])
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

// useKey uses the key in the arguments, or none for a bucket with SSE-S3.
func (b *EncryptedBucket) useKey(args BucketArgs) {
	b.KMSKeyARN = pulumi.String("").ToStringOutput()
	if args.KMSKeyARN != nil {
		b.KMSKeyARN = checkedKey(args.KMSKeyARN, args.Region)
	}
	b.KMSKeyID = pulumi.String("").ToStringOutput()
	b.KMSAliasName = pulumi.String("").ToStringOutput()
}
