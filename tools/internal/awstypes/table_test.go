package awstypes

import (
	"context"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/stretchr/testify/require"

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
	var out strings.Builder
	sink := diag.DefaultSink(&out, &out, diag.FormatOptions{Color: colors.Never})
	spec, err := tfgen.GenerateSchema(Provider(shim, "6.0.0"), sink)
	require.NoError(t, err, out.String())
	return spec
}

// What a program can set in the Go SDK must reach the Terraform provider, and
// what it can read must come back: by name and by form, at every depth.
func TestTableMatchesSDK(t *testing.T) {
	dir := sdkDir(t)
	spec := served(t)
	packages := map[string]sdkPackage{}
	for _, r := range resources {
		module, rest, _ := strings.Cut(r.Token, "/")
		if packages[module] == nil {
			packages[module] = parsePackage(t, filepath.Join(dir, module))
		}
		pkg := packages[module]
		_, name, _ := strings.Cut(rest, ":")
		t.Run(r.Token, func(t *testing.T) {
			res := spec.Resources["aws:"+r.Token]
			compare(t, pkg.object(unexported(name)+"Args"), servedShape(spec, res.InputProperties))
			compare(t, pkg.object(unexported(name)+"State"), servedShape(spec, res.Properties))
		})
	}
	t.Run("provider", func(t *testing.T) {
		compare(t, parsePackage(t, dir).object("providerArgs"), servedShape(spec, spec.Provider.InputProperties))
	})
}

func compare(t *testing.T, wanted, served *shape) {
	t.Helper()
	all := missing("", wanted, served)
	sort.Strings(all)
	for _, m := range all {
		t.Error(m)
	}
}
