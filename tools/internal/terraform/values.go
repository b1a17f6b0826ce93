package terraform

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
)

// Values, paths and diagnostics mean the same in protocol 5 and 6; only the Go
// types differ.

func toValue(v *tfprotov6.DynamicValue) *tfplugin5.DynamicValue {
	if v == nil {
		return nil
	}
	return &tfplugin5.DynamicValue{Msgpack: v.MsgPack, Json: v.JSON}
}

func fromValue(v *tfplugin5.DynamicValue) *tfprotov6.DynamicValue {
	if v == nil {
		return nil
	}
	return &tfprotov6.DynamicValue{MsgPack: v.GetMsgpack(), JSON: v.GetJson()}
}

func toRawState(s *tfprotov6.RawState) *tfplugin5.RawState {
	if s == nil {
		return nil
	}
	return &tfplugin5.RawState{Json: s.JSON, Flatmap: s.Flatmap}
}

func fromDiagnostics(ds []*tfplugin5.Diagnostic) []*tfprotov6.Diagnostic {
	return each(ds, func(d *tfplugin5.Diagnostic) *tfprotov6.Diagnostic {
		severity := tfprotov6.DiagnosticSeverityError
		if d.GetSeverity() == tfplugin5.Diagnostic_WARNING {
			severity = tfprotov6.DiagnosticSeverityWarning
		}
		return &tfprotov6.Diagnostic{
			Severity:  severity,
			Summary:   d.GetSummary(),
			Detail:    d.GetDetail(),
			Attribute: fromPath(d.GetAttribute()),
		}
	})
}

func fromPath(p *tfplugin5.AttributePath) *tftypes.AttributePath {
	if len(p.GetSteps()) == 0 {
		return nil
	}
	return tftypes.NewAttributePathWithSteps(each(p.GetSteps(), fromStep))
}

func fromStep(s *tfplugin5.AttributePath_Step) tftypes.AttributePathStep {
	switch s := s.GetSelector().(type) {
	case *tfplugin5.AttributePath_Step_ElementKeyInt:
		return tftypes.ElementKeyInt(s.ElementKeyInt)
	case *tfplugin5.AttributePath_Step_ElementKeyString:
		return tftypes.ElementKeyString(s.ElementKeyString)
	case *tfplugin5.AttributePath_Step_AttributeName:
		return tftypes.AttributeName(s.AttributeName)
	default:
		return tftypes.AttributeName("")
	}
}

func each[From, To any](from []From, f func(From) To) []To {
	to := make([]To, len(from))
	for i, v := range from {
		to[i] = f(v)
	}
	return to
}
