package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/crr-io/pulumi-aws-crr/internal/access"
)

// StackResources reads the resources of a deployed stack of the project in this
// folder.
func StackResources(ctx context.Context, stack string) ([]access.Resource, error) {
	exported, complaint, err := askPulumi(ctx, "stack", "export", "--stack", stack)
	if err != nil && complaint != "" {
		return nil, fmt.Errorf("asking Pulumi for the state of the stack %s: %s; is this the project's folder?", stack, complaint)
	}
	if err != nil {
		return nil, fmt.Errorf("asking Pulumi for the state of the stack %s: %w", stack, err)
	}
	return access.Deployed(exported)
}

// WriteAccess writes what principals need: each document as it can be copied, below
// what is to be done with it.
func WriteAccess(w io.Writer, policies []access.Policy) error {
	p := &page{w: w}
	for i, each := range policies {
		if i > 0 {
			p.line("")
		}
		switch {
		case each.Resource != "":
			p.line(comment + each.Resource)
		case each.Principal != "":
			p.line(comment + each.Principal)
		default:
			p.line(comment + "the credentials that run the task")
		}
		for _, note := range each.Notes {
			for _, line := range wrap(note, pageWidth-len(comment)) {
				p.line(comment + line)
			}
		}
		for n, document := range each.Documents {
			if len(each.Documents) > 1 {
				p.line(fmt.Sprintf("%sdocument %d of %d", comment, n+1, len(each.Documents)))
			}
			if p.err != nil {
				return p.err
			}
			encoder := json.NewEncoder(w)
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			p.err = encoder.Encode(document)
		}
	}
	return p.err
}
