package crr_test

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// withCanary is what a replicated bucket with a canary registers.
func withCanary(t *testing.T, args *crr.ReplicatedBucketArgs) *pulumitest.Recorder {
	t.Helper()
	return deploy(t, beaten(args))
}

// beaten adds a canary to the arguments.
func beaten(args *crr.ReplicatedBucketArgs) *crr.ReplicatedBucketArgs {
	with := *args
	with.Canary = &crr.CanaryOptions{Code: pulumi.NewFileArchive("testdata/canary.zip")}
	return &with
}

func TestCanary_Snapshots(t *testing.T) {
	t.Parallel()
	for name, bucket := range map[string]*crr.ReplicatedBucketArgs{"canary": everything(), "canary-across-accounts": acrossAccounts()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pulumitest.Golden(t, name, withCanary(t, bucket).Beyond(deploy(t, bucket)))
		})
	}
}

func TestCanary_ItsRoleMayDoWhatItDoesAndNoMore(t *testing.T) {
	t.Parallel()
	recorder := withCanary(t, pair())
	document, err := policy.Parse([]byte(recorder.One(t, "aws:iam/rolePolicy:RolePolicy", "data-canary-policy").Inputs["policy"].StringValue()))
	require.NoError(t, err)
	const (
		role        = "arn:aws:iam::111111111111:role/data-canary-role-0123456"
		source      = "arn:aws:s3:::data-source-0123456"
		destination = "arn:aws:s3:::data-dr-0123456"
		heartbeat   = "/.crr-heartbeat/dr"
		key         = "arn:aws:kms:region-of-provider:111111111111:key/id-of-data-source-key"
	)
	viaS3 := map[string][]string{"kms:ViaService": {"s3.us-east-1.amazonaws.com"}}
	for _, test := range []struct {
		action, resource string
		context          map[string][]string
		want             bool
	}{
		{action: "s3:PutObject", resource: source + heartbeat, want: true},
		{action: "s3:GetObject", resource: source + heartbeat, want: true},
		{action: "s3:GetObject", resource: destination + heartbeat, want: true},
		{action: "s3:ListBucket", resource: destination, want: true},
		{action: "s3:ListBucketVersions", resource: destination, want: true},
		{action: "s3:DeleteObjectVersion", resource: destination + heartbeat, want: true},
		{action: "cloudwatch:PutMetricData", resource: "*", context: map[string][]string{"cloudwatch:namespace": {"CRR"}}, want: true},
		{action: "cloudwatch:PutMetricData", resource: "*", context: map[string][]string{"cloudwatch:namespace": {"AWS/S3"}}},
		{action: "s3:PutObject", resource: destination + heartbeat},
		{action: "s3:PutObject", resource: source + "/finance/q3.pdf"},
		{action: "s3:GetObject", resource: source + "/finance/q3.pdf"},
		{action: "s3:GetObject", resource: destination + "/finance/q3.pdf"},
		{action: "s3:DeleteObjectVersion", resource: source + "/finance/q3.pdf"},
		{action: "s3:DeleteBucket", resource: source},
		{action: "kms:GenerateDataKey", resource: key, context: viaS3, want: true},
		{action: "kms:Decrypt", resource: key, context: viaS3, want: true},
		{action: "kms:Decrypt", resource: key},
	} {
		decision := policy.Evaluate(policy.Policies{Identity: []policy.Document{document}}, policy.Request{
			Principal: role, Action: test.action, Resource: test.resource, Context: test.context,
		})
		assert.Equal(t, test.want, decision.Allowed, "%s on %s: %s", test.action, test.resource, decision.Reason)
	}
}

func TestCanary_RefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Canary = &crr.CanaryOptions{EveryMinutes: 2000, AgeSeconds: -1}
	err := args.Validate()
	assert.ErrorContains(t, err, "canary.everyMinutes: 2000 is not between 1 and 1440")
	assert.ErrorContains(t, err, "canary.ageSeconds: -1 is less than nothing")
	_, err = pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := crr.NewCanary(ctx, "lonely", nil)
		return err
	})
	assert.ErrorContains(t, err, "bucket: is missing")
}

// Who operates a deployment finds the canary's alarms with the others.
func TestCanary_IsInTheDescriptorAndOnTheDashboard(t *testing.T) {
	t.Parallel()
	args := beaten(pair())
	args.Monitoring.Dashboard = true
	recorder := deploy(t, args)
	body := recorder.One(t, "aws:cloudwatch/dashboard:Dashboard", "data-dashboard").Inputs["dashboardBody"].StringValue()
	assert.Contains(t, body, "alarm:data-canary-dr", "the alarm's state")
	assert.Contains(t, body, `"CRR","HeartbeatAge"`, "the age of heartbeats")
}

func TestCanary_MayForgetHeartbeatsThatOtherRulesReplicatedToo(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Destinations = append(args.Destinations, crr.DestinationArgs{Name: "eu", Bucket: crr.BucketArgs{Region: "eu-west-1"}})
	recorder := withCanary(t, args)
	document, err := policy.Parse([]byte(recorder.One(t, "aws:iam/rolePolicy:RolePolicy", "data-canary-policy").Inputs["policy"].StringValue()))
	require.NoError(t, err)
	for _, object := range []string{"data-dr-0123456/.crr-heartbeat/eu", "data-eu-0123456/.crr-heartbeat/dr"} {
		decision := policy.Evaluate(policy.Policies{Identity: []policy.Document{document}}, policy.Request{
			Principal: "arn:aws:iam::111111111111:role/data-canary-role-0123456", Action: "s3:DeleteObjectVersion", Resource: "arn:aws:s3:::" + object,
		})
		assert.True(t, decision.Allowed, "the rules of both destinations match every heartbeat: %s: %s", object, decision.Reason)
	}
}

func TestCanary_RefusesMoreRulesThanItsFunctionCanBeToldOf(t *testing.T) {
	t.Parallel()
	args := pair()
	for i := range 40 {
		args.Rules = append(args.Rules, crr.RuleArgs{ID: fmt.Sprintf("rule-%d", i), Prefix: fmt.Sprintf("prefix-%d/", i)})
	}
	_, err := pulumitest.Run(t, register("data", beaten(args)))
	assert.ErrorContains(t, err, "the canary has 40 rules to watch")
}
