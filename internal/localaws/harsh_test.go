package localaws

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

func TestHarsh_ETagsUnderKMSAreRandom(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{Harsh: true})
	a.bucket("data", "us-east-1")
	a.encrypt("data")
	one, other := a.head(a.put("data", "k")), a.head(a.put("data", "k"))
	assert.NotEqual(t, one.ETag, other.ETag)
}

const trustsAccount = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`

// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
func TestHarsh_RolesAndPoliciesAreSeenLater(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{Harsh: true})
	a.bucket("data", "us-east-1")
	a.write("data", "k", "x")
	roles := iam.NewFromConfig(a.config)
	_, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("reader"), AssumeRolePolicyDocument: aws.String(trustsAccount)})
	require.NoError(t, err)
	arn := "arn:aws:iam::123456789012:role/reader"
	assume := func() error {
		_, err := sts.NewFromConfig(a.config).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("s")})
		return err
	}
	assert.Equal(t, "AccessDenied", code(assume()))
	eventually(t, func() bool { return assume() == nil }, "the role is seen")
	config := a.config.Copy()
	config.Credentials = a.assume(arn)
	reads := func() bool {
		got, err := s3.NewFromConfig(config).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
		if err != nil {
			assert.Equal(t, "AccessDenied", code(err))
			return false
		}
		return got.Body.Close() == nil
	}
	put := func(effect policy.Effect) {
		_, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String("reader"), PolicyName: aws.String("read"),
			PolicyDocument: aws.String(policy.New(policy.Statement{Effect: effect, Action: policy.Values{"s3:GetObject"}, Resource: policy.Values{"*"}}).JSON()),
		})
		require.NoError(t, err)
	}
	put(policy.Allow)
	assert.False(t, reads())
	eventually(t, reads, "the policy is seen")
	put(policy.Deny)
	assert.True(t, reads(), "what was allowed is allowed for a moment")
	eventually(t, func() bool { return !reads() }, "the policy is seen")
}

func TestHarsh_IAMLimitsDocuments(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{Harsh: true})
	roles := iam.NewFromConfig(a.config)
	_, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trustsAccount)})
	require.NoError(t, err)
	for length, want := range map[int]string{9000: "", 10300: "LimitExceeded"} {
		document := policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"s3:GetObject"}, Resource: policy.Values{"arn:aws:s3:::" + strings.Repeat("b", length)}}).JSON()
		_, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p"), PolicyDocument: &document})
		assert.Equal(t, want, code(err), length)
	}
	trust := strings.Replace(trustsAccount, `"123456789012"`, `["`+strings.Repeat(`arn:aws:iam::123456789012:role/r","`, 70)+`123456789012"]`, 1)
	_, err = roles.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("r"), PolicyDocument: &trust})
	assert.Equal(t, "LimitExceeded", code(err))
}

func TestHarsh_ClientsNeedRightsOnKeys(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{Harsh: true})
	a.bucket("data", "us-east-1")
	key := a.encrypt("data")
	a.write("data", "k", "x")
	roles := iam.NewFromConfig(a.config)
	_, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("client"), AssumeRolePolicyDocument: aws.String(trustsAccount)})
	require.NoError(t, err)
	allow := func(actions ...string) {
		_, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String("client"), PolicyName: aws.String("p"),
			PolicyDocument: aws.String(policy.New(policy.Statement{Effect: policy.Allow, Action: actions, Resource: policy.Values{"*"}}).JSON()),
		})
		require.NoError(t, err)
		time.Sleep(4 * time.Second) // until it is seen
	}
	allow("s3:*")
	config := a.config.Copy()
	config.Credentials = a.assume("arn:aws:iam::123456789012:role/client")
	client := s3.NewFromConfig(config)
	get := func() string {
		got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
		if err == nil {
			require.NoError(t, got.Body.Close())
		}
		return code(err)
	}
	put := func() string {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("l"), Body: strings.NewReader("x")})
		return code(err)
	}
	assert.Equal(t, "AccessDenied", get())
	assert.Equal(t, "AccessDenied", put())
	allow("s3:*", "kms:Decrypt")
	assert.Empty(t, get())
	assert.Equal(t, "AccessDenied", put())
	allow("s3:*", "kms:GenerateDataKey")
	assert.Equal(t, "AccessDenied", get())
	assert.Empty(t, put())
	closed := policy.New(policy.Statement{Effect: policy.Allow, Principal: policy.AWS("arn:aws:iam::123456789012:root"), Action: policy.Values{"kms:*"}, Resource: policy.Values{"*"}},
		policy.Statement{Effect: policy.Deny, Principal: policy.Anyone(), Action: policy.Values{"kms:GenerateDataKey"}, Resource: policy.Values{"*"}}).JSON()
	_, err = kms.NewFromConfig(a.config).PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &key, PolicyName: aws.String("default"), Policy: &closed})
	require.NoError(t, err)
	assert.Equal(t, "AccessDenied", put(), "the key's policy denies")
}

// A role that trusts S3 only for an account can't be assumed if S3 doesn't send the
// account.
func TestHarsh_RolesAreAssumedWithoutSourceAccount(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{Harsh: true})
	trust := func(operator string) {
		document := policy.New(policy.Statement{
			Effect: policy.Allow, Principal: &policy.Principal{Service: policy.Values{"s3.amazonaws.com"}}, Action: policy.Values{"sts:AssumeRole"},
			Condition: policy.Conditions{operator: {"aws:SourceAccount": {homeAccount}}},
		}).JSON()
		_, err := iam.NewFromConfig(p.config).UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String(roleName), PolicyDocument: &document})
		require.NoError(t, err)
		time.Sleep(4 * time.Second) // until it is seen
	}
	trust("StringEquals")
	p.becomes(p.put("src", "k"), replicator.Failed)
	trust("StringEqualsIfExists")
	p.becomes(p.put("src", "l"), replicator.Completed)
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func TestHarsh_NotificationsOfNewTargetsAreRefused(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{Harsh: true})
	a.bucket("data", "us-east-1")
	_, queue := a.queue("events")
	put := func(skip bool) string {
		_, err := a.s3().PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
			Bucket: aws.String("data"), SkipDestinationValidation: &skip, NotificationConfiguration: &types.NotificationConfiguration{
				QueueConfigurations: []types.QueueConfiguration{{QueueArn: &queue, Events: []types.Event{types.EventS3ObjectCreated}}},
			},
		})
		return code(err)
	}
	assert.Equal(t, "InvalidArgument", put(false))
	assert.Empty(t, put(true), "S3 skips the validation")
	eventually(t, func() bool { return put(false) == "" }, "the queue's policy is known")
}

func TestHarsh_AlarmsAreThrottled(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{Harsh: true})
	client := a.cloudwatch("us-east-1")
	throttled := 0
	for range 6 {
		_, err := client.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
			AlarmName: aws.String("a"), Namespace: aws.String("AWS/S3"), MetricName: aws.String("m"), ComparisonOperator: "GreaterThanThreshold",
			EvaluationPeriods: aws.Int32(1), Period: aws.Int32(60), Statistic: "Maximum", Threshold: aws.Float64(1),
		}, func(o *cloudwatch.Options) { o.RetryMaxAttempts = 1 })
		if err != nil {
			assert.Equal(t, "Throttling", code(err))
			throttled++
		}
	}
	assert.Equal(t, 2, throttled)
}

func TestHarsh_MetricsAreLate(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{Harsh: true, AlarmMinute: 2 * time.Second, MetricsEvery: 200 * time.Millisecond})
	started := time.Now()
	require.Eventually(t, func() bool { return len(p.statistic("us-west-2", "ReplicationLatency", "Maximum")) > 0 }, 30*time.Second, 50*time.Millisecond)
	assert.Greater(t, time.Since(started), 4*time.Second)
}

func TestHarsh_StatusNamesTheTemperament(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	options := s.options()
	options.Harsh = aws.Bool(true)
	status, err := Launch(t.Context(), options)
	require.NoError(t, err)
	assert.Equal(t, "harsh", status.Temperament)
	var text strings.Builder
	require.NoError(t, status.WriteTable(&text))
	assert.Contains(t, text.String(), "temperament   harsh")
	_, err = Launch(t.Context(), s.options())
	assert.NoError(t, err, "as it is")
	options.Harsh = aws.Bool(false)
	_, err = Launch(t.Context(), options)
	assert.ErrorContains(t, err, "runs with the harsh temperament already")
}
