package localaws

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
func TestNewBuckets(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	ctx, client, bucket := t.Context(), a.s3(), aws.String("data")
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)

	blocked, err := client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket})
	require.NoError(t, err)
	yes := aws.Bool(true)
	assert.Equal(t, &types.PublicAccessBlockConfiguration{BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes}, blocked.PublicAccessBlockConfiguration)
	_, err = client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}`)})
	assert.Equal(t, "AccessDenied", code(err), "a public policy")

	owned, err := client.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: bucket})
	require.NoError(t, err)
	assert.Equal(t, types.ObjectOwnershipBucketOwnerEnforced, owned.OwnershipControls.Rules[0].ObjectOwnership)
	put := func(change func(*s3.PutObjectInput)) (*s3.PutObjectOutput, error) {
		input := &s3.PutObjectInput{Bucket: bucket, Key: aws.String("k"), Body: strings.NewReader("x")}
		change(input)
		return client.PutObject(ctx, input)
	}
	for acl, want := range map[types.ObjectCannedACL]string{"": "", "bucket-owner-full-control": "", "public-read": "AccessControlListNotSupported"} {
		_, err := put(func(i *s3.PutObjectInput) { i.ACL = acl })
		assert.Equal(t, want, code(err), acl)
	}
	_, err = client.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: bucket, Key: aws.String("k"), ACL: "public-read"})
	assert.Equal(t, "AccessControlListNotSupported", code(err))
	_, err = client.PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: bucket, ACL: "public-read"})
	assert.Equal(t, "AccessControlListNotSupported", code(err))
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("public"), ACL: "public-read"})
	assert.Equal(t, "InvalidBucketAclWithObjectOwnership", code(err))
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("public"), ACL: "public-read", ObjectOwnership: types.ObjectOwnershipObjectWriter})
	assert.NoError(t, err)
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
func TestDefaultEncryption(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	ctx, client, bucket, key := t.Context(), a.s3(), aws.String("data"), aws.String("k")
	a.bucket("data", "us-east-1")
	rule := func() types.ServerSideEncryptionRule {
		got, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
		require.NoError(t, err)
		require.Len(t, got.ServerSideEncryptionConfiguration.Rules, 1)
		return got.ServerSideEncryptionConfiguration.Rules[0]
	}
	byDefault := types.ServerSideEncryptionRule{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"}, BucketKeyEnabled: aws.Bool(false),
		BlockedEncryptionTypes: &types.BlockedEncryptionTypes{EncryptionType: []types.EncryptionType{"SSE-C"}},
	}
	assert.Equal(t, byDefault, rule())
	made, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x")})
	require.NoError(t, err)
	assert.Equal(t, types.ServerSideEncryptionAes256, made.ServerSideEncryption)
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	require.NoError(t, got.Body.Close())
	assert.Equal(t, types.ServerSideEncryptionAes256, got.ServerSideEncryption)
	copied, err := client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String("data/k")})
	require.NoError(t, err)
	assert.Equal(t, types.ServerSideEncryptionAes256, copied.ServerSideEncryption)
	begun, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	assert.Equal(t, types.ServerSideEncryptionAes256, begun.ServerSideEncryption)
	_, err = client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: key, CopySource: aws.String("data/k")})
	assert.Equal(t, "InvalidRequest", code(err), "a copy onto itself changes nothing")

	kms := a.encrypt("data")
	assert.Equal(t, kms, aws.ToString(rule().ApplyServerSideEncryptionByDefault.KMSMasterKeyID))
	assert.Equal(t, byDefault.BlockedEncryptionTypes, rule().BlockedEncryptionTypes, "what is blocked stays so")
	_, err = client.DeleteBucketEncryption(ctx, &s3.DeleteBucketEncryptionInput{Bucket: bucket})
	require.NoError(t, err)
	assert.Equal(t, byDefault, rule(), "a bucket always encrypts")
	made, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x")})
	require.NoError(t, err)
	assert.Equal(t, types.ServerSideEncryptionAes256, made.ServerSideEncryption)
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
func TestUploadsWithKeysOfClients(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	secret := []string{
		"X-Amz-Server-Side-Encryption-Customer-Algorithm: AES256", "X-Amz-Server-Side-Encryption-Customer-Key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"X-Amz-Server-Side-Encryption-Customer-Key-Md5: hRasmdxgYDKV3nvbahU1MA==",
	}
	upload := func() int {
		status, _, _ := a.ask("s3", http.MethodPut, "https://s3.us-east-1.amazonaws.com/data/k", "x", secret...)
		return status
	}
	block := func(kind types.EncryptionType) {
		_, err := a.s3().PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{Bucket: aws.String("data"), ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{
				ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"},
				BlockedEncryptionTypes:             &types.BlockedEncryptionTypes{EncryptionType: []types.EncryptionType{kind}},
			}},
		}})
		require.NoError(t, err)
	}
	assert.Equal(t, http.StatusForbidden, upload(), "a new bucket")
	block("NONE")
	assert.Equal(t, http.StatusOK, upload())
	block("SSE-C")
	assert.Equal(t, http.StatusForbidden, upload())
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html#API_HeadObject_ResponseSyntax
func TestObjectsShowWhenTheyExpire(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	ctx, client, bucket := t.Context(), a.s3(), aws.String("data")
	expire := func(id string, days int32, filter types.LifecycleRuleFilter) types.LifecycleRule {
		return types.LifecycleRule{ID: &id, Status: "Enabled", Filter: &filter, Expiration: &types.LifecycleExpiration{Days: &days}}
	}
	_, err := client.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: bucket, LifecycleConfiguration: &types.BucketLifecycleConfiguration{
		Rules: []types.LifecycleRule{
			expire("logs & more", 10, types.LifecycleRuleFilter{Prefix: aws.String("logs/")}),
			expire("soon", 1, types.LifecycleRuleFilter{Tag: &types.Tag{Key: aws.String("keep"), Value: aws.String("day")}}),
			expire("large", 2, types.LifecycleRuleFilter{ObjectSizeGreaterThan: aws.Int64(5)}),
		},
	}})
	require.NoError(t, err)
	day := time.Now().UTC().Truncate(24 * time.Hour)
	in := func(days int, rule string) string {
		return fmt.Sprintf("expiry-date=%q, rule-id=%q", day.AddDate(0, 0, days+1).Format(http.TimeFormat), rule)
	}
	tests := map[string]struct{ key, content, tags, want string }{
		"no rule":      {"a", "x", "", ""},
		"a prefix":     {"logs/a", "x", "", in(10, "logs+%26+more")},
		"a tag":        {"logs/b", "x", "keep=day", in(1, "soon")},
		"another tag":  {"b", "x", "keep=week", ""},
		"a size":       {"c", "xxxxxx", "", in(2, "large")},
		"a size below": {"d", "xxxxx", "", ""},
	}
	for name, test := range tests {
		made, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &test.key, Body: strings.NewReader(test.content), Tagging: &test.tags})
		require.NoError(t, err)
		assert.Equal(t, test.want, aws.ToString(made.Expiration), "PUT: %s", name)
		head, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: &test.key})
		require.NoError(t, err)
		assert.Equal(t, test.want, aws.ToString(head.Expiration), "HEAD: %s", name)
		got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &test.key, Range: aws.String("bytes=0-0")})
		require.NoError(t, err)
		require.NoError(t, got.Body.Close())
		assert.Equal(t, test.want, aws.ToString(got.Expiration), "a part: %s", name)
		copied, err := client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: &test.key, CopySource: aws.String("data/" + test.key), MetadataDirective: "REPLACE"})
		require.NoError(t, err)
		assert.Equal(t, test.want, aws.ToString(copied.Expiration), "COPY: %s", name)
	}
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
func TestDefaultChecksum(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	const sum = "rosUhgp5mIg=" // of "123456789", the check value of CRC-64/NVME
	plain := a.s3(func(o *s3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired })
	bucket, key := aws.String("data"), aws.String("k")
	head := func(version *string) *s3.HeadObjectOutput {
		got, err := a.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key, VersionId: version, ChecksumMode: "ENABLED"})
		require.NoError(t, err)
		return got
	}
	made, err := plain.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("123456789")})
	require.NoError(t, err)
	assert.Equal(t, sum, aws.ToString(made.ChecksumCRC64NVME))
	begun, err := plain.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	part, err := plain.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: begun.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("123456789")})
	require.NoError(t, err)
	_, err = plain.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{
		Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}},
	}})
	require.NoError(t, err)
	for what, version := range map[string]*string{"an upload": made.VersionId, "one in parts": nil} {
		got := head(version)
		assert.Equal(t, sum, aws.ToString(got.ChecksumCRC64NVME), what)
		assert.Equal(t, types.ChecksumTypeFullObject, got.ChecksumType, what)
	}
	_, err = a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("123456789"), ChecksumAlgorithm: "SHA256"})
	require.NoError(t, err)
	assert.NotEmpty(t, aws.ToString(head(nil).ChecksumSHA256))
	assert.Nil(t, head(nil).ChecksumCRC64NVME, "the client's own is enough")
}
