package policy

import "strings"

// expansion is how policy variables in a value are filled in. Variables work in the resource part of an ARN and with
// the operators that compare text, ARNs and booleans.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type expansion int

const (
	expandNothing expansion = iota // "${" is ordinary text
	expandPlain                    // for a value without wildcards
	expandPattern                  // for a value with wildcards: those that come out of a variable are literal
)

// expand fills in the policy variables of a value. It reports false when one of them has no value, or several: then
// nothing matches the value, so that a negated operator holds.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
func (e *evaluation) expand(text string, how expansion) (string, bool) {
	if how == expandNothing || !strings.Contains(text, "${") {
		return text, true
	}
	var expanded strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		inside, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			expanded.WriteString(text)
			return expanded.String(), true
		}
		value, ok := e.variable(inside)
		if !ok {
			return "", false
		}
		expanded.WriteString(before)
		writeValue(&expanded, value, how)
		text = after
	}
}

// expandResource fills in the variables of a resource pattern. They count only after the fifth colon.
func (e *evaluation) expandResource(pattern string) (string, bool) {
	if !strings.Contains(pattern, "${") {
		return pattern, true
	}
	parts, ok := splitARN(pattern)
	if !ok {
		return pattern, true
	}
	resource, ok := e.expand(parts[arnResource], expandPattern)
	return strings.TrimSuffix(pattern, parts[arnResource]) + resource, ok
}

// variable is the value of what stands between "${" and "}": a condition key, a key with a default value as in
// ${aws:PrincipalTag/team, 'none'}, or one of the three special characters that cannot be written otherwise.
func (e *evaluation) variable(inside string) (string, bool) {
	switch inside {
	case "*", "?", "$":
		return inside, true
	}
	key, fallback, hasFallback := strings.Cut(inside, ",")
	values, known := e.lookup(strings.TrimSpace(key))
	if len(values) == 1 {
		return values[0], true
	}
	if len(values) > 1 || !hasFallback || !known {
		return "", false
	}
	return strings.Trim(strings.TrimSpace(fallback), "'"), true
}

// writeValue writes the value of a variable, with its wildcards quoted where wildcards mean something.
func writeValue(to *strings.Builder, value string, how expansion) {
	for i := range len(value) {
		if how == expandPattern && isSpecial(value[i]) {
			to.WriteByte(quote)
		}
		to.WriteByte(value[i])
	}
}

func isSpecial(b byte) bool { return b == '*' || b == '?' || b == quote }
