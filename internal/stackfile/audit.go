package stackfile

import (
	"reflect"

	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

func (c Config) validateAudit() replication.Problems {
	var audited []plan.Audit
	var trails []*plan.ReplicatedBucket
	for _, r := range c.Replications {
		if r.Audit != (plan.Audit{}) {
			audited = append(audited, r.Audit)
		}
		if r.Audit.Trail {
			trails = append(trails, c.Plan(r))
		}
	}
	problems := problemsOf(plan.CheckAuditSettings(c.AuditSettings(), audited...))
	problems = append(problems, problemsOf(c.AuditSettings().CheckBoundaries(trails...))...)
	if len(audited) == 0 && !reflect.ValueOf(c.Audit).IsZero() {
		problems.Add("", "has settings, but no replication is audited; add audit: { enabled: true } to a replication, or remove them")
	}
	return problems
}
