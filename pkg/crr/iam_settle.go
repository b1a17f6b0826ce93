package crr

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// IAM is eventually consistent: a role or policy that was made or changed may not be
// in effect yet where S3 uses it, and S3 does not retry objects that fail because of
// it. The provider retries what Lambda and CloudTrail refuse because of a new role;
// of a rule, S3 refuses nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
const (
	defaultIAMSettleSeconds = 15
	maxIAMSettleSeconds     = 300
)

func (a *ReplicatedBucketArgs) iamSettle() time.Duration {
	if a.IAMSettleSeconds == nil {
		return defaultIAMSettleSeconds * time.Second
	}
	return time.Duration(*a.IAMSettleSeconds) * time.Second
}

func (a *ReplicatedBucketArgs) validateIAMSettle() replication.Problems {
	var problems replication.Problems
	if s := a.IAMSettleSeconds; s != nil && (*s < 0 || *s > maxIAMSettleSeconds) {
		problems.Add("iamSettleSeconds", "%d is not between 0 and %d", *s, maxIAMSettleSeconds)
	}
	return problems
}

// rolePolicy is one policy of a role.
type rolePolicy struct {
	// typ and name of the resource that has the document.
	typ, name string
	document  pulumi.StringOutput
	// made is known once the policy is in effect for the role.
	made pulumi.IDOutput
}

// The types of resources whose changes IAM has to make known.
const (
	roleType          = "aws:iam/role:Role"
	inlinePolicyType  = "aws:iam/rolePolicy:RolePolicy"
	managedPolicyType = "aws:iam/policy:Policy"
)

// settledARN is the ARN of the role, known a while after the role and its policies
// have come to be what they are. Where they are what the last deployment left, and
// in a preview, there is nothing to wait for.
func (r *ReplicationRole) settledARN(ctx *pulumi.Context, settle time.Duration) pulumi.StringOutput {
	if r.adopted || settle == 0 || ctx.DryRun() || ctx.RunningWithMocks() {
		return r.ARN
	}
	previous := previousOf(ctx)
	outputs := []any{r.ARN}
	for _, each := range r.policies {
		outputs = append(outputs, each.document, each.made)
	}
	return pulumi.All(outputs...).ApplyT(func(known []any) string {
		arn := known[0].(string)
		changed := !previous.hasRole(r.name, arn)
		for i, each := range r.policies {
			changed = changed || !previous.hasPolicy(each, known[1+2*i].(string))
		}
		if changed {
			select {
			case <-ctx.Context().Done():
			case <-time.After(settle):
			}
		}
		return arn
	}).(pulumi.StringOutput)
}

// hasRole reports whether the last deployment left a role.
func (s *previousState) hasRole(name, arn string) bool {
	role, found := s.find(roleType, name)
	return found && role.text("arn") == arn
}

// hasPolicy reports whether the last deployment left a policy with a document.
func (s *previousState) hasPolicy(wanted rolePolicy, document string) bool {
	left, found := s.find(wanted.typ, wanted.name)
	if !found {
		return false
	}
	before, err := policy.Parse([]byte(left.text("policy")))
	if err != nil {
		return false
	}
	now, err := policy.Parse([]byte(document))
	return err == nil && before.JSON() == now.JSON()
}
