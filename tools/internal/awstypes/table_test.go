package awstypes

import (
	"context"
	"encoding/json"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/locate"
	"github.com/crr-io/pulumi-aws-crr/tools/internal/terraform"
)

func served(t *testing.T) schema.PackageSpec {
	t.Helper()
	report := locate.This().Find()
	if err := report.Err(); err != nil {
		t.Skip(err)
	}
	process, err := terraform.Start(report.Chosen.Path)
	require.NoError(t, err)
	t.Cleanup(process.Close)
	shim := proto.New(context.Background(), terraform.NewServer(process.Client(), Selected()))
	spec, err := Schema(Provider(shim, "6.0.0"))
	require.NoError(t, err)
	return spec
}

// Everything that a program can set in the Go SDK must reach the Terraform provider,
// and everything that it can read must come back: by name and by form, at every
// depth.
func TestTableMatchesSDK(t *testing.T) {
	t.Parallel()
	dir := sdkDir(t)
	spec := served(t)
	root := parsePackage(t, dir)
	packages := map[string]sdkPackage{"index": root}
	of := func(token string) (pkg sdkPackage, name string) {
		module, rest, _ := strings.Cut(token, "/")
		if packages[module] == nil {
			packages[module] = parsePackage(t, filepath.Join(dir, module))
		}
		_, name, _ = strings.Cut(rest, ":")
		return packages[module], name
	}
	for _, r := range resources {
		pkg, name := of(r.Token)
		t.Run(r.Token, func(t *testing.T) {
			res := spec.Resources["aws:"+r.Token]
			compare(t, pkg.object(unexported(name)+"Args"), servedShape(spec, res.InputProperties))
			compare(t, pkg.object(unexported(name)+"State"), servedShape(spec, res.Properties))
		})
	}
	for _, f := range functions {
		pkg, name := of(f.Token)
		t.Run(f.Token, func(t *testing.T) {
			fn := spec.Functions["aws:"+f.Token]
			name = strings.ToUpper(name[:1]) + name[1:]
			if looked := strings.Replace(name, "Get", "Lookup", 1); pkg[looked+"Result"] != nil {
				name = looked // the name is used by a function that reads a resource
			}
			if pkg[name+"Args"] != nil {
				compare(t, pkg.object(name+"Args"), servedShape(spec, fn.Inputs.Properties))
			}
			compare(t, pkg.object(name+"Result"), servedShape(spec, fn.Outputs.Properties))
		})
	}
	t.Run("provider", func(t *testing.T) {
		for _, name := range SettingsWithRules {
			require.Contains(t, spec.Provider.InputProperties, camel(name))
		}
		compare(t, root.object("providerArgs"), servedShape(spec, spec.Provider.InputProperties))
	})
}

// goldenFor is the provider version of the golden file; others have other
// descriptions.
const goldenFor = "5.100.0"

// The schema is stored in a file, so that the main module can test against it
// without the plugin and the provider.
func TestSchemaIsTheKeptOne(t *testing.T) {
	t.Parallel()
	spec := served(t)
	if locate.This().Find().Chosen.Version != goldenFor {
		t.Skip("the golden file is of terraform-provider-aws " + goldenFor)
	}
	got, err := json.MarshalIndent(spec, "", " ")
	require.NoError(t, err)
	golden.Assert(t, string(got)+"\n", "../../../pulumi-resource-aws/schema.json")
}

func compare(t *testing.T, wanted, served *shape) {
	t.Helper()
	all := missing("", wanted, served)
	sort.Strings(all)
	for _, m := range all {
		t.Error(m)
	}
}
