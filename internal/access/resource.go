package access

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Resource is something that a task is about: a resource that a program registers,
// or a part of a deployment.
type Resource struct {
	// Type is a type token of Pulumi, or a part of a deployment.
	Type string
	// Name is the logical name.
	Name   string
	Region string
	// Account is empty where it is not known.
	Account string
	// AssumeRoleARN is the role that manages the resource, or empty for the
	// credentials at hand.
	AssumeRoleARN string
	Inputs        map[string]any
	// Retained says that the resource is kept when it leaves the program.
	Retained bool
}

var field = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// arns are those that a template stands for.
func (r Resource) arns(named kind, template string) []string {
	texts := []string{template}
	for _, each := range field.FindAllString(template, -1) {
		var filled []string
		for _, text := range texts {
			for _, value := range r.values(named, strings.Trim(each, "{}")) {
				if value != "" {
					filled = append(filled, strings.Replace(text, each, value, 1))
				}
			}
		}
		texts = filled
	}
	return texts
}

func (r Resource) values(named kind, name string) []string {
	switch name {
	case "partition":
		partition, _ := replication.PartitionOf(r.Region)
		return []string{partition.ID}
	case "region":
		return []string{r.Region}
	case "account":
		if r.Account == "" {
			return []string{everywhere}
		}
		return []string{r.Account}
	case "name":
		return []string{r.name(named)}
	case "path":
		if r.text("path") == "" {
			return []string{"/"}
		}
		return []string{r.text("path")}
	case "bucket":
		if named.name == "bucket" {
			return []string{strings.ToLower(r.name(named))}
		}
	case "queueUrl":
		return []string{path.Base(r.text(name))}
	}
	switch value := r.Inputs[name].(type) {
	case string:
		return []string{value}
	case []string:
		return value
	case nil:
		return nil
	default:
		return []string{fmt.Sprint(value)}
	}
}

func (r Resource) text(name string) string {
	text, _ := r.Inputs[name].(string)
	return text
}

// name is the one that was given, or the pattern of what Pulumi generates.
// https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
func (r Resource) name(named kind) string {
	if given := r.text(named.name); named.name != "" && given != "" {
		return given
	}
	return r.Name + "-*"
}

// has reports whether all of several inputs, joined by "+", are set.
func (r Resource) has(inputs string) bool {
	if inputs == notRetained {
		return !r.Retained
	}
	return !slices.ContainsFunc(strings.Split(inputs, "+"), func(name string) bool {
		switch value := r.Inputs[name].(type) {
		case nil:
			return true
		case bool:
			return !value
		case string:
			return value == ""
		case []any:
			return len(value) == 0
		default:
			return false
		}
	})
}
