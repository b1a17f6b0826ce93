package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// ReadFile reads the configuration in a stack file such as Pulumi.dev.yaml,
// without Pulumi, and refuses what the program refuses. Keys of other
// namespaces are left alone. The error of a configuration that cannot work is a
// [replication.Problems].
func ReadFile(path string) (Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("reading the stack file: %w", err)
	}
	values, err := fileValues(data)
	if err != nil {
		return Config{}, fmt.Errorf("reading the stack file %s: %w", path, err)
	}
	config, err := load(values)
	if err != nil {
		return Config{}, fmt.Errorf("the configuration in %s: %w", path, err)
	}
	return config, nil
}

// fileValues are the values of the namespace, in the form in which Pulumi hands
// them to a program: what is structured as JSON, everything else as text.
func fileValues(data []byte) (map[string]string, error) {
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("this is not the YAML of a stack: %w", err)
	}
	if file.Config == nil {
		return nil, errors.New("it has no config; a stack file looks like Pulumi.dev.yaml")
	}
	var problems replication.Problems
	values := map[string]string{}
	for key, value := range file.Config {
		name, ours := strings.CutPrefix(key, Namespace+":")
		if !ours {
			continue
		}
		text, err := valueText(value)
		if err != nil {
			problems.Add(name, "%s", err)
		}
		values[name] = text
	}
	return values, problems.Err()
}

func valueText(value any) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case map[string]any:
		if _, secret := value["secure"]; secret && len(value) == 1 {
			return "", errors.New("is a secret, which only Pulumi can read; write it in plain text, or ask about the deployed stack with --stack")
		}
	}
	data, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w; keys must be texts", err)
	}
	return string(data), nil
}
