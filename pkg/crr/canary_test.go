package crr_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// withCanary is a program with a replicated bucket and a canary.
func withCanary(bucket *crr.ReplicatedBucketArgs, canary crr.CanaryArgs) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		replicated, err := crr.NewReplicatedBucket(ctx, "data", bucket)
		if err != nil {
			return err
		}
		canary.Bucket = replicated
		if canary.Code == nil {
			canary.Code = pulumi.NewFileArchive("testdata/canary.zip")
		}
		_, err = crr.NewCanary(ctx, "data-canary", &canary)
		return err
	}
}

func TestCanary_Snapshots(t *testing.T) {
	t.Parallel()
	for name, bucket := range map[string]*crr.ReplicatedBucketArgs{"canary": everything(), "canary-across-accounts": acrossAccounts()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			without := deploy(t, bucket)
			with, err := pulumitest.Run(t, withCanary(bucket, crr.CanaryArgs{Tags: map[string]string{"team": "storage"}}))
			require.NoError(t, err)
			pulumitest.Golden(t, name, with.Beyond(without))
		})
	}
}

func TestCanary_ItsRoleMayDoWhatItDoesAndNoMore(t *testing.T) {
	t.Parallel()
	recorder, err := pulumitest.Run(t, withCanary(pair(), crr.CanaryArgs{}))
	require.NoError(t, err)
	document, err := policy.Parse([]byte(recorder.One(t, "aws:iam/rolePolicy:RolePolicy", "data-canary-policy").Inputs["policy"].StringValue()))
	require.NoError(t, err)
	const (
		role        = "arn:aws:iam::111111111111:role/data-canary-role-0123456"
		source      = "arn:aws:s3:::data-source-0123456"
		destination = "arn:aws:s3:::data-dr-0123456"
		heartbeat   = "/.crr-heartbeat/dr"
	)
	for _, test := range []struct {
		action, resource string
		context          map[string][]string
		want             bool
	}{
		{action: "s3:PutObject", resource: source + heartbeat, want: true},
		{action: "s3:GetObject", resource: source + heartbeat, want: true},
		{action: "s3:GetObject", resource: destination + heartbeat, want: true},
		{action: "s3:ListBucket", resource: destination, want: true},
		{action: "s3:DeleteObjectVersion", resource: destination + heartbeat, want: true},
		{action: "cloudwatch:PutMetricData", resource: "*", context: map[string][]string{"cloudwatch:namespace": {"CRR"}}, want: true},
		{action: "cloudwatch:PutMetricData", resource: "*", context: map[string][]string{"cloudwatch:namespace": {"AWS/S3"}}},
		{action: "s3:PutObject", resource: destination + heartbeat},
		{action: "s3:PutObject", resource: source + "/finance/q3.pdf"},
		{action: "s3:GetObject", resource: source + "/finance/q3.pdf"},
		{action: "s3:GetObject", resource: destination + "/finance/q3.pdf"},
		{action: "s3:DeleteObjectVersion", resource: source + "/finance/q3.pdf"},
		{action: "s3:DeleteBucket", resource: source},
		{action: "kms:Decrypt", resource: "arn:aws:kms:region-of-provider:111111111111:key/id-of-data-source-key"},
	} {
		decision := policy.Evaluate(policy.Policies{Identity: []policy.Document{document}}, policy.Request{
			Principal: role, Action: test.action, Resource: test.resource, Context: test.context,
		})
		assert.Equal(t, test.want, decision.Allowed, "%s on %s: %s", test.action, test.resource, decision.Reason)
	}
}

func TestCanary_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for message, args := range map[string]crr.CanaryArgs{
		"everyMinutes: 2000 is not between 1 and 1440": {CanaryOptions: crr.CanaryOptions{EveryMinutes: 2000}},
		"ageSeconds: -1 is less than nothing":          {CanaryOptions: crr.CanaryOptions{AgeSeconds: -1}},
	} {
		_, err := pulumitest.Run(t, withCanary(pair(), args))
		assert.ErrorContains(t, err, message)
	}
	_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := crr.NewCanary(ctx, "lonely", nil)
		return err
	})
	assert.ErrorContains(t, err, "bucket: is missing")
}

func TestCanary_FunctionIsBuiltTheSameEachTime(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	cache := t.TempDir()
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	t.Setenv("GOCACHE", string(goCache[:len(goCache)-1]))
	t.Setenv("XDG_CACHE_HOME", cache)
	archive := filepath.Join(cache, "pulumi-aws-crr", "crr-canary.zip")
	var built [2][]byte
	for i := range built {
		_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
			replicated, err := crr.NewReplicatedBucket(ctx, "data", pair())
			if err != nil {
				return err
			}
			_, err = crr.NewCanary(ctx, "data-canary", &crr.CanaryArgs{Bucket: replicated})
			return err
		})
		require.NoError(t, err)
		built[i], err = os.ReadFile(archive)
		require.NoError(t, err)
	}
	assert.Equal(t, built[0], built[1], "another archive each time would update the function each time")
	left, err := os.ReadDir(filepath.Dir(archive))
	require.NoError(t, err)
	assert.Len(t, left, 1, "building leaves only the archive")
}
