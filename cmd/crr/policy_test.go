package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const foundOnBucket = `{"ReplicationConfiguration": {"Role": "arn:aws:iam::111111111111:role/r", "Rules": [{
	"ID": "all", "Priority": 1, "Filter": {}, "Status": "Enabled", "DeleteMarkerReplication": {"Status": "Disabled"},
	"SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
	"Destination": {"Bucket": "arn:aws:s3:::copies", "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:us-west-2:222222222222:key/b"}}
}]}}`

func TestPolicy_SaysWhatToGrant(t *testing.T) {
	t.Parallel()
	found := filepath.Join(t.TempDir(), "found.json")
	require.NoError(t, os.WriteFile(found, []byte(foundOnBucket), 0o600))
	cases := map[string]struct {
		args []string
		want []string
	}{
		"planned in a stack file": {
			[]string{"--config", "../../Pulumi.dev.yaml"},
			[]string{"arn:aws:iam::<account>:role/data-role-<generated>"},
		},
		"found on a bucket, into another account": {
			[]string{"--replication", "data=" + found, "--source-key", "arn:aws:kms:us-east-1:111111111111:key/a"},
			[]string{"arn:aws:iam::111111111111:role/r", "arn:aws:s3:::copies", "arn:aws:kms:us-west-2:222222222222:key/b"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, messages strings.Builder
			status := run(t.Context(), append([]string{"policy", "--output", "json"}, c.args...), streams{out: &out, err: &messages})
			require.Equal(t, exitOK, status, messages.String())
			var grants []struct{ Resource string }
			require.NoError(t, json.Unmarshal([]byte(out.String()), &grants))
			var resources []string
			for _, grant := range grants {
				resources = append(resources, grant.Resource)
			}
			assert.Equal(t, c.want, resources)
		})
	}
}

func TestPolicy_ReadsStandardInput(t *testing.T) {
	t.Parallel()
	var out, messages strings.Builder
	command := newRootCommand(streams{out: &out, err: &messages})
	command.SetIn(strings.NewReader(foundOnBucket))
	command.SetArgs([]string{"policy", "--replication", "data=-", "--source-key", "arn:aws:kms:us-east-1:111111111111:key/a"})
	require.NoError(t, command.ExecuteContext(t.Context()))
	assert.Contains(t, out.String(), "# arn:aws:s3:::copies\n# Add these statements to the existing policy of this bucket")
}

func TestPolicy_ForRefusesWhatItCannotAnswer(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args []string
		want string
	}{
		"a task that there is not": {[]string{"--for", "dance", "--config", "../../Pulumi.dev.yaml"}, `--for "dance" is not known; use one of deploy|verify|`},
		"the rules of one bucket":  {[]string{"--for", "deploy", "--replication", "data=found.json"}, "--replication has the rules of one bucket"},
		"deploying what a descriptor describes": {
			[]string{"--for", "deploy", "--descriptor", "testdata/offline/deployed.json"}, "a descriptor doesn't list all of them; use --config Pulumi.dev.yaml, --stack NAME, or both",
		},
		"a command about two things": {[]string{"--for", "verify", "--config", "../../Pulumi.dev.yaml", "--stack", "dev"}, "can be combined only with --for deploy"},
		"an account for nothing":     {[]string{"--account", "111111111111", "--config", "../../Pulumi.dev.yaml"}, "--account requires --for and --config"},
		"a number of no account":     {[]string{"--for", "deploy", "--account", "1111", "--config", "../../Pulumi.dev.yaml"}, `--account "1111" is not an account id`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, messages strings.Builder
			status := run(t.Context(), append([]string{"policy"}, c.args...), streams{out: &out, err: &messages})
			assert.Equal(t, exitNoAnswer, status)
			assert.Contains(t, messages.String(), c.want)
			assert.Empty(t, out.String())
		})
	}
}
