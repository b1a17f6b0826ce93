package policy

import (
	"slices"
	"strings"
)

// callerKind is the kind of principal that makes a request.
type callerKind int

const (
	anonymous     callerKind = iota // no credentials
	service                         // an AWS service acting on its own
	external                        // a web identity or SAML provider, in a trust policy
	accountRoot                     // the root user of an account
	user                            // an IAM user
	role                            // a role, its session unknown
	roleSession                     // a session of a role
	federatedUser                   // a session of sts:GetFederationToken
)

// caller is the principal of a request, taken apart. Its account is empty for callers without identity policies.
type caller struct {
	kind      callerKind
	arn       string // as given in the request
	partition string
	account   string
	name      string // of the user, or of the role; without its path
	roleARN   string // of a role session: the role, if the request has its path
}

func newCaller(r *Request) caller {
	parts, ok := splitARN(r.Principal)
	if !ok {
		return callerWithoutARN(r.Principal)
	}
	c := caller{kind: external, arn: r.Principal}
	kind, path, _ := strings.Cut(parts[arnResource], "/")
	switch {
	case parts[arnService] == "iam" && kind == "root":
		c.kind = accountRoot
	case parts[arnService] == "iam" && kind == "user":
		c.kind, c.name = user, lastSegment(path)
	case parts[arnService] == "iam" && kind == "role":
		c.kind, c.name, c.roleARN = role, lastSegment(path), r.Principal
	case parts[arnService] == "sts" && kind == "assumed-role":
		c.kind = roleSession
		c.name, _, _ = strings.Cut(path, "/")
		c.roleARN = roleOfSession(r)
	case parts[arnService] == "sts" && kind == "federated-user":
		c.kind, c.name = federatedUser, path
	default:
		return c
	}
	c.partition, c.account = parts[arnPartition], parts[arnAccount]
	return c
}

func callerWithoutARN(principal string) caller {
	switch {
	case principal == "":
		return caller{kind: anonymous}
	case isAccountID(principal):
		return caller{kind: accountRoot, arn: principal, partition: "aws", account: principal}
	case strings.Contains(principal, ".amazonaws.com"):
		return caller{kind: service, arn: principal}
	default:
		return caller{kind: external, arn: principal}
	}
}

// roleOfSession returns the role ARN in the request's aws:PrincipalArn, or "". A session's ARN does not contain the
// path of its role, so only this key has the ARN of a role with a path.
func roleOfSession(r *Request) string {
	values, _ := contextValues(r.Context, "aws:PrincipalArn")
	if len(values) != 1 || !strings.Contains(values[0], ":role/") {
		return ""
	}
	return values[0]
}

// hasIdentity reports whether identity policies can be attached to the caller.
func (c *caller) hasIdentity() bool { return c.account != "" }

// reach is how directly the principal of a statement names a caller.
type reach int

const (
	unreached   reach = iota
	viaAccount        // its account is named: for an Allow, the account may delegate to the caller
	viaRole           // its role is named
	reachDirect       // the caller itself is named: user, session, service, or everyone
)

// reachOf returns how directly a principal names the caller.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (c *caller) reachOf(p *Principal) reach {
	if p.All {
		return reachDirect
	}
	best := unreached
	for _, value := range p.AWS {
		best = max(best, c.reachOfAWS(value))
	}
	if c.kind == service && (slices.Contains(p.Service, c.arn) || slices.Contains(p.Service, "*")) {
		return reachDirect
	}
	if c.arn != "" && slices.Contains(p.Federated, c.arn) {
		return reachDirect
	}
	return best
}

func (c *caller) reachOfAWS(value string) reach {
	switch {
	case value == "*":
		return reachDirect
	case c.isAccount(value) && c.kind == accountRoot:
		return reachDirect
	case c.isAccount(value):
		return viaAccount
	case c.isRole(value):
		return viaRole
	case c.hasIdentity() && value == c.arn:
		return reachDirect
	}
	return unreached
}

// isAccount reports whether a principal value stands for the caller's account: its id, or the ARN of its root.
func (c *caller) isAccount(value string) bool {
	if !c.hasIdentity() {
		return false
	}
	if value == c.account {
		return true
	}
	account, isRoot := strings.CutSuffix(value, ":root")
	return isRoot && strings.HasPrefix(account, "arn:") && strings.HasSuffix(account, ":iam::"+c.account)
}

// isRole reports whether a principal value is the ARN of the caller's role. Where the path of the role is not known,
// its name decides: role names are unique in an account whatever their path.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func (c *caller) isRole(value string) bool {
	if c.kind != role && c.kind != roleSession {
		return false
	}
	if c.roleARN != "" {
		return value == c.roleARN
	}
	parts, ok := splitARN(value)
	if !ok || parts[arnAccount] != c.account || parts[arnPartition] != c.partition {
		return false
	}
	path, isRole := strings.CutPrefix(parts[arnResource], "role/")
	return isRole && lastSegment(path) == c.name
}

// isServiceLinked reports whether the caller is a service-linked role, which policies of an organization do not
// limit. Its path identifies it.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
func (c *caller) isServiceLinked() bool {
	return strings.Contains(c.roleARN, ":role/aws-service-role/")
}

// isSessionOf reports whether a principal value is the ARN of a session of the caller's role.
func (c *caller) isSessionOf(value string) bool {
	parts, ok := splitARN(value)
	if !ok || parts[arnService] != "sts" || parts[arnAccount] != c.account || parts[arnPartition] != c.partition {
		return false
	}
	return strings.HasPrefix(parts[arnResource], "assumed-role/"+c.name+"/")
}

// exemptFromDeny reports whether a Deny with NotPrincipal exempts the caller. Session, role and account of the caller
// must all be listed, because "AWS might validate the account first, then the role, and then the assumed-role user".
// For a role whose session is unknown, sessionListed is the assumption. A caller with a permissions boundary is never
// exempt.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func (c *caller) exemptFromDeny(listed *Principal, hasBoundary, sessionListed bool) bool {
	if listed.All || slices.Contains(listed.AWS, "*") {
		return true
	}
	if !c.hasIdentity() {
		return c.reachOf(listed) == reachDirect
	}
	if hasBoundary && c.kind != accountRoot {
		return false
	}
	return slices.ContainsFunc(listed.AWS, c.isAccount) &&
		(c.kind != roleSession || slices.ContainsFunc(listed.AWS, c.isRole)) &&
		(c.kind != role || sessionListed) &&
		(c.kind == accountRoot || slices.Contains(listed.AWS, c.arn))
}
