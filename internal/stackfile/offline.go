package stackfile

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Subjects returns the replications of the configuration as they will be after
// deployment.
func (c Config) Subjects() []model.Subject {
	var subjects []model.Subject
	for i, r := range c.Replications {
		path := fmt.Sprintf("replications[%d]", i)
		for _, subject := range c.Plan(r).Subjects(r.Name) {
			subject.Path = path
			subject.Advice = adviceUnder(path, subject.Advice)
			subjects = append(subjects, subject)
		}
	}
	if c.Protect && c.ForceDestroy && len(subjects) > 0 {
		subjects[0].Advice = append(subjects[0].Advice, plan.ForceDestroyAdvice("forceDestroy")...)
	}
	return subjects
}

// adviceUnder returns the advice on a replication with paths of the stack's
// configuration. Advice on settings of the whole stack is omitted.
func adviceUnder(path string, advice model.Findings) model.Findings {
	var moved model.Findings
	for _, finding := range advice {
		if finding.ID != plan.ForceDestroyProtected {
			finding.Path = path + "." + finding.Path
			moved = append(moved, finding)
		}
	}
	return moved
}

// Descriptors returns the descriptors of a future deployment of the configuration, with
// placeholders for generated values.
func (c Config) Descriptors() []replication.Descriptor {
	var descriptors []replication.Descriptor
	for _, r := range c.Replications {
		descriptors = append(descriptors, c.Plan(r).Plan(r.Name))
	}
	return descriptors
}

// OwnAccount returns the configured account of the deployment's own credentials, or "".
func (c Config) OwnAccount() string {
	for _, r := range c.Replications {
		buckets := []plan.Bucket{r.Source}
		for _, destination := range r.Destinations {
			buckets = append(buckets, destination.Bucket)
		}
		for _, bucket := range buckets {
			if account := c.accountOf(bucket); account != "" && bucket.AssumeRoleARN == "" && !bucket.Existing {
				return account
			}
		}
	}
	return c.AccountID
}
