// Package document reads replication configurations and policies in the forms in
// which tools print them: the AWS CLI as JSON and YAML, S3 as XML, CloudFormation
// templates, Terraform states and plans. Each form becomes the JSON of the AWS
// CLI, which is read in one place.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// ErrEmpty is returned for a document without content.
var ErrEmpty = errors.New("it is empty")

// AWSError is an error of AWS that stands where an answer was expected.
type AWSError struct {
	// Code such as ReplicationConfigurationNotFoundError.
	Code string
}

func (e *AWSError) Error() string { return "it holds an error of AWS, " + e.Code + ", and no answer" }

// unreadable are forms that are recognized and can't be read without loss.
var unreadable = []struct {
	form    *regexp.Regexp
	instead string
}{
	{
		regexp.MustCompile(`\A(REPLICATIONCONFIGURATION|RULES|POLICY|POLICYDOCUMENT|POLICYVERSION|STATEMENT)\t`),
		"it is the text that the AWS CLI prints with --output text, which leaves out the names of the values: print it with --output json",
	},
	{regexp.MustCompile(`\A-{8,}\s*\n\|`), "it is the table that the AWS CLI prints with --output table: print it with --output json"},
	{
		regexp.MustCompile(`(?m)\A(#.*\n|\s)*(resource|data|module|provider|variable|terraform|locals)\s+("[\w-]+"\s+)*\{`),
		"it is in Terraform's language, whose expressions only Terraform evaluates: give what `terraform show -json` prints of the plan or the state",
	},
}

var awsError = regexp.MustCompile(`An error occurred \((\w+)\)`)

// read makes a tree of a document in JSON or YAML: of map[string]any, []any,
// string, json.Number, bool and nil.
func read(data []byte) (any, error) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return nil, ErrEmpty
	case !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return nil, errors.New("it is not text in UTF-8 or UTF-16")
	case data[0] == '{' || data[0] == '[':
		tree, err := readJSON(data)
		if err == nil || !yamlNeeded(data) {
			return tree, err
		}
	}
	beginning := data[:min(len(data), 4096)]
	for _, each := range unreadable {
		if each.form.Match(beginning) {
			return nil, errors.New(each.instead)
		}
	}
	if found := awsError.FindSubmatch(beginning); found != nil {
		return nil, &AWSError{string(found[1])}
	}
	tree, err := readYAML(data)
	if err != nil {
		return nil, err
	}
	switch tree.(type) {
	case map[string]any, []any:
		return tree, nil
	default:
		return nil, fmt.Errorf("it is neither JSON, YAML nor XML: it begins with %q", firstWords(data))
	}
}

// yamlNeeded reports whether a document that begins as JSON does can be YAML only:
// it has a short form of CloudFormation's functions.
func yamlNeeded(data []byte) bool { return bytes.Contains(data, []byte(" !")) }

func firstWords(data []byte) string {
	line, _, _ := strings.Cut(string(data[:min(len(data), 60)]), "\n")
	return strings.ToValidUTF8(line, "")
}
