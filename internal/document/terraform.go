package document

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ofTerraform is the configuration of an aws_s3_bucket_replication_configuration.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_replication_configuration
func ofTerraform(from resource) Replication {
	found := Replication{Address: from.address, Bucket: textAt(from.values, "bucket")}
	unknown := slices.DeleteFunc(slices.Clone(from.unknown), func(path string) bool {
		return path == "token" || path == "bucket" || path == "id" || strings.HasSuffix(path, ".id")
	})
	if len(unknown) > 0 {
		found.err = unknownError(from.address, unknown, whyUnknown+
			"apply the plan and give what `terraform show -json` prints of the state")
		return found
	}
	rules := []any{}
	for _, rule := range listAt(from.values, "rule") {
		if values, isObject := rule.(map[string]any); isObject {
			rules = append(rules, terraformRule(values))
		}
	}
	found.tree = map[string]any{"Role": textAt(from.values, "role"), "Rules": rules}
	return found
}

// terraformRule is a rule as the provider sends it: with a filter block, even an
// empty one, it is of the second version of the schema.
func terraformRule(values map[string]any) any {
	rule, _ := block(values).(map[string]any)
	if rule == nil {
		rule = map[string]any{}
	}
	if filters := listAt(values, "filter"); len(filters) == 0 {
		rule["Prefix"] = textAt(values, "prefix")
		if fmt.Sprint(rule["Priority"]) == "0" { // not set
			delete(rule, "Priority")
		}
	} else {
		delete(rule, "Prefix")
		if rule["Filter"] == nil {
			rule["Filter"] = map[string]any{"Prefix": ""}
		}
		if rule["Priority"] == nil {
			rule["Priority"] = 0
		}
	}
	return rule
}

// block gives a block of Terraform the names of the AWS CLI. What is empty is not
// set. A list of blocks has one at most.
func block(tree any) any {
	switch tree := tree.(type) {
	case []any:
		if len(tree) == 0 {
			return nil
		}
		return block(tree[0])
	case map[string]any:
		object := map[string]any{}
		for key, value := range tree {
			switch {
			case key == "tags":
				value = terraformTags(value)
			case key != "value" || tree["key"] == nil:
				value = block(value)
			}
			if value != nil {
				object[s3Name(key)] = value
			}
		}
		if len(object) == 0 {
			return nil
		}
		return object
	case string:
		if tree == "" {
			return nil
		}
	}
	return tree
}

// terraformTags are the tags of an and block, which are a map.
func terraformTags(tree any) any {
	values, _ := tree.(map[string]any)
	if len(values) == 0 {
		return nil
	}
	tags := make([]any, 0, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		tags = append(tags, map[string]any{"Key": key, "Value": values[key]})
	}
	return tags
}

// s3Name is the name of an argument of Terraform in the AWS CLI.
func s3Name(name string) string {
	switch name {
	case "id":
		return "ID"
	case "replica_kms_key_id":
		return "ReplicaKmsKeyID"
	}
	words := strings.Split(name, "_")
	for i, word := range words {
		if word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}
