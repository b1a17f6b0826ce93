package serve

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

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
		w.look(ctx, req.TypeName, resp)
	}
	return resp, nil
}

// look replaces the state after a failed creation, which contains the wanted values,
// by the actual state: otherwise the next update would have nothing to do.
func (w *watched) look(ctx context.Context, typeName string, made *tfprotov6.ApplyResourceChangeResponse) {
	read, err := w.ProviderServer.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: typeName, CurrentState: made.NewState, Private: made.Private,
	})
	if err != nil || errorOf(read.Diagnostics) != nil {
		return // as after a cancellation: the reported state is the best available
	}
	if state, err := w.made(typeName, read.NewState); err == nil && state != nil {
		made.NewState, made.Private = state, read.Private
	}
}

// made returns the state of a resource whose creation failed, or nil if it does not
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
