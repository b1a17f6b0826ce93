package crr

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// IAM is eventually consistent: a new or changed role, policy or permission may not be
// in effect yet when S3 uses it. S3 does not retry objects that fail because of a role,
// and rejects notifications to a queue or function whose policy is not in effect yet.
// The provider retries neither; it does retry calls that Lambda and CloudTrail reject
// because of a new role.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const defaultIAMSettleSeconds = 15

// iamSettle returns how long to wait for grants: the configured seconds or the default.
func iamSettle(seconds *int) time.Duration {
	if seconds == nil {
		return defaultIAMSettleSeconds * time.Second
	}
	return time.Duration(*seconds) * time.Second
}

// grant is a role, policy or permission that takes effect some time after its creation.
type grant struct {
	// typ and name of its resource.
	typ, name string
	// output of the resource that identifies the grant, and its value.
	output string
	value  pulumi.StringOutput
	// made is known once the resource exists.
	made pulumi.IDOutput
}

// The types of resources that are grants.
const (
	roleType          = "aws:iam/role:Role"
	inlinePolicyType  = "aws:iam/rolePolicy:RolePolicy"
	managedPolicyType = "aws:iam/policy:Policy"
	topicPolicyType   = "aws:sns/topicPolicy:TopicPolicy"
	queuePolicyType   = "aws:sqs/queuePolicy:QueuePolicy"
	permissionType    = "aws:lambda/permission:Permission"
)

// policyOutput is the output with the document of a policy.
const policyOutput = "policy"

// settled returns the value after changed grants have had time to take effect. It does
// not wait in a preview, or if the last deployment left the same grants.
// Every wait is logged with the names of the grants.
func settled(ctx *pulumi.Context, settle time.Duration, value pulumi.StringOutput, grants []grant) pulumi.StringOutput {
	if len(grants) == 0 || settle == 0 || ctx.DryRun() || ctx.RunningWithMocks() {
		return value
	}
	previous := previousOf(ctx)
	outputs := []any{value}
	for _, each := range grants {
		outputs = append(outputs, each.value, each.made)
	}
	return pulumi.All(outputs...).ApplyT(func(known []any) string {
		var changed []string
		for i, each := range grants {
			if !previous.has(each, known[1+2*i].(string)) {
				changed = append(changed, each.name)
			}
		}
		if len(changed) > 0 {
			_ = ctx.Log.Info(fmt.Sprintf("waiting %s until AWS applies what is new or changed: %s", settle, strings.Join(changed, ", ")), nil)
			select {
			case <-ctx.Context().Done():
			case <-time.After(settle):
			}
		}
		return known[0].(string)
	}).(pulumi.StringOutput)
}

// has reports whether the last deployment left a grant with the given value.
func (s *previousState) has(wanted grant, value string) bool {
	left, found := s.find(wanted.typ, wanted.name)
	if !found {
		return false
	}
	before := left.text(wanted.output)
	if wanted.output != policyOutput {
		return before == value
	}
	old, err := policy.Parse([]byte(before))
	if err != nil {
		return false
	}
	now, err := policy.Parse([]byte(value))
	return err == nil && old.JSON() == now.JSON()
}
