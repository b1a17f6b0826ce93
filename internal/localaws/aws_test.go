package localaws

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// account is an account on a local AWS with the real moto, used through the AWS SDK
// without any endpoint setting.
type account struct {
	t      testing.TB
	server *Server
	config aws.Config
}

func newAccount(t *testing.T) *account {
	t.Helper()
	return newAccountWith(t, Options{})
}

func newAccountWith(tb testing.TB, options Options) *account {
	tb.Helper()
	needsMoto(tb)
	server, err := Start(tb.Context(), options)
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, server.Close()) })
	client := server.HTTPClient()
	tb.Cleanup(client.CloseIdleConnections)
	return &account{t: tb, server: server, config: aws.Config{
		Region: "us-east-1", HTTPClient: client, Credentials: credentials.StaticCredentialsProvider{Value: server.Credentials()},
	}}
}

func (a *account) s3(options ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(a.config, options...)
}

func inRegion(region string) func(*s3.Options) { return func(o *s3.Options) { o.Region = region } }

// bucket creates a versioned bucket.
func (a *account) bucket(name, region string) {
	a.t.Helper()
	client := a.s3(inRegion(region))
	input := &s3.CreateBucketInput{Bucket: &name}
	if region != "us-east-1" {
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	_, err := client.CreateBucket(a.t.Context(), input)
	require.NoError(a.t, err)
	_, err = client.PutBucketVersioning(a.t.Context(), &s3.PutBucketVersioningInput{
		Bucket:                  &name,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	require.NoError(a.t, err)
}

// open allows public policies and ACLs of objects in a bucket, unlike the defaults.
func (a *account) open(name string) {
	a.t.Helper()
	_, err := a.s3().DeletePublicAccessBlock(a.t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: &name})
	require.NoError(a.t, err)
	_, err = a.s3().PutBucketOwnershipControls(a.t.Context(), &s3.PutBucketOwnershipControlsInput{
		Bucket:            &name,
		OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipObjectWriter}}},
	})
	require.NoError(a.t, err)
}

// encrypt creates a key, makes it the default of a bucket, and returns it.
func (a *account) encrypt(name string) string {
	a.t.Helper()
	made, err := kms.NewFromConfig(a.config).CreateKey(a.t.Context(), &kms.CreateKeyInput{})
	require.NoError(a.t, err)
	_, err = a.s3().PutBucketEncryption(a.t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: &name,
		ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
			BucketKeyEnabled: aws.Bool(true),
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{
				SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: made.KeyMetadata.Arn,
			},
		}}},
	})
	require.NoError(a.t, err)
	return *made.KeyMetadata.Arn
}

func (a *account) policy(bucket, document string) {
	a.t.Helper()
	_, err := a.s3().PutBucketPolicy(a.t.Context(), &s3.PutBucketPolicyInput{Bucket: &bucket, Policy: &document})
	require.NoError(a.t, err)
}

func code(err error) string {
	var fault smithy.APIError
	if errors.As(err, &fault) {
		return fault.ErrorCode()
	}
	return ""
}

func TestDefaultEncryptionShows(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	key := a.encrypt("data")
	put, err := a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("k"), Body: bytes.NewReader([]byte("x"))})
	require.NoError(t, err)
	assert.Equal(t, types.ServerSideEncryptionAwsKms, put.ServerSideEncryption)
	assert.Equal(t, key, aws.ToString(put.SSEKMSKeyId))
	head, err := a.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
	require.NoError(t, err)
	assert.Equal(t, types.ServerSideEncryptionAwsKms, head.ServerSideEncryption)
	assert.Equal(t, key, aws.ToString(head.SSEKMSKeyId))
	assert.True(t, aws.ToBool(head.BucketKeyEnabled))
}

