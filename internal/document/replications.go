package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
)

// Replication is the replication configuration of one bucket in a document.
type Replication struct {
	// Address of the resource in a document of several. "" where the document is a configuration.
	Address string
	// Bucket that has the configuration. "" where the document does not say.
	Bucket string
	// Missing says why the bucket has no configuration. "" where it has one.
	Missing string

	// tree is the JSON of the AWS CLI, and err why there is none.
	tree          any
	configuration *s3config.Configuration
	err           error
}

// Names are those by which one of several replications can be asked for.
func (r Replication) Names() []string { return names(r.Bucket, r.Address) }

// String names the replication for people.
func (r Replication) String() string { return label(r.Bucket, r.Address) }

// Configuration reads the configuration.
func (r Replication) Configuration() (s3config.Configuration, error) {
	switch {
	case r.err != nil || r.Missing != "":
		return s3config.Configuration{}, r.err
	case r.configuration != nil:
		return *r.configuration, nil
	}
	tree := plain(r.tree)
	if paths := functions(tree, ""); len(paths) > 0 {
		return s3config.Configuration{}, unknownError(label(r.Address, "ReplicationConfiguration"), paths, whyFunctions+
			"deploy it and give what `aws s3api get-bucket-replication` prints, or write the values in their place")
	}
	if rules := len(listAt(tree, "Rules")); rules > maxRules {
		return s3config.Configuration{}, fmt.Errorf("it has %d rules; S3 takes 1000", rules)
	}
	data, err := json.Marshal(asS3(tree, ""))
	if err != nil {
		return s3config.Configuration{}, err
	}
	return s3config.ParseJSON(data)
}

const (
	// maxRules bounds the memory that rules take.
	maxRules     = 10_000
	whyFunctions = "only CloudFormation can work that out, when it deploys the template: "
	whyUnknown   = "Terraform knows that only after it is applied: "
)

// Replications reads the replication configurations in a document. There is at
// least one.
func Replications(data []byte) ([]Replication, error) {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		configuration, err := readXML(data)
		return orMissing(Replication{configuration: &configuration}, err)
	}
	tree, err := read(data)
	if err != nil {
		return orMissing(Replication{}, err)
	}
	if tree, err = unwrapped(tree); err != nil {
		return nil, err
	}
	if at(tree, "version") != nil && at(tree, "destinations") != nil {
		return nil, errors.New("this is the descriptor of a deployment; give it with --descriptor")
	}
	list, isDocument, err := resources(tree)
	if err != nil {
		return nil, err
	}
	if !isDocument {
		return []Replication{{tree: configurationIn(tree)}}, nil
	}
	var found []Replication
	for _, each := range list {
		switch each.kind {
		case "AWS::S3::Bucket":
			if tree := each.values["ReplicationConfiguration"]; tree != nil {
				found = append(found, Replication{Address: each.address, Bucket: textAt(plain(each.values), "BucketName"), tree: tree})
			}
		case "aws_s3_bucket_replication_configuration":
			found = append(found, ofTerraform(each))
		}
	}
	if len(found) == 0 {
		return nil, errors.New("there is no replication in it: neither an AWS::S3::Bucket with a ReplicationConfiguration " +
			"nor an aws_s3_bucket_replication_configuration")
	}
	return found, nil
}

// orMissing takes an answer that there is no configuration for what it says.
func orMissing(found Replication, err error) ([]Replication, error) {
	var answer *AWSError
	switch {
	case errors.Is(err, ErrEmpty):
		found = Replication{Missing: "the document is empty, as the answer of the AWS CLI is where there is none; " +
			"if the command that wrote it printed another error, this says nothing"}
	case errors.As(err, &answer) && answer.Code == "ReplicationConfigurationNotFoundError":
		found = Replication{Missing: "S3 answered " + answer.Code}
	case err != nil:
		return nil, err
	}
	return []Replication{found}, nil
}

// unwrapped is the template in what `aws cloudformation get-template` prints, the
// one answer in a YAML stream, and else the tree itself.
func unwrapped(tree any) (any, error) {
	if list, isList := tree.([]any); isList && len(list) == 1 {
		tree = list[0]
	}
	switch body := at(tree, "TemplateBody").(type) {
	case string:
		return read([]byte(body))
	case map[string]any:
		return body, nil
	default:
		return tree, nil
	}
}

// configurationIn a tree is below the name of the property, or the tree.
func configurationIn(tree any) any {
	for _, path := range [][]string{{"ReplicationConfiguration"}, {"replicationConfiguration"}, {"Properties", "ReplicationConfiguration"}} {
		if inner, isObject := at(tree, path...).(map[string]any); isObject {
			return inner
		}
	}
	return tree
}

// asS3 gives a tree the names and types of the AWS CLI: CloudFormation has
// TagFilter and TagFilters in place of Tag and Tags, and YAML makes numbers of
// accounts.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-replicationrulefilter.html
func asS3(tree any, key string) any {
	isNumber := strings.EqualFold(key, "Priority") || strings.EqualFold(key, "Minutes")
	switch tree := tree.(type) {
	case []any:
		list := make([]any, len(tree))
		for i, each := range tree {
			list[i] = asS3(each, key)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(tree))
		for key, value := range tree {
			switch key {
			case "TagFilter":
				key = "Tag"
			case "TagFilters":
				key = "Tags"
			}
			object[key] = asS3(value, key)
		}
		return object
	case json.Number:
		if !isNumber {
			return tree.String()
		}
		return tree
	case string:
		if isNumber && json.Valid([]byte(tree)) {
			return json.Number(tree)
		}
		return tree
	default:
		return tree
	}
}

func names(list ...string) []string {
	var found []string
	for _, name := range list {
		if name != "" {
			found = append(found, name)
		}
	}
	return found
}

// label is a name with an address, so far as there are any.
func label(name, address string) string {
	switch {
	case name == "":
		return address
	case address == "":
		return name
	default:
		return name + " (" + address + ")"
	}
}
