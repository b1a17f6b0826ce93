package crr

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
)

// statementID returns the statement id of a permission to invoke a Lambda function if
// the generated id would be too long.
func statementID(name string) pulumi.StringPtrInput {
	return optional(plan.StatementID(name))
}