func TestReplicationThroughTheSDK(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("src", "us-east-1")
	a.bucket("dst", "us-west-2")
	want := types.ReplicationConfiguration{
		Role: aws.String("arn:aws:iam::123456789012:role/replication"),
		Rules: []types.ReplicationRule{{
			ID: aws.String("all"), Priority: aws.Int32(1), Status: types.ReplicationRuleStatusEnabled,
			Filter: &types.ReplicationRuleFilter{And: &types.ReplicationRuleAndOperator{
				Prefix: aws.String("p/"),
				Tags:   []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
			}},
			DeleteMarkerReplication: &types.DeleteMarkerReplication{Status: types.DeleteMarkerReplicationStatusDisabled},
			SourceSelectionCriteria: &types.SourceSelectionCriteria{SseKmsEncryptedObjects: &types.SseKmsEncryptedObjects{Status: types.SseKmsEncryptedObjectsStatusEnabled}},
			Destination: &types.Destination{
				Bucket: aws.String("arn:aws:s3:::dst"), StorageClass: types.StorageClassStandardIa,
				EncryptionConfiguration: &types.EncryptionConfiguration{ReplicaKmsKeyID: aws.String("arn:aws:kms:us-west-2:123456789012:key/k")},
				Metrics:                 &types.Metrics{Status: types.MetricsStatusEnabled, EventThreshold: &types.ReplicationTimeValue{Minutes: aws.Int32(15)}},
				ReplicationTime:         &types.ReplicationTime{Status: types.ReplicationTimeStatusEnabled, Time: &types.ReplicationTimeValue{Minutes: aws.Int32(15)}},
			},
		}},
	}
	_, err := a.s3().PutBucketReplication(t.Context(), &s3.PutBucketReplicationInput{Bucket: aws.String("src"), ReplicationConfiguration: &want})
	require.NoError(t, err)
	got, err := a.s3().GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String("src")})
	require.NoError(t, err)
	assert.Equal(t, &want, got.ReplicationConfiguration)

	_, err = a.s3().PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket:                  aws.String("src"),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended},
	})
	assert.Equal(t, "InvalidBucketState", code(err))
	_, err = a.s3().DeleteBucketReplication(t.Context(), &s3.DeleteBucketReplicationInput{Bucket: aws.String("src")})
	require.NoError(t, err)
	_, err = a.s3().GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String("src")})
	assert.Equal(t, "ReplicationConfigurationNotFoundError", code(err))
}

