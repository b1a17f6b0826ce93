package crr_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/heartbeat"
	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/pulumitest"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// withCanary returns what a replicated bucket with a canary registers.
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
		heartbeat   = "/.crr-heartbeat/data-source-0123456/dr"
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
		{action: "s3:PutObject", resource: source + "/.crr-heartbeat/data-dr-0123456/dr"},
		{action: "s3:DeleteObjectVersion", resource: destination + "/.crr-heartbeat/data-dr-0123456/dr"},
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
	assert.ErrorContains(t, err, "canary.ageSeconds: -1 is negative")
	_, err = pulumitest.Run(t, func(ctx *pulumi.Context) error {
		_, err := crr.NewCanary(ctx, "lonely", nil)
		return err
	})
	assert.ErrorContains(t, err, "bucket: is missing")
	_, err = pulumitest.Run(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, "data", pair())
		if err != nil {
			return err
		}
		_, err = crr.NewCanary(ctx, "back", &crr.CanaryArgs{Bucket: bucket, From: "dr"})
		return err
	})
	assert.ErrorContains(t, err, `from: no enabled rule replicates from "dr"`)
}

// Who operates a deployment finds the canary's alarms with the others.
func TestCanary_IsInTheDescriptorAndOnTheDashboard(t *testing.T) {
	t.Parallel()
	args := beaten(pair())
	args.Monitoring.Dashboard = true
	recorder := deploy(t, args)
	body := recorder.One(t, "aws:cloudwatch/dashboard:Dashboard", "data-dashboard").Inputs["dashboardBody"].StringValue()
	assert.Contains(t, body, "alarm:data-alarms-dr-heartbeat", "the alarm's state")
	assert.Contains(t, body, `"CRR","HeartbeatAge"`, "the age of heartbeats")
}

func TestCanary_MayForgetHeartbeatsThatOtherRulesReplicatedToo(t *testing.T) {
	t.Parallel()
	args := pair()
	args.Destinations = append(args.Destinations, crr.DestinationArgs{Name: "eu", Bucket: crr.BucketArgs{Region: "eu-west-1"}})
	recorder := withCanary(t, args)
	document, err := policy.Parse([]byte(recorder.One(t, "aws:iam/rolePolicy:RolePolicy", "data-canary-policy").Inputs["policy"].StringValue()))
	require.NoError(t, err)
	for _, object := range []string{"data-dr-0123456/.crr-heartbeat/data-source-0123456/eu", "data-eu-0123456/.crr-heartbeat/data-source-0123456/dr"} {
		decision := policy.Evaluate(policy.Policies{Identity: []policy.Document{document}}, policy.Request{
			Principal: "arn:aws:iam::111111111111:role/data-canary-role-0123456", Action: "s3:DeleteObjectVersion", Resource: "arn:aws:s3:::" + object,
		})
		assert.True(t, decision.Allowed, "the rules of both destinations match every heartbeat: %s: %s", object, decision.Reason)
	}
}

func TestCanary_RefusesMoreRulesThanItsFunctionCanBeToldOf(t *testing.T) {
	t.Parallel()
	args := pair()
	for i := range 90 {
		args.Rules = append(args.Rules, crr.RuleArgs{ID: fmt.Sprintf("rule-%d", i), Prefix: fmt.Sprintf("prefix-%d/", i)})
	}
	require.NoError(t, args.Validate())
	assert.ErrorContains(t, beaten(args).Validate(), "canary: the configuration of the 90 rules that replicate from source has up to")
	_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
		bucket, err := crr.NewReplicatedBucket(ctx, "data", args)
		if err != nil {
			return err
		}
		_, err = crr.NewCanary(ctx, "alone", &crr.CanaryArgs{Bucket: bucket})
		return err
	})
	assert.ErrorContains(t, err, "bucket: the configuration of the 90 rules that replicate from source has up to")
	args.Rules = args.Rules[:30]
	assert.NoError(t, beaten(args).Validate())
}

