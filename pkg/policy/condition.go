package policy

import (
	"slices"
	"strings"
)

// conditionsHold reports whether every key of every operator of a statement holds for the request.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (e *evaluation) conditionsHold(s *Statement, variables bool) bool {
	for name, keys := range s.Condition {
		op, known := operators[name]
		if !known {
			if s.Effect == Deny {
				continue // Validate refuses such a document; evaluated nevertheless, it must not grant more
			}
			return false
		}
		for key, values := range keys {
			if !e.holds(op, key, values, variables, s.Effect) {
				return false
			}
		}
	}
	return true
}

// holds reports whether one condition key holds. Of a key that is missing or has one of several values, it holds where
// it does in all these cases.
func (e *evaluation) holds(op *operator, key string, values Values, variables bool, effect Effect) bool {
	have, known := e.lookup(key)
	if variables && op.operand.expands != expandNothing && e.anyUntold(values) {
		return e.doubt(effect)
	}
	if known {
		return e.compares(op, have, values, variables, effect)
	}
	possible, _ := contextValues(e.request.Possible, key)
	first := e.compares(op, nil, values, variables, effect)
	for i := range possible {
		if e.compares(op, possible[i:i+1], values, variables, effect) != first {
			return e.doubt(effect)
		}
	}
	if len(possible) == 0 {
		return e.doubt(effect)
	}
	return first
}

// compares applies an operator to the values that a request has for a key. Several values in the policy are
// alternatives, or, for a negated operator, all excluded. Several values in the request are what the operator's
// quantifier says. AWS does not document what an operator without one does with several; it has been seen to find no
// match, and it may look at any. An Allow then needs the condition to hold either way, a Deny applies if it does in one.
func (e *evaluation) compares(op *operator, have []string, values Values, variables bool, effect Effect) bool {
	if op.null {
		return slices.ContainsFunc(values, isTrue) && len(have) == 0 || slices.ContainsFunc(values, isFalse) && len(have) > 0
	}
	if len(have) == 0 || op.set != single && isEmptySet(have) {
		return op.whenMissing()
	}
	if op.set == single && len(have) > 1 && op.negated == (effect == Deny) {
		return op.negated
	}
	all := op.set == forAllValues || op.set == single && op.negated
	for _, value := range have {
		if e.valueHolds(op, value, values, variables) != all {
			return !all
		}
	}
	return all
}

// valueHolds compares one value of the request with the values in the policy.
func (e *evaluation) valueHolds(op *operator, have string, values Values, variables bool) bool {
	for _, want := range values {
		if variables {
			expanded, ok := e.expand(want, op.operand.expands)
			if !ok {
				continue // "the value is effectively null": nothing is equal to it or like it
			}
			want = expanded
		}
		if op.compare(want, have) {
			return !op.negated
		}
	}
	return op.negated
}

func isTrue(text string) bool { return strings.EqualFold(text, "true") }

func isFalse(text string) bool { return strings.EqualFold(text, "false") }

// isEmptySet reports whether a key resolves "to an empty data set (for example, an empty string)", which the two
// quantifiers treat like a missing key.
func isEmptySet(values []string) bool {
	return !slices.ContainsFunc(values, func(value string) bool { return value != "" })
}
