package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sts is an STS that knows every caller. It keeps the forms that it was sent, and
// the regions that they were signed for.
type sts struct {
	mu     sync.Mutex
	calls  []string
	server *httptest.Server
}

func newSTS(t *testing.T) *sts {
	t.Helper()
	s := &sts{}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *sts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	s.mu.Lock()
	s.calls = append(s.calls, fmt.Sprintf("%s %s code=%s", r.Form.Get("Action"), strings.Split(scope, "/")[2], r.Form.Get("TokenCode")))
	s.mu.Unlock()
	if r.Form.Get("Action") == "AssumeRole" {
		fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>`+
			`<SessionToken>T</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
		return
	}
	fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111111111111</Account><Arn>arn:aws:iam::111111111111:user/me</Arn>`+
		`</GetCallerIdentityResult></GetCallerIdentityResponse>`)
}

// whoami is the command with a profile "prod" that asks for a code, a default one
// that does not, and a stack in GovCloud.
func (s *sts) whoami(t *testing.T, stack string, args ...string) *exec.Cmd {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"config": "[default]\n[profile prod]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = default\nmfa_serial = arn:aws:iam::111111111111:mfa/me\n",
		"keys":   "[default]\naws_access_key_id = A\naws_secret_access_key = S\n",
		"stack":  stack,
	}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	command := exec.Command(os.Args[0], append([]string{"whoami", "--config", filepath.Join(dir, "stack")}, args...)...)
	command.Env = []string{
		asCommand + "=1", "TERM=xterm", "HOME=" + dir, "AWS_CONFIG_FILE=" + filepath.Join(dir, "config"),
		"AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(dir, "keys"), "AWS_ENDPOINT_URL_STS=" + s.server.URL,
	}
	return command
}

const govCloud = "config:\n  crr:replications: [{ name: data, source: { region: us-gov-west-1 } }]\n"

func TestWhoami_AsksInTheRegionOfTheStack(t *testing.T) {
	t.Parallel()
	s := newSTS(t)
	output, err := s.whoami(t, govCloud).CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.Contains(t, string(output), "account 111111111111 as arn:aws:iam::111111111111:user/me")
	assert.Equal(t, []string{"GetCallerIdentity us-gov-west-1 code="}, s.calls)
}

func TestWhoami_AsksForTheCodeOfAnMFADeviceOnATerminal(t *testing.T) {
	t.Parallel()
	s := newSTS(t)
	terminal, err := pty.Start(s.whoami(t, govCloud+"  aws:profile: prod\n"))
	require.NoError(t, err)
	defer terminal.Close()
	_, err = io.WriteString(terminal, "123456\n")
	require.NoError(t, err)
	said, _ := io.ReadAll(terminal) // a terminal ends with an error
	assert.Contains(t, string(said), "Code of the MFA device:")
	assert.Contains(t, string(said), "account 111111111111")
	assert.Equal(t, []string{"AssumeRole us-gov-west-1 code=123456", "GetCallerIdentity us-gov-west-1 code="}, s.calls)
}

func TestWhoami_SaysWhatToDoAboutAnMFADeviceWithoutATerminal(t *testing.T) {
	t.Parallel()
	s := newSTS(t)
	output, err := s.whoami(t, govCloud+"  aws:profile: prod\n").CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(output), "run this in a terminal")
	assert.Empty(t, s.calls)
}

func TestWhoami_LeavesCredentialsInTheStackToPulumi(t *testing.T) {
	t.Parallel()
	s := newSTS(t)
	output, err := s.whoami(t, "config: { aws:accessKey: { secure: xyz } }").CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.Contains(t, string(output), "`pulumi preview` checks the credentials")
	assert.Empty(t, s.calls)
}
