package front

import (
	"fmt"
	"net/http"
	"time"

	"github.com/crr-io/pulumi-aws-crr/internal/localaws/emulator"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// administrator is the access key for the front's own calls.
const administrator = emulator.Administrator

// authorize evaluates the policies for a call, as S3 does, and returns the error
// that S3 would respond with.
func (f *Front) authorize(c *call) error {
	for _, needed := range c.permissions() {
		if err := f.check(c, needed); err != nil {
			return err
		}
	}
	return f.checkPassRole(c)
}

func (f *Front) check(c *call, needed permission) error {
	if f.rescues(c) {
		return nil
	}
	kept := f.buckets.get(needed.target.bucket)
	if needed.action == "s3:CreateBucket" {
		kept = bucket{} // a bucket of the same name has no effect
	}
	owner := kept.owner
	if owner == "" {
		owner = c.caller.account // a bucket that was not created through the front
	}
	policies := policy.Policies{Identity: c.policies.policies, Boundary: c.policies.boundary}
	if kept.policy != nil {
		policies.Resource = &kept.policy.document
	}
	decision := policy.Evaluate(policies, policy.Request{
		Principal:       c.caller.arn,
		Action:          needed.action,
		Resource:        needed.target.resourceARN(),
		ResourceAccount: owner,
		Context:         c.conditions(needed.version, time.Now()),
	})
	f.record(c.caller, c.policies, needed.action, needed.target.resourceARN(), decision)
	if decision.Allowed {
		return f.checkPublicUse(c, needed.target.bucket, kept)
	}
	return denied(c.caller, needed, decision)
}

// rescues reports whether a call repairs a policy that denies access to everyone: an
// administrator of the owner may always read, replace and delete the policy, as the
// root user may on AWS.
func (f *Front) rescues(c *call) bool {
	switch c.operation.name {
	case "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy":
		return c.caller.administers(f.buckets.get(c.bucket).owner)
	default:
		return false
	}
}

// denied returns S3's error message.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
func denied(who caller, needed permission, decision policy.Decision) *fault {
	if who.anonymous() {
		return accessDenied("Access Denied")
	}
	return accessDenied(fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %q %s",
		who.arn, needed.action, needed.target.resourceARN(), whyDenied(needed.action, decision)))
}

// whyDenied returns AWS's clause about the reason for a decision.
func whyDenied(action string, decision policy.Decision) string {
	switch decision.Reason {
	case policy.ExplicitDeny:
		return "with an explicit deny in " + kindOf(decision.Policy)
	case policy.ImplicitDenyResource:
		return "because no resource-based policy allows the " + action + " action"
	case policy.ImplicitDenyBoundary:
		return "because no permissions boundary allows the " + action + " action"
	default:
		return "because no identity-based policy allows the " + action + " action"
	}
}

// kindOf returns AWS's word for the type of policy that decided.
func kindOf(name string) string {
	switch name {
	case "resource policy":
		return "a resource-based policy"
	case "permissions boundary":
		return "a permissions boundary"
	default:
		return "an identity-based policy"
	}
}

func accessDenied(message string) *fault {
	return &fault{http.StatusForbidden, "AccessDenied", message}
}

// actingKey returns the access key for passing an allowed call to the emulator: the
// caller's, or the administrator's for an anonymous caller, because the emulator
// would check the permissions again.
func (f *Front) actingKey(c *call) string {
	if c.caller.anonymous() {
		return administrator
	}
	return c.caller.accessKey
}
