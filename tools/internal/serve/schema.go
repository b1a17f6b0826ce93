package serve

import (
	"context"
	"encoding/json"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/awstypes"
)

// GetSchema implements [pulumirpc.ResourceProviderServer]: the served types, as
// pulumi-aws names them.
func (s *Server) GetSchema(ctx context.Context, _ *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	spec, err := awstypes.Schema(b.info)
	if err != nil {
		return nil, err
	}
	spec.Version = s.version
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetSchemaResponse{Schema: string(text)}, nil
}
