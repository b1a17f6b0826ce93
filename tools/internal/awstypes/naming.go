package awstypes

import (
	"context"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// nameRule creates a name for a resource without one, as pulumi-aws does: the
// resource's own name, a dash and seven random hex digits. The name stays for the
// life of the resource.
type nameRule struct {
	property string // the Terraform property with the name
	shown    string // its name in pulumi-aws, when it differs
	max      int    // the longest name that AWS takes
	prefix   string // what the name must start with
	small    bool   // lower case only
	instead  string // the Terraform property that makes AWS create the name
	queue    string // the Terraform property that requires the suffix ".fifo"
}

func autoName(property string, max int) *nameRule { return &nameRule{property: property, max: max} }

func (r *nameRule) as(shown string) *nameRule       { r.shown = shown; return r }
func (r *nameRule) after(prefix string) *nameRule   { r.prefix = prefix; return r }
func (r *nameRule) lower() *nameRule                { r.small = true; return r }
func (r *nameRule) unless(instead string) *nameRule { r.instead = instead; return r }
func (r *nameRule) fifo(property string) *nameRule  { r.queue = property; return r }

const (
	randomDigits = 7
	fifoSuffix   = ".fifo"
)

// schema returns the rule in the bridge's form.
func (r *nameRule) schema() *info.Schema {
	return &info.Schema{
		Name:    r.shown,
		Default: &info.Default{AutoNamed: true, ComputeDefault: r.compute},
	}
}

// compute returns the name, or nil if AWS is asked to create it from a prefix.
func (r *nameRule) compute(ctx context.Context, opts info.ComputeDefaultOptions) (any, error) {
	if r.instead != "" && given(opts.Properties, r.instead) {
		return nil, nil
	}
	suffix := r.suffix(opts.Properties)
	name, err := info.ComputeAutoNameDefault(ctx, info.AutoNameOptions{
		Separator: "-",
		Maxlen:    r.max - len(r.prefix) - len(suffix),
		Randlen:   randomDigits,
		Transform: r.transform,
		PostTransform: func(_ *info.PulumiResource, name string) (string, error) {
			return r.prefix + name + suffix, nil
		},
	}, opts)
	return name, err
}

func (r *nameRule) transform(name string) string {
	if r.small {
		return strings.ToLower(name)
	}
	return name
}

func (r *nameRule) suffix(props resource.PropertyMap) string {
	if r.queue == "" {
		return ""
	}
	if v, ok := props[resource.PropertyKey(camel(r.queue))]; ok && v.IsBool() && v.BoolValue() {
		return fifoSuffix
	}
	return ""
}

func given(props resource.PropertyMap, property string) bool {
	v, ok := props[resource.PropertyKey(camel(property))]
	return ok && !v.IsNull()
}

// camel returns the bridge's name of a scalar property.
func camel(snake string) string {
	words := strings.Split(snake, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}
