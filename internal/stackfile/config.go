// Package stackfile reads the configuration of a stack, from a stack file or as Pulumi
// passes it to a program, and says what it will deploy. It does without Pulumi.
package stackfile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/crr-io/pulumi-aws-crr/internal/awsid"
	"github.com/crr-io/pulumi-aws-crr/internal/plan"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// Namespace of the keys in a stack's configuration: crr:replications.
const Namespace = "crr"

// Config is the configuration of a stack, below its namespace.
type Config struct {
	// Tags of all resources.
	Tags map[string]string `pulumi:"tags"`
	// Protect protects and retains the buckets and keys.
	Protect bool `pulumi:"protect"`
	// ForceDestroy deletes all objects when a bucket is destroyed.
	ForceDestroy bool `pulumi:"forceDestroy"`
	// AbandonBuckets are deployed buckets that an update may replace, delete or stop
	// managing.
	AbandonBuckets []string `pulumi:"abandonBuckets"`
	// IAMSettleSeconds that rules wait for new roles and policies.
	IAMSettleSeconds *int `pulumi:"iamSettleSeconds"`
	// DeletionWindowInDays of the keys.
	DeletionWindowInDays int `pulumi:"deletionWindowInDays"`
	// Dashboard of all replications of the stack.
	Dashboard bool `pulumi:"dashboard"`
	// Audit has the settings of the trails and records of all replications.
	Audit plan.AuditSettings `pulumi:"audit"`
	// AccountID of the deployment's own credentials.
	AccountID string `pulumi:"accountId"`
	// AllowUnknownRegions accepts regions that this version does not know.
	AllowUnknownRegions bool `pulumi:"allowUnknownRegions"`
	// Replications of the stack. At least one.
	Replications []Replication `pulumi:"replications"`

	// secrets are the paths of the secrets in a stack file.
	secrets []string
}

// Replication is one replicated bucket.
type Replication struct {
	Name                  string `pulumi:"name"`
	plan.ReplicatedBucket `pulumi:",squash"`
	Audit                 plan.Audit `pulumi:"audit"`
}

// Plan returns a replication with the settings of the stack.
func (c Config) Plan(r Replication) *plan.ReplicatedBucket {
	planned := r.ReplicatedBucket
	planned.Protect, planned.AbandonBuckets, planned.IAMSettleSeconds, planned.Tags = c.Protect, c.AbandonBuckets, c.IAMSettleSeconds, c.Tags
	planned.Source = c.bucket(planned.Source)
	planned.Destinations = slices.Clone(planned.Destinations)
	for i := range planned.Destinations {
		planned.Destinations[i].Bucket = c.bucket(planned.Destinations[i].Bucket)
	}
	if planned.Canary != nil && !planned.Canary.Enabled {
		planned.Canary = nil
	}
	return &planned
}

// bucket returns a bucket with the settings of the stack.
func (c Config) bucket(bucket plan.Bucket) plan.Bucket {
	bucket.ForceDestroy, bucket.DeletionWindowInDays, bucket.AllowUnknownRegion = c.ForceDestroy, c.DeletionWindowInDays, c.AllowUnknownRegions
	bucket.AccountID = c.accountOf(bucket)
	return bucket
}

// AuditSettings returns the settings of trails and records with those of the stack.
func (c Config) AuditSettings() *plan.AuditSettings {
	settings := c.Audit
	settings.Tags, settings.Trail.DeletionWindowInDays = c.Tags, c.DeletionWindowInDays
	settings.Logs.ForceDestroy, settings.Logs.Protect = c.ForceDestroy, c.Protect
	return &settings
}

// accountOf returns the account that a bucket must be in: the stack's account if the
// deployment's own credentials manage it.
func (c Config) accountOf(bucket plan.Bucket) string {
	if bucket.AssumeRoleARN == "" && (!bucket.Existing || bucket.ReplaceRules) {
		return cmp.Or(bucket.AccountID, c.AccountID)
	}
	return bucket.AccountID
}

// Validate checks the configuration. The error is a [replication.Problems].
func (c Config) Validate() error {
	var problems replication.Problems
	if err := plan.CheckDeletionWindow(c.DeletionWindowInDays); err != nil {
		problems.Add("deletionWindowInDays", "%s", err)
		c.DeletionWindowInDays = 0
	}
	if found := plan.ValidateTags(c.Tags); len(found) > 0 {
		problems = append(problems, found.Under("tags")...)
		c.Tags = nil
	}
	if c.AccountID != "" {
		if err := awsid.CheckAccountID(c.AccountID); err != nil {
			problems.Add("accountId", "%s", err)
			c.AccountID = ""
		}
	}
	if err := replication.CheckRegion(c.Audit.Region); err != nil && !c.AllowUnknownRegions {
		problems.Add("audit.region", "%s", err)
	}
	if len(c.Replications) == 0 {
		problems.Add("replications", "is empty; describe at least one replicated bucket")
	}
	names, buckets := map[string]string{}, bucketUses{}
	for i, r := range c.Replications {
		path := fmt.Sprintf("replications[%d]", i)
		problems = append(problems, r.validate(names, path)...)
		if replication.CheckName(r.Name) == nil {
			problems = append(problems, problemsOf(c.Plan(r).CheckNames(r.Name)).Under(path)...)
		}
		problems = append(problems, problemsOf(c.Plan(r).Validate()).Under(path)...)
		problems = append(problems, problemsOf(r.Audit.Check(c.Plan(r))).Under(path+".audit")...)
		problems = append(problems, disabledCanary(r.Canary).Under(path+".canary")...)
		problems = append(problems, buckets.add(r, path)...)
	}
	problems = append(problems, c.validateFormerNames(names)...)
	problems = append(problems, c.validateAudit().Under("audit")...)
	if len(problems) == 0 {
		problems = c.validateDashboard()
	}
	return problems.Err()
}

// validateFormerNames rejects a former name that is the current name of another
// replication.
func (c Config) validateFormerNames(names map[string]string) replication.Problems {
	var problems replication.Problems
	for i, r := range c.Replications {
		for j, former := range r.FormerNames {
			if path, taken := names[former]; taken {
				problems.Add(fmt.Sprintf("replications[%d].formerNames[%d]", i, j), "%q is the name of %s", former, path)
			}
		}
	}
	return problems
}

func (r Replication) validate(names map[string]string, path string) replication.Problems {
	var problems replication.Problems
	if err := replication.CheckName(r.Name); err != nil {
		problems.Add(path+".name", "%s", err)
	} else if first, taken := names[r.Name]; taken {
		problems.Add(path+".name", "%q is the name of %s already", r.Name, first)
	} else {
		names[r.Name] = path
	}
	return problems
}

func problemsOf(err error) replication.Problems {
	problems, _ := err.(replication.Problems) //nolint:errorlint // Validate returns the list itself.
	return problems
}

// disabledCanary reports settings of a canary that is not enabled.
func disabledCanary(canary *plan.Canary) replication.Problems {
	var problems replication.Problems
	if canary != nil && !canary.Enabled && *canary != (plan.Canary{}) {
		problems.Add("", "has settings but is not enabled; add enabled: true, or remove them")
	}
	return problems
}
