package localaws

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/faults"
	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// write writes an object and returns the version id.
func (a *account) write(bucket, key, content string) string {
	a.t.Helper()
	made, err := a.s3().PutObject(a.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(content)})
	require.NoError(a.t, err)
	return aws.ToString(made.VersionId)
}

func (a *account) read(bucket, key, version string) (string, error) {
	a.t.Helper()
	input := &s3.GetObjectInput{Bucket: &bucket, Key: &key}
	if version != "" {
		input.VersionId = &version
	}
	got, err := a.s3().GetObject(a.t.Context(), input)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(got.Body)
	require.NoError(a.t, err)
	return string(content), got.Body.Close()
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
func TestObjectLock(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	client := a.s3()
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("locked"), ObjectLockEnabledForBucket: aws.Bool(true)})
	require.NoError(t, err)
	a.bucket("open", "us-east-1")
	const day = 24 * time.Hour
	retain := func(bucket, version string, mode types.ObjectLockRetentionMode, in time.Duration, bypass bool) string {
		input := &s3.PutObjectRetentionInput{Bucket: &bucket, Key: aws.String("k"), VersionId: &version, BypassGovernanceRetention: &bypass, Retention: &types.ObjectLockRetention{}}
		if mode != "" {
			input.Retention = &types.ObjectLockRetention{Mode: mode, RetainUntilDate: aws.Time(time.Now().Add(in))}
		}
		_, err := client.PutObjectRetention(t.Context(), input)
		return code(err)
	}
	remove := func(version string, bypass bool) string {
		_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("locked"), Key: aws.String("k"), VersionId: &version, BypassGovernanceRetention: &bypass})
		return code(err)
	}
	const governance, compliance = types.ObjectLockRetentionModeGovernance, types.ObjectLockRetentionModeCompliance
	strict := a.write("locked", "k", "a")
	require.Empty(t, retain("locked", strict, compliance, 10*day, false))
	kept, err := client.GetObjectRetention(t.Context(), &s3.GetObjectRetentionInput{Bucket: aws.String("locked"), Key: aws.String("k"), VersionId: &strict})
	require.NoError(t, err)
	assert.Equal(t, compliance, kept.Retention.Mode)
	assert.Equal(t, "AccessDenied", retain("locked", strict, compliance, day, true), "shorter")
	assert.Equal(t, "AccessDenied", retain("locked", strict, governance, 20*day, true), "weaker")
	assert.Equal(t, "AccessDenied", retain("locked", strict, "", 0, true), "none")
	assert.Empty(t, retain("locked", strict, compliance, 20*day, false), "longer")
	assert.Equal(t, "AccessDenied", remove(strict, true))

	soft := a.write("locked", "k", "b")
	_, err = client.GetObjectRetention(t.Context(), &s3.GetObjectRetentionInput{Bucket: aws.String("locked"), Key: aws.String("k"), VersionId: &soft})
	assert.Equal(t, "NoSuchObjectLockConfiguration", code(err))
	assert.Equal(t, "InvalidArgument", retain("locked", soft, governance, -day, false), "in the past")
	require.Empty(t, retain("locked", soft, governance, 10*day, false))
	assert.Equal(t, "AccessDenied", retain("locked", soft, governance, day, false))
	assert.Equal(t, "AccessDenied", remove(soft, false))
	assert.Empty(t, retain("locked", soft, governance, day, true))
	assert.Empty(t, retain("locked", soft, compliance, 2*day, false), "stricter and longer")
	assert.Equal(t, "AccessDenied", remove(soft, true))

	assert.Equal(t, "InvalidRequest", retain("open", a.write("open", "k", "c"), governance, day, false))
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String("locked"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended},
	})
	assert.Equal(t, "InvalidBucketState", code(err))
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VersionSuspendedBehavior.html
func TestSuspendedVersioningKeepsVersions(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	first, second := a.write("data", "k", "1"), a.write("data", "k", "2")
	_, err := a.s3().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String("data"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended},
	})
	require.NoError(t, err)
	a.write("data", "k", "3")
	a.write("data", "k", "4")
	versions := func() (ids, markers []string) {
		list, err := a.s3().ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("data")})
		require.NoError(t, err)
		for _, version := range list.Versions {
			ids = append(ids, *version.VersionId)
		}
		for _, marker := range list.DeleteMarkers {
			markers = append(markers, *marker.VersionId)
		}
		return ids, markers
	}
	ids, markers := versions()
	assert.ElementsMatch(t, []string{first, second, "null"}, ids)
	assert.Empty(t, markers)
	content, err := a.read("data", "k", "null")
	assert.NoError(t, err)
	assert.Equal(t, "4", content)
	deleted, err := a.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
	require.NoError(t, err)
	assert.True(t, aws.ToBool(deleted.DeleteMarker))
	ids, markers = versions()
	assert.ElementsMatch(t, []string{first, second}, ids)
	assert.Equal(t, []string{"null"}, markers)
	_, err = a.read("data", "k", "")
	assert.Equal(t, "NoSuchKey", code(err))
	content, err = a.read("data", "k", first)
	assert.NoError(t, err)
	assert.Equal(t, "1", content)
	_, err = a.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("data"), Key: aws.String("k"), VersionId: aws.String("null")})
	require.NoError(t, err)
	content, err = a.read("data", "k", "")
	assert.NoError(t, err)
	assert.Equal(t, "2", content, "the marker is gone")
}

