package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// closedPort is the address of a server that is gone.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return "http://" + listener.Addr().String()
}

// refusing is a server that answers every call with an error, as STS does.
func refusing(t *testing.T, code, message string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// inEnvironment is a command with keys, in an environment of its own.
func inEnvironment(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.Command(os.Args[0], args...)
	command.Env = append([]string{
		asCommand + "=1", "HOME=" + t.TempDir(), "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=S",
	}, env...)
	return command
}

func TestWhoami_BlamesWhatIsToBlame(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Welcome to the hotel") }))
	t.Cleanup(page.Close)
	empty := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(empty, []byte("none"), 0o600))
	endpoint := func(url string) []string { return []string{"AWS_ENDPOINT_URL_STS=" + url} }
	for name, test := range map[string]struct {
		env        []string
		want, hint string
	}{
		"no network":              {endpoint(closedPort(t)), "AWS can't be reached", "can us-east-1 be reached from here?"},
		"a proxy that is gone":    {[]string{"HTTPS_PROXY=" + closedPort(t)}, "AWS can't be reached", "the proxy that HTTPS_PROXY names does not answer"},
		"an unknown CA":           {endpoint(untrusted.URL), "certificate of the server is not trusted", "AWS_CA_BUNDLE"},
		"a CA file that is none":  {[]string{"AWS_CA_BUNDLE=" + empty}, "no certificates that can be read", "in PEM"},
		"no CA file":              {[]string{"AWS_CA_BUNDLE=" + empty + ".gone"}, "no certificates that can be read", "in PEM"},
		"a sign-in page":          {endpoint(page.URL), "the answer is not one of AWS", "a proxy, a network that wants a sign-in"},
		"an expired session":      {endpoint(refusing(t, "ExpiredToken", "The security token included in the request is expired")), "ExpiredToken", "sign in again"},
		"a wrong key":             {endpoint(refusing(t, "InvalidClientTokenId", "The security token included in the request is invalid.")), "InvalidClientTokenId", "AWS_ACCESS_KEY_ID"},
		"a clock that is off":     {endpoint(refusing(t, "SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2")), "Signature expired", "set the clock"},
		"throttling":              {endpoint(refusing(t, "Throttling", "Rate exceeded")), "Throttling: Rate exceeded", "AWS throttles"},
		"no profile":              {[]string{"AWS_PROFILE=none"}, `there is no AWS profile "none"`, "aws configure list-profiles"},
		"no credentials":          {[]string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="}, "there are no AWS credentials: set AWS_PROFILE", "use the stack local"},
		"a region that is a typo": {[]string{"AWS_REGION=us-esat-1", "AWS_ENDPOINT_URL_STS=" + closedPort(t)}, "AWS can't be reached", "did you mean us-east-1?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, err := inEnvironment(t, test.env, "whoami").CombinedOutput()
			exit := (*exec.ExitError)(nil)
			require.ErrorAs(t, err, &exit)
			assert.Equal(t, exitNoAnswer, exit.ExitCode())
			assert.Contains(t, string(output), test.want)
			assert.Contains(t, string(output), test.hint)
			for _, envelope := range []string{"operation error", "RequestID", "StatusCode", "exceeded maximum", "refresh cached"} {
				assert.NotContains(t, string(output), envelope)
			}
		})
	}
}

// inAWS are the commands that ask AWS about a deployment.
var inAWS = [][]string{{"verify"}, {"status"}, {"report"}, {"compare"}, {"object", "s3://data-1a2b3c4/a"}}

// In another account, what was deployed looks as if it was deleted.
func TestWrongAccount_IsNoAnswer(t *testing.T) {
	t.Parallel()
	const deployed = offlineDir + "deployed.json"
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.Form.Get("Action") != "GetCallerIdentity" {
			t.Errorf("asked %s %s%s before the account was known to be right", r.Method, r.Host, r.URL)
		}
		fmt.Fprint(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>999999999999</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
	}))
	t.Cleanup(other.Close)
	for _, args := range inAWS {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			output, err := inEnvironment(t, []string{"AWS_ENDPOINT_URL=" + other.URL}, slices.Concat(args, []string{"--descriptor", deployed})...).CombinedOutput()
			exit := (*exec.ExitError)(nil)
			require.ErrorAs(t, err, &exit)
			assert.Equal(t, exitNoAnswer, exit.ExitCode())
			for _, want := range []string{"those of the account 999999999999", "is in 111111111111", "crr whoami", "--assume-role arn:aws:iam::111111111111:role/NAME"} {
				assert.Contains(t, string(output), want)
			}
		})
	}
}

// A role is assumed for the buckets of its account before anything is asked of them.
func TestAssumeRole_IsUsedByAllThatReadADeployment(t *testing.T) {
	t.Parallel()
	const deployed, role = offlineDir + "deployed.json", "arn:aws:iam::111111111111:role/operator"
	for _, args := range inAWS {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			var assumed atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch err := r.ParseForm(); {
				case err == nil && r.Form.Get("RoleArn") == role:
					assumed.Store(true)
				case err == nil && r.Form.Get("Action") == "GetCallerIdentity":
					fmt.Fprint(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")
					return
				}
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>")
			}))
			t.Cleanup(server.Close)
			output, err := inEnvironment(t, []string{"AWS_ENDPOINT_URL=" + server.URL}, slices.Concat(args, []string{"--descriptor", deployed, "--assume-role", role})...).CombinedOutput()
			exit := (*exec.ExitError)(nil)
			require.ErrorAs(t, err, &exit)
			assert.Equal(t, exitNoAnswer, exit.ExitCode())
			assert.True(t, assumed.Load(), "%s", output)
		})
	}
}

// Commands that are interrupted before they have asked anything say no more than that.
func TestInterrupted_SaysSo(t *testing.T) {
	t.Parallel()
	const deployed = offlineDir + "deployed.json"
	commands := [][]string{{"whoami"}}
	for _, args := range inAWS {
		commands = append(commands, slices.Concat(args, []string{"--descriptor", deployed}))
	}
	for _, args := range commands {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			asked, ended := make(chan struct{}, 100), make(chan struct{})
			silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				asked <- struct{}{}
				<-ended
			}))
			t.Cleanup(silent.Close)
			t.Cleanup(func() { close(ended) })
			command := inEnvironment(t, []string{"AWS_ENDPOINT_URL=" + silent.URL}, args...)
			output, err := command.StderrPipe()
			require.NoError(t, err)
			require.NoError(t, command.Start())
			select {
			case <-asked:
			case <-time.After(time.Minute):
				assert.Fail(t, "nothing was asked")
			}
			require.NoError(t, command.Process.Signal(syscall.SIGINT))
			said, err := io.ReadAll(output)
			require.NoError(t, err)
			exit := (*exec.ExitError)(nil)
			require.ErrorAs(t, command.Wait(), &exit)
			assert.Equal(t, exitNoAnswer, exit.ExitCode())
			assert.Regexp(t, `(^|\n)crr: interrupted`, string(said))
			assert.NotContains(t, string(said), "context canceled")
		})
	}
}

// Errors caused by an interrupt are not printed.
func TestInterrupted_HidesWhatCameOfIt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, messages writer
	status := run(ctx, []string{"describe", "--stack", "dev"}, streams{out: &out, err: &messages})
	assert.Equal(t, exitNoAnswer, status)
	assert.Equal(t, "crr: interrupted\n", string(messages))
}

type writer []byte

func (w *writer) Write(text []byte) (int, error) {
	*w = append(*w, text...)
	return len(text), nil
}
