package crr

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/awsdocs"
	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/nearest"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

const (
	awsNamespace = "aws"
)

// providerSettings is the stack's configuration of the AWS package, such as
// aws:profile. Pulumi passes it to the default provider only; shared providers inherit
// it from here. The region is excluded: each bucket has its own.
type providerSettings struct {
	// plain has the settings as the SDK's unexported providerArgs.
	plain  reflect.Value
	secret map[string]bool
}

// settingsType returns the struct with a field for each setting of the AWS provider,
// with its name in a tag.
func settingsType() reflect.Type { return aws.ProviderArgs{}.ElementType() }

func settingName(field reflect.StructField) string { return field.Tag.Get("pulumi") }

// readProviderSettings reads the settings of a stack, and reports those that the
// provider does not have or that are invalid.
func readProviderSettings(ctx *pulumi.Context) (*providerSettings, replication.Problems) {
	settings := &providerSettings{plain: reflect.New(settingsType()).Elem(), secret: map[string]bool{}}
	var problems replication.Problems
	names := map[string]bool{}
	for _, field := range reflect.VisibleFields(settingsType()) {
		name := settingName(field)
		names[name] = true
		key := awsNamespace + ":" + name
		text, set := ctx.GetConfig(key)
		if !set || name == "region" {
			continue
		}
		if err := decodeSetting(text, settings.plain.FieldByIndex(field.Index)); err != nil {
			problems.AddSee(awsdocs.PulumiProvider, key, "%q cannot be read: %s", redacted(text, ctx.IsConfigSecret(key)), err)
		}
		settings.secret[field.Name] = ctx.IsConfigSecret(key)
	}
	problems = append(problems, unknownSettings(names)...)
	for _, list := range []string{"allowedAccountIds", "forbiddenAccountIds"} {
		for _, account := range settings.list(list) {
			if err := awsid.CheckAccountID(account); err != nil {
				problems.AddSee(awsdocs.PulumiProvider, awsNamespace+":"+list, "%s", err)
			}
		}
	}
	return settings, problems
}

func redacted(text string, secret bool) string {
	if secret {
		return "[secret]"
	}
	return text
}

// unknownSettings reports keys of the namespace that the provider does not have. The
// SDK can look up keys but not list them.
func unknownSettings(known map[string]bool) replication.Problems {
	var configured map[string]string
	if json.Unmarshal([]byte(os.Getenv(pulumi.EnvConfig)), &configured) != nil {
		return nil
	}
	var problems replication.Problems
	for _, key := range slices.Sorted(maps.Keys(configured)) {
		name, ours := strings.CutPrefix(key, awsNamespace+":")
		if !ours || known[name] {
			continue
		}
		hint := ""
		if meant := nearest.Word(name, slices.Sorted(maps.Keys(known))); meant != "" {
			hint = "; did you mean " + awsNamespace + ":" + meant + "?"
		}
		problems.AddSee(awsdocs.PulumiProvider, key, "is not a setting of pulumi-aws v6%s", hint)
	}
	return problems
}

// decodeSetting reads a setting as Pulumi stores it: plain values as text, structured
// values as JSON. Account ids are often written without quotes.
func decodeSetting(text string, into reflect.Value) error {
	var value any = text
	if into.Type() != reflect.TypeFor[*string]() {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			return fmt.Errorf("%w; in a stack file, write it as structured YAML", err)
		}
	}
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: into.Addr().Interface(), TagName: "pulumi", ErrorUnused: true, WeaklyTypedInput: true,
		MatchName: func(key, field string) bool { return key == field },
	})
	if err != nil {
		return err
	}
	return decoder.Decode(value)
}

// list returns a setting that is a list of strings.
func (s *providerSettings) list(name string) []string {
	for _, field := range reflect.VisibleFields(s.plain.Type()) {
		if settingName(field) == name {
			list, _ := s.plain.FieldByIndex(field.Index).Interface().([]string)
			return list
		}
	}
	return nil
}

// assumeRole returns the role of aws:assumeRole, or "".
func (s *providerSettings) assumeRole() string {
	role, _ := s.plain.FieldByName("AssumeRole").Interface().(*aws.ProviderAssumeRole)
	if role == nil || role.RoleArn == nil {
		return ""
	}
	return *role.RoleArn
}

// args returns the arguments of a provider with all settings of the stack.
func (s *providerSettings) args() *aws.ProviderArgs {
	args := &aws.ProviderArgs{}
	into := reflect.ValueOf(args).Elem()
	for _, field := range reflect.VisibleFields(s.plain.Type()) {
		if value := s.plain.FieldByIndex(field.Index); !value.IsZero() {
			into.FieldByName(field.Name).Set(reflect.ValueOf(inputOf(value, s.secret[field.Name])))
		}
	}
	return args
}

// inputOf converts a plain value to the SDK's input type for it, which ApplyT selects
// by the result type of a function.
func inputOf(value reflect.Value, secret bool) pulumi.Output {
	signature := reflect.FuncOf([]reflect.Type{reflect.TypeFor[string]()}, []reflect.Type{value.Type()}, false)
	resolve := reflect.MakeFunc(signature, func([]reflect.Value) []reflect.Value { return []reflect.Value{value} })
	output := pulumi.String("").ToStringOutput().ApplyT(resolve.Interface())
	if secret {
		return pulumi.ToSecret(output)
	}
	return output
}

// source describes the credentials of a provider without a role.
func (s *providerSettings) source() string {
	text := func(field string) string {
		value, _ := s.plain.FieldByName(field).Interface().(*string)
		if value == nil {
			return ""
		}
		return *value
	}
	switch {
	case text("AccessKey") != "":
		return "those of aws:accessKey"
	case text("Profile") != "":
		return fmt.Sprintf("those of aws:profile %q", text("Profile"))
	default:
		return "the default ones (the environment and the AWS configuration files; the stack sets no aws:profile)"
	}
}
