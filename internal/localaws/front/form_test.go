package front

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/replicator"
)

// filled returns the body of a form with its fields in order, and its content type.
func filled(t *testing.T, file string, fields ...[2]string) (body string, contentType func(*http.Request)) {
	t.Helper()
	var written bytes.Buffer
	form := multipart.NewWriter(&written)
	for _, field := range fields {
		require.NoError(t, form.WriteField(field[0], field[1]))
	}
	if file != "" {
		part, err := form.CreateFormFile("file", file)
		require.NoError(t, err)
		_, err = io.WriteString(part, "content")
		require.NoError(t, err)
	}
	require.NoError(t, form.Close())
	return written.String(), with("Content-Type", form.FormDataContentType())
}

var signed = [2]string{"x-amz-credential", "AKIAADMIN/20260101/us-east-1/s3/aws4_request"}

func TestFormsAreUploads(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.header.Set("X-Amz-Version-Id", "v1")
	l.header.Set("Etag", `"e"`)
	body, form := filled(t, "photo.jpg", [2]string{"key", "up/${filename}"}, [2]string{"acl", "bucket-owner-read"}, [2]string{"Content-Type", "image/jpeg"},
		[2]string{"x-amz-meta-by", "me"}, [2]string{"tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b c</Value></Tag></TagSet></Tagging>"}, signed)
	answer := l.ask("POST", "/b", body, form, anonymously)
	assert.Equal(t, http.StatusNoContent, answer.Code, "%s", answer.Body)
	assert.Equal(t, "https://s3.us-east-1.amazonaws.com/b/up/photo.jpg", answer.Header().Get("Location"))

	require.Len(t, l.recorder.events, 1)
	event := l.recorder.events[0]
	assert.Equal(t, replicator.ObjectID{Bucket: "b", Key: "up/photo.jpg", Version: "v1"}, event.Object)
	assert.Equal(t, map[string]string{"a": "b c"}, event.Tags)
	assert.Equal(t, int64(len("content")), event.Size)
	assert.Equal(t, http.Header{"X-Amz-Acl": {"bucket-owner-read"}}, event.ACL)
	sent := l.requests[len(l.requests)-1] // the first request checks whether the bucket allows ACLs
	assert.Equal(t, "PUT /b/up/photo.jpg", sent.Method+" "+sent.URL.Path)
	assert.Equal(t, "image/jpeg", sent.Header.Get("Content-Type"))
	assert.Equal(t, "me", sent.Header.Get("X-Amz-Meta-By"))
}

func TestFormsSayHowToAnswer(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.header.Set("Etag", `"e"`)
	key := [2]string{"key", "k"}
	body, form := filled(t, "f", key, signed, [2]string{"success_action_status", "201"})
	answer := l.ask("POST", "/b", body, form, anonymously)
	assert.Equal(t, http.StatusCreated, answer.Code)
	assert.Contains(t, answer.Body.String(), "<Bucket>b</Bucket><Key>k</Key>")
	body, form = filled(t, "f", key, signed, [2]string{"success_action_redirect", "https://example.com/done?a=1"})
	answer = l.ask("POST", "/b", body, form, anonymously)
	assert.Equal(t, http.StatusSeeOther, answer.Code)
	assert.Equal(t, "https://example.com/done?a=1&bucket=b&etag=%22e%22&key=k", answer.Header().Get("Location"))
	body, form = filled(t, "f", key, signed)
	l.status = http.StatusPreconditionFailed
	assert.Equal(t, http.StatusPreconditionFailed, l.ask("POST", "/b", body, form, anonymously).Code, "what is refused is answered so")
}

func TestFormsThatAreRefused(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	key := [2]string{"key", "k"}
	for name, refused := range map[string]struct {
		file   string
		fields [][2]string
		status int
		code   string
	}{
		"unsigned":       {"f", [][2]string{key}, http.StatusForbidden, "AccessDenied"},
		"without a key":  {"f", [][2]string{signed}, http.StatusBadRequest, "InvalidArgument"},
		"without a file": {"", [][2]string{key, signed}, http.StatusBadRequest, "InvalidArgument"},
		"with bad tags":  {"f", [][2]string{key, signed, {"tagging", "<"}}, http.StatusBadRequest, "MalformedXML"},
	} {
		body, form := filled(t, refused.file, refused.fields...)
		answer := l.ask("POST", "/b", body, form, anonymously)
		assert.Equal(t, refused.status, answer.Code, name)
		assert.Contains(t, answer.Body.String(), "<Code>"+refused.code+"</Code>", name)
	}
	assert.Equal(t, http.StatusPreconditionFailed, l.ask("POST", "/b", "no form").Code)
	assert.Empty(t, l.recorder.events)

	l.must("PUT", "/b?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*",
		"Condition":{"StringEquals":{"s3:authType":"POST"}}}]}`)
	body, form := filled(t, "f", key, signed)
	l.refused(http.StatusForbidden, "AccessDenied", "explicit deny", "POST", "/b", body, form, anonymously)
}

func TestAccessOfUploadsInParts(t *testing.T) {
	t.Parallel()
	l := newReplicatingLab(t)
	l.replicate()
	begin := func(id string) {
		l.body = "<R><UploadId>" + id + "</UploadId></R>"
		assert.Equal(t, l.body, l.must("POST", "/b/k?uploads", "", with("X-Amz-Acl", "public-read")))
	}
	begin("done")
	begin("aborted")
	l.header.Set("X-Amz-Version-Id", "v1")
	l.must("POST", "/b/k?uploadId=done", "<CompleteMultipartUpload/>")
	require.Len(t, l.recorder.events, 1)
	assert.Equal(t, http.Header{"X-Amz-Acl": {"public-read"}}, l.recorder.events[0].ACL)
	l.status = http.StatusNoContent
	l.must("DELETE", "/b/k?uploadId=aborted", "")
	assert.Empty(t, l.front.uploads.access, "nothing is kept of what is over")
}
