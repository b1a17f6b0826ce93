package serve

import (
	"fmt"
	"sort"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// unknownFinder collects the properties that are not in the schema, at every depth.
type unknownFinder struct {
	subject  string // the subject of the messages
	failures []*pulumirpc.CheckFailure
}

// object checks the properties at path, which schema describes.
func (f *unknownFinder) object(
	path resource.PropertyPath, props resource.PropertyMap, schema shim.SchemaMap, infos map[string]*info.Schema,
) {
	names := terraformNames(schema, infos)
	for _, key := range props.StableKeys() {
		if strings.HasPrefix(string(key), "__") {
			continue
		}
		at := append(append(resource.PropertyPath{}, path...), string(key))
		name, ok := names[string(key)]
		if !ok {
			f.fail(at, names)
			continue
		}
		f.value(at, props[key], schema.Get(name), infos[name])
	}
}

// value checks the contents of a known property.
func (f *unknownFinder) value(
	path resource.PropertyPath, v resource.PropertyValue, schema shim.Schema, in *info.Schema,
) {
	v = plain(v)
	switch {
	case v.IsArray():
		for i, elem := range v.ArrayValue() {
			f.element(append(append(resource.PropertyPath{}, path...), i), elem, schema, in)
		}
	case v.IsObject() && isMap(schema):
		for key, elem := range v.ObjectValue() {
			f.element(append(append(resource.PropertyPath{}, path...), string(key)), elem, schema, in)
		}
	case v.IsObject():
		f.element(path, v, schema, in)
	}
}

// element checks an element of a list or map, or the single element of a list.
func (f *unknownFinder) element(
	path resource.PropertyPath, v resource.PropertyValue, schema shim.Schema, in *info.Schema,
) {
	var elem *info.Schema
	if in != nil {
		elem = in.Elem
	}
	v = plain(v)
	switch s := schema.Elem().(type) {
	case shim.Resource:
		if v.IsObject() {
			var fields map[string]*info.Schema
			if elem != nil {
				fields = elem.Fields
			}
			f.object(path, v.ObjectValue(), s.Schema(), fields)
		}
	case shim.Schema:
		f.value(path, v, s, elem)
	}
}

func (f *unknownFinder) fail(path resource.PropertyPath, names map[string]string) {
	known := make([]string, 0, len(names))
	for name := range names {
		known = append(known, name)
	}
	sort.Strings(known)
	f.failures = append(f.failures, &pulumirpc.CheckFailure{
		Property: path.String(),
		Reason: fmt.Sprintf("%s has no property %q; there are: %s. %s",
			f.subject, path.String(), strings.Join(known, ", "), tableHint),
	})
}

// tableHint ends every message about a type that is not served.
const tableHint = "(This is pulumi-aws-crr's stand-in for pulumi-resource-aws; " +
	"what it serves is in tools/internal/awstypes/table.go.)"

// terraformNames maps the names of properties in pulumi-aws to Terraform's.
func terraformNames(schema shim.SchemaMap, infos map[string]*info.Schema) map[string]string {
	names := map[string]string{}
	schema.Range(func(name string, _ shim.Schema) bool {
		names[tfbridge.TerraformToPulumiNameV2(name, schema, infos)] = name
		return true
	})
	return names
}

// isMap distinguishes a map with free keys from an object with properties.
func isMap(schema shim.Schema) bool {
	_, object := schema.Elem().(shim.Resource)
	return schema.Type() == shim.TypeMap && !object
}

// plain returns the value inside secrets and outputs; null while it is unknown.
func plain(v resource.PropertyValue) resource.PropertyValue {
	for {
		switch {
		case v.IsSecret():
			v = v.SecretValue().Element
		case v.IsOutput() && v.OutputValue().Known:
			v = v.OutputValue().Element
		case v.IsOutput() || v.IsComputed():
			return resource.NewNullProperty()
		default:
			return v
		}
	}
}
