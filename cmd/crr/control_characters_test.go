package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// hostile is a name with everything that makes a terminal do something: ESC, CSI and
// OSC in both forms, BEL, a carriage return, NUL, DEL, a bidirectional override, an
// isolate and a tag character.
const hostile = "evil\x1b[2J\x1b]0;x\x07\u009b31m\u009d0;y\u009c\r\x00\x7f\x08\u202e\u2066\U000e0041end"

// acts reports whether a terminal does anything at a character but show it.
func acts(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

// No command prints control characters, whatever their origin: arguments,
// files, the environment, or what AWS answers.
func TestCommands_PassNoControlCharactersOn(t *testing.T) {
	spoken := strings.NewReplacer("\x1b", "&#x9b;", "\x07", "", "\x00", "", "\x08", "").Replace(hostile) // as far as XML can
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); bytes.Contains(body, []byte("GetCallerIdentity")) {
			_, _ = io.WriteString(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111111111111</Account><Arn>arn:aws:iam::111111111111:user/"+
				spoken+"</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>")
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>"+spoken+"</Message></Error></ErrorResponse>")
	}))
	defer refusing.Close()
	dir := t.TempDir()
	t.Chdir(dir)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": refusing.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
		"AWS_MAX_ATTEMPTS": "1", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "PULUMI_HOME": dir, "PATH": dir,
	} {
		t.Setenv(name, value)
	}
	file := func(name, content string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		return name
	}
	quoted := func(text string) string {
		data, err := json.Marshal(text)
		require.NoError(t, err)
		return string(data)
	}
	rule := `{"ID":` + quoted(hostile) + `,"Priority":1,"Status":"Enabled","Filter":{"Prefix":` + quoted(hostile) + `},"DeleteMarkerReplication":{"Status":"Disabled"},
		"Destination":{"Bucket":` + quoted("arn:aws:s3:::"+hostile) + `}}`
	replicationFile := file("replication.json", `{"ReplicationConfiguration":{"Role":"arn:aws:iam::111111111111:role/r","Rules":[`+rule+`,`+rule+`]}}`)
	policyFile := file("policy.json", `{"Version":"2012-10-17","Statement":[{"Sid":`+quoted(hostile)+`,"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`)
	config := file("Pulumi.evil.yaml", "config:\n  crr:replications:\n    - "+quoted(hostile)+": 1\n      name: "+quoted(hostile)+
		"\n      source: {region: "+quoted(hostile)+"}\n      destinations: [{name: "+quoted(hostile)+", region: us-west-2}]\n      rules: [{id: "+quoted(hostile)+"}]\n")
	descriptor, err := json.Marshal([]replication.Descriptor{{
		Version: replication.DescriptorVersion, Name: hostile, RoleARN: "arn:aws:iam::111111111111:role/" + hostile,
		Source: replication.DeployedBucket{Name: replication.SourceName, Bucket: hostile, ARN: "arn:aws:s3:::" + hostile, Region: "us-east-1", AccountID: "111111111111"},
		Destinations: []replication.DeployedBucket{
			{Name: hostile, Bucket: hostile, ARN: "arn:aws:s3:::" + hostile, Region: "us-west-2", AccountID: "111111111111"},
		},
		Rules: []replication.Rule{{ID: hostile, Destination: hostile, Prefix: hostile, Status: replication.Enabled, Priority: 1}},
	}})
	require.NoError(t, err)
	deployed := file("deployed.json", string(descriptor))
	state := file("state.json", `{"version":3,"deployment":{"resources":[{"urn":`+quoted("urn:pulumi:a::b::aws:s3/bucketV2:BucketV2::"+hostile)+
		`,"type":"aws:s3/bucketV2:BucketV2","outputs":{"bucket":`+quoted(hostile)+`,"region":"us-east-1"}},{"urn":`+quoted(hostile)+`,"type":"aws:kms/key:Key","outputs":{"arn":`+quoted(hostile)+`}}]}}`)

	commands := map[string][][]string{
		"crr":               {{hostile}, {"--" + hostile}, {"local", hostile}},
		"crr compare":       {{"--descriptor", deployed}, {"--descriptor", hostile}, {"--inventory", hostile, "--descriptor", deployed}, {"--output", hostile}},
		"crr describe":      {{"--descriptor", deployed}, {"--descriptor", deployed, "--output", "json"}, {"--stack", hostile}},
		"crr destroy-check": {{"--state", state}, {"--state", hostile}, {"--state", state, "--output", "json"}},
		"crr explain": {
			{hostile, "--descriptor", deployed},
			{hostile, "--descriptor", deployed, "--output", "json"},
			{hostile, "--config", config},
			{"--failure", hostile},
			{hostile, "--replication", hostile + "=" + replicationFile, "--bucket-policy", hostile + "=" + policyFile},
			{"a", "--tag", hostile, "--descriptor", deployed},
			{"s3://" + hostile + "/" + hostile},
		},
		"crr lint": {
			{"--descriptor", deployed},
			{"--descriptor", deployed, "--output", "json"},
			{"--config", config},
			{"--severity", hostile},
			{"--replication", hostile + "=" + replicationFile, "--role-policy", policyFile},
			{"--replication", replicationFile, "--output", "json"},
		},
		"crr local start":       {{hostile}, {"--backend", hostile}},
		"crr local status":      {{"--dir", hostile}, {"--dir", hostile, "--output", "json"}},
		"crr local stop":        {{"--dir", hostile}, {hostile}},
		"crr local engine":      {{"--dir", hostile, "--", hostile}},
		"crr local fault set":   {{hostile}, {"errors", "--dir", hostile}},
		"crr local fault list":  {{"--dir", hostile}},
		"crr local fault clear": {{hostile, "--dir", hostile}},
		"crr local prepare":     {{hostile}, {"--dir", hostile, "--backend", hostile}},
		"crr local watch":       {{hostile}},
		"crr local serve":       {{hostile}},
		"crr object": {
			{"s3://" + hostile + "/" + hostile, "--descriptor", deployed},
			{"s3://" + hostile + "/" + hostile, "--descriptor", deployed, "--output", "json"},
			{"s3://" + hostile + "/a", "--descriptor", deployed, "--version-id", hostile},
			{"s3://other" + hostile + "/a", "--descriptor", deployed},
			{hostile},
		},
		"crr policy":                {{"--descriptor", deployed}, {"--descriptor", deployed, "--output", "json"}, {"--config", config}, {"--for", hostile}, {"--for", "verify", "--descriptor", deployed}},
		"crr report":                {{"--descriptor", deployed}, {"--format", hostile}, {"--descriptor", deployed, "--format", "html"}},
		"crr schedule-key-deletion": {{"--state", state, "--dry-run"}, {"--state", hostile}},
		"crr status":                {{"--descriptor", deployed}, {"--descriptor", deployed, "--output", "json"}, {"--window", hostile}},
		"crr verify":                {{"--descriptor", deployed, "--timeout", "1s"}, {hostile, "--descriptor", deployed}, {"--descriptor", deployed, "--output", "json", "--timeout", "1s", "--no-write"}},
		"crr version":               {{hostile}},
		"crr whoami":                {{}, {"--config", config}},
	}
	assert.ElementsMatch(t, runnable(newRootCommand(streams{})), keys(commands), "each command has its own rows")
	for path, rows := range commands {
		said := ""
		for _, row := range rows {
			args := slices.Concat(strings.Fields(path)[1:], row)
			t.Run(strings.Join(args, " "), func(t *testing.T) {
				var out, messages bytes.Buffer
				run(t.Context(), args, streams{out: &out, err: &messages})
				assert.Equal(t, -1, strings.IndexFunc(out.String(), acts), "%q", out.String())
				assert.Equal(t, -1, strings.IndexFunc(messages.String(), acts), "%q", messages.String())
				said += out.String() + messages.String()
				if slices.Contains(row, "json") && out.Len() > 0 {
					assert.True(t, json.Valid(out.Bytes()), out.String())
				}
			})
		}
		assert.Contains(t, said, `\u009b`, "%s: the rows show nothing that a text brought along", path)
	}
}

// runnable are the paths of the commands that do something.
func runnable(command *cobra.Command) []string {
	var paths []string
	if command.Runnable() && (!command.HasSubCommands() || !command.HasParent()) {
		paths = append(paths, command.CommandPath())
	}
	for _, each := range command.Commands() {
		paths = append(paths, runnable(each)...)
	}
	return paths
}

func keys[V any](m map[string]V) []string {
	var all []string
	for key := range m {
		all = append(all, key)
	}
	return all
}
