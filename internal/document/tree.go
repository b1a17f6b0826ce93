package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/crr-io/pulumi-aws-crr/internal/input"
)

// The limits of a document. S3 takes 1000 rules, and a large Terraform state has
// some 100,000 values.
const (
	maxValues = 400_000
	maxDepth  = 100
	maxText   = 2 << 20
)

// budget is what is left of the limits of a document.
type budget int

func (b *budget) take(depth int) error {
	*b++
	switch {
	case *b > maxValues:
		return fmt.Errorf("it has more than %d values; give a file with what the question is about alone", maxValues)
	case depth > maxDepth:
		return fmt.Errorf("it is nested deeper than %d levels", maxDepth)
	default:
		return nil
	}
}

// readJSON reads one value. What the AWS CLI appends to a policy with --output
// text, its name, may follow.
func readJSON(data []byte) (any, error) {
	r := &jsonReader{decoder: json.NewDecoder(bytes.NewReader(data))}
	r.decoder.UseNumber()
	tree, err := r.value(0)
	if err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	rest := bytes.TrimSpace(data[r.decoder.InputOffset():])
	if len(rest) > 0 && string(rest) != "default" {
		return nil, errors.New("it is not JSON: something follows the document")
	}
	return tree, nil
}

type jsonReader struct {
	budget
	decoder *json.Decoder
}

func (r *jsonReader) value(depth int) (any, error) {
	if err := r.take(depth); err != nil {
		return nil, err
	}
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return r.object(depth + 1)
	case json.Delim('['):
		return r.list(depth + 1)
	default:
		return token, nil
	}
}

func (r *jsonReader) token() (json.Token, error) {
	token, err := r.decoder.Token()
	if text, isText := token.(string); isText && len(text) > maxText {
		return nil, fmt.Errorf("a text in it is longer than %d MB", maxText>>20)
	}
	return token, err
}

func (r *jsonReader) object(depth int) (any, error) {
	object := map[string]any{}
	for r.decoder.More() {
		token, err := r.token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("the key %q is given twice", key)
		}
		if object[key], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	_, err := r.decoder.Token()
	return object, err
}

func (r *jsonReader) list(depth int) (any, error) {
	list := []any{}
	for r.decoder.More() {
		value, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := r.decoder.Token()
	return list, err
}

// readYAML reads one document.
func readYAML(data []byte) (any, error) {
	root, err := input.YAML(data)
	if err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	var b budget
	return b.ofNode(root, 0)
}

func (b *budget) ofNode(node *yaml.Node, depth int) (any, error) {
	if err := b.take(depth); err != nil {
		return nil, err
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return b.ofNode(node.Content[0], depth)
	case yaml.AliasNode:
		return b.ofNode(node.Alias, depth+1)
	case yaml.ScalarNode, yaml.SequenceNode, yaml.MappingNode:
		value, err := b.ofContent(node, depth+1)
		if err == nil && strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
			return intrinsic(node.Tag[1:], value), nil
		}
		return value, err
	default:
		return nil, nil
	}
}

// intrinsic is the full form of a function of CloudFormation: !Sub is Fn::Sub.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
func intrinsic(name string, value any) any {
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return map[string]any{name: value}
}

func (b *budget) ofContent(node *yaml.Node, depth int) (any, error) {
	switch node.Kind {
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, each := range node.Content {
			var err error
			if list[i], err = b.ofNode(each, depth); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.MappingNode:
		return b.ofMapping(node, depth)
	}
	switch tag := node.ShortTag(); {
	case tag == "!!null":
		return nil, nil
	case tag == "!!bool":
		return strings.EqualFold(node.Value, "true"), nil
	case (tag == "!!int" || tag == "!!float") && json.Valid([]byte(node.Value)):
		return json.Number(node.Value), nil
	default:
		return node.Value, nil
	}
}

func (b *budget) ofMapping(node *yaml.Node, depth int) (any, error) {
	object := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			return nil, fmt.Errorf("line %d: a key is not a plain text", key.Line)
		}
		if _, twice := object[key.Value]; twice {
			return nil, fmt.Errorf("line %d: the key %q is given twice", key.Line, key.Value)
		}
		value, err := b.ofNode(node.Content[i+1], depth)
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
}

// at follows keys into a tree. It is nil where they lead to nothing.
func at(tree any, keys ...string) any {
	for _, key := range keys {
		object, _ := tree.(map[string]any)
		tree = object[key]
	}
	return tree
}

func textAt(tree any, keys ...string) string {
	text, _ := at(tree, keys...).(string)
	return text
}

func listAt(tree any, keys ...string) []any {
	list, _ := at(tree, keys...).([]any)
	return list
}
