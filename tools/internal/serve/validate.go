package serve

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/crr-io/pulumi-aws-crr/tools/internal/awstypes"
)

// ValidateProviderConfig calls the provider only if one of its validated settings is
// given. The provider first validates all of its 1400 types, every time, which takes
// more than a second.
func (w *watched) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	if w.settings != nil && !anyGiven(req.Config, w.settings, awstypes.SettingsWithRules) {
		return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
	}
	return w.ProviderServer.ValidateProviderConfig(ctx, req)
}

// anyGiven reports whether one of the named settings has a value. Unreadable
// settings count as given.
func anyGiven(config *tfprotov6.DynamicValue, settings tftypes.Type, names []string) bool {
	if config == nil {
		return false
	}
	v, err := config.Unmarshal(settings)
	if err != nil {
		return true
	}
	var fields map[string]tftypes.Value
	if err := v.As(&fields); err != nil {
		return true
	}
	for _, name := range names {
		if given(fields[name]) {
			return true
		}
	}
	return false
}

// given reports whether a value is neither null nor an empty list.
func given(v tftypes.Value) bool {
	if v.Type() == nil || v.IsNull() {
		return false
	}
	var list []tftypes.Value
	return !v.IsKnown() || v.As(&list) != nil || len(list) > 0
}
