package awstypes

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// Schema returns the Pulumi schema of the types that the provider serves. It has no
// version.
func Schema(provider info.Provider) (schema.PackageSpec, error) {
	var notes strings.Builder
	sink := diag.DefaultSink(&notes, &notes, diag.FormatOptions{Color: colors.Never})
	spec, err := tfgen.GenerateSchema(provider, sink)
	if err != nil {
		return schema.PackageSpec{}, fmt.Errorf("generating the schema: %w\n%s", err, notes.String())
	}
	// No SDK is generated from it: programs use pulumi-aws's.
	spec.Version, spec.Language, spec.Attribution = "", nil, ""
	return spec, nil
}
