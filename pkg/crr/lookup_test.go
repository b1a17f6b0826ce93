package crr_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

const (
	theirKey  = "arn:aws:kms:us-east-1:111111111111:key/a"
	copiesKey = "arn:aws:kms:us-west-2:222222222222:key/b"
)

func TestExisting_WhatReplicationCannotWorkWithIsFoundBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	role := func(args *crr.ReplicatedBucketArgs) {
		args.Role.ARN = pulumi.String("arn:aws:iam::111111111111:role/path/mine")
	}
	decrypt := func(args *crr.ReplicatedBucketArgs) {
		args.Source.DecryptKeyARNs = []pulumi.StringInput{pulumi.String("arn:aws:kms:us-east-1:111111111111:key/old")}
	}
	supplied := func(args *crr.ReplicatedBucketArgs) {
		args.Source = crr.BucketArgs{Region: "us-east-1", KMSKeyARN: pulumi.String(theirKey)}
	}
	for name, test := range map[string]struct {
		change   func(*crr.ReplicatedBucketArgs)
		existing pulumitest.Existing
		want     string // "" where it works
	}{
		"all is well":                        {},
		"a missing bucket":                   {nil, pulumitest.Existing{"theirs": errors.New("reading S3 Bucket (theirs): couldn't find resource")}, "source.bucket: the bucket theirs does not exist"},
		"a bucket of another region":         {nil, pulumitest.Existing{"vault": map[string]any{"region": "eu-west-1"}}, "destinations[0].bucket: the bucket vault is in eu-west-1, but region is us-west-2"},
		"a bucket that S3 redirects":         {nil, pulumitest.Existing{"vault": errors.New("api error MovedPermanently: Moved Permanently")}, "destinations[0].bucket: the bucket vault is not in us-west-2"},
		"a missing key":                      {nil, pulumitest.Existing{theirKey: errors.New("NotFoundException: Key does not exist")}, "source.kmsKeyArn: the key " + theirKey + " does not exist"},
		"a disabled key":                     {nil, pulumitest.Existing{theirKey: map[string]any{"keyState": "Disabled"}}, "aws kms enable-key --key-id a --region us-east-1"},
		"a key about to be deleted":          {nil, pulumitest.Existing{copiesKey: map[string]any{"keyState": "PendingDeletion", "deletionDate": "2026-12-24"}}, "destinations[0].kmsKeyArn: the key " + copiesKey + " is pending deletion (2026-12-24)"},
		"a key without material":             {nil, pulumitest.Existing{copiesKey: map[string]any{"keyState": "PendingImport"}}, "is in the state PendingImport"},
		"a key that AWS manages":             {nil, pulumitest.Existing{copiesKey: map[string]any{"keyManager": "AWS"}}, "is an AWS managed key"},
		"an older key that AWS manages":      {decrypt, pulumitest.Existing{"arn:aws:kms:us-east-1:111111111111:key/old": map[string]any{"keyManager": "AWS"}}, ""},
		"an older key that is disabled":      {decrypt, pulumitest.Existing{"arn:aws:kms:us-east-1:111111111111:key/old": map[string]any{"keyState": "Disabled"}}, "source.decryptKeyArns[0]: the key"},
		"a key for signatures":               {nil, pulumitest.Existing{copiesKey: map[string]any{"keyUsage": "SIGN_VERIFY", "keySpec": "RSA_2048"}}, "S3 needs a symmetric encryption key"},
		"a key brought for our own bucket":   {supplied, pulumitest.Existing{theirKey: map[string]any{"keyState": "Disabled"}}, "source.kmsKeyArn: the key"},
		"a missing role":                     {role, pulumitest.Existing{"mine": errors.New("NoSuchEntity: cannot be found")}, "role.arn: the role arn:aws:iam::111111111111:role/path/mine does not exist"},
		"a role with another path":           {role, pulumitest.Existing{"mine": map[string]any{"arn": "arn:aws:iam::111111111111:role/mine"}}, "did you mean arn:aws:iam::111111111111:role/mine?"},
		"a bucket that may not be looked at": {nil, pulumitest.Existing{"vault": errors.New("api error Forbidden: Forbidden")}, ""},
		"a key that may not be looked at":    {nil, pulumitest.Existing{copiesKey: errors.New("AccessDeniedException: not authorized")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := adopted()
			if test.change != nil {
				test.change(args)
			}
			recorder, err := pulumitest.RunBeside(t, test.existing, register("data", args))
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			for _, each := range recorder.All() {
				assert.True(t, strings.HasPrefix(each.Type, "pulumi:providers:"), "%s is registered", each.Key())
			}
		})
	}
}

func TestExisting_AllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := pulumitest.RunBeside(t, pulumitest.Existing{
		"theirs": errors.New("couldn't find resource"), "vault": errors.New("couldn't find resource"),
		copiesKey: map[string]any{"keyState": "Disabled"},
	}, register("data", adopted()))
	assert.ErrorContains(t, err, "3 problems:\nsource.bucket: ")
	assert.ErrorContains(t, err, "destinations[0].bucket: ")
	assert.ErrorContains(t, err, "destinations[0].kmsKeyArn: ")
}

func TestExisting_BucketAlone(t *testing.T) {
	t.Parallel()
	_, err := pulumitest.RunBeside(t, pulumitest.Existing{"theirs": errors.New("couldn't find resource")}, func(ctx *pulumi.Context) error {
		_, err := crr.NewEncryptedBucket(ctx, "data", &crr.EncryptedBucketArgs{Bucket: adopted().Source})
		return err
	})
	assert.ErrorContains(t, err, `bucket "data": bucket: the bucket theirs does not exist`)
}

// A bucket that the program makes under a known name is not there at the first
// deployment.
func TestExisting_WhatTheProgramMakesIsNotLookedAt(t *testing.T) {
	t.Parallel()
	_, err := pulumitest.RunBeside(t, pulumitest.Existing{"all-logs": errors.New("couldn't find resource")}, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewEncryptedBucket(ctx, "logs", &crr.EncryptedBucketArgs{Bucket: crr.BucketArgs{
			Region: "us-west-2", Bucket: "all-logs", KMSKeyARN: pulumi.String("arn:aws:kms:us-west-2:111111111111:key/1"),
		}})
		if err != nil {
			return err
		}
		args := pair()
		args.Destinations[0].Bucket = bucket.Adopted()
		_, err = crr.NewReplicatedBucket(ctx, "data", args)
		return err
	})
	assert.NoError(t, err)
}
