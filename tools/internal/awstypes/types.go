package awstypes

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
)

// Resource is one line of the table of resources.
type Resource struct {
	Token     string    // pulumi-aws's token without "aws:"
	Terraform string    // the Terraform type behind it
	Name      *nameRule // how the default name is created; nil: there is none
	Archive   string    // the Terraform property with the path of a file, for which pulumi-aws takes an archive
	Overrides overrides // differences from the bridge's rules for names and shapes
}

// Function is one line of the table of functions.
type Function struct {
	Token     string // pulumi-aws's token without "aws:"
	Terraform string // the Terraform data source behind it
	Overrides overrides
}

// overrides maps paths of Terraform properties ("rule.filter.and") to differences
// between pulumi-aws and the bridge's rules.
type overrides map[string]override

type override struct {
	name string // the name in pulumi-aws, "" for the default
	one  *bool  // a list of at most one element, shown as that element
}

// rename renames the property at path.
func rename(path, name string) overrides { return overrides{path: {name: name}} }

// single shows the lists at paths as their only element.
func single(paths ...string) overrides { return shown(paths, true) }

// plural shows the lists at paths, which have at most one element, as lists.
func plural(paths ...string) overrides { return shown(paths, false) }

func shown(paths []string, one bool) overrides {
	o := make(overrides, len(paths))
	for _, path := range paths {
		o[path] = override{one: &one}
	}
	return o
}

// fields converts the overrides to the bridge's nested form.
func (o overrides) fields() map[string]*info.Schema {
	fields := map[string]*info.Schema{}
	for path, change := range o {
		s := at(fields, strings.Split(path, "."))
		s.Name = change.name
		s.MaxItemsOne = change.one
	}
	return fields
}

// at finds or creates the schema at path, below fields.
func at(fields map[string]*info.Schema, path []string) *info.Schema {
	s := fields[path[0]]
	if s == nil {
		s = &info.Schema{}
		fields[path[0]] = s
	}
	if len(path) == 1 {
		return s
	}
	if s.Elem == nil {
		s.Elem = &info.Schema{}
	}
	if s.Elem.Fields == nil {
		s.Elem.Fields = map[string]*info.Schema{}
	}
	return at(s.Elem.Fields, path[1:])
}
