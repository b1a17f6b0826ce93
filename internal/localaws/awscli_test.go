package localaws

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The AWS CLI gets its whole configuration from the environment.
func TestAWSCLI(t *testing.T) {
	t.Parallel()
	needsMoto(t)
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("left out: the AWS CLI is not on PATH")
	}
	server, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, server.Close()) }()
	dir := t.TempDir()
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "aws", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), server.Environment()...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	must := func(args ...string) string {
		t.Helper()
		out, err := run(args...)
		require.NoError(t, err, out)
		return out
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte(strings.Repeat("x", 9<<20)), 0o644))

	must("s3", "mb", "s3://cli-data", "--region", "us-west-2")
	must("s3", "cp", "--quiet", "file", "s3://cli-data/folder/file", "--region", "us-west-2")
	must("s3", "cp", "--quiet", "s3://cli-data/folder/file", "copy", "--region", "us-west-2")
	copied, err := os.ReadFile(filepath.Join(dir, "copy"))
	require.NoError(t, err)
	assert.Len(t, copied, 9<<20)

	must("s3api", "put-bucket-policy", "--bucket", "cli-data", "--policy",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::cli-data","arn:aws:s3:::cli-data/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`)
	out, err := run("s3api", "put-object", "--bucket", "cli-data", "--key", "k", "--body", "file", "--endpoint-url", "http://s3.us-west-2.amazonaws.com")
	assert.Error(t, err)
	assert.Contains(t, out, "explicit deny in a resource-based policy")
	assert.Contains(t, must("sts", "get-caller-identity"), "arn:aws:iam::123456789012:user/moto")
	assert.Contains(t, must("s3control", "list-access-points", "--account-id", "123456789012"), "AccessPointList")
	must("s3", "rb", "--force", "s3://cli-data", "--region", "us-west-2")
	out, err = run("s3", "ls", "s3://cli-data")
	assert.Error(t, err)
	assert.Contains(t, out, "NoSuchBucket")
}
