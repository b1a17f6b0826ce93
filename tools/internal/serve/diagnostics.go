package serve

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Host receives messages for the user: the engine.
type Host interface {
	Log(ctx context.Context, sev diag.Severity, urn resource.URN, msg string) error
}

type logger struct{ host Host }

// digest passes warnings on to the user and joins several errors into one, because
// the bridge reports only the first error and no warnings.
func (l logger) digest(ctx context.Context, ds []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	var failed []*tfprotov6.Diagnostic
	for _, d := range ds {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			failed = append(failed, d)
		} else {
			l.warn(ctx, text(d))
		}
	}
	if len(failed) < 2 {
		return failed
	}
	all := errorOf(failed).Error()
	return []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: all, Detail: all}}
}

func (l logger) warn(ctx context.Context, msg string) {
	if l.host == nil {
		return
	}
	// If this fails, the engine has ended.
	_ = l.host.Log(ctx, diag.Warning, resource.URN(of(ctx).urn), msg)
}

// errorOf returns nil, or all the errors in ds as one.
func errorOf(ds []*tfprotov6.Diagnostic) error {
	var all []error
	for _, d := range ds {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, errors.New(text(d)))
		}
	}
	return errors.Join(all...)
}

func text(d *tfprotov6.Diagnostic) string {
	var b strings.Builder
	if d.Attribute != nil {
		b.WriteString("[" + d.Attribute.String() + "] ")
	}
	b.WriteString(d.Summary)
	if d.Detail != "" && d.Detail != d.Summary {
		b.WriteString(": " + d.Detail)
	}
	return b.String()
}
