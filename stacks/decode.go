package stacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"

	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// decode reads a configuration from the JSON texts that Pulumi keeps, by key.
// It finds all unknown keys and all values of a wrong type, not just the first.
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
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{Result: &config, Metadata: &metadata, TagName: "config"})
	if err != nil {
		return Config{}, fmt.Errorf("preparing to read the configuration: %w", err)
	}
	problems = append(problems, wrongTypes(decoder.Decode(tree))...)
	problems = append(problems, unknownKeys(metadata.Unused)...)
	slices.SortFunc(problems, func(a, b replication.Problem) int { return strings.Compare(a.Path, b.Path) })
	return config, problems.Err()
}

// parse reads one value. Pulumi keeps a structured value as JSON and a plain
// one as it is.
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

// wrongTypes says of every value that could not be decoded what it must be.
func wrongTypes(err error) replication.Problems {
	var problems replication.Problems
	for _, single := range decodeErrors(err) {
		path := single.Name()
		problems.Add(path, "must be %s%s", kindName(typeAt(path).Kind()), found(single.Unwrap()))
	}
	return problems
}

// decodeErrors are the leaves of the tree of errors that mapstructure returns.
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

// found is the value that was found, where the error knows it.
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

// otherNames says what to write for settings that S3 or Terraform has under
// another name, or that no stack file has. Its keys are in lower case and have no
// underscores.
var otherNames = map[string]string{
	"deletemarkerreplication":   "write deleteMarkers; ",
	"existingobjectreplication": "S3 refuses it, and a rule replicates only what is written after it: replicate existing objects with S3 Batch Replication; ",
	"mfadelete":                 "only the root user of an account can switch MFA delete on: use objectLock or guard; ",
	"priority":                  "of the rules for a destination that match an object, the first in the list decides; ",
	"replicakmskeyid":           "write kmsKeyArn at the destination; ",
	"replicamodifications":      "write direction: two-way, which replicates the changes of replicas' metadata too; ",
	"replicationtime":           "write replicationTimeControl; ",
	"rtc":                       "write replicationTimeControl; ",
	"status":                    "write enabled: true or false; ",
	"versioning":                "versioning is always on; ",
}

// unknownKeys names the keys that would have been accepted in the place of each
// unknown one.
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

// cutLast takes the last key of a path off. It reports whether there is one before.
func cutLast(path string) (parent, key string, nested bool) {
	dot := strings.LastIndex(path, ".")
	if dot < 0 {
		return "", path, false
	}
	return path[:dot], path[dot+1:], true
}

// keysBelow are the keys of the configuration below a path.
func keysBelow(path string) []string {
	var keys []string
	at := element(typeAt(path))
	if at.Kind() != reflect.Struct {
		return nil
	}
	for _, field := range reflect.VisibleFields(at) {
		if !field.Anonymous && field.IsExported() {
			keys = append(keys, field.Tag.Get("config"))
		}
	}
	return keys
}

// typeAt is the type of the configuration at a path, or of the nearest place
// above it that the configuration has.
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

// element is what a list, a pointer or a map holds, and any other type itself.
func element(at reflect.Type) reflect.Type {
	switch at.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return at.Elem()
	default:
		return at
	}
}

func fieldOf(parent reflect.Type, key string) (reflect.StructField, bool) {
	if parent.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	for _, field := range reflect.VisibleFields(parent) {
		if !field.Anonymous && field.IsExported() && field.Tag.Get("config") == key {
			return field, true
		}
	}
	return reflect.StructField{}, false
}
