package policy

import (
	"strconv"
	"strings"
)

// Reason is why a request is allowed or denied.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
type Reason string

// The reasons. A denial is explicit when a Deny statement applies, and implicit when an Allow that is needed is
// missing; the reason then names the side where it is missing.
const (
	// Allowed means that all policies that must allow the request do.
	Allowed Reason = "allowed"
	// AllowedAsRoot means that the caller is the root user of the resource's account, which needs no Allow.
	AllowedAsRoot Reason = "allowed as account root"
	// ExplicitDeny means that a Deny statement applies, which overrides any Allow.
	ExplicitDeny Reason = "explicit deny"
	// ImplicitDenyIdentity means that no identity policy of the caller allows the request, nor does the resource
	// policy where that would be enough.
	ImplicitDenyIdentity Reason = "implicit deny by identity policies"
	// ImplicitDenyResource means that the resource policy must allow the request and does not.
	ImplicitDenyResource Reason = "implicit deny by resource policy"
	// ImplicitDenyBoundary means that the caller's permissions boundary does not allow the request.
	ImplicitDenyBoundary Reason = "implicit deny by permissions boundary"
	// ImplicitDenySession means that the caller's session policies do not allow the request.
	ImplicitDenySession Reason = "implicit deny by session policies"
	// ImplicitDenyServiceControl means that a level of the service control policies does not allow the request.
	ImplicitDenyServiceControl Reason = "implicit deny by service control policies"
	// Unknown means that the result depends on condition keys that the request does not set. Only incomplete requests
	// get it.
	Unknown Reason = "unknown"
)

// Match is a statement that applies to a request, and its location.
type Match struct {
	// Policy names the document: "identity policy 0" (counted as in Policies.Identity), "permissions boundary",
	// "session policy 0", "service control policy 0 of level 1", "resource control policy 0", "resource policy",
	// "key policy" or "trust policy".
	Policy string
	// Index is the position of the statement in the document.
	Index int
	// Statement points into the document that was evaluated.
	Statement *Statement
}

// String returns text such as `Statement[2] (DenyOldTls) of the resource policy`.
func (m Match) String() string {
	if m.Statement == nil {
		return "no statement"
	}
	name := "Statement[" + strconv.Itoa(m.Index) + "]"
	if m.Statement.Sid != "" {
		name += " (" + m.Statement.Sid + ")"
	}
	for _, numbered := range [...]string{identityPolicyName, sessionPolicyName, controlPolicyName, resourceControl} {
		if strings.HasPrefix(m.Policy, numbered) {
			return name + " of " + m.Policy // without article
		}
	}
	return name + " of the " + m.Policy
}

// Decision is the result of an evaluation.
type Decision struct {
	// Allowed reports whether the request is allowed.
	Allowed bool
	// Reason is why.
	Reason Reason
	// Match is the statement that decided: the first Deny that applies, or the first of the statements that together
	// allow the request. For an implicit denial it has no Statement, and its Policy names what lacks an Allow. For an
	// undecided request it is a statement that may or may not apply.
	Match
	// MissingKeys are the condition keys, sorted, that decide whether Match applies, if Reason is Unknown. "CanonicalUser"
	// is the canonical user id of the caller's account, which is no condition key.
	MissingKeys []string

	grants [4]Match // at most one of the identity policies, the boundary, the session policies, the resource policy
	count  int
}

// Grants returns the statements that together allow the request: of the identity policies, the permissions boundary,
// the session policies and the resource policy, as far as each must allow it. Service control policies grant nothing
// and are not included. A denial has no grants.
func (d Decision) Grants() []Match { return d.grants[:d.count:d.count] }

// String describes the result and the statements behind it, such as `denied by Statement[0] (DenyInsecureTransport)
// of the resource policy`.
func (d Decision) String() string {
	switch d.Reason {
	case Allowed:
		text := "allowed by " + d.Match.String()
		for _, grant := range d.Grants()[1:] {
			text += " and " + grant.String()
		}
		return text
	case AllowedAsRoot:
		return "allowed: the caller is the root user of the account"
	case ExplicitDeny:
		return "denied by " + d.Match.String()
	case Unknown:
		return "depends on " + d.Match.String() + ", which tests " + strings.Join(d.MissingKeys, " and ")
	default:
		return "denied: no statement of the " + d.Policy + " allows it"
	}
}

func allow(grants ...Match) Decision {
	d := Decision{Allowed: true, Reason: Allowed}
	for _, grant := range grants {
		if grant.Statement != nil {
			d.grants[d.count] = grant
			d.count++
		}
	}
	if d.count == 0 {
		d.Reason = AllowedAsRoot
	}
	d.Match = d.grants[0]
	return d
}

func denyExplicitly(by Match) Decision { return Decision{Reason: ExplicitDeny, Match: by} }

func denyImplicitly(reason Reason, policies string) Decision {
	return Decision{Reason: reason, Match: Match{Policy: policies, Index: -1}}
}
