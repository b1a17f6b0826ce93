// Package inputs converts between the arguments of components, which may be outputs of
// other resources, and the plain values of package plan. The fields have the same
// names.
package inputs

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Plain returns arguments as plain values, and a problem for each text that is set but
// empty. Outputs become [plan.Unknown]. Fields that only the plain values have stay
// zero.
func Plain[T any](args any) (T, replication.Problems) {
	var values T
	var c copier
	c.copy(reflect.ValueOf(&values).Elem(), reflect.ValueOf(args), "")
	return values, c.problems
}

// Args returns plain values as arguments. Fields that only the arguments have stay
// zero.
func Args[T any](values any) T {
	var args T
	var c copier
	c.copy(reflect.ValueOf(&args).Elem(), reflect.ValueOf(values), "")
	return args
}

var (
	textType  = reflect.TypeFor[plan.Text]()
	inputType = reflect.TypeFor[pulumi.StringInput]()
)

type copier struct{ problems replication.Problems }

func (c *copier) copy(to, from reflect.Value, path string) {
	switch {
	case to.Type() == from.Type():
		to.Set(from)
		return
	case to.Type() == textType:
		to.SetString(string(c.text(from, path)))
		return
	case to.Type() == inputType:
		if from.Len() > 0 {
			to.Set(reflect.ValueOf(pulumi.String(from.String())))
		}
		return
	}
	switch to.Kind() { //nolint:exhaustive // All others are copied as they are.
	case reflect.Struct:
		c.copyStruct(to, from, path)
	case reflect.Slice:
		for i := range from.Len() {
			element := reflect.New(to.Type().Elem()).Elem()
			c.copy(element, from.Index(i), fmt.Sprintf("%s[%d]", path, i))
			to.Set(reflect.Append(to, element))
		}
	case reflect.Map:
		for _, key := range from.MapKeys() {
			if to.IsNil() {
				to.Set(reflect.MakeMap(to.Type()))
			}
			element := reflect.New(to.Type().Elem()).Elem()
			c.copy(element, from.MapIndex(key), path+"."+key.String())
			to.SetMapIndex(key, element)
		}
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
			c.copy(to.Elem(), from.Elem(), path)
		}
	default:
		to.Set(from.Convert(to.Type()))
	}
}

func (c *copier) copyStruct(to, from reflect.Value, path string) {
	for i := range to.NumField() {
		field := to.Type().Field(i)
		if given := fieldLike(from, field); field.IsExported() && given.IsValid() {
			c.copy(to.Field(i), given, join(path, field))
		}
	}
}

// text returns an input as a plain value.
func (c *copier) text(from reflect.Value, path string) plan.Text {
	if from.IsNil() {
		return ""
	}
	given, plain := from.Interface().(pulumi.String)
	if plain && given == "" {
		c.problems.Add(path, "is empty; set it, or leave it out")
	}
	if given == "" {
		return plan.Unknown
	}
	return plan.Text(given)
}

// fieldLike returns the field of the same name or, for an embedded struct, the one that
// is embedded there.
func fieldLike(from reflect.Value, field reflect.StructField) reflect.Value {
	if !field.Anonymous {
		return from.FieldByName(field.Name)
	}
	for i := range from.NumField() {
		if from.Type().Field(i).Anonymous {
			return from.Field(i)
		}
	}
	return reflect.Value{}
}

// join returns the path of a field, as a stack file has it.
func join(path string, field reflect.StructField) string {
	name, options, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
	switch {
	case options == "squash":
		return path
	case path == "":
		return name
	default:
		return path + "." + name
	}
}
