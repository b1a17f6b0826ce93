package localaws

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

func TestReplication_MultipartKeepsETagAndMetadata(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{ReplicationDelay: 1100 * time.Millisecond}) // times are in seconds
	key := aws.String("large")
	begun, err := p.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{
		Bucket: aws.String("src"), Key: key, Metadata: map[string]string{"owner": "me"}, Tagging: aws.String("a=b"), ContentType: aws.String("text/plain"),
	})
	require.NoError(t, err)
	var parts []types.CompletedPart
	for i, size := range []int{5 << 20, 17} {
		number := aws.Int32(int32(i + 1))
		put, err := p.s3().UploadPart(t.Context(), &s3.UploadPartInput{
			Bucket: aws.String("src"), Key: key, UploadId: begun.UploadId, PartNumber: number, Body: bytes.NewReader(bytes.Repeat([]byte{'x'}, size)),
		})
		require.NoError(t, err)
		parts = append(parts, types.CompletedPart{PartNumber: number, ETag: put.ETag})
	}
	done, err := p.s3().CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: aws.String("src"), Key: key, UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	require.NoError(t, err)
	id := replicator.ObjectID{Bucket: "src", Key: *key, Version: aws.ToString(done.VersionId)}
	p.becomes(id, replicator.Completed)
	source, replica := p.head(id), p.head(in("dst", id))
	assert.Contains(t, aws.ToString(source.ETag), "-2")
	assert.Contains(t, aws.ToString(replica.ETag), "-2")
	assert.Equal(t, source.ETag, replica.ETag)
	assert.Equal(t, int64(5<<20+17), aws.ToInt64(replica.ContentLength))
	assert.Equal(t, map[string]string{"owner": "me"}, replica.Metadata)
	assert.Equal(t, "text/plain", aws.ToString(replica.ContentType))
	assert.Equal(t, types.StorageClassStandardIa, replica.StorageClass)
	assert.Equal(t, p.destination.KMSKeyARN, aws.ToString(replica.SSEKMSKeyId))
	assert.Equal(t, map[string]string{"a": "b"}, p.tagsOf(in("dst", id)))
	for _, bucket := range []string{"src", "dst"} {
		acl, err := p.s3().GetObjectAcl(t.Context(), &s3.GetObjectAclInput{Bucket: &bucket, Key: key})
		require.NoError(t, err, "the request has no ACL")
		require.Len(t, acl.Grants, 1)
		assert.Equal(t, types.PermissionFullControl, acl.Grants[0].Permission)
	}
	p.assertAsOldAs(id, in("dst", id))
}

// assertAsOldAs checks the modification time of a replica in all responses.
func (p *pair) assertAsOldAs(id, replica replicator.ObjectID) {
	p.t.Helper()
	want := p.head(id).LastModified
	require.NotNil(p.t, want)
	ctx, api := p.t.Context(), p.s3()
	assert.Equal(p.t, want, p.head(replica).LastModified, "HEAD")
	got, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &replica.Bucket, Key: &replica.Key})
	require.NoError(p.t, err)
	assert.NoError(p.t, got.Body.Close())
	assert.Equal(p.t, want, got.LastModified, "GET")
	for _, each := range []replicator.ObjectID{id, replica} {
		attributes, err := api.GetObjectAttributes(ctx, &s3.GetObjectAttributesInput{
			Bucket: &each.Bucket, Key: &each.Key, VersionId: &each.Version, ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesEtag},
		})
		require.NoError(p.t, err)
		assert.Equal(p.t, want, attributes.LastModified, "GetObjectAttributes")
	}
	objects, err := api.ListObjects(ctx, &s3.ListObjectsInput{Bucket: &replica.Bucket, Prefix: &replica.Key})
	require.NoError(p.t, err)
	assert.Equal(p.t, want, objects.Contents[0].LastModified, "ListObjects")
	objects2, err := api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &replica.Bucket, Prefix: &replica.Key})
	require.NoError(p.t, err)
	assert.Equal(p.t, want, objects2.Contents[0].LastModified, "ListObjectsV2")
	versions, err := api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &replica.Bucket, Prefix: &replica.Key})
	require.NoError(p.t, err)
	assert.Equal(p.t, want, versions.Versions[0].LastModified, "ListObjectVersions")
}

