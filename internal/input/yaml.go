package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

// maxYAMLTokens bounds the memory that the nodes of a YAML document take. Stack files
// with 10,000 replications have fewer.
const maxYAMLTokens = 500_000

// YAML reads a document of YAML, of which there must be one only.
func YAML(data []byte) (*yaml.Node, error) {
	if err := CheckYAML(data); err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root, more yaml.Node
	if err := decoder.Decode(&root); err != nil {
		return nil, err
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("there are several documents in it")
	}
	return &root, nil
}

// CheckYAML refuses YAML that may have more nodes than are read.
func CheckYAML(data []byte) error {
	tokens := 0
	for i, c := range data {
		switch c {
		case '[', '{', ',', '\n':
			tokens++
		case ':', '-', '?': // in front of a space
			if i+1 == len(data) || data[i+1] <= ' ' {
				tokens++
			}
		}
	}
	if tokens > maxYAMLTokens {
		return fmt.Errorf("it has more than %d lines and values", maxYAMLTokens)
	}
	return nil
}
