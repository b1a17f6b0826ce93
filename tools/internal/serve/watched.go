package serve

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// watched is the Terraform provider that the bridge calls. It gets the engine's
// operation from the context.
type watched struct {
	tfprotov6.ProviderServer
	log      logger
	types    map[string]*tfprotov6.Schema
	settings tftypes.Type // of the provider's own settings
}

func (w *watched) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := w.ProviderServer.ConfigureProvider(ctx, req)
	if err == nil {
		resp.Diagnostics = w.log.digest(ctx, resp.Diagnostics)
	}
	return resp, err
}

func (w *watched) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := w.ProviderServer.ReadDataSource(ctx, req)
	if err == nil {
		resp.Diagnostics = w.log.digest(ctx, resp.Diagnostics)
	}
	return resp, err
}

func (w *watched) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := w.ProviderServer.ReadResource(ctx, req)
	if err == nil {
		resp.Diagnostics = w.log.digest(ctx, resp.Diagnostics)
	}
	return resp, err
}

func (w *watched) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := w.ProviderServer.PlanResourceChange(ctx, req)
	if err == nil {
		resp.RequiresReplace = withoutID(resp.RequiresReplace)
	}
	return resp, err
}

// withoutID omits the id, which Terraform adds to the causes of every replacement,
// unless there is no other.
func withoutID(causes []*tftypes.AttributePath) []*tftypes.AttributePath {
	id := tftypes.NewAttributePath().WithAttributeName("id")
	kept := slices.DeleteFunc(slices.Clone(causes), id.Equal)
	if len(kept) == 0 {
		return causes
	}
	return kept
}