func TestReplication_KeepsTheTimeOfTheSource(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{ReplicationDelay: 1100 * time.Millisecond}) // times are in seconds
	id := p.put("src", "k")
	p.becomes(id, replicator.Completed)
	p.assertAsOldAs(id, in("dst", id))

	written := p.put("dst", "k", func(i *s3.PutObjectInput) { i.Body = bytes.NewReader([]byte("another content")) })
	listed, err := p.s3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("dst")})
	require.NoError(t, err)
	assert.Equal(t, p.head(written).LastModified, listed.Contents[0].LastModified, "what replaces a replica is none")
}

func TestReplication_OfACLs(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	source, destination := a.place("src", "us-east-1", false), a.place("dst", "us-west-2", false)
	for _, bucket := range []string{"src", "dst"} {
		_, err := a.s3().PutBucketOwnershipControls(t.Context(), &s3.PutBucketOwnershipControlsInput{
			Bucket:            &bucket,
			OwnershipControls: &types.OwnershipControls{Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipObjectWriter}}},
		})
		require.NoError(t, err)
	}
	a.replicate(source, roleName, []types.ReplicationRule{ruleTo("all", 1, destination)}, destination)
	grants := func(id replicator.ObjectID) int {
		acl, err := a.s3().GetObjectAcl(t.Context(), &s3.GetObjectAclInput{Bucket: &id.Bucket, Key: &id.Key})
		require.NoError(t, err)
		return len(acl.Grants)
	}
	id := a.put("src", "k", func(i *s3.PutObjectInput) { i.ACL = types.ObjectCannedACLPublicRead })
	a.becomes(id, replicator.Completed)
	assert.Equal(t, 2, grants(in("dst", id)))
	_, err := a.s3().PutObjectAcl(t.Context(), &s3.PutObjectAclInput{Bucket: &id.Bucket, Key: &id.Key, ACL: types.ObjectCannedACLPrivate})
	require.NoError(t, err)
	a.becomes(id, replicator.Completed)
	assert.Equal(t, 1, grants(in("dst", id)))

	created, err := a.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{
		Bucket: aws.String("src"), Key: aws.String("parts"), ACL: types.ObjectCannedACLPublicRead,
	})
	require.NoError(t, err)
	id = a.complete("src", "parts", *created.UploadId, []byte("one part"))
	a.becomes(id, replicator.Completed)
	assert.Equal(t, 2, grants(id))
	assert.Equal(t, 2, grants(in("dst", id)), "access is given when the upload begins")
}

// complete uploads one part, the last.
func (a *account) complete(bucket, key, upload string, content []byte) replicator.ObjectID {
	a.t.Helper()
	part, err := a.s3().UploadPart(a.t.Context(), &s3.UploadPartInput{
		Bucket: &bucket, Key: &key, UploadId: &upload, PartNumber: aws.Int32(1), Body: bytes.NewReader(content),
	})
	require.NoError(a.t, err)
	done, err := a.s3().CompleteMultipartUpload(a.t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: &bucket, Key: &key, UploadId: &upload,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}}},
	})
	require.NoError(a.t, err)
	return replicator.ObjectID{Bucket: bucket, Key: key, Version: aws.ToString(done.VersionId)}
}

// The form is what a browser sends from a page created with the SDK.
func TestReplication_OfUploadsByAForm(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	signed, err := s3.NewPresignClient(p.s3()).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("src"), Key: aws.String("form/${filename}")})
	require.NoError(t, err)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range signed.Values {
		require.NoError(t, form.WriteField(name, value))
	}
	file, err := form.CreateFormFile("file", "cat.jpg")
	require.NoError(t, err)
	_, err = file.Write([]byte("a cat"))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, signed.URL, &body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := p.server.HTTPClient().Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusNoContent, answer.StatusCode)

	id := replicator.ObjectID{Bucket: "src", Key: "form/cat.jpg", Version: answer.Header.Get("X-Amz-Version-Id")}
	p.becomes(id, replicator.Completed)
	replica := p.head(in("dst", id))
	assert.Equal(t, int64(len("a cat")), aws.ToInt64(replica.ContentLength))
	assert.Equal(t, p.destination.KMSKeyARN, aws.ToString(replica.SSEKMSKeyId))
}

// Keys that S3 allows and moto can store.
func TestReplication_OfOddKeys(t *testing.T) {
	t.Parallel()
	p := newPair(t, Options{})
	for _, key := range []string{"a//b", "/lead", "trail/", "a?b&c=d", "a#b", "a;b", "50%", "%2F", "+ plus", "…/日本", "a'b\"c<d>", "dots/../up", "./dot"} {
		id := p.put("src", key)
		p.becomes(id, replicator.Completed)
		assert.True(t, p.exists(in("dst", id)), key)
	}
}
