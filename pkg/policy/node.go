package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// nodeKind is the type of a JSON value.
type nodeKind string

const (
	objectNode nodeKind = "an object"
	listNode   nodeKind = "a list"
	stringNode nodeKind = "a string"
	numberNode nodeKind = "a number"
	boolNode   nodeKind = "true or false"
	nullNode   nodeKind = "null"
)

// node is a JSON value that keeps what encoding/json would lose: the order and the repetition of an object's keys.
type node struct {
	kind   nodeKind
	text   string // of a string, a number or a boolean
	items  []node
	fields []field
}

type field struct {
	name  string
	value node
}

// maxDepth is more than any policy nests, and little enough for recursion.
const maxDepth = 16

var errTooDeep = errors.New("nested deeper than a policy can be")

// readTree reads the one JSON value that data holds.
func readTree(data []byte) (node, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	root, err := readNode(decoder, 0)
	if err != nil {
		return node{}, fmt.Errorf("not valid JSON at byte %d: %w", decoder.InputOffset(), describe(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return node{}, fmt.Errorf("not valid JSON at byte %d: text after the end of the document", decoder.InputOffset())
	}
	return root, nil
}

func describe(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the document ends too early")
	}
	return err
}

func readNode(decoder *json.Decoder, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, errTooDeep
	}
	token, err := decoder.Token()
	if err != nil {
		return node{}, err
	}
	switch value := token.(type) {
	case json.Delim:
		if value == '{' {
			return readObject(decoder, depth)
		}
		return readList(decoder, depth)
	case string:
		return node{kind: stringNode, text: value}, nil
	case json.Number:
		return node{kind: numberNode, text: value.String()}, nil
	case bool:
		return node{kind: boolNode, text: fmt.Sprint(value)}, nil
	default:
		return node{kind: nullNode}, nil
	}
}

func readObject(decoder *json.Decoder, depth int) (node, error) {
	object := node{kind: objectNode}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return node{}, err
		}
		value, err := readNode(decoder, depth+1)
		if err != nil {
			return node{}, err
		}
		object.fields = append(object.fields, field{name: fmt.Sprint(name), value: value})
	}
	_, err := decoder.Token()
	return object, err
}

func readList(decoder *json.Decoder, depth int) (node, error) {
	list := node{kind: listNode}
	for decoder.More() {
		item, err := readNode(decoder, depth+1)
		if err != nil {
			return node{}, err
		}
		list.items = append(list.items, item)
	}
	_, err := decoder.Token()
	return list, err
}
