package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReadFile reads the configuration in a stack file such as Pulumi.dev.yaml,
// without Pulumi, and refuses what the program refuses. Keys of other
// namespaces are left alone. Of secrets in it that decide nothing,
// [Config.NotJudged] has the paths. The error of a configuration that cannot work is a
// [replication.Problems].
func ReadFile(path string) (Config, error) {
	data, err := input.File(path)
	if err != nil {
		return Config{}, fmt.Errorf("reading the stack file: %w", err)
	}
	values, found, err := readValues(data)
	if err != nil {
		return Config{}, fmt.Errorf("reading the stack file %s: %w", path, err)
	}
	config, err := load(values)
	if err != nil {
		return Config{}, fmt.Errorf("the configuration in %s: %w", path, err)
	}
	config.secrets = found.replaced
	return config, nil
}

// NotJudged has the paths of the secrets in a stack file. Only Pulumi can read them,
// so what depends on their values was not judged.
func (c Config) NotJudged() []string { return c.secrets }

// Credentials are what a stack file says of the AWS credentials to deploy with.
type Credentials struct {
	// Region of the first source, or aws:region; "" where neither is there.
	Region string
	// Profile is aws:profile, and the files are where to find it.
	Profile                                   string
	SharedConfigFiles, SharedCredentialsFiles []string
	// OnlyPulumi is the key of credentials that only a deployment can use:
	// aws:accessKey, or a setting that is encrypted. It is "" where there is no such key.
	OnlyPulumi string
}

// ReadCredentials reads what a stack file says of credentials. It does not judge
// the rest of the file.
func ReadCredentials(path string) (Credentials, error) {
	data, err := input.File(path)
	if err != nil {
		return Credentials{}, fmt.Errorf("reading the stack file: %w", err)
	}
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := input.DecodeYAML(data, &file); err != nil {
		return Credentials{}, fmt.Errorf("reading the stack file %s: this is not the YAML of a stack: %w", path, err)
	}
	var found Credentials
	read := func(key string, into any) {
		text, err := valueText(file.Config[key])
		if file.Config[key] == nil {
			return
		}
		_, encrypted := file.Config[key].(map[string]any)
		if plain, ok := into.(*string); ok && err == nil && !encrypted {
			*plain = text
		} else if err != nil || json.Unmarshal([]byte(text), into) != nil {
			found.OnlyPulumi = key
		}
	}
	var replications []struct{ Source struct{ Region string } }
	if text, err := valueText(file.Config[Namespace+":replications"]); err == nil && json.Unmarshal([]byte(text), &replications) == nil && len(replications) > 0 {
		found.Region = replications[0].Source.Region
	}
	if found.Region == "" {
		read("aws:region", &found.Region)
	}
	read("aws:profile", &found.Profile)
	read("aws:sharedConfigFiles", &found.SharedConfigFiles)
	read("aws:sharedCredentialsFiles", &found.SharedCredentialsFiles)
	for _, key := range []string{"aws:accessKey", "aws:assumeRoleWithWebIdentity"} {
		if file.Config[key] != nil {
			found.OnlyPulumi = key
		}
	}
	return found, nil
}

// fileValues are the values of the namespace, in the form in which Pulumi hands
// them to a program: what is structured as JSON, everything else as text.
func fileValues(data []byte) (map[string]string, error) {
	values, _, err := readValues(data)
	return values, err
}

// maxReplications bounds the memory that a stack file takes.
const maxReplications = 20_000

// readValues reads the values of the namespace, with stand-ins for secrets.
func readValues(data []byte) (map[string]string, secrets, error) {
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := input.DecodeYAML(data, &file); err != nil {
		return nil, secrets{}, fmt.Errorf("this is not the YAML of a stack: %w", err)
	}
	if file.Config == nil {
		return nil, secrets{}, errors.New("it has no config; a stack file looks like Pulumi.dev.yaml")
	}
	var problems replication.Problems
	if list, isList := file.Config[Namespace+":replications"].([]any); isList && len(list) > maxReplications {
		problems.Add("replications", "are %d, and no more than %d are read", len(list), maxReplications)
		return nil, secrets{}, problems.Err()
	}
	values, found := map[string]string{}, secrets{}
	for key, value := range file.Config {
		name, ours := strings.CutPrefix(key, Namespace+":")
		if !ours {
			continue
		}
		text, err := valueText(found.replace(name, value))
		if err != nil {
			problems.Add(name, "%s", err)
		}
		values[name] = text
	}
	for _, path := range slices.Sorted(slices.Values(found.needed)) {
		problems.Add(path, "is a secret, which only Pulumi can read, and the answer depends on its value; write it in plain text, or ask about the deployed stack with --stack")
	}
	slices.Sort(found.replaced)
	return values, found, problems.Err()
}

func valueText(value any) (string, error) {
	if text, plain := value.(string); plain {
		return text, nil
	}
	data, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w; keys must be texts", err)
	}
	return string(data), nil
}