// Each direction of a pair has a function that writes on its own side, sees the
// other, and may touch the heartbeats of no other function.
func TestCanary_MeasuresBothDirections(t *testing.T) {
	t.Parallel()
	args := acrossAccounts()
	args.Monitoring.Account = crr.DestinationAccount // where S3's metrics are
	recorder := withCanary(t, args)
	configs := map[string]heartbeat.Config{}
	for _, function := range recorder.OfType("aws:lambda/function:Function") {
		config, err := heartbeat.Parse(function.Inputs["environment"].ObjectValue()["variables"].ObjectValue()[heartbeat.Variable].StringValue())
		require.NoError(t, err)
		configs[function.Name] = config
	}
	require.Len(t, configs, 2)
	there, back := configs["data-canary-function"], configs["data-dr-canary-function"]
	assert.Equal(t, back.Destinations["source"].Bucket, there.Source.Bucket)
	assert.Equal(t, there.Destinations["dr"].Bucket, back.Source.Bucket)
	assert.Equal(t, there.Heartbeats[0].Rule, back.Heartbeats[0].Rule, "rules of both directions have the same ids")
	assert.NotEqual(t, there.Key(there.Heartbeats[0]), back.Key(back.Heartbeats[0]), "and their heartbeats are other objects")

	// The place that writes is the one that pays: function, role and log are there.
	for _, made := range []struct{ token, name, provider string }{
		{"aws:lambda/function:Function", "data-canary-function", "crr-us-east-1"},
		{"aws:lambda/function:Function", "data-dr-canary-function", "crr-us-west-2-222222222222"},
		{"aws:iam/role:Role", "data-canary-dr-reader", "crr-us-west-2-222222222222"},
		{"aws:iam/role:Role", "data-dr-canary-source-reader", "crr-us-east-1"},
		{alarmType, "data-alarms-dr-heartbeat", "crr-us-west-2"},
		{alarmType, "data-alarms-dr-dr-heartbeat", "crr-us-east-1-222222222222"},
	} {
		assert.Equal(t, made.provider, recorder.One(t, made.token, made.name).Provider, made.name)
	}
}

func TestCanary_ReadersSeeHeartbeatsOfTheOtherSideAlone(t *testing.T) {
	t.Parallel()
	recorder := withCanary(t, acrossAccounts())
	for _, test := range []struct {
		policy, action, resource string
		want                     bool
	}{
		{"data-canary-dr-reader-policy", "s3:GetObject", "data-dr-0123456/.crr-heartbeat/data-source-0123456/dr", true},
		{"data-canary-dr-reader-policy", "s3:DeleteObjectVersion", "data-dr-0123456/.crr-heartbeat/data-source-0123456/dr", true},
		{"data-canary-dr-reader-policy", "s3:DeleteObjectVersion", "data-dr-0123456/.crr-heartbeat/data-dr-0123456/dr", false},
		{"data-canary-dr-reader-policy", "s3:PutObject", "data-dr-0123456/.crr-heartbeat/data-source-0123456/dr", false},
		{"data-canary-dr-reader-policy", "s3:GetObject", "data-source-0123456/.crr-heartbeat/data-source-0123456/dr", false},
		{"data-dr-canary-source-reader-policy", "s3:GetObject", "data-source-0123456/.crr-heartbeat/data-dr-0123456/dr", true},
		{"data-dr-canary-source-reader-policy", "s3:GetObject", "data-source-0123456/.crr-heartbeat/data-source-0123456/dr", false},
		{"data-dr-canary-policy", "s3:PutObject", "data-dr-0123456/.crr-heartbeat/data-dr-0123456/dr", true},
		{"data-dr-canary-policy", "s3:GetObject", "data-source-0123456/.crr-heartbeat/data-dr-0123456/dr", false}, // its reader may
	} {
		document, err := policy.Parse([]byte(recorder.One(t, "aws:iam/rolePolicy:RolePolicy", test.policy).Inputs["policy"].StringValue()))
		require.NoError(t, err)
		decision := policy.Evaluate(policy.Policies{Identity: []policy.Document{document}}, policy.Request{
			Principal: "arn:aws:iam::222222222222:role/canary", Action: test.action, Resource: "arn:aws:s3:::" + test.resource,
		})
		assert.Equal(t, test.want, decision.Allowed, "%s: %s on %s: %s", test.policy, test.action, test.resource, decision.Reason)
	}
}

// Rules without metrics have no alarm but the canary's.
func TestCanary_HasAlarmsThatSomebodyMustHear(t *testing.T) {
	t.Parallel()
	args := acrossAccounts()
	off := false
	args.Rules = []crr.RuleArgs{{ID: "quiet", Metrics: &off}}
	args.Monitoring.QueueARNs = []pulumi.StringInput{pulumi.String("arn:aws:sqs:us-east-1:111111111111:oncall")}
	require.NoError(t, args.Validate())
	assert.ErrorContains(t, beaten(args).Validate(), "monitoring: has alarms in the account 222222222222 (us-east-1), but no queue or function there to notify")
}

