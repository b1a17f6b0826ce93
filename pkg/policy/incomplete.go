package policy

import (
	"regexp"
	"slices"
	"strings"
)

// assumption selects how a condition on a missing key is resolved in an incomplete request. If optimistic, such an
// Allow matches and such a Deny does not; if pessimistic, the reverse. A result that is the same under both
// assumptions holds whatever the missing keys are.
type assumption bool

const (
	pessimistic assumption = false
	optimistic  assumption = true
)

// matchesUnknown reports whether a condition that depends on a missing key counts as met.
func (e *evaluation) matchesUnknown(effect Effect) bool {
	return (e.assumption == optimistic) == (effect == Allow)
}

// decideIncomplete decides an incomplete request.
func (e *evaluation) decideIncomplete() Decision {
	worst := e.decide()
	if worst.Allowed {
		return worst
	}
	e.assumption = optimistic
	best := e.decide()
	if !best.Allowed {
		return best
	}
	if worst.Reason == ExplicitDeny {
		return e.unknown(worst.Match)
	}
	if worst.Reason == ImplicitDenyServiceControl {
		return e.unknown(e.scanServiceControl().allow)
	}
	for _, grant := range best.Grants() {
		if len(e.missingKeys(grant.Statement)) > 0 {
			return e.unknown(grant)
		}
	}
	return e.unknown(best.Match)
}

func (e *evaluation) unknown(by Match) Decision {
	return Decision{Reason: Unknown, Match: by, MissingKeys: e.missingKeys(by.Statement)}
}

// missingKeys returns the condition keys that a statement tests and that the request does not set, sorted.
func (e *evaluation) missingKeys(s *Statement) []string {
	if s == nil || !e.request.Incomplete {
		return nil
	}
	keys := append(e.missingVariables(s.Resource), e.missingVariables(s.NotResource)...)
	for _, principal := range [...]*Principal{s.Principal, s.NotPrincipal} {
		if principal != nil && e.mayBeSession(principal) {
			keys = append(keys, sessionKey)
		}
	}
	if s.Principal != nil && e.caller.reachOf(s.Principal) == unreached && e.mayBeDenied(s) {
		keys = append(keys, canonicalUserElement)
	}
	for _, conditions := range s.Condition {
		for key, values := range conditions {
			if _, known := e.lookup(key); !known {
				keys = append(keys, key)
			}
			keys = append(keys, e.missingVariables(values)...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// missingVariables returns the condition keys that texts use as policy variables and that the request does not set.
func (e *evaluation) missingVariables(texts Values) []string {
	if !e.request.Incomplete {
		return nil
	}
	var keys []string
	for _, text := range texts {
		if !hasVariable(text) {
			continue
		}
		for _, found := range variablePattern.FindAllStringSubmatch(text, -1) {
			key := strings.TrimSpace(found[1])
			if _, known := e.lookup(key); !known {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func (e *evaluation) anyMissing(texts Values) bool { return len(e.missingVariables(texts)) > 0 }

// hasVariable reports whether a text may contain policy variables.
func hasVariable(text string) bool { return strings.Contains(text, "${") }

// sessionKey is the condition key that contains the session name.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-userid
const sessionKey = "aws:userid"

// canonicalUserElement stands for the canonical user id of the caller's account, which no condition key contains.
const canonicalUserElement = "CanonicalUser"

// variablePattern matches policy variables, except the special characters ${*}, ${?} and ${$}.
var variablePattern = regexp.MustCompile(`\$\{([^},*?$]+)[^}]*\}`)