func TestExpectedBucketOwner(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	a.write("data", "k", "x")
	for owner, want := range map[string]string{homeAccount: "", "222222222222": "AccessDenied", "me": "InvalidBucketOwnerAWSAccountID"} {
		_, err := a.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("k"), ExpectedBucketOwner: &owner})
		assert.Equal(t, want, code(err), owner)
		_, err = a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("k"), Body: strings.NewReader("y"), ExpectedBucketOwner: &owner})
		assert.Equal(t, want, code(err), owner)
		_, err = a.s3().GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: aws.String("data"), ExpectedBucketOwner: &owner})
		assert.Equal(t, want, code(err), owner)
		_, err = a.s3().CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("data"), Key: aws.String("l"), CopySource: aws.String("data/k"), ExpectedSourceBucketOwner: &owner})
		assert.Equal(t, want, code(err), owner)
	}
}

// Every version that S3 acknowledges exists.
func TestConcurrentWritersOfOneKey(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	const writers, each = 8, 25
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var writing sync.WaitGroup
	for writer := range writers {
		writing.Go(func() {
			for i := range each {
				made, err := a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("k"), Body: bytes.NewReader([]byte(fmt.Sprint(writer, i)))})
				if assert.NoError(t, err) {
					mu.Lock()
					acknowledged[*made.VersionId] = true
					mu.Unlock()
				}
			}
		})
	}
	writing.Wait()
	pages := s3.NewListObjectVersionsPaginator(a.s3(), &s3.ListObjectVersionsInput{Bucket: aws.String("data")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, version := range page.Versions {
			delete(acknowledged, *version.VersionId)
		}
	}
	assert.Empty(t, acknowledged)
}

func TestKeysWithSlashes(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	a.bucket("data.dots", "us-east-1")
	p := newPair(t, Options{})
	var written []replicator.ObjectID
	for _, key := range []string{"/a", "//b", "c//d", "///"} {
		written = append(written, p.put("src", key))
	}
	for _, each := range written {
		p.becomes(each, "COMPLETED")
	}
	for _, bucket := range []string{"data", "data.dots"} {
		var keys []string
		for _, key := range []string{"/a", "//b", "c//d", "///", "e/", "f"} {
			a.write(bucket, key, key)
			content, err := a.read(bucket, key, "")
			assert.NoError(t, err, key)
			assert.Equal(t, key, content)
			keys = append(keys, key)
		}
		list, err := a.s3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
		require.NoError(t, err)
		var listed []string
		for _, object := range list.Contents {
			listed = append(listed, *object.Key)
		}
		assert.ElementsMatch(t, keys, listed, bucket)
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
func TestETagUnderKMSIsNotTheMD5(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("plain", "us-east-1")
	a.bucket("secret", "us-east-1")
	a.encrypt("secret")
	sum := md5.Sum([]byte("x"))
	etag := func(bucket string) string {
		a.write(bucket, "k", "x")
		head, err := a.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: aws.String("k")})
		require.NoError(t, err)
		list, err := a.s3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &bucket})
		require.NoError(t, err)
		assert.Equal(t, *head.ETag, *list.Contents[0].ETag)
		return strings.Trim(*head.ETag, `"`)
	}
	assert.Equal(t, hex.EncodeToString(sum[:]), etag("plain"))
	assert.NotEqual(t, hex.EncodeToString(sum[:]), etag("secret"))
	assert.Len(t, etag("secret"), 32)
}

// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
func TestObjectsUnderKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	right := a.encrypt("data")
	a.write("data", "k", "x")
	keys := kms.NewFromConfig(a.config)
	foreign, err := kms.NewFromConfig(a.config, func(o *kms.Options) { o.Region = "us-west-2" }).CreateKey(t.Context(), &kms.CreateKeyInput{})
	require.NoError(t, err)
	put := func(key string) (*s3.PutObjectOutput, error) {
		return a.s3().PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("data"), Key: aws.String("other"), Body: strings.NewReader("x"), ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &key,
		})
	}
	_, id, _ := strings.Cut(right, "/")
	made, err := put(id)
	require.NoError(t, err)
	assert.Equal(t, right, aws.ToString(made.SSEKMSKeyId), "S3 answers with the ARN")
	for _, wrong := range []string{"11111111-2222-3333-4444-555555555555", *foreign.KeyMetadata.Arn, "alias/none", strings.Replace(right, id, "11111111-2222-3333-4444-555555555555", 1)} {
		_, err := put(wrong)
		assert.Equal(t, "KMS.NotFoundException", code(err), wrong)
	}
	attempts := func(want string) {
		t.Helper()
		_, err := a.read("data", "k", "")
		assert.Equal(t, want, code(err), "GET")
		_, err = a.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
		assert.NoError(t, err, "HEAD needs no key")
		_, err = a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("new"), Body: strings.NewReader("x")})
		assert.Equal(t, want, code(err), "PUT")
		_, err = a.s3().CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("data"), Key: aws.String("copy"), CopySource: aws.String("data/k"), ServerSideEncryption: types.ServerSideEncryptionAes256})
		assert.Equal(t, want, code(err), "COPY")
		_, err = a.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("data"), Key: aws.String("large")})
		assert.Equal(t, want, code(err), "multipart")
	}
	attempts("")
	_, err = keys.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &right})
	require.NoError(t, err)
	attempts("KMS.DisabledException")
	_, err = keys.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &right})
	require.NoError(t, err)
	attempts("KMS.KMSInvalidStateException")
	_, err = keys.CancelKeyDeletion(t.Context(), &kms.CancelKeyDeletionInput{KeyId: &right})
	require.NoError(t, err)
	_, err = keys.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: &right})
	require.NoError(t, err)
	attempts("")
}

func TestDeleteObjects(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	version := a.write("data", "k", "x")
	remove := func(quiet bool, objects ...types.ObjectIdentifier) *s3.DeleteObjectsOutput {
		done, err := a.s3().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String("data"), Delete: &types.Delete{Objects: objects, Quiet: &quiet}})
		require.NoError(t, err)
		return done
	}
	marked := remove(false, types.ObjectIdentifier{Key: aws.String("k")}).Deleted
	require.Len(t, marked, 1)
	assert.True(t, aws.ToBool(marked[0].DeleteMarker))
	marker := aws.ToString(marked[0].DeleteMarkerVersionId)
	assert.NotEmpty(t, marker)
	unmarked := remove(false, types.ObjectIdentifier{Key: aws.String("k"), VersionId: &marker}).Deleted
	require.Len(t, unmarked, 1)
	assert.True(t, aws.ToBool(unmarked[0].DeleteMarker), "what was deleted is a marker")
	assert.Equal(t, marker, aws.ToString(unmarked[0].DeleteMarkerVersionId))
	assert.Equal(t, marker, aws.ToString(unmarked[0].VersionId))
	gone := remove(false, types.ObjectIdentifier{Key: aws.String("k"), VersionId: &version}).Deleted
	require.Len(t, gone, 1)
	assert.Nil(t, gone[0].DeleteMarker)
	assert.Empty(t, remove(true, types.ObjectIdentifier{Key: aws.String("k")}).Deleted, "quiet")
}