// An alarm that takes missing data for a breach would go off before its first
// heartbeat, and a composite one is all that notifies.
func TestCanary_AlarmsComeAfterTheFirstHeartbeatAndInTheirComposite(t *testing.T) {
	t.Parallel()
	args := acrossAccounts()
	args.Monitoring.Emails = []string{"ops@example.com"}
	recorder := withCanary(t, args)
	first := recorder.One(t, "aws:lambda/invocation:Invocation", "data-dr-canary-first")
	assert.Contains(t, first.DependsOn, configurationType+" data-dr-replication", "what is written before would never replicate")
	alarm := recorder.One(t, alarmType, "data-alarms-dr-dr-heartbeat")
	assert.Contains(t, alarm.DependsOn, first.Key())
	assert.NotContains(t, alarm.Inputs, "alarmActions", "its composite alarm notifies")
	rules := ""
	for _, composite := range recorder.OfType(compositeType) {
		rules += composite.Inputs["alarmRule"].StringValue()
	}
	for _, each := range recorder.OfType(alarmType) {
		assert.Contains(t, rules, `ALARM("`+each.Name+`-0123456")`)
	}
}

// What an account that is not managed must let the canary do is known before a
// deployment, and is part of the policies that a program exports.
func TestCanary_PoliciesLetItIntoABucketOfAnUnmanagedAccount(t *testing.T) {
	t.Parallel()
	args := func(account string) *crr.ReplicatedBucketArgs {
		args := pair()
		args.Source.Bucket, args.Canary = "ours", &crr.CanaryOptions{Code: pulumi.NewFileArchive("testdata")}
		args.Destinations[0].Bucket = crr.BucketArgs{
			Region: "us-west-2", Bucket: "theirs", Existing: true, KMSKeyARN: pulumi.String("arn:aws:kms:us-west-2:" + account + ":key/1"),
		}
		return args
	}
	deployed := func(args *crr.ReplicatedBucketArgs) []model.Grant {
		var grants []model.Grant
		_, err := pulumitest.Run(t, func(ctx *pulumi.Context) error {
			bucket, err := crr.NewReplicatedBucket(ctx, "data", args)
			if err != nil {
				return err
			}
			ctx.Export("policies", bucket.Policies.ApplyT(func(all []any) (bool, error) {
				for _, each := range all {
					fields := each.(map[string]any)
					document, err := policy.Parse([]byte(fields["document"].(string)))
					if err != nil {
						return false, err
					}
					grants = append(grants, model.Grant{Resource: fields["resource"].(string), Document: document})
				}
				return true, nil
			}))
			return nil
		})
		require.NoError(t, err)
		return grants
	}
	named := strings.NewReplacer("<account>", "111111111111", "<generated>", "0123456")
	everything := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"s3:*"}, Resource: policy.Values{"*"}})
	for name, grants := range map[string][]model.Grant{
		"planned": model.Grants(args("222222222222").Plan("data")), "deployed": deployed(args("222222222222")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(grants, func(grant model.Grant) bool { return grant.Resource == "arn:aws:s3:::theirs" })
			require.GreaterOrEqual(t, i, 0, "a grant on the bucket")
			document, err := policy.Parse([]byte(named.Replace(grants[i].Document.JSON())))
			require.NoError(t, err)
			decide := func(role, action, resource string) policy.Decision {
				return policy.Evaluate(policy.Policies{Identity: []policy.Document{everything}, Resource: &document}, policy.Request{
					Principal: "arn:aws:iam::111111111111:role/" + role, Action: action, Resource: resource, ResourceAccount: "222222222222",
				})
			}
			const heartbeats, bucket = "arn:aws:s3:::theirs/.crr-heartbeat/ours/dr", "arn:aws:s3:::theirs"
			assert.True(t, decide("data-canary-role-0123456", "s3:GetObject", heartbeats).Allowed)
			assert.True(t, decide("data-canary-role-0123456", "s3:ListBucket", bucket).Allowed)
			assert.True(t, decide("data-canary-role-0123456", "s3:ListBucketVersions", bucket).Allowed)
			assert.False(t, decide("data-canary-role-0123456", "s3:GetObject", bucket+"/secret").Allowed)
			assert.False(t, decide("another", "s3:GetObject", heartbeats).Allowed)
		})
	}
	for _, grant := range append(deployed(args(pulumitest.Account)), model.Grants(args(pulumitest.Account).Plan("data"))...) {
		assert.NotContains(t, grant.Document.JSON(), "data-canary-role-0123456", "in one account the role's own policy is enough")
	}
}

// A bucket with SSE-S3 has no key that heartbeats could be encrypted with.
func TestCanary_OfABucketWithoutAKey(t *testing.T) {
	t.Parallel()
	args := adopted()
	args.Source.KMSKeyARN, args.Destinations[0].Bucket.KMSKeyARN = nil, nil
	args.Canary = &crr.CanaryOptions{Code: pulumi.NewFileArchive("testdata/canary.zip")}
	recorder := deploy(t, args)
	text := recorder.One(t, rolePolicyType, "data-canary-policy").Inputs["policy"].StringValue()
	assert.Contains(t, text, "WriteHeartbeats")
	assert.NotContains(t, text, "kms:")
}
