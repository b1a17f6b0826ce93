package policy

import (
	"slices"
	"strings"
)

// conditionsHold reports whether every key of every operator of a statement holds for the request.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (e *evaluation) conditionsHold(d *Document, s *Statement, variables bool) bool {
	for name, keys := range s.Condition {
		op, known := operators[name]
		if !known {
			if s.Effect == Deny {
				continue // Validate refuses such a document; evaluated nevertheless, it must not grant more
			}
			return false
		}
		for key, values := range keys {
			c := condition{op, values, d.indexOf(values), variables, s.Effect}
			if !e.holds(&c, key) {
				return false
			}
		}
	}
	return true
}

// condition is one condition key of a statement: the values it has to have.
type condition struct {
	op        *operator
	values    Values
	index     *prefixes // of the values; nil: there is none
	variables bool
	effect    Effect
}

// holds reports whether the condition on one key holds. If the key is missing or has one of several possible values,
// the result must be the same in all these cases.
func (e *evaluation) holds(c *condition, key string) bool {
	have, known := e.lookup(key)
	if c.variables && c.index == nil && c.op.operand.expands != expandNothing && e.anyMissing(c.values) {
		return e.matchesUnknown(c.effect)
	}
	if known {
		return e.compares(c, have)
	}
	possible, _ := contextValues(e.request.Possible, key)
	first := e.compares(c, nil)
	for i := range possible {
		if e.compares(c, possible[i:i+1]) != first {
			return e.matchesUnknown(c.effect)
		}
	}
	if len(possible) == 0 {
		return e.matchesUnknown(c.effect)
	}
	return first
}

// compares applies an operator to the values that a request has for a key. Several values in the policy are
// alternatives or, for a negated operator, all excluded. Several values in the request are combined by the operator's
// quantifier. AWS does not document what an operator without a quantifier does with several values: it has been
// observed to match nothing, and may match any. An Allow therefore applies only if the condition holds either way,
// and a Deny if it holds in one.
func (e *evaluation) compares(c *condition, have []string) bool {
	op := c.op
	if op.null {
		return slices.ContainsFunc(c.values, isTrue) && len(have) == 0 || slices.ContainsFunc(c.values, isFalse) && len(have) > 0
	}
	if len(have) == 0 || op.set != single && isEmptySet(have) {
		return op.whenMissing()
	}
	if op.set == single && len(have) > 1 && op.negated == (c.effect == Deny) {
		return op.negated
	}
	all := op.set == forAllValues || op.set == single && op.negated
	for _, value := range have {
		if e.valueHolds(c, value) != all {
			return !all
		}
	}
	return all
}

// valueHolds compares one value of the request with the values in the policy.
func (e *evaluation) valueHolds(c *condition, have string) bool {
	for _, want := range c.likely(have) {
		if c.variables {
			expanded, ok := e.expand(want, c.op.operand.expands)
			if !ok {
				continue // "the value is effectively null": nothing is equal to it or like it
			}
			want = expanded
		}
		if c.op.compare(want, have) {
			return !c.op.negated
		}
	}
	return c.op.negated
}

// likely are the values that may be equal to a text or like it, and perhaps others.
func (c *condition) likely(text string) Values {
	if c.index == nil || c.op.operand != textOperand && c.op.operand != patternOperand || c.op.ignoresCase {
		return c.values
	}
	var values Values
	for _, i := range c.index.of(text, nil) {
		values = append(values, c.values[i])
	}
	return values
}

func isTrue(text string) bool { return strings.EqualFold(text, "true") }

func isFalse(text string) bool { return strings.EqualFold(text, "false") }

// isEmptySet reports whether a key resolves "to an empty data set (for example, an empty string)", which the two
// quantifiers treat like a missing key.
func isEmptySet(values []string) bool {
	return !slices.ContainsFunc(values, func(value string) bool { return value != "" })
}
