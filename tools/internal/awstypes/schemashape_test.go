package awstypes

import (
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// servedShape is the shape of properties in the served schema.
func servedShape(spec schema.PackageSpec, props map[string]schema.PropertySpec) *shape {
	s := &shape{kind: "object", fields: map[string]*shape{}}
	for name, p := range props {
		s.fields[name] = typeShape(spec, p.TypeSpec)
	}
	return s
}

func typeShape(spec schema.PackageSpec, t schema.TypeSpec) *shape {
	switch {
	case strings.HasPrefix(t.Ref, "pulumi.json#/A"):
		return &shape{kind: "asset"}
	case strings.HasPrefix(t.Ref, "#/types/"):
		return servedShape(spec, spec.Types[strings.TrimPrefix(t.Ref, "#/types/")].Properties)
	case t.Ref != "":
		return &shape{kind: "any"}
	case t.Type == "array":
		return &shape{kind: "list", elem: typeShape(spec, *t.Items)}
	case t.Type == "object" && t.AdditionalProperties != nil:
		return &shape{kind: "map", elem: typeShape(spec, *t.AdditionalProperties)}
	case t.Type == "object":
		return &shape{kind: "map", elem: &shape{kind: "string"}}
	case t.Type == "boolean":
		return &shape{kind: "bool"}
	case t.Type == "integer":
		return &shape{kind: "number"}
	default:
		return &shape{kind: t.Type}
	}
}

// missing lists the parts of the wanted shape that the served one lacks, or has in
// another form, by path.
func missing(path string, wanted, served *shape) []string {
	if served == nil {
		return []string{path + ": not served"}
	}
	if wanted.kind == "any" || served.kind == "any" {
		return nil
	}
	if wanted.kind != served.kind {
		return []string{path + ": is a " + wanted.kind + " in pulumi-aws, served as a " + served.kind}
	}
	if wanted.elem != nil {
		return missing(path+"[]", wanted.elem, served.elem)
	}
	var all []string
	for name, field := range wanted.fields {
		all = append(all, missing(path+"."+name, field, served.fields[name])...)
	}
	return all
}
