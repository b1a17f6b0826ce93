package stackfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/input"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReadFile reads the configuration in a stack file such as Pulumi.dev.yaml, without
// Pulumi, and validates it like the program. Keys of other namespaces are ignored.
// [Config.NotJudged] has the paths of secrets whose values do not matter. The error of
// an invalid configuration is a [replication.Problems].
func ReadFile(path string) (Config, error) {
	data, err := input.File(path)
	if err != nil {
		return Config{}, fmt.Errorf("reading the stack file: %w", err)
	}
	values, found, err := readValues(data)
	if err != nil {
		return Config{}, fmt.Errorf("reading the stack file %s: %w", path, err)
	}
	config, err := Load(values)
	if err != nil {
		return Config{}, fmt.Errorf("the configuration in %s: %w", path, err)
	}
	config.secrets = found.replaced
	return config, nil
}

// NotJudged returns the paths of the secrets in a stack file. Only Pulumi can read
// them, so their values were not checked.
func (c Config) NotJudged() []string { return c.secrets }

// Credentials are the settings of a stack file for the AWS credentials.
type Credentials struct {
	// Region of the first source, or aws:region; "" if neither is set.
	Region string
	// Profile is aws:profile, and the files are those that define it.
	Profile                                   string
	SharedConfigFiles, SharedCredentialsFiles []string
	// OnlyPulumi is the key of credentials that only a deployment can use:
	// aws:accessKey, or an encrypted setting. It is "" if there is none.
	OnlyPulumi string
}

// ReadCredentials reads the settings for credentials in a stack file. It does not
// validate the rest of the file.
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

// fileValues returns the values of the namespace in the form in which Pulumi passes
// them to a program: structured values as JSON, everything else as text.
func fileValues(data []byte) (map[string]string, error) {
	values, _, err := readValues(data)
	return values, err
}

// maxReplications bounds the memory that a stack file takes.
const maxReplications = 20_000

// readValues reads the values of the namespace, with placeholders for secrets.
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
		problems.Add("replications", "are %d, and the maximum is %d", len(list), maxReplications)
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
		problems.Add(path, "is a secret, which only Pulumi can read, and the result depends on its value; use plain text, or check the deployed stack with --stack")
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

// Load reads and validates a configuration.
func Load(values map[string]string) (Config, error) {
	config, err := decode(values)
	if err != nil {
		return Config{}, err
	}
	return config, config.Validate()
}
