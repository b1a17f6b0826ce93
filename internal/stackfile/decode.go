package stackfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"

	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// decode reads a configuration from the JSON texts that Pulumi stores, by key. It
// reports all unknown keys and all values of a wrong type.
func decode(values map[string]string) (Config, error) {
	var problems replication.Problems
	tree := map[string]any{}
	for key, text := range values {
		value, err := parse(key, text)
		if err != nil {
			problems.Add(key, "%s", err)
			continue
		}
		tree[key] = value
	}
	var config Config
	var metadata mapstructure.Metadata
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{Result: &config, Metadata: &metadata, TagName: "pulumi", DecodeHook: readStatement})
	if err != nil {
		return Config{}, fmt.Errorf("preparing to read the configuration: %w", err)
	}
	problems = append(problems, wrongTypes(decoder.Decode(tree))...)
	problems = append(problems, unknownKeys(metadata.Unused)...)
	slices.SortFunc(problems, func(a, b replication.Problem) int { return strings.Compare(a.Path, b.Path) })
	return config, problems.Err()
}

// parse reads one value. Pulumi stores a structured value as JSON and a plain value as
// text.
func parse(key, text string) (any, error) {
	field, ok := fieldOf(reflect.TypeFor[Config](), key)
	if !ok || field.Type.Kind() == reflect.String {
		return text, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("%q cannot be read: %w; in a stack file, write it as structured YAML", text, err)
	}
	return value, nil
}

// wrongTypes returns a problem for each value that could not be decoded, with the
// expected type.
func wrongTypes(err error) replication.Problems {
	var problems replication.Problems
	for _, single := range decodeErrors(err) {
		path := single.Name()
		var unreadable statementError
		if errors.As(single.Unwrap(), &unreadable) {
			problems.Add(path, "%s", unreadable)
			continue
		}
		problems.Add(path, "must be %s%s", kindName(typeAt(path).Kind()), found(single.Unwrap()))
	}
	return problems
}

// decodeErrors returns the leaves of the tree of errors from mapstructure.
func decodeErrors(err error) []*mapstructure.DecodeError {
	switch err := err.(type) { //nolint:errorlint // This walks the tree itself.
	case *mapstructure.DecodeError:
		return []*mapstructure.DecodeError{err}
	case interface{ Unwrap() error }:
		return decodeErrors(err.Unwrap())
	case interface{ Unwrap() []error }:
		var leaves []*mapstructure.DecodeError
		for _, each := range err.Unwrap() {
			leaves = append(leaves, decodeErrors(each)...)
		}
		return leaves
	default:
		return nil
	}
}

// found returns the value that was found, if the error has it.
func found(err error) string {
	var unconvertible *mapstructure.UnconvertibleTypeError
	var unparsable *mapstructure.ParseError
	switch {
	case errors.As(err, &unconvertible):
		return fmt.Sprintf(", not %v", unconvertible.Value)
	case errors.As(err, &unparsable):
		return fmt.Sprintf(", not %v", unparsable.Value)
	default:
		return ""
	}
}

func kindName(kind reflect.Kind) string {
	switch kind {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	default:
		return "a set of keys"
	}
}

// otherNames has hints for settings that have another name in S3 or Terraform, or that
// do not exist here. Its keys are in lower case without underscores.
var otherNames = map[string]string{
	"deletemarkerreplication":   "write deleteMarkers; ",
	"existingobjectreplication": "S3 does not support it, and a rule replicates only objects written after it was set: replicate existing objects with S3 Batch Replication; ",
	"mfadelete":                 "only the root user of an account can enable MFA delete: use objectLock or guard; ",
	"priority":                  "of the rules for a destination that match an object, the first in the list applies; ",
	"replicakmskeyid":           "write kmsKeyArn at the destination; ",
	"replicamodifications":      "write direction: two-way, which also replicates metadata changes of replicas; ",
	"replicationtime":           "write replicationTimeControl; ",
	"rtc":                       "write replicationTimeControl; ",
	"status":                    "write enabled: true or false; ",
	"versioning":                "versioning is always on; ",
}

// unknownKeys returns a problem for each unknown key, with the valid keys.
func unknownKeys(paths []string) replication.Problems {
	var problems replication.Problems
	for _, path := range paths {
		parent, key, _ := cutLast(path)
		known := keysBelow(parent)
		hint := otherNames[strings.ToLower(strings.ReplaceAll(key, "_", ""))]
		if meant := nearest.Word(key, known); hint == "" && meant != "" {
			hint = "did you mean " + meant + "? "
		}
		problems.Add(path, "%q is not a key; %sthere is %s", key, hint, strings.Join(known, ", "))
	}
	return problems
}

// cutLast splits off the last key of a path, and reports whether there is a parent.
func cutLast(path string) (parent, key string, nested bool) {
	dot := strings.LastIndex(path, ".")
	if dot < 0 {
		return "", path, false
	}
	return path[:dot], path[dot+1:], true
}

// keysBelow returns the keys of the configuration below a path.
func keysBelow(path string) []string {
	var keys []string
	for _, field := range fieldsOf(element(typeAt(path))) {
		keys = append(keys, field.Tag.Get("pulumi"))
	}
	return keys
}

// fieldsOf returns the fields with a key, and those of the structs whose keys stand
// beside them.
func fieldsOf(at reflect.Type) []reflect.StructField {
	if at.Kind() != reflect.Struct {
		return nil
	}
	var fields []reflect.StructField
	for i := range at.NumField() {
		switch field := at.Field(i); field.Tag.Get("pulumi") {
		case "-", "":
		case ",squash":
			fields = append(fields, fieldsOf(field.Type)...)
		default:
			fields = append(fields, field)
		}
	}
	return fields
}

// Keys returns the keys of the configuration.
func Keys() []string { return keysBelow("") }

// typeAt returns the type of the configuration at a path, or of its nearest existing
// parent.
func typeAt(path string) reflect.Type {
	at := reflect.TypeFor[Config]()
	for _, key := range strings.Split(path, ".") {
		name, _, _ := strings.Cut(key, "[")
		if field, ok := fieldOf(element(at), name); ok {
			at = field.Type
		}
		if strings.HasSuffix(key, "]") || at.Kind() == reflect.Pointer {
			at = element(at)
		}
	}
	return at
}

// element returns the element type of a list, pointer or map, and any other type
// itself.
func element(at reflect.Type) reflect.Type {
	switch at.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return at.Elem()
	default:
		return at
	}
}

func fieldOf(parent reflect.Type, key string) (reflect.StructField, bool) {
	for _, field := range fieldsOf(parent) {
		if field.Tag.Get("pulumi") == key {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

// statementError is a statement that can't be read.
type statementError struct{ error }

// readStatement reads a statement in the IAM policy language.
func readStatement(from, to reflect.Type, value any) (any, error) {
	if to != reflect.TypeFor[policy.Statement]() || from.Kind() != reflect.Map {
		return value, nil
	}
	var statement policy.Statement
	data, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(data, &statement)
	}
	if err != nil {
		return nil, statementError{err}
	}
	return statement, nil
}
