package policy

import "strings"

// Principal identifies the callers that a statement of a resource policy applies to. It marshals as "*" for all
// callers and as {"AWS": ..., "Service": ...} otherwise.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type Principal struct {
	// All is true for the bare "*": everyone, with credentials or without.
	All bool `json:"-"`
	// AWS lists accounts (12 digits, or the ARN of the account's root), users, roles and sessions. "*" means the
	// same as All.
	AWS Values `json:"AWS,omitempty"`
	// Service lists service principals such as "s3.amazonaws.com".
	Service Values `json:"Service,omitempty"`
	// Federated lists identity providers, in trust policies.
	Federated Values `json:"Federated,omitempty"`
	// CanonicalUser lists S3 canonical user ids. They carry no account or name, so evaluation never matches them, except
	// that in an incomplete request a Deny of one may be about the caller's account.
	CanonicalUser Values `json:"CanonicalUser,omitempty"`
}

// Anyone returns the principal "*": every caller, including anonymous ones.
func Anyone() *Principal { return &Principal{All: true} }

// AWS returns a principal of accounts, users, roles or sessions, given by ARN or, for an account, by its 12 digits.
func AWS(arns ...string) *Principal { return &Principal{AWS: arns} }

// Service returns a principal of AWS services, such as "s3.amazonaws.com".
func Service(names ...string) *Principal { return &Principal{Service: names} }

// MarshalJSON writes "*" for all callers and an object otherwise.
func (p Principal) MarshalJSON() ([]byte, error) {
	if p.All {
		return []byte(`"*"`), nil
	}
	type object Principal
	return marshalPlain(object(p))
}

// check reports what AWS rejects: an empty principal and wildcards in parts of names.
func (p *Principal) check(path string, found *problems) {
	if p == nil {
		return
	}
	lists := len(p.AWS) + len(p.Service) + len(p.Federated) + len(p.CanonicalUser)
	if p.All && lists > 0 {
		found.add(path, `has "*" and other principals; keep one`)
	}
	if !p.All && lists == 0 {
		found.add(path, `is empty; set AWS, Service, Federated or CanonicalUser, or write "*" for all callers`)
	}
	checkEach(path+".AWS", p.AWS, awsPrincipalProblem, found)
	checkEach(path+".Service", p.Service, namePrincipalProblem, found)
	checkEach(path+".Federated", p.Federated, namePrincipalProblem, found)
	checkEach(path+".CanonicalUser", p.CanonicalUser, namePrincipalProblem, found)
}

// awsPrincipalProblem accepts ARNs, account ids, "*", and the unique ids (AROA..., AIDA...) that AWS shows in place of
// the ARN of a deleted role or user.
func awsPrincipalProblem(value string) string {
	if message := namePrincipalProblem(value); message != "" {
		return message
	}
	if value == "*" || isAccountID(value) || isUniqueID(value) {
		return ""
	}
	parts, ok := splitARN(value)
	if ok && parts[arnAccount] != "" && (parts[arnService] == "iam" || parts[arnService] == "sts") {
		return ""
	}
	return `is not a principal; write the ARN of an account's root, a user, a role or a session, an account id, or "*"`
}

// namePrincipalProblem rejects wildcards: "You cannot use a wildcard to match part of a principal name or ARN."
func namePrincipalProblem(value string) string {
	switch {
	case value == "":
		return "is empty"
	case value != "*" && strings.ContainsAny(value, "*?"):
		return "has a wildcard in part of a name, which IAM does not support; " +
			"name the account and add a condition on aws:PrincipalArn"
	}
	return ""
}

// isUniqueID reports whether a text looks like a unique id of IAM.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
func isUniqueID(text string) bool {
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return len(text) >= 16 && strings.HasPrefix(text, "A") && strings.Trim(text, characters) == ""
}
