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

// holds reports whether one condition key holds. Several values in the policy are alternatives, or, for a negated
// operator, all excluded. Several values in the request are what the operator's quantifier says; without one, a
// positive operator wants one of them to match, a negated operator none.
func (e *evaluation) holds(op *operator, key string, values Values, variables bool, effect Effect) bool {
	have, known := e.lookup(key)
	if !known || variables && op.operand.expands != expandNothing && e.anyUntold(values) {
		return e.doubt(effect)
	}
	if op.null {
		return slices.ContainsFunc(values, isTrue) && len(have) == 0 || slices.ContainsFunc(values, isFalse) && len(have) > 0
	}
	if len(have) == 0 || op.set != single && isEmptySet(have) {
		return op.whenMissing()
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
			if !ok && op.negated {
				return false // a statement with a variable that has no value does not apply
			}
			if !ok {
				continue
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
