package front

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// callFor returns the call for a request to path-style S3.
func callFor(t *testing.T, method, path string, headers ...string) *call {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Host = "s3.us-east-1.amazonaws.com"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	to, ok := parseTarget(r)
	require.True(t, ok)
	return newCall(r, to)
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, path string
		headers      []string
		operation    string
		want         []string
	}{
		{"GET", "/", nil, "ListBuckets", []string{"s3:ListAllMyBuckets"}},
		{"PUT", "/b", nil, "CreateBucket", []string{"s3:CreateBucket"}},
		{"DELETE", "/b", nil, "DeleteBucket", []string{"s3:DeleteBucket"}},
		{"HEAD", "/b", nil, "HeadBucket", []string{"s3:ListBucket"}},
		{"GET", "/b?list-type=2&prefix=x", nil, "ListObjects", []string{"s3:ListBucket"}},
		{"GET", "/b?versions&prefix=x", nil, "ListObjectVersions", []string{"s3:ListBucketVersions"}},
		{"GET", "/b?uploads", nil, "ListMultipartUploads", []string{"s3:ListBucketMultipartUploads"}},
		{"POST", "/b?delete", nil, "DeleteObjects", nil},
		{"GET", "/b?replication", nil, "GetBucketReplication", []string{"s3:GetReplicationConfiguration"}},
		{"DELETE", "/b?replication", nil, "DeleteBucketReplication", []string{"s3:PutReplicationConfiguration"}},
		{"PUT", "/b?versioning", nil, "PutBucketVersioning", []string{"s3:PutBucketVersioning"}},
		{"PUT", "/b?encryption", nil, "PutBucketEncryption", []string{"s3:PutEncryptionConfiguration"}},
		{"DELETE", "/b?versioning", nil, "", nil},

		{"GET", "/b/k", nil, "GetObject", []string{"s3:GetObject"}},
		{"HEAD", "/b/k", nil, "HeadObject", []string{"s3:GetObject"}},
		{"GET", "/b/k?versionId=1", nil, "GetObject", []string{"s3:GetObjectVersion"}},
		{"GET", "/b/k?tagging&versionId=1", nil, "GetObjectTagging", []string{"s3:GetObjectVersionTagging"}},
		{"GET", "/b/k?attributes", nil, "GetObjectAttributes", []string{"s3:GetObjectAttributes", "s3:GetObject"}},
		{"GET", "/b/k?attributes&versionId=1", nil, "GetObjectAttributes", []string{"s3:GetObjectVersionAttributes", "s3:GetObjectVersion"}},
		{"GET", "/b/k?uploadId=1", nil, "ListParts", []string{"s3:ListMultipartUploadParts"}},

		{"PUT", "/b/k", nil, "PutObject", []string{"s3:PutObject"}},
		{"PUT", "/b/k", []string{"x-amz-acl", "private", "x-amz-tagging", "a=b"}, "PutObject", []string{"s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"}},
		{"PUT", "/b/k", []string{"x-amz-grant-read", "id=1"}, "PutObject", []string{"s3:PutObject", "s3:PutObjectAcl"}},
		{
			"PUT", "/b/k",
			[]string{"x-amz-object-lock-mode", "GOVERNANCE", "x-amz-object-lock-legal-hold", "ON"},
			"PutObject",
			[]string{"s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold"},
		},
		{"PUT", "/b/k", []string{"x-amz-copy-source", "/c/d"}, "CopyObject", []string{"s3:PutObject", "s3:GetObject"}},
		{"PUT", "/b/k", []string{"x-amz-copy-source", "c/d?versionId=1"}, "CopyObject", []string{"s3:PutObject", "s3:GetObjectVersion"}},
		{"PUT", "/b/k?partNumber=1&uploadId=1", []string{"x-amz-copy-source", "c/d"}, "UploadPartCopy", []string{"s3:PutObject", "s3:GetObject"}},
		{"POST", "/b/k?uploads", nil, "CreateMultipartUpload", []string{"s3:PutObject"}},
		{"PUT", "/b/k?partNumber=1&uploadId=1", nil, "UploadPart", []string{"s3:PutObject"}},
		{"POST", "/b/k?uploadId=1", nil, "CompleteMultipartUpload", []string{"s3:PutObject"}},
		{"DELETE", "/b/k?uploadId=1", nil, "AbortMultipartUpload", []string{"s3:AbortMultipartUpload"}},
		{"PUT", "/b/k?acl&versionId=1", nil, "PutObjectAcl", []string{"s3:PutObjectVersionAcl"}},
		{
			"PUT", "/b/k?retention",
			[]string{"x-amz-bypass-governance-retention", "true"},
			"PutObjectRetention",
			[]string{"s3:PutObjectRetention", "s3:BypassGovernanceRetention"},
		},
		{"PUT", "/b/k?legal-hold", nil, "PutObjectLegalHold", []string{"s3:PutObjectLegalHold"}},

		{"DELETE", "/b/k", nil, "DeleteObject", []string{"s3:DeleteObject"}},
		{"DELETE", "/b/k?versionId=1", nil, "DeleteObject", []string{"s3:DeleteObjectVersion"}},
		{
			"DELETE", "/b/k?versionId=1",
			[]string{"x-amz-bypass-governance-retention", "true"},
			"DeleteObject",
			[]string{"s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"},
		},
		{"DELETE", "/b/k?tagging&versionId=1", nil, "DeleteObjectTagging", []string{"s3:DeleteObjectVersionTagging"}},
		{"PATCH", "/b/k", nil, "", nil},
		{"OPTIONS", "/b/k", nil, "PreflightRequest", nil},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			c := callFor(t, test.method, test.path, test.headers...)
			assert.Equal(t, test.operation, c.operation.name)
			var actions []string
			for _, needed := range c.permissions() {
				actions = append(actions, needed.action)
			}
			assert.Equal(t, test.want, actions)
		})
	}
}

func TestCopyNeedsItsSource(t *testing.T) {
	t.Parallel()
	needed := callFor(t, "PUT", "/b/k", "x-amz-copy-source", "c/d?versionId=1").permissions()
	require.Len(t, needed, 2)
	assert.Equal(t, "arn:aws:s3:::b/k", needed[0].target.resourceARN())
	assert.Equal(t, "arn:aws:s3:::c/d", needed[1].target.resourceARN())
	assert.Equal(t, "1", needed[1].version)
}
