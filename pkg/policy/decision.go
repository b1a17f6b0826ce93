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
	// Allowed means that every policy that has to allow the request does.
	Allowed Reason = "allowed"
	// AllowedAsRoot means that the caller is the root user of the resource's own account, which needs no Allow.
	AllowedAsRoot Reason = "allowed as account root"
	// ExplicitDeny means that a Deny statement applies; no Allow outweighs it.
	ExplicitDeny Reason = "explicit deny"
	// ImplicitDenyIdentity means that no identity policy of the caller allows the request, nor, where that would be
	// enough, the resource policy.
	ImplicitDenyIdentity Reason = "implicit deny by identity policies"
	// ImplicitDenyResource means that the resource policy would have to allow the request and does not.
	ImplicitDenyResource Reason = "implicit deny by resource policy"
	// ImplicitDenyBoundary means that the caller's permissions boundary leaves the request out.
	ImplicitDenyBoundary Reason = "implicit deny by permissions boundary"
	// ImplicitDenySession means that the session policies of the caller leave the request out.
	ImplicitDenySession Reason = "implicit deny by session policies"
	// ImplicitDenyServiceControl means that a level of the service control policies does not allow the request.
	ImplicitDenyServiceControl Reason = "implicit deny by service control policies"
	// Undecided means that the request is allowed or denied as a condition key has it that nobody told. Only requests
	// that are Open get it.
	Unknown Reason = "unknown"
)

// Match is a statement that applies to a request, and where it stands.
type Match struct {
	// Policy names the document: "identity policy 0" (counted as in Policies.Identity), "permissions boundary",
	// "session policy 0", "service control policy 0 of level 1", "resource control policy 0", "resource policy",
	// "key policy" or "trust policy".
	Policy string
	// Index is the statement's place in the document.
	Index int
	// Statement points into the document that was evaluated.
	Statement *Statement
}

// String is such as `Statement[2] (DenyOldTls) of the resource policy`.
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

// Decision is the outcome of an evaluation.
type Decision struct {
	// Allowed is the outcome itself.
	Allowed bool
	// Reason says why.
	Reason Reason
	// Match is the statement that decided: the first Deny that applies, or the first of the statements that together
	// allow the request. For an implicit denial it has no Statement, and its Policy names what lacks an Allow. For an
	// undecided request it is a statement that may or may not apply.
	Match
	// Untold are the condition keys on which it hangs whether the statement applies to an undecided request, sorted.
	MissingKeys []string

	grants [4]Match // at most one of the identity policies, the boundary, the session policies, the resource policy
	count  int
}

// Grants are the statements that together allow the request: of the identity policies, the permissions boundary, the
// session policies and the resource policy, as far as each had to allow it. Service control policies grant nothing, so
// none of theirs is among them. A denial has none.
func (d Decision) Grants() []Match { return d.grants[:d.count:d.count] }

// String tells the outcome in a sentence that names the statements behind it, such as
// `denied by Statement[0] (DenyInsecureTransport) of the resource policy`.
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
