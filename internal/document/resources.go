package document

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// resource of a CloudFormation template, a Terraform state or a plan.
type resource struct {
	address string
	kind    string
	values  map[string]any
	// unknown are paths of values that are known once the plan is applied.
	unknown []string
}

// resources of a document; found is false where it is neither a template nor
// Terraform's.
func resources(tree any) (list []resource, found bool, err error) {
	object, isObject := tree.(map[string]any)
	switch {
	case !isObject:
		return nil, false, nil
	case object["terraform_version"] != nil && object["format_version"] == nil:
		if version := fmt.Sprint(object["version"]); version != "4" {
			return nil, true, fmt.Errorf("it is a Terraform state of version %s; give one of version 4, or what `terraform show -json` prints", version)
		}
		return ofState(object), true, nil
	case object["format_version"] != nil:
		return ofShow(object), true, nil
	case object["Resources"] != nil:
		return ofTemplate(at(object, "Resources")), true, nil
	case strings.HasPrefix(textAt(object, "Type"), "AWS::"):
		return ofTemplate(map[string]any{"": object}), true, nil
	}
	return nil, false, nil
}

// ofState are the resources of a state of version 4, as `terraform state pull` prints it.
func ofState(state map[string]any) []resource {
	var list []resource
	for _, each := range listAt(state, "resources") {
		if textAt(each, "mode") == "data" {
			continue
		}
		address := textAt(each, "type") + "." + textAt(each, "name")
		if module := textAt(each, "module"); module != "" {
			address = module + "." + address
		}
		for _, instance := range listAt(each, "instances") {
			values, _ := at(instance, "attributes").(map[string]any)
			list = append(list, resource{address: address + indexText(at(instance, "index_key")), kind: textAt(each, "type"), values: values})
		}
	}
	return list
}

func indexText(index any) string {
	switch index := index.(type) {
	case nil:
		return ""
	case string:
		return "[" + strconv.Quote(index) + "]"
	default:
		return fmt.Sprintf("[%v]", index)
	}
}

// ofShow are the resources in what `terraform show -json` prints of a state or a
// plan.
// https://developer.hashicorp.com/terraform/internals/json-format
func ofShow(shown map[string]any) []resource {
	values := at(shown, "values")
	if planned := at(shown, "planned_values"); planned != nil {
		values = planned
	}
	unknown := map[string][]string{}
	for _, change := range listAt(shown, "resource_changes") {
		unknown[textAt(change, "address")] = truths(at(change, "change", "after_unknown"), "")
	}
	var list []resource
	var add func(module any)
	add = func(module any) {
		for _, each := range listAt(module, "resources") {
			if textAt(each, "mode") != "data" {
				values, _ := at(each, "values").(map[string]any)
				address := textAt(each, "address")
				list = append(list, resource{address, textAt(each, "type"), values, unknown[address]})
			}
		}
		for _, child := range listAt(module, "child_modules") {
			add(child)
		}
	}
	add(at(values, "root_module"))
	return list
}

// truths are the paths of what is true in a tree.
func truths(tree any, path string) []string {
	var paths []string
	switch tree := tree.(type) {
	case bool:
		if tree {
			paths = []string{path}
		}
	case []any:
		for i, each := range tree {
			paths = append(paths, truths(each, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			paths = append(paths, truths(tree[key], joinPath(path, key))...)
		}
	}
	return paths
}

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// ofTemplate are the resources of a CloudFormation template.
func ofTemplate(tree any) []resource {
	all, _ := tree.(map[string]any)
	var list []resource
	for _, name := range slices.Sorted(maps.Keys(all)) {
		values, _ := at(all[name], "Properties").(map[string]any)
		list = append(list, resource{address: name, kind: textAt(all[name], "Type"), values: values})
	}
	return list
}

// functions are the paths of what CloudFormation has yet to work out in a tree,
// with the functions.
func functions(tree any, path string) []string {
	var found []string
	switch tree := tree.(type) {
	case []any:
		for i, each := range tree {
			found = append(found, functions(each, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case map[string]any:
		if name, argument := function(tree); name != "" {
			return []string{path + " is " + name + " " + argument}
		}
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			found = append(found, functions(tree[key], joinPath(path, key))...)
		}
	}
	return found
}

// function is the name of the function that an object calls, in its short form,
// and what it is called with. It is "" where there is none.
func function(object map[string]any) (name, argument string) {
	if len(object) != 1 {
		return "", ""
	}
	for key, value := range object {
		name, isFunction := strings.CutPrefix(key, "Fn::")
		if !isFunction && key != "Ref" {
			return "", ""
		}
		var words []string
		switch value := value.(type) {
		case string:
			words = []string{value}
		case []any:
			for _, each := range value {
				if word, plain := each.(string); plain {
					words = append(words, word)
				} else {
					words = append(words, "...")
				}
			}
		default:
			words = []string{"..."}
		}
		return "!" + name, strings.Join(words, map[bool]string{true: ".", false: ", "}[name == "GetAtt"])
	}
	return "", ""
}

// plain is a tree without the properties that !Ref AWS::NoValue removes, and with
// the texts that !Sub leaves as they are.
func plain(tree any) any {
	switch tree := tree.(type) {
	case []any:
		list := make([]any, 0, len(tree))
		for _, each := range tree {
			if !isNoValue(each) {
				list = append(list, plain(each))
			}
		}
		return list
	case map[string]any:
		if text := textAt(tree, "Fn::Sub"); len(tree) == 1 && text != "" && !strings.Contains(text, "${") {
			return text
		}
		object := make(map[string]any, len(tree))
		for key, value := range tree {
			if !isNoValue(value) {
				object[key] = plain(value)
			}
		}
		return object
	default:
		return tree
	}
}

func isNoValue(tree any) bool { return textAt(tree, "Ref") == "AWS::NoValue" }

// unknownError says what of a resource can't be known from the document.
func unknownError(address string, paths []string, why string) error {
	const shown = 5
	more := ""
	if len(paths) > shown {
		more = fmt.Sprintf(", and %d more", len(paths)-shown)
		paths = paths[:shown]
	}
	return fmt.Errorf("%s: %s%s: %s", address, strings.Join(paths, ", "), more, why)
}
