package policy

import "strings"

// lookup returns the values that the request has for a condition key: those of its context or, if there are none,
// those derived from the caller and the resource. No values mean that the key is missing or, if known is false, that
// its values are unknown.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (e *evaluation) lookup(key string) (values []string, known bool) {
	values, set := contextValues(e.request.Context, key)
	if len(values) > 0 {
		return values, true
	}
	derived, follows := e.derived(key)
	if derived != "" {
		return []string{derived}, true
	}
	return nil, set || follows || !e.request.Incomplete
}

// contextValues returns the values of a key, ignoring letter case, and whether the context has the key. An exact
// match comes first, then the key that sorts first.
func contextValues(context map[string][]string, key string) (values []string, set bool) {
	if values, set = context[key]; set {
		return values, true
	}
	found := ""
	for name := range context {
		if sameKey(name, key) && (!set || name < found) {
			found, set = name, true
		}
	}
	return context[found], set
}

// sameKey compares two condition keys; the lengths are compared first because most keys differ there.
func sameKey(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// derived returns the value of a condition key that follows from the other fields of the request, and whether it is
// such a key. An empty value means that the key is missing.
func (e *evaluation) derived(key string) (value string, follows bool) {
	switch {
	case sameKey(key, "aws:PrincipalArn"):
		return e.principalARN(), true
	case sameKey(key, "aws:PrincipalAccount"):
		return e.principalAccount(), true
	case sameKey(key, "aws:PrincipalType"):
		return principalTypes[e.caller.kind], true
	case sameKey(key, "aws:PrincipalIsAWSService"):
		return e.principalIsAWSService(), true
	case sameKey(key, "aws:PrincipalServiceName"):
		return e.principalServiceName(), true
	case sameKey(key, "aws:username"):
		return e.username(), true
	case sameKey(key, "aws:ResourceAccount"):
		account := e.resourceAccount()
		return account, account != ""
	case sameKey(key, "s3:ResourceAccount"):
		if prefix, _, _ := strings.Cut(e.request.Action, ":"); !strings.EqualFold(prefix, "s3") {
			return "", true // requests to other services do not have it
		}
		account := e.resourceAccount()
		return account, account != ""
	}
	return "", false
}

func (e *evaluation) principalServiceName() string {
	if e.caller.kind != service {
		return ""
	}
	return e.caller.arn
}

func (e *evaluation) username() string {
	if e.caller.kind != user {
		return ""
	}
	return e.caller.name
}

// principalARN returns the value of aws:PrincipalArn: for a role session, the ARN of the role. The path of the role
// is not part of the session's ARN; set aws:PrincipalArn in the context if it matters.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
func (e *evaluation) principalARN() string {
	c := &e.caller
	switch {
	case !c.hasIdentity():
		return ""
	case c.roleARN != "":
		return c.roleARN
	case c.kind == roleSession:
		return "arn:" + c.partition + ":iam::" + c.account + ":role/" + c.name
	case c.kind == accountRoot:
		return "arn:" + c.partition + ":iam::" + c.account + ":root"
	default:
		return c.arn
	}
}

// principalAccount is "anonymous" for requests without credentials.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalaccount
func (e *evaluation) principalAccount() string {
	if e.caller.kind == anonymous {
		return "anonymous"
	}
	return e.caller.account
}

// principalTypes are the values of aws:PrincipalType; AWS documents none for services.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
var principalTypes = map[callerKind]string{
	anonymous:     "Anonymous",
	accountRoot:   "Account",
	user:          "User",
	role:          "AssumedRole",
	roleSession:   "AssumedRole",
	federatedUser: "FederatedUser",
}

// principalIsAWSService is missing for anonymous requests, so that a Deny guarded by it does not hit them.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice
func (e *evaluation) principalIsAWSService() string {
	switch e.caller.kind {
	case anonymous:
		return ""
	case service:
		return "true"
	default:
		return "false"
	}
}

// resourceAccount returns the account that owns the resource: as set in the request or as in the resource's ARN.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
func (e *evaluation) resourceAccount() string {
	if e.request.ResourceAccount != "" {
		return e.request.ResourceAccount
	}
	parts, _ := splitARN(e.request.Resource)
	return parts[arnAccount]
}
