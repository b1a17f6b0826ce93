package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GetSchema implements [pulumirpc.ResourceProviderServer]: the served types, as
// pulumi-aws names them.
func (s *Server) GetSchema(ctx context.Context, _ *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	var notes strings.Builder
	sink := diag.DefaultSink(&notes, &notes, diag.FormatOptions{Color: colors.Never})
	spec, err := tfgen.GenerateSchema(b.info, sink)
	if err != nil {
		return nil, fmt.Errorf("generating the schema: %w\n%s", err, notes.String())
	}
	spec.Version = s.version
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetSchemaResponse{Schema: string(text)}, nil
}
