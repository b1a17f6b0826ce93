package localaws

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

const heartbeatARN = "arn:aws:lambda:us-east-1:" + homeAccount + ":function:heartbeat"

// call calls an API of a service with a JSON protocol.
func (a *account) call(service, method, path, target string, input any) (header http.Header, body []byte) {
	a.t.Helper()
	text, err := json.Marshal(input)
	require.NoError(a.t, err)
	request, err := http.NewRequestWithContext(a.t.Context(), method, "https://"+service+".us-east-1.amazonaws.com"+path, bytes.NewReader(text))
	require.NoError(a.t, err)
	if target != "" {
		request.Header.Set("X-Amz-Target", target)
		request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	require.NoError(a.t, a.server.access().sign(request, string(text), service, "us-east-1"))
	answer, err := a.config.HTTPClient.Do(request)
	require.NoError(a.t, err)
	body, err = io.ReadAll(answer.Body)
	require.NoError(a.t, err)
	require.NoError(a.t, answer.Body.Close())
	require.Less(a.t, answer.StatusCode, http.StatusBadRequest, "%s %s: %s", method, path, body)
	return answer.Header, body
}

// heartbeatCode builds the function in testdata, as users would.
func heartbeatCode(t *testing.T) []byte {
	t.Helper()
	program := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", program, "./testdata/heartbeat")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	content, err := os.ReadFile(program)
	require.NoError(t, err)
	var code bytes.Buffer
	archive := zip.NewWriter(&code)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	require.NoError(t, err)
	_, err = file.Write(content)
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	return code.Bytes()
}

func TestFunctions_RunInTheirRoleAndOnTheirSchedule(t *testing.T) {
	t.Parallel()
	a := newAccountWith(t, Options{AlarmMinute: shortMinute})
	a.bucket("beats", "us-east-1")
	trust := policy.New(policy.Statement{Effect: policy.Allow, Principal: &policy.Principal{Service: policy.Values{"lambda.amazonaws.com"}}, Action: policy.Values{"sts:AssumeRole"}}).JSON()
	roles := iam.NewFromConfig(a.config)
	_, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("heartbeat"), AssumeRolePolicyDocument: &trust})
	require.NoError(t, err)
	a.call("lambda", http.MethodPost, "/2015-03-31/functions", "", map[string]any{
		"FunctionName": "heartbeat", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": "arn:aws:iam::" + homeAccount + ":role/heartbeat",
		"Timeout": 20, "Code": map[string]any{"ZipFile": heartbeatCode(t)}, "Environment": map[string]any{"Variables": map[string]string{"BUCKET": "beats"}},
		"LoggingConfig": map[string]string{"LogFormat": "JSON", "LogGroup": "heartbeats"},
	})
	for _, path := range []string{"", "/configuration"} {
		_, described := a.call("lambda", http.MethodGet, "/2015-03-31/functions/heartbeat"+path, "", map[string]string{})
		assert.Contains(t, string(described), `"LoggingConfig":{"LogFormat":"JSON","LogGroup":"heartbeats"}`, "the emulator forgets it")
	}
	invoke := func() (failed string, body []byte) {
		header, body := a.call("lambda", http.MethodPost, "/2015-03-31/functions/heartbeat/invocations", "", map[string]string{"source": "test"})
		return header.Get("X-Amz-Function-Error"), body
	}
	failed, body := invoke()
	assert.Equal(t, "Unhandled", failed)
	assert.Contains(t, string(body), "AccessDenied", "its role may not write yet")

	a.rolePolicy("heartbeat", policy.New(policy.Statement{Effect: policy.Allow, Action: policy.Values{"s3:PutObject"}, Resource: policy.Values{"arn:aws:s3:::beats/*"}}))
	failed, body = invoke()
	assert.Empty(t, failed, "%s", body)
	assert.Equal(t, `"written"`, string(body))
	beats := func() int {
		listed, err := a.s3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("beats")})
		require.NoError(t, err)
		return len(listed.Contents)
	}
	require.Equal(t, 1, beats())

	var rule struct{ RuleArn string }
	_, body = a.call("events", http.MethodPost, "/", "AWSEvents.PutRule", map[string]string{"Name": "every-minute", "ScheduleExpression": "rate(1 minute)"})
	require.NoError(t, json.Unmarshal(body, &rule))
	a.call("lambda", http.MethodPost, "/2015-03-31/functions/heartbeat/policy", "", map[string]string{
		"StatementId": "schedule", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": rule.RuleArn,
	})
	a.call("events", http.MethodPost, "/", "AWSEvents.PutTargets", map[string]any{"Rule": "every-minute", "Targets": []map[string]string{{"Id": "heartbeat", "Arn": heartbeatARN}}})
	require.Eventually(t, func() bool { return beats() >= 3 }, patience, shortMinute/4, "the schedule calls the function")
	a.call("events", http.MethodPost, "/", "AWSEvents.DisableRule", map[string]string{"Name": "every-minute"})
}
