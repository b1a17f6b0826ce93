package serve

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Host is where messages for the user go: the engine.
type Host interface {
	Log(ctx context.Context, sev diag.Severity, urn resource.URN, msg string) error
}

type logger struct{ host Host }

// digest passes warnings on to the user and makes one error of several, because
// the bridge tells only the first and no warning.
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
	// The engine is gone when this fails, and with it the one to tell.
	_ = l.host.Log(ctx, diag.Warning, resource.URN(of(ctx).urn), msg)
}

// errorOf is nil, or all the errors among ds in one.
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
