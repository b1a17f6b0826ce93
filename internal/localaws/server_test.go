package localaws

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServer(t *testing.T) {
	t.Parallel()
	server, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, server.Close()) }()
	client := server.HTTPClient()
	defer client.CloseIdleConnections()

	answer, err := client.Get("https://bucket.s3.us-west-2.amazonaws.com/")
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "nothing was requested")

	require.NoError(t, server.Check(t.Context()))
	require.NoError(t, syscall.Kill(server.emulator.PID(), syscall.SIGKILL))
	eventually(t, func() bool { return server.Check(t.Context()) != nil }, "it says that moto has ended")

	assert.Contains(t, server.Environment(), "HTTPS_PROXY="+server.URL())
	assert.Contains(t, server.Environment(), "AWS_CA_BUNDLE="+server.CABundle())
	folder := filepath.Dir(server.CABundle())
	assert.DirExists(t, folder)
	require.NoError(t, server.Close())
	require.NoError(t, server.Close())
	assert.NoDirExists(t, folder)
	assert.False(t, alive(server.emulator.PID()))
}

func TestServersAreApart(t *testing.T) {
	t.Parallel()
	one, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, one.Close()) }()
	other, err := Start(t.Context(), Options{})
	require.NoError(t, err)
	defer func() { assert.NoError(t, other.Close()) }()
	assert.NotEqual(t, one.URL(), other.URL())
	assert.NotEqual(t, one.Instance(), other.Instance())
	require.NoError(t, greet(t.Context(), one.HTTPClient(), one.access()))
	require.NoError(t, greet(t.Context(), other.HTTPClient(), other.access()))
}

// source reads the env file in a shell several times, and returns the values of the
// variables.
func source(t *testing.T, shell string, l layout, times int, environment []string, names ...string) []string {
	t.Helper()
	script := strings.Repeat(". "+quote(l.env())+"\n", times)
	for _, name := range names {
		script += "printf '%s\\n' \"${" + name + "-unset}\"\n"
	}
	cmd := exec.Command(shell, "-eu", "-c", script)
	cmd.Env = environment
	out, err := cmd.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

func TestEnvFile(t *testing.T) {
	t.Parallel()
	l, err := openLayout(filepath.Join(t.TempDir(), "it's a $HOME"))
	require.NoError(t, err)
	require.NoError(t, writeEnv(l, access{"http://127.0.0.1:4711", "AKIAMADEUP", "made up"}))
	assert.DirExists(t, l.pulumiState())
	foreign := []string{
		"PATH=/usr/bin:/bin", "NO_PROXY=.amazonaws.com", "no_proxy=.amazonaws.com", "AWS_PROFILE=prod", "AWS_SESSION_TOKEN=secret",
		"AWS_ENDPOINT_URL=http://elsewhere", "AWS_ENDPOINT_URL_S3=http://elsewhere", "AWS_ACCESS_KEY_ID=mine", "AWS_REGION=eu-west-1",
	}
	for _, shell := range []string{"sh", "bash"} {
		for times := range 3 {
			if times == 0 {
				continue
			}
			got := source(t, shell, l, times, foreign, "PATH", "HTTPS_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "AWS_CA_BUNDLE",
				"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_REGION", "PULUMI_BACKEND_URL", "PULUMI_HOME")
			assert.Equal(t, []string{
				l.bin() + ":/usr/bin:/bin", "http://127.0.0.1:4711", "http://127.0.0.1:4711", "localhost,127.0.0.1,::1", "localhost,127.0.0.1,::1",
				l.caBundle(), "unset", "unset", "unset", "unset", "AKIAMADEUP", "us-east-1", "file://" + l.pulumiState(), l.pulumiHome(),
			}, got, "%s, %d times", shell, times)
		}
	}
}

func TestFindProvider(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	mirror := filepath.Join(home, ".terraform.d", "plugins", "registry.terraform.io", "hashicorp", "aws")
	binary := func(version string) string {
		matches, err := filepath.Glob(filepath.Join(mirror, version, "*", "terraform-provider-aws*"))
		require.NoError(t, err)
		require.Len(t, matches, 1)
		return matches[0]
	}
	for _, version := range []string{"5.99.1", "5.100.0", "5.9.0"} {
		dir := filepath.Join(mirror, version, platform())
		require.NoError(t, os.MkdirAll(dir, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "terraform-provider-aws_v"+version), nil, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "LICENSE.txt"), nil, 0o644))
	}
	assert.Equal(t, binary("5.100.0"), FindProvider().Path, "the newest")
	t.Setenv(ProviderVariable, binary("5.9.0"))
	assert.Equal(t, binary("5.9.0"), FindProvider().Path, "by default")
	t.Setenv(ProviderVariable, filepath.Join(home, "gone"))
	found := FindProvider()
	assert.Equal(t, binary("5.100.0"), found.Path)
	assert.Contains(t, found.Looked[0], "gone")
}

func TestCompareVersions(t *testing.T) {
	t.Parallel()
	assert.Negative(t, compareVersions("5.99.1", "5.100.0"))
	assert.Positive(t, compareVersions("6.0.0", "5.100.0"))
	assert.Zero(t, compareVersions("5.1.0", "5.1.0"))
	assert.Negative(t, compareVersions("5.1", "5.1.0"))
	assert.Negative(t, compareVersions("5.1.0-beta", "5.1.x"))
}

func TestStatusOutput(t *testing.T) {
	t.Parallel()
	status := Status{Running: true, Instance: "I", Proxy: "http://127.0.0.1:1", Backend: "http://127.0.0.1:2", Moto: "moto_server", MotoPID: 3, Dir: "/a b", Env: "/a b/env"}
	encoded, err := json.Marshal(status)
	require.NoError(t, err)
	var parsed map[string]any
	require.NoError(t, json.Unmarshal(encoded, &parsed))
	assert.Equal(t, "I", parsed["instance"])
	assert.Equal(t, true, parsed["running"])
	assert.Contains(t, status.Summary(), ". '/a b/env'")
	assert.Contains(t, status.Summary(), "http://127.0.0.1:2 (moto_server, process 3)")
	var text strings.Builder
	require.NoError(t, Status{Problem: "it is starting"}.WriteTable(&text))
	assert.Contains(t, text.String(), "not well")
	assert.Contains(t, text.String(), "none; looked for in")
}
