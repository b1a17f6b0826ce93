package model

import (
	"fmt"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// Documents are the policies that decide about replication from one bucket to
// another. Those of buckets and keys that are not ours may be nil: nothing
// can be said about them, and nothing is.
type Documents struct {
	Trust policy.Document
	// Role has all policies of the role.
	Role                              []policy.Document
	SourceBucket, SourceKey           *policy.Document
	DestinationBucket, DestinationKey *policy.Document
}

// Caller is the principal of a check.
type Caller string

// The callers of checks.
const (
	// Role is the replication role.
	Role Caller = "the replication role"
	// UnrestrictedRole is the replication role after its account has allowed it everything: what
	// holds for it cannot be changed by another account.
	UnrestrictedRole Caller = "the replication role with full permissions"
	// Administrator may do everything in the account of the resource.
	Administrator Caller = "an administrator"
	// Deployer is an administrator that guards let through.
	Deployer Caller = "the deployer"
	// Outsider may do everything, in an account that has no part in this.
	Outsider Caller = "an administrator of another account"
	// Anonymous has no credentials.
	Anonymous Caller = "an anonymous caller"
	// S3 is the service itself.
	S3 Caller = "S3"
	// OtherService is a service that has no part in replication.
	OtherService Caller = "another service"
)

// Target is the resource whose policy applies in a check.
type Target string

// The targets of checks.
const (
	SourceBucket      Target = "the source bucket"
	SourceKey         Target = "the source's key"
	DestinationBucket Target = "the destination bucket"
	DestinationKey    Target = "the destination's key"
	RoleTrust         Target = "the role's trust policy"
	// Elsewhere is a resource that has no part in this.
	Elsewhere Target = "another resource"
)

// Want is the expected decision of a check.
type Want string

// The expectations of checks.
const (
	Allowed Want = "allowed"
	Denied  Want = "denied"
	// NotDenied is for calls that others allow, and that ours must not forbid.
	NotDenied Want = "not denied"
)

// Check is one call, and what the documents must decide about it.
type Check struct {
	// Name says what is checked: "read other buckets".
	Name    string
	Caller  Caller
	Target  Target
	Request policy.Request
	Want    Want
}

func (c Check) String() string {
	return fmt.Sprintf("%s: %s calls %s on %s", c.Name, c.Caller, c.Request.Action, c.Target)
}

// everything is what administrators are allowed.
var everything = policy.New(policy.Statement{
	Sid: "Everything", Effect: policy.Allow, Action: policy.Values{"*"}, Resource: policy.Values{"*"},
})

// Decide evaluates the call of a check.
func (d Documents) Decide(check Check) policy.Decision {
	policies := policy.Policies{KeyPolicy: check.Target == SourceKey || check.Target == DestinationKey}
	switch check.Caller {
	case Role:
		policies.Identity = d.Role
	case UnrestrictedRole, Administrator, Deployer, Outsider:
		policies.Identity = []policy.Document{everything}
	}
	policies.Resource = d.of(check.Target)
	return policy.Evaluate(policies, check.Request)
}

// of returns the resource policy of a target, or nil if it has none or it is unknown.
func (d Documents) of(target Target) *policy.Document {
	switch target {
	case SourceBucket:
		return d.SourceBucket
	case SourceKey:
		return d.SourceKey
	case DestinationBucket:
		return d.DestinationBucket
	case DestinationKey:
		return d.DestinationKey
	case RoleTrust:
		return &d.Trust
	default:
		return nil
	}
}

// Violation is a failed check.
type Violation struct {
	Check    Check
	Decision policy.Decision
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: must be %s, and is %s", v.Check, v.Check.Want, v.Decision)
}

// Prove evaluates the checks and returns those that fail.
func (d Documents) Prove(checks []Check) []Violation {
	var violations []Violation
	for _, check := range checks {
		if check.Target != Elsewhere && d.of(check.Target) == nil {
			continue
		}
		if decision := d.Decide(check); !check.Want.met(decision) {
			violations = append(violations, Violation{check, decision})
		}
	}
	return violations
}

func (w Want) met(decision policy.Decision) bool {
	switch w {
	case Allowed:
		return decision.Allowed
	case NotDenied:
		return decision.Reason != policy.ExplicitDeny
	default:
		return !decision.Allowed
	}
}
