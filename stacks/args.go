package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/inputs"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
)

// argsOf returns the arguments of a replication's component.
func argsOf(config stackfile.Config, r stackfile.Replication) *crr.ReplicatedBucketArgs {
	planned := config.Plan(r)
	args := inputs.Args[crr.ReplicatedBucketArgs](*planned)
	args.NoWarnings = true // the program shows the warnings of all replications together
	if planned.Canary != nil && planned.Canary.CodeFile != "" {
		args.Canary.Code = pulumi.NewFileArchive(planned.Canary.CodeFile)
	}
	return &args
}

func auditArgs(config stackfile.Config, audited []crr.AuditedReplication) *crr.AuditArgs {
	args := inputs.Args[crr.AuditArgs](*config.AuditSettings())
	args.Replications = audited
	return &args
}

// auditOptions returns the records to keep about a replication, and whether there are
// any.
func auditOptions(audit plan.Audit) (crr.AuditOptions, bool) {
	return inputs.Args[crr.AuditOptions](audit), audit != plan.Audit{}
}
