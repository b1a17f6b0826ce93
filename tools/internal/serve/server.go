package serve

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Server is the Pulumi resource provider.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer
	version  string
	starting *starting
}

// New returns a server of the served part of pulumi-aws at that version. The host is
// the engine; it may be nil.
func New(open Open, version string, host Host) *Server {
	return &Server{version: version, starting: start(open, version, logger{host})}
}

// GetPluginInfo implements [pulumirpc.ResourceProviderServer].
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: s.version}, nil
}

// Attach implements [pulumirpc.ResourceProviderServer].
func (s *Server) Attach(ctx context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	return b.bridge.Attach(ctx, req)
}

// GetMapping implements [pulumirpc.ResourceProviderServer]: it returns no mapping
// for converting Terraform programs.
func (s *Server) GetMapping(context.Context, *pulumirpc.GetMappingRequest) (*pulumirpc.GetMappingResponse, error) {
	return &pulumirpc.GetMappingResponse{}, nil
}

// CheckConfig implements [pulumirpc.ResourceProviderServer].
func (s *Server) CheckConfig(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	failures, err := b.unknownConfig(req.GetNews())
	if err != nil {
		return nil, err
	}
	if len(failures) > 0 {
		return &pulumirpc.CheckResponse{Inputs: req.GetNews(), Failures: failures}, nil
	}
	return b.bridge.CheckConfig(with(ctx, &operation{urn: req.GetUrn()}), req)
}

// DiffConfig implements [pulumirpc.ResourceProviderServer].
func (s *Server) DiffConfig(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := b.bridge.DiffConfig(ctx, req)
	if err != nil {
		return nil, err
	}
	return complete(resp), nil
}

// Configure implements [pulumirpc.ResourceProviderServer].
func (s *Server) Configure(
	ctx context.Context, req *pulumirpc.ConfigureRequest,
) (*pulumirpc.ConfigureResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	return b.bridge.Configure(with(ctx, &operation{}), req)
}

// Invoke implements [pulumirpc.ResourceProviderServer].
func (s *Server) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	b, err := s.starting.wait(ctx)
	if err != nil {
		return nil, err
	}
	failures, err := b.unknownArguments(req.GetTok(), req.GetArgs())
	if err != nil {
		return nil, err
	}
	if len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: failures}, nil
	}
	return b.bridge.Invoke(with(ctx, &operation{}), req)
}

// Cancel implements [pulumirpc.ResourceProviderServer]: it cancels running calls of
// AWS, which end with an error.
func (s *Server) Cancel(ctx context.Context, _ *emptypb.Empty) (*emptypb.Empty, error) {
	b, err := s.starting.wait(ctx)
	if err != nil { // nothing runs then
		return &emptypb.Empty{}, nil
	}
	if _, err := b.terraform.StopProvider(ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}
