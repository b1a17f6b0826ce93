package stackfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func readText(t *testing.T, text string) (Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return ReadFile(file)
}

func TestReadFile_ReadsWhatPulumiHands(t *testing.T) {
	t.Parallel()
	config, err := readText(t, `
secretsprovider: passphrase
config:
  aws:region: us-east-1
  crr:protect: "true"
  crr:forceDestroy: true
  crr:deletionWindowInDays: "7"
  crr:tags: { team: storage }
  crr:replications:
    - { name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: us-west-2 }] }
`)
	require.NoError(t, err)
	assert.True(t, config.Protect)
	assert.True(t, config.ForceDestroy)
	assert.Equal(t, 7, config.DeletionWindowInDays)
	assert.Equal(t, "dr", config.Replications[0].Destinations[0].Name)
}

func TestReadFile_RefusesWhatTheProgramRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, says string }{
		"no YAML":      {"\t:", "not the YAML of a stack"},
		"no config":    {"name: crr", "it has no config"},
		"a list":       {"- a", "not the YAML of a stack"},
		"nothing":      {"", "it has no config"},
		"other config": {"config: { aws:region: us-east-1 }", "replications: is empty"},
		"an unknown key": {
			"config: { crr:replication: [] }", `replication: "replication" is not a key`,
		},
		"what cannot work": {
			"config: { crr:replications: [{ name: data, source: { region: us-east-1 }, destinations: [{ name: dr, region: nowhere }] }] }",
			`replications[0].destinations[0].region: "nowhere" is not an AWS region`,
		},
		"a wrong type": {"config: { crr:replications: 3 }", "must be a list"},
		"a secret":     {"config: { crr:tags: { secure: AAABAA } }", "tags: is a secret"},
		"a secret that an answer depends on": {
			"config: { crr:replications: [{ name: data, source: { region: us-east-1, bucket: { secure: AAABAA } }, destinations: [{ name: dr, region: us-west-2, kmsKeyArn: { secure: AAABAA } }] }] }",
			"2 problems:\nreplications[0].destinations[0].kmsKeyArn: is a secret, which only Pulumi can read, and the result depends on its value; use plain text, " +
				"or check the deployed stack with --stack\nreplications[0].source.bucket: is a secret",
		},
		"odd keys": {"config: { crr:tags: { 1: { 2: 3 } } }", "tags"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readText(t, test.text)
			require.ErrorContains(t, err, test.says)
		})
	}
	_, err := ReadFile("no-such-file.yaml")
	require.ErrorContains(t, err, "no-such-file.yaml")
}

func TestReadFile_SecretsThatDecideNothingAreNotJudged(t *testing.T) {
	t.Parallel()
	config, err := readText(t, `
config:
  crr:tags: { owner: { secure: AAABAA } }
  crr:audit: { readers: [{ secure: AAABAA }] }
  crr:replications:
    - name: data
      source: { region: us-east-1, guard: { except: [{ secure: AAABAA }] } }
      destinations: [{ name: dr, region: us-west-2 }]
      audit: { enabled: true }
      monitoring:
        emails: [ops@example.com, { secure: AAABAA }]
        webhooks: [{ secure: AAABAA }, { secure: AAABAB }]
        runbookUrl: { secure: AAABAA }
`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"audit.readers[0]", "replications[0].monitoring.emails[1]", "replications[0].monitoring.runbookUrl",
		"replications[0].monitoring.webhooks[0]", "replications[0].monitoring.webhooks[1]", "replications[0].source.guard.except[0]", "tags.owner",
	}, config.NotJudged())
	assert.True(t, model.Lint(config.Subjects()...).OK())
	assert.Len(t, config.Descriptors(), 1)
}

func TestReadFile_ErrorsAreProblems(t *testing.T) {
	t.Parallel()
	_, err := readText(t, "config: { crr:replications: [] }")
	var problems replication.Problems
	require.ErrorAs(t, err, &problems)
	assert.Equal(t, "replications", problems[0].Path)
}

// Whatever the file, there is an answer and no panic; and a file that can be
// read can be asked about.
func FuzzReadFile(f *testing.F) {
	f.Add([]byte(`config:
  crr:replications:
    - name: data
      source: { region: us-east-1, statements: [{ Effect: Allow, Principal: "*", Action: s3:GetObject }] }
      destinations: [{ name: dr, region: us-west-2, objectLock: {} }]
      rules: [{ id: all, tags: { a: b }, monitoring: { latencySeconds: 60 } }]
`))
	f.Add([]byte("config: { crr:tags: { 1: 2 }, crr:protect: maybe }"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		values, err := fileValues(data)
		if err != nil {
			return
		}
		if config, err := Load(values); err == nil {
			model.Lint(config.Subjects()...)
		}
	})
}

func TestReadCredentials(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		want   Credentials
	}{
		"the region of the first source": {
			"aws:region: us-east-1, crr:replications: [{ source: { region: us-gov-west-1 } }, { source: { region: us-gov-east-1 } }]",
			Credentials{Region: "us-gov-west-1"},
		},
		"the region of the package":     {"aws:region: cn-north-1", Credentials{Region: "cn-north-1"}},
		"nothing":                       {"other:key: 1", Credentials{}},
		"a configuration with mistakes": {"crr:replicatons: 1, crr:replications: 2, aws:profile: prod", Credentials{Profile: "prod"}},
		"a profile and its files": {
			"aws:profile: prod, aws:sharedConfigFiles: [/a], aws:sharedCredentialsFiles: '[\"/b\"]'",
			Credentials{Profile: "prod", SharedConfigFiles: []string{"/a"}, SharedCredentialsFiles: []string{"/b"}},
		},
		"an access key":        {"aws:accessKey: AKIA", Credentials{OnlyPulumi: "aws:accessKey"}},
		"an encrypted profile": {"aws:profile: { secure: v1xyz }", Credentials{OnlyPulumi: "aws:profile"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
			require.NoError(t, os.WriteFile(path, []byte("config: { "+c.config+" }"), 0o600))
			got, err := ReadCredentials(path)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}
