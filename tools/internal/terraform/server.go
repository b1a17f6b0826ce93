package terraform

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

// server presents a provider process as a protocol 6 provider.
type server struct {
	unsupported
	remote tfplugin5.ProviderClient
	sel    Select
}

// NewServer translates between protocol 6 and the protocol 5 provider remote,
// limited to the selected types.
func NewServer(remote tfplugin5.ProviderClient, sel Select) tfprotov6.ProviderServer {
	return &server{remote: remote, sel: sel}
}

func (s *server) GetProviderSchema(
	ctx context.Context, _ *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp, err := s.remote.GetSchema(ctx, &tfplugin5.GetProviderSchema_Request{})
	if err != nil {
		return nil, fmt.Errorf("reading the schema of terraform-provider-aws: %w", err)
	}
	return s.sel.translate(resp)
}

func (s *server) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	resp, err := s.remote.PrepareProviderConfig(ctx, &tfplugin5.PrepareProviderConfig_Request{
		Config: toValue(req.Config),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ValidateProviderConfigResponse{
		PreparedConfig: fromValue(resp.GetPreparedConfig()),
		Diagnostics:    fromDiagnostics(resp.GetDiagnostics()),
	}, nil
}

func (s *server) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.remote.Configure(ctx, &tfplugin5.Configure_Request{
		TerraformVersion: req.TerraformVersion,
		Config:           toValue(req.Config),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: fromDiagnostics(resp.GetDiagnostics())}, nil
}

func (s *server) StopProvider(
	ctx context.Context, _ *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	resp, err := s.remote.Stop(ctx, &tfplugin5.Stop_Request{})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.StopProviderResponse{Error: resp.GetError()}, nil
}

func (s *server) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	resp, err := s.remote.ValidateDataSourceConfig(ctx, &tfplugin5.ValidateDataSourceConfig_Request{
		TypeName: req.TypeName,
		Config:   toValue(req.Config),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: fromDiagnostics(resp.GetDiagnostics())}, nil
}

func (s *server) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := s.remote.ReadDataSource(ctx, &tfplugin5.ReadDataSource_Request{
		TypeName:     req.TypeName,
		Config:       toValue(req.Config),
		ProviderMeta: toValue(req.ProviderMeta),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ReadDataSourceResponse{
		State:       fromValue(resp.GetState()),
		Diagnostics: fromDiagnostics(resp.GetDiagnostics()),
	}, nil
}

// unsupported handles the calls that the bridge never makes.
type unsupported struct{}

var errUnsupported = errors.New("not supported by this translation of terraform-provider-aws")

func (unsupported) GetMetadata(
	context.Context, *tfprotov6.GetMetadataRequest,
) (*tfprotov6.GetMetadataResponse, error) {
	return nil, errUnsupported
}

func (unsupported) MoveResourceState(
	context.Context, *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	return nil, errUnsupported
}

func (unsupported) CallFunction(
	context.Context, *tfprotov6.CallFunctionRequest,
) (*tfprotov6.CallFunctionResponse, error) {
	return nil, errUnsupported
}

func (unsupported) GetFunctions(
	context.Context, *tfprotov6.GetFunctionsRequest,
) (*tfprotov6.GetFunctionsResponse, error) {
	return nil, errUnsupported
}
