package stacks

import (
	"cmp"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/pkg/crr"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Subjects returns the replications of the configuration as they will be after
// deployment.
func (c Config) Subjects() []model.Subject {
	var subjects []model.Subject
	for i, r := range c.Replications {
		path := fmt.Sprintf("replications[%d]", i)
		for _, subject := range c.args(r).Subjects(r.Name) {
			subject.Path = path
			subject.Advice = adviceUnder(path, subject.Advice)
			subjects = append(subjects, subject)
		}
	}
	if c.Protect && c.ForceDestroy && len(subjects) > 0 {
		subjects[0].Advice = append(subjects[0].Advice, crr.ForceDestroyAdvice("forceDestroy")...)
	}
	return subjects
}

// adviceUnder returns the advice on a replication with paths of the stack's
// configuration. Advice on settings of the whole stack is omitted.
func adviceUnder(path string, advice model.Findings) model.Findings {
	var moved model.Findings
	for _, finding := range advice {
		if finding.ID != crr.ForceDestroyProtected {
			finding.Path = path + "." + finding.Path
			moved = append(moved, finding)
		}
	}
	return moved
}

// warn shows the findings of lint as warnings about the bucket of each replication.
func (c Config) warn(ctx *pulumi.Context, buckets []*crr.ReplicatedBucket) {
	findings := map[string]model.Findings{}
	subjects := c.Subjects()
	for _, finding := range model.Lint(subjects...) {
		name := finding.Replication
		for i := range subjects {
			if subjects[i].Name == name {
				name = cmp.Or(subjects[i].ReverseOf, name)
				break
			}
		}
		findings[name] = append(findings[name], finding)
	}
	for i, r := range c.Replications {
		crr.Warn(ctx, buckets[i], findings[r.Name])
	}
}

// Descriptors returns the descriptors of a future deployment of the configuration, with
// placeholders for generated values.
func (c Config) Descriptors() []replication.Descriptor {
	var descriptors []replication.Descriptor
	for _, r := range c.Replications {
		descriptors = append(descriptors, c.args(r).Plan(r.Name))
	}
	return descriptors
}
