package terraform

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

func (s *server) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	resp, err := s.remote.ValidateResourceTypeConfig(ctx, &tfplugin5.ValidateResourceTypeConfig_Request{
		TypeName: req.TypeName,
		Config:   toValue(req.Config),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: fromDiagnostics(resp.GetDiagnostics())}, nil
}

func (s *server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	resp, err := s.remote.UpgradeResourceState(ctx, &tfplugin5.UpgradeResourceState_Request{
		TypeName: req.TypeName,
		Version:  req.Version,
		RawState: toRawState(req.RawState),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.UpgradeResourceStateResponse{
		UpgradedState: fromValue(resp.GetUpgradedState()),
		Diagnostics:   fromDiagnostics(resp.GetDiagnostics()),
	}, nil
}

func (s *server) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.remote.ReadResource(ctx, &tfplugin5.ReadResource_Request{
		TypeName:     req.TypeName,
		CurrentState: toValue(req.CurrentState),
		Private:      req.Private,
		ProviderMeta: toValue(req.ProviderMeta),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ReadResourceResponse{
		NewState:    fromValue(resp.GetNewState()),
		Private:     resp.GetPrivate(),
		Diagnostics: fromDiagnostics(resp.GetDiagnostics()),
	}, nil
}

func (s *server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := s.remote.PlanResourceChange(ctx, &tfplugin5.PlanResourceChange_Request{
		TypeName:         req.TypeName,
		PriorState:       toValue(req.PriorState),
		ProposedNewState: toValue(req.ProposedNewState),
		Config:           toValue(req.Config),
		PriorPrivate:     req.PriorPrivate,
		ProviderMeta:     toValue(req.ProviderMeta),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState:    fromValue(resp.GetPlannedState()),
		RequiresReplace: each(resp.GetRequiresReplace(), fromPath),
		PlannedPrivate:  resp.GetPlannedPrivate(),
		Diagnostics:     fromDiagnostics(resp.GetDiagnostics()),
	}, nil
}

func (s *server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.remote.ApplyResourceChange(ctx, &tfplugin5.ApplyResourceChange_Request{
		TypeName:       req.TypeName,
		PriorState:     toValue(req.PriorState),
		PlannedState:   toValue(req.PlannedState),
		Config:         toValue(req.Config),
		PlannedPrivate: req.PlannedPrivate,
		ProviderMeta:   toValue(req.ProviderMeta),
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ApplyResourceChangeResponse{
		NewState:    fromValue(resp.GetNewState()),
		Private:     resp.GetPrivate(),
		Diagnostics: fromDiagnostics(resp.GetDiagnostics()),
	}, nil
}

func (s *server) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.remote.ImportResourceState(ctx, &tfplugin5.ImportResourceState_Request{
		TypeName: req.TypeName,
		Id:       req.ID,
	})
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ImportResourceStateResponse{
		ImportedResources: each(resp.GetImportedResources(), fromImported),
		Diagnostics:       fromDiagnostics(resp.GetDiagnostics()),
	}, nil
}

func fromImported(r *tfplugin5.ImportResourceState_ImportedResource) *tfprotov6.ImportedResource {
	return &tfprotov6.ImportedResource{
		TypeName: r.GetTypeName(),
		State:    fromValue(r.GetState()),
		Private:  r.GetPrivate(),
	}
}
