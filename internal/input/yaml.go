package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

// The limits of YAML bound the memory that its nodes take. Stack files with 10,000
// replications have less.
const (
	maxYAML       = 4 << 20
	maxYAMLTokens = 500_000
)

// maxYAMLKeys bounds the keys of one mapping, each of which the decoder compares with
// all others.
const maxYAMLKeys = 2000

// YAML parses a single YAML document.
func YAML(data []byte) (*yaml.Node, error) {
	if len(data) > maxYAML {
		return nil, fmt.Errorf("it is larger than %d MB", maxYAML>>20)
	}
	if tokens(data) > maxYAMLTokens {
		return nil, fmt.Errorf("it has more than %d lines and values", maxYAMLTokens)
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

// DecodeYAML reads a document of YAML into a value. A document without content
// leaves it as it is.
func DecodeYAML(data []byte, into any) error {
	root, err := YAML(data)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	if err := checkKeys(root); err != nil {
		return err
	}
	return root.Decode(into)
}

func checkKeys(node *yaml.Node) error {
	if node.Kind == yaml.MappingNode && len(node.Content) > 2*maxYAMLKeys {
		return fmt.Errorf("line %d: it has more than %d keys", node.Line, maxYAMLKeys)
	}
	for _, each := range node.Content {
		if err := checkKeys(each); err != nil {
			return err
		}
	}
	return nil
}

// tokens is the most that a document may have of nodes.
func tokens(data []byte) int {
	count := 0
	for i, c := range data {
		switch c {
		case '[', '{', ',', '\n':
			count++
		case ':', '-', '?': // in front of a space
			if i+1 == len(data) || data[i+1] <= ' ' {
				count++
			}
		}
	}
	return count
}
