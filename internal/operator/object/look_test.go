package object

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// s3Server answers HEAD as its fields say, and lists versions of the key "logs/a": two of
// an object under a key of the client, and a delete marker.
type s3Server struct {
	head  func(w http.ResponseWriter, r *http.Request)
	lists int
	// refuses has lists refused.
	refuses bool
}

func (s *s3Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodHead:
		s.head(w, r)
	case query.Has("versions") && s.refuses:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>")
	case query.Has("versions") && query.Get("version-id-marker") == "":
		s.lists++
		fmt.Fprint(w, `<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>logs/a</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker>`+
			`<DeleteMarker><Key>logs/a</Key><VersionId>m</VersionId><IsLatest>false</IsLatest></DeleteMarker>`+
			`<Version><Key>logs/a</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest><Size>7</Size><LastModified>2026-03-14T12:00:00Z</LastModified></Version></ListVersionsResult>`)
	case query.Has("versions"):
		s.lists++
		fmt.Fprint(w, `<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>logs/abc</NextKeyMarker><NextVersionIdMarker>x</NextVersionIdMarker>`+
			`<Version><Key>logs/a</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest><Size>5</Size></Version>`+
			`<Version><Key>logs/abc</Key><VersionId>v1x</VersionId><IsLatest>true</IsLatest></Version></ListVersionsResult>`)
	case query.Has("tagging"):
		fmt.Fprint(w, `<Tagging><TagSet><Tag><Key>class</Key><Value>critical</Value></Tag></TagSet></Tagging>`)
	}
}

func (s *s3Server) bucket(t *testing.T) *bucket {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return newBucket(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("A", "S", ""),
	}, replication.DeployedBucket{Bucket: "data", Region: "us-east-1", AccountID: "111111111111"})
}

// answering is a HEAD with a status and headers.
func answering(status int, headers map[string]string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
	}
}

// What S3 answers to HEAD, and what is read from it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
func TestLook_ReadsWhatS3Answers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server  s3Server
		version string
		want    Copy
		problem string
	}{
		"an object": {
			server: s3Server{head: answering(200, map[string]string{"X-Amz-Version-Id": "v2", "X-Amz-Replication-Status": "COMPLETED", "Content-Length": "7", "X-Amz-Server-Side-Encryption": "AES256"})},
			want:   Copy{State: Present, VersionID: "v2", Status: "COMPLETED", Size: 7, StorageClass: "STANDARD", Encryption: "AES256", Tags: map[string]string{"class": "critical"}},
		},
		"a current delete marker": {
			server: s3Server{head: answering(404, map[string]string{"X-Amz-Delete-Marker": "true", "X-Amz-Version-Id": "m"})},
			want:   Copy{State: DeleteMarker, VersionID: "m"},
		},
		"a delete marker by its id": {
			server:  s3Server{head: answering(405, map[string]string{"X-Amz-Delete-Marker": "true", "X-Amz-Replication-Status": "COMPLETE"})},
			version: "m", want: Copy{State: DeleteMarker, VersionID: "m", Status: "COMPLETED"},
		},
		"no object":   {server: s3Server{head: answering(404, nil)}, want: Copy{State: Absent}},
		"not allowed": {server: s3Server{head: answering(403, nil)}, want: Copy{State: NotKnown}, problem: "use credentials that may do this in the account 111111111111"},
		"SSE-C, the current version": {
			server: s3Server{head: answering(400, nil)}, want: Copy{State: Present, VersionID: "v2", Size: 7, StorageClass: "STANDARD", Encryption: "SSE-C"},
		},
		"SSE-C, an older version": {
			server: s3Server{head: answering(400, nil)}, version: "v1", want: Copy{State: Present, VersionID: "v1", Size: 5, StorageClass: "STANDARD", Encryption: "SSE-C"},
		},
		"an id that S3 does not take": {server: s3Server{head: answering(400, nil)}, version: "odd", want: Copy{State: Absent}},
		"expired credentials":         {server: s3Server{head: answering(400, nil), refuses: true}, want: Copy{State: NotKnown}, problem: "sign in again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := c.server.bucket(t).look(t.Context(), "logs/a", c.version)
			got := seen.copy()
			assert.Contains(t, got.Problem, c.problem)
			got.Problem, got.Modified = "", nil
			assert.Equal(t, c.want, got)
			assert.LessOrEqual(t, c.server.lists, 2, "keys that begin with the key are not listed")
		})
	}
}
