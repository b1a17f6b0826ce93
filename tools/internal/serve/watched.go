package serve

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// watched is the Terraform provider as the bridge calls it, with the operation of
// the engine that a call belongs to in sight.
type watched struct {
	tfprotov6.ProviderServer
	log   logger
	types map[string]*tfprotov6.Schema
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

// withoutID leaves out the id, which Terraform adds to the causes of every
// replacement, unless there is no other.
func withoutID(causes []*tftypes.AttributePath) []*tftypes.AttributePath {
	id := tftypes.NewAttributePath().WithAttributeName("id")
	kept := slices.DeleteFunc(slices.Clone(causes), id.Equal)
	if len(kept) == 0 {
		return causes
	}
	return kept
}

func (w *watched) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	op := of(ctx)
	if err := setTimeout(req, op.timeout); err != nil {
		return nil, err
	}
	resp, err := w.ProviderServer.ApplyResourceChange(ctx, req)
	if err != nil {
		return nil, err
	}
	failure := errorOf(resp.Diagnostics)
	resp.Diagnostics = w.log.digest(ctx, resp.Diagnostics)
	if failure == nil || !op.keepPartial {
		return resp, nil
	}
	state, err := w.made(req.TypeName, resp.NewState)
	if err != nil {
		return nil, fmt.Errorf("%w (after: %w)", err, failure)
	}
	if state != nil {
		op.failure = failure
		resp.NewState, resp.Diagnostics = state, nil
	}
	return resp, nil
}

// made is the state of a resource whose creation failed, nil when it does not
// exist. Values that the failure left unknown become null.
func (w *watched) made(typeName string, state *tfprotov6.DynamicValue) (*tfprotov6.DynamicValue, error) {
	if state == nil || w.types[typeName] == nil {
		return nil, nil
	}
	typ := w.types[typeName].ValueType()
	v, err := state.Unmarshal(typ)
	if err != nil {
		return nil, fmt.Errorf("reading the state of a new %s: %w", typeName, err)
	}
	if !hasID(v) {
		return nil, nil
	}
	v, err = tftypes.Transform(v, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the state of a new %s: %w", typeName, err)
	}
	known, err := tfprotov6.NewDynamicValue(typ, v)
	return &known, err
}

func hasID(state tftypes.Value) bool {
	var fields map[string]tftypes.Value
	if !state.IsKnown() || state.IsNull() || state.As(&fields) != nil {
		return false
	}
	var id *string
	v, ok := fields["id"]
	return ok && v.IsKnown() && v.As(&id) == nil && id != nil && *id != ""
}