func TestUploadsUnderAPolicy(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	key := a.encrypt("data")
	a.policy("data", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},
		{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"],"Condition":{"NumericLessThan":{"s3:TlsVersion":"1.2"}}},
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::data/*","Condition":{"Null":{"s3:x-amz-server-side-encryption":"false"},
		 "StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}}]}`)
	put := func(client *s3.Client, change func(*s3.PutObjectInput)) error {
		input := &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("k"), Body: bytes.NewReader([]byte("x"))}
		if change != nil {
			change(input)
		}
		_, err := client.PutObject(t.Context(), input)
		return err
	}
	plain := a.s3(func(o *s3.Options) { o.EndpointOptions.DisableHTTPS = true })
	dual := a.s3(func(o *s3.Options) { o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled })
	pathStyle := a.s3(func(o *s3.Options) { o.UsePathStyle = true })
	nobody := a.s3(func(o *s3.Options) { o.Credentials = aws.AnonymousCredentials{} })

	require.NoError(t, put(a.s3(), nil), "default encryption")
	require.NoError(t, put(dual, nil))
	require.NoError(t, put(pathStyle, nil))
	require.NoError(t, put(a.s3(), func(i *s3.PutObjectInput) {
		i.ServerSideEncryption, i.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, &key
	}))
	assert.Equal(t, "AccessDenied", code(put(a.s3(), func(i *s3.PutObjectInput) { i.ServerSideEncryption = types.ServerSideEncryptionAes256 })))
	assert.Equal(t, "AccessDenied", code(put(plain, nil)), "plain HTTP")
	assert.Equal(t, "AccessDenied", code(put(nobody, nil)), "unsigned")
	_, err := nobody.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
	assert.Equal(t, "AccessDenied", code(err))

	a.open("data")
	a.policy("data", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}`)
	got, err := nobody.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
	require.NoError(t, err, "the policy lets anyone read")
	require.NoError(t, got.Body.Close())
}

func TestPresignedRequests(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	signer := s3.NewPresignClient(a.s3())
	key := aws.String("us_east/with a blank")
	put, err := signer.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: key})
	require.NoError(t, err)
	upload, err := http.NewRequestWithContext(t.Context(), put.Method, put.URL, bytes.NewReader([]byte("content")))
	require.NoError(t, err)
	answer, err := a.config.HTTPClient.Do(upload)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)

	get, err := signer.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: key})
	require.NoError(t, err)
	download, err := http.NewRequestWithContext(t.Context(), get.Method, get.URL, nil)
	require.NoError(t, err)
	answer, err = a.config.HTTPClient.Do(download)
	require.NoError(t, err)
	content, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, "content", string(content))
}

func TestMultipartUpload(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	key := a.encrypt("data")
	client, bucket, name := a.s3(), aws.String("data"), aws.String("big")
	created, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: name})
	require.NoError(t, err)
	content := make([]byte, 11<<20)
	_, err = rand.Read(content)
	require.NoError(t, err)
	var parts []types.CompletedPart
	for i, part := range [][]byte{content[:6<<20], content[6<<20:]} {
		number := aws.Int32(int32(i + 1))
		uploaded, err := client.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: bucket, Key: name, UploadId: created.UploadId, PartNumber: number, Body: bytes.NewReader(part)})
		require.NoError(t, err)
		parts = append(parts, types.CompletedPart{ETag: uploaded.ETag, PartNumber: number})
	}
	_, err = client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: name, UploadId: created.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	require.NoError(t, err)
	got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: name})
	require.NoError(t, err)
	received, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(content, received))
	assert.Equal(t, key, aws.ToString(got.SSEKMSKeyId))
}

func TestDeletionKeyByKey(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	for _, key := range []string{"a", "keep/b"} {
		_, err := a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: &key})
		require.NoError(t, err)
	}
	a.policy("data", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::data/keep/*"}]}`)
	deleted, err := a.s3().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
		Bucket: aws.String("data"),
		Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("a")}, {Key: aws.String("keep/b")}}},
	})
	require.NoError(t, err)
	require.Len(t, deleted.Deleted, 1)
	require.Len(t, deleted.Errors, 1)
	assert.Equal(t, "keep/b", aws.ToString(deleted.Errors[0].Key))
	assert.Equal(t, "AccessDenied", aws.ToString(deleted.Errors[0].Code))
}

// A role of another account may do what both its own policy and the bucket's allow.
func TestAssumedRoles(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.bucket("data", "us-east-1")
	_, err := a.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
	require.NoError(t, err)

	foreign := a.config.Copy()
	foreign.Credentials = a.assume("arn:aws:iam::222222222222:role/deploy")
	get := func(config aws.Config) error {
		got, err := s3.NewFromConfig(config).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("data"), Key: aws.String("k")})
		if err == nil {
			err = got.Body.Close()
		}
		return err
	}
	assert.Equal(t, "AccessDenied", code(get(foreign)))
	a.policy("data", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/deploy"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}`)
	assert.NoError(t, get(foreign))

	roles := iam.NewFromConfig(a.config)
	_, err = roles.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("reader"), Path: aws.String("/team/"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`),
	})
	require.NoError(t, err)
	own := a.config.Copy()
	own.Credentials = a.assume("arn:aws:iam::123456789012:role/team/reader")
	assert.Equal(t, "AccessDenied", code(get(own)), "a role without policies may do nothing")
	_, err = roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("reader"), PolicyName: aws.String("read"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`),
	})
	require.NoError(t, err)
	assert.NoError(t, get(own), "policies count as they are now")
}

func (a *account) assume(role string) aws.CredentialsProvider {
	a.t.Helper()
	assumed, err := sts.NewFromConfig(a.config).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("test")})
	require.NoError(a.t, err)
	given := assumed.Credentials
	return credentials.NewStaticCredentialsProvider(*given.AccessKeyId, *given.SecretAccessKey, *given.SessionToken)
}
