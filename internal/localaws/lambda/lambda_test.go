package lambda

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	arn  = "arn:aws:lambda:us-west-2:123456789012:function:heartbeat"
	role = "arn:aws:iam::123456789012:role/heartbeat"
)

// TestMain also runs the test binary as the function, so that the test needs no
// compiler.
func TestMain(m *testing.M) {
	if api := os.Getenv("AWS_LAMBDA_RUNTIME_API"); api != "" {
		beFunction("http://" + api + "/2018-06-01/runtime/")
		return
	}
	os.Exit(m.Run())
}

// beFunction acts as the event says.
func beFunction(api string) {
	answer, err := http.Get(api + "invocation/next")
	if err != nil {
		os.Exit(1)
	}
	event, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	reply := func(how, text string) {
		answer, err := http.Post(api+"invocation/"+answer.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/"+how, "application/json", strings.NewReader(text))
		if err == nil {
			_ = answer.Body.Close()
		}
	}
	switch string(event) {
	case `"fail"`:
		reply("error", `{"errorType":"broken"}`)
	case `"exit"`:
		os.Exit(3)
	case `"hang"`:
		time.Sleep(time.Hour)
	case `"environment"`:
		reply("response", fmt.Sprintf("%q", os.Environ()))
	default:
		fmt.Println("seen", string(event))
		reply("response", string(event))
	}
	if answer, err = http.Get(api + "invocation/next"); err == nil { // it waits for another call, as functions do
		_ = answer.Body.Close()
	}
	time.Sleep(time.Hour)
}

// codeOf returns a zip file with one file.
func codeOf(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var code bytes.Buffer
	archive := zip.NewWriter(&code)
	header := &zip.FileHeader{Name: name, Method: zip.Store}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	require.NoError(t, err)
	_, err = file.Write(content)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	return code.Bytes()
}

// newService returns a service with an emulator that has one function.
func newService(t *testing.T, runtime string) *Service {
	t.Helper()
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/2015-03-31/functions/heartbeat/configuration":
			_, _ = fmt.Fprintf(w, `{"FunctionName":"heartbeat","Runtime":%q,"Handler":"bootstrap","Role":%q,"Timeout":1,"MemorySize":128,"Environment":{"Variables":{"BUCKET":"b"}}}`, runtime, role)
		case r.Host != "sts.us-east-1.amazonaws.com":
			http.NotFound(w, r)
		case r.FormValue("Action") == "AssumeRole":
			_, _ = fmt.Fprintf(w, `<R><AssumeRoleResult><Credentials><AccessKeyId>key of %s</AccessKeyId><SessionToken>t</SessionToken></Credentials></AssumeRoleResult></R>`, r.FormValue("RoleArn"))
		default:
			_, _ = fmt.Fprint(w, `<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>`)
		}
	}))
	t.Cleanup(emulator.Close)
	address, err := url.Parse(emulator.URL)
	require.NoError(t, err)
	s := Start(Options{
		Emulator: address, Environment: func() []string { return []string{"HTTPS_PROXY=http://proxy", "AWS_ACCESS_KEY_ID=administrator"} },
		Trust: func(context.Context, string) error { return nil }, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(s.Close)
	return s
}

func keepThisBinary(t *testing.T, s *Service) {
	t.Helper()
	binary, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	s.Keep(arn, codeOf(t, "bootstrap", binary))
}

func TestInvoke_ReturnsWhatBecameOfTheCall(t *testing.T) {
	t.Parallel()
	s := newService(t, "provided.al2023")
	keepThisBinary(t, s)
	tests := map[string]struct{ payload, failed, printed string }{
		`{"a":1}`: {`{"a":1}`, "", "seen {\"a\":1}\n"},
		`"fail"`:  {`{"errorType":"broken"}`, "Unhandled", ""},
		`"exit"`:  {"Runtime exited with error: exit status 3", "Unhandled", ""},
		`"hang"`:  {"Task timed out after 1.00 seconds", "Unhandled", ""},
	}
	for event, want := range tests {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			result, err := s.Invoke(t.Context(), arn, []byte(event))
			require.NoError(t, err)
			assert.Contains(t, string(result.Payload), want.payload)
			assert.Equal(t, want.failed, result.Failed)
			assert.Equal(t, want.printed, string(result.Printed))
		})
	}
}

func TestInvoke_GivesTheFunctionItsRoleAndNothingOfThisProcess(t *testing.T) {
	t.Setenv("LOCALAWS_SECRET", "of this process")
	s := newService(t, "provided.al2023")
	keepThisBinary(t, s)
	result, err := s.Invoke(t.Context(), arn, []byte(`"environment"`))
	require.NoError(t, err)
	environment := string(result.Payload)
	for _, variable := range []string{"HTTPS_PROXY=http://proxy", "AWS_ACCESS_KEY_ID=key of " + role, "AWS_SESSION_TOKEN=t", "AWS_REGION=us-west-2", "BUCKET=b", "_HANDLER=bootstrap"} {
		assert.Contains(t, environment, `"`+variable+`"`)
	}
	assert.NotContains(t, environment, "administrator")
	assert.NotContains(t, environment, "LOCALAWS_SECRET")
}

func TestInvoke_RefusesWhatItCannotRun(t *testing.T) {
	t.Parallel()
	python := newService(t, "python3.13")
	_, err := python.Invoke(t.Context(), arn, nil)
	var refused *RefusedError
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Why, "heartbeat has python3.13")

	s := newService(t, "provided.al2023")
	_, err = s.Invoke(t.Context(), arn, nil)
	assert.ErrorContains(t, err, "does not have the code of heartbeat")
	_, err = s.Invoke(t.Context(), arn+"-of-nobody", nil)
	assert.ErrorIs(t, err, ErrNotFound)
	s.Keep(arn, []byte("no zip file"))
	_, err = s.Invoke(t.Context(), arn, nil)
	assert.ErrorContains(t, err, "reading the code of the function")
	s.Keep(arn, codeOf(t, "../escape", []byte("x")))
	_, err = s.Invoke(t.Context(), arn, nil)
	assert.ErrorContains(t, err, "escape", "nothing is written outside of the folder")
	s.Keep(arn, codeOf(t, "main", []byte("x")))
	result, err := s.Invoke(t.Context(), arn, nil)
	require.NoError(t, err)
	assert.Contains(t, string(result.Payload), "Couldn't find valid bootstrap")

	s.options.Trust = func(context.Context, string) error { return errors.New("the role cannot be assumed") }
	_, err = s.Invoke(t.Context(), arn, nil)
	assert.ErrorContains(t, err, "the role cannot be assumed")
}

func TestRate_LastsAsLongAsAMinuteDoes(t *testing.T) {
	t.Parallel()
	s := &Service{options: Options{Minute: 2 * time.Second}}
	for expression, want := range map[string]time.Duration{
		"rate(1 minute)": 2 * time.Second, "rate(5 minutes)": 10 * time.Second, "rate(1 hour)": 2 * time.Minute, "rate(2 days)": 96 * time.Minute,
	} {
		got, err := s.rate(expression)
		require.NoError(t, err)
		assert.Equal(t, want, got, expression)
	}
	for _, expression := range []string{"cron(0 12 * * ? *)", "rate(0 minutes)", "rate(1 fortnight)", ""} {
		_, err := s.rate(expression)
		assert.Error(t, err, expression)
	}
}
