package crr

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

const (
// See "Replication and Lifecycle configurations" there.
)

// Warn shows findings in previews and updates as warnings about a resource. Notes are
// omitted.
func Warn(ctx *pulumi.Context, about pulumi.Resource, findings model.Findings) {
	var messages []string
	for _, finding := range findings {
		if finding.Severity != model.SeverityInfo {
			messages = append(messages, fmt.Sprintf("%s: %s %s (%s, %s)", finding.Path, sentence(finding.Message), finding.Fix, finding.ID, finding.See))
		}
	}
	if len(messages) == 0 {
		return
	}
	// The engine knows the resource only after it is registered, and a program must not
	// wait for that.
	about.URN().ApplyT(func(pulumi.URN) (string, error) {
		for _, message := range messages {
			if err := ctx.Log.Warn(message, &pulumi.LogArgs{Resource: about}); err != nil {
				return "", fmt.Errorf("showing a warning: %w", err)
			}
		}
		return "", nil
	})
}

// sentence appends a full stop unless the message ends with a question mark.
func sentence(message string) string {
	if strings.HasSuffix(message, "?") {
		return message
	}
	return message + "."
}
