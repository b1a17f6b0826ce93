package crr

import (
	"github.com/crr-io/pulumi-aws-crr/internal/inputs"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// plan returns the arguments as plain values, for what can be said before the
// deployment.
func (a *ReplicatedBucketArgs) plan() *plan.ReplicatedBucket {
	planned, _ := a.planned()
	return planned
}

// planned returns the arguments as plain values, and the problems that plain values
// can't show.
func (a *ReplicatedBucketArgs) planned() (*plan.ReplicatedBucket, replication.Problems) {
	if a == nil {
		return nil, nil
	}
	planned, problems := inputs.Plain[plan.ReplicatedBucket](*a)
	if planned.Canary != nil {
		planned.Canary.Enabled = true
	}
	planned.Source = a.Source.plan()
	for i := range planned.Destinations {
		planned.Destinations[i].Bucket = a.Destinations[i].Bucket.plan()
	}
	return &planned, problems
}

// plan returns the arguments of a bucket as plain values.
func (a BucketArgs) plan() plan.Bucket {
	planned := plain[plan.Bucket](a)
	planned.OwnProvider, planned.Made = a.Provider != nil, a.made
	return planned
}

// plain returns arguments as the plain values of a type of the plan, whose fields have
// the same names.
func plain[T any](args any) T {
	values, _ := inputs.Plain[T](args)
	return values
}

// plan returns the settings of a canary as plain values.
func (o CanaryOptions) plan() plan.Canary { return plain[plan.Canary](o) }

// problems returns the problems of the arguments and of the resource names.
func (a *ReplicatedBucketArgs) problems(name string) error {
	planned, problems := a.planned()
	found, _ := planned.Problems(name).(replication.Problems) //nolint:errorlint // Problems returns the list itself.
	return append(problems, found...).Err()
}

// Validate checks the arguments as far as possible before deployment. The error is a
// [replication.Problems] with the paths of the stack configuration.
func (a *ReplicatedBucketArgs) Validate() error {
	planned, problems := a.planned()
	found, _ := planned.Validate().(replication.Problems) //nolint:errorlint // Validate returns the list itself.
	return append(problems, found...).Err()
}

// Plan returns the descriptor of a future deployment with the given name, with
// placeholders for generated values. The arguments must be valid.
func (a *ReplicatedBucketArgs) Plan(name string) replication.Descriptor { return a.plan().Plan(name) }