func TestRolesNeedPoliciesThatAreJSON(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	for _, document := range []string{"{", "x", `{"Version":"2012-10-17","Statement":[`, `["a"]`} {
		_, err := iam.NewFromConfig(a.config).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: &document})
		assert.Equal(t, "MalformedPolicyDocument", code(err), document)
	}
}

// Each service has its own code.
func TestThrottling(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	_, err := a.server.Faults().Add(faults.Fault{Kind: faults.Errors, Rate: 1})
	require.NoError(t, err)
	a.config.RetryMaxAttempts = 1
	_, err = a.s3().ListBuckets(t.Context(), &s3.ListBucketsInput{})
	assert.Equal(t, "SlowDown", code(err))
	_, err = iam.NewFromConfig(a.config).ListRoles(t.Context(), &iam.ListRolesInput{})
	assert.Equal(t, "Throttling", code(err))
	_, err = kms.NewFromConfig(a.config).ListKeys(t.Context(), &kms.ListKeysInput{})
	assert.Equal(t, "ThrottlingException", code(err))
}

func TestFIPSAndDualStackEndpoints(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	a.write("data", "k", "x")
	_, err := a.cloudwatch("us-east-1").PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("a"), Namespace: aws.String("n"), MetricName: aws.String("m"), ComparisonOperator: "GreaterThanThreshold",
		EvaluationPeriods: aws.Int32(1), Period: aws.Int32(60), Statistic: "Maximum", Threshold: aws.Float64(1),
	})
	require.NoError(t, err)
	for _, fips := range []aws.FIPSEndpointState{aws.FIPSEndpointStateEnabled, aws.FIPSEndpointStateDisabled} {
		for _, dual := range []aws.DualStackEndpointState{aws.DualStackEndpointStateEnabled, aws.DualStackEndpointStateDisabled} {
			alarms, err := cloudwatch.NewFromConfig(a.config, func(o *cloudwatch.Options) {
				o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = fips, dual
			}).DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
			require.NoError(t, err)
			assert.Len(t, alarms.MetricAlarms, 1, "%v %v", fips, dual)
			_, err = kms.NewFromConfig(a.config, func(o *kms.Options) {
				o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = fips, dual
			}).ListKeys(t.Context(), &kms.ListKeysInput{})
			assert.NoError(t, err, "%v %v", fips, dual)
			_, err = s3.NewFromConfig(a.config, func(o *s3.Options) {
				o.EndpointOptions.UseFIPSEndpoint, o.EndpointOptions.UseDualStackEndpoint = fips, dual
			}).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
			assert.NoError(t, err, "%v %v", fips, dual)
		}
	}
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html
func TestSetAlarmStateReachesCompositeAlarms(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	client := a.cloudwatch("us-east-1")
	_, err := client.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("child"), Namespace: aws.String("n"), MetricName: aws.String("m"), ComparisonOperator: "GreaterThanThreshold",
		EvaluationPeriods: aws.Int32(1), Period: aws.Int32(60), Statistic: "Maximum", Threshold: aws.Float64(1), TreatMissingData: aws.String("notBreaching"),
	})
	require.NoError(t, err)
	_, err = client.PutCompositeAlarm(t.Context(), &cloudwatch.PutCompositeAlarmInput{AlarmName: aws.String("whole"), AlarmRule: aws.String("ALARM(child)")})
	require.NoError(t, err)
	_, err = client.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("child"), StateValue: "ALARM", StateReason: aws.String("test")})
	require.NoError(t, err)
	history, err := client.DescribeAlarmHistory(t.Context(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("whole"), AlarmTypes: []cwtypes.AlarmType{"CompositeAlarm"}})
	require.NoError(t, err)
	var summaries []string
	for _, item := range history.AlarmHistoryItems {
		summaries = append(summaries, aws.ToString(item.HistorySummary))
	}
	assert.Contains(t, strings.Join(summaries, "\n"), "to ALARM")
	_, err = client.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("none"), StateValue: "ALARM", StateReason: aws.String("test")})
	var answer interface{ HTTPStatusCode() int }
	require.ErrorAs(t, err, &answer)
	assert.Equal(t, 404, answer.HTTPStatusCode())
}
