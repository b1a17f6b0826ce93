package policy

import (
	"cmp"
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// quantifier says how an operator treats the several values that a request may have for one key.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
type quantifier int

const (
	single quantifier = iota
	forAllValues
	forAnyValue
)

// operator is a condition operator, with what its prefix (ForAllValues:, ForAnyValue:) and suffix (IfExists) say.
type operator struct {
	operand     *operand
	compare     func(policyValue, requestValue string) bool
	ignoresCase bool
	negated     bool
	null        bool
	ifExists    bool
	set         quantifier
}

// operand is the type of value that an operator compares.
type operand struct {
	expands expansion              // how policy variables in a policy value are filled in
	valid   func(text string) bool // whether a policy value can be read
	wants   string                 // what a policy value has to be, for error messages
}

func anyText(string) bool { return true }

var (
	textOperand    = &operand{expandPlain, anyText, "text"}
	patternOperand = &operand{expandPattern, anyText, "text"}
	boolOperand    = &operand{expandPlain, isBool, "true or false"}
	nullOperand    = &operand{expandNothing, isBool, "true (the key is missing) or false (it is present)"}
	numberOperand  = &operand{expandNothing, isNumber, "a number"}
	dateOperand    = &operand{expandNothing, isDate, "an ISO 8601 date such as 2030-01-02T15:04:05Z, or seconds since 1970"}
	binaryOperand  = &operand{expandNothing, isBase64, "base64"}
	addressOperand = &operand{expandNothing, isAddress, "an IP address or a CIDR range such as 203.0.113.0/24"}
)

// baseOperators are the operators without prefix and suffix.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var baseOperators = map[string]operator{
	"StringEquals":              {operand: textOperand, compare: sameText},
	"StringNotEquals":           {operand: textOperand, compare: sameText, negated: true},
	"StringEqualsIgnoreCase":    {operand: textOperand, compare: strings.EqualFold, ignoresCase: true},
	"StringNotEqualsIgnoreCase": {operand: textOperand, compare: strings.EqualFold, ignoresCase: true, negated: true},
	"StringLike":                {operand: patternOperand, compare: textLike},
	"StringNotLike":             {operand: patternOperand, compare: textLike, negated: true},

	"NumericEquals":            {operand: numberOperand, compare: number(isEqual)},
	"NumericNotEquals":         {operand: numberOperand, compare: number(isEqual), negated: true},
	"NumericLessThan":          {operand: numberOperand, compare: number(isLess)},
	"NumericLessThanEquals":    {operand: numberOperand, compare: number(isLessOrEqual)},
	"NumericGreaterThan":       {operand: numberOperand, compare: number(isGreater)},
	"NumericGreaterThanEquals": {operand: numberOperand, compare: number(isGreaterOrEqual)},

	"DateEquals":            {operand: dateOperand, compare: date(isEqual)},
	"DateNotEquals":         {operand: dateOperand, compare: date(isEqual), negated: true},
	"DateLessThan":          {operand: dateOperand, compare: date(isLess)},
	"DateLessThanEquals":    {operand: dateOperand, compare: date(isLessOrEqual)},
	"DateGreaterThan":       {operand: dateOperand, compare: date(isGreater)},
	"DateGreaterThanEquals": {operand: dateOperand, compare: date(isGreaterOrEqual)},

	"Bool":         {operand: boolOperand, compare: strings.EqualFold, ignoresCase: true},
	"BinaryEquals": {operand: binaryOperand, compare: sameBytes},
	"IpAddress":    {operand: addressOperand, compare: inRange},
	"NotIpAddress": {operand: addressOperand, compare: inRange, negated: true},

	"ArnEquals":    {operand: patternOperand, compare: matchARN},
	"ArnLike":      {operand: patternOperand, compare: matchARN},
	"ArnNotEquals": {operand: patternOperand, compare: matchARN, negated: true},
	"ArnNotLike":   {operand: patternOperand, compare: matchARN, negated: true},
}

// operators are all operators by their full, case-sensitive name.
var operators = allOperators()

func allOperators() map[string]*operator {
	sets := map[string]quantifier{"": single, "ForAllValues:": forAllValues, "ForAnyValue:": forAnyValue}
	all := map[string]*operator{"Null": {operand: nullOperand, null: true}}
	for name, base := range baseOperators {
		for prefix, set := range sets {
			plain, optional := base, base
			plain.set, optional.set = set, set
			optional.ifExists = true
			all[prefix+name] = &plain
			all[prefix+name+"IfExists"] = &optional
		}
	}
	return all
}

// whenMissing is the outcome of a condition on a key that the request does not have. A negated operator holds:
// what is not there does not match either. That is why a Deny on StringNotEquals, with IfExists or without, also
// hits requests without the key, unless a Null condition beside it exempts them.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists
func (o *operator) whenMissing() bool {
	if o.ifExists {
		return true
	}
	if o.set == single {
		return o.negated
	}
	return o.set == forAllValues
}

func sameText(want, have string) bool { return want == have }

func textLike(want, have string) bool { return glob(want, have, caseSensitive) }

func isEqual(order int) bool          { return order == 0 }
func isLess(order int) bool           { return order < 0 }
func isLessOrEqual(order int) bool    { return order <= 0 }
func isGreater(order int) bool        { return order > 0 }
func isGreaterOrEqual(order int) bool { return order >= 0 }

// number compares two numbers; holds gets the order of the request's value relative to the policy's. A text that is
// no number matches nothing.
func number(holds func(order int) bool) func(want, have string) bool {
	return func(want, have string) bool {
		wanted, ok := parseNumber(want)
		if !ok {
			return false
		}
		had, ok := parseNumber(have)
		return ok && holds(cmp.Compare(had, wanted))
	}
}

// date compares two points in time; holds is as for number.
func date(holds func(order int) bool) func(want, have string) bool {
	return func(want, have string) bool {
		wanted, ok := parseDate(want)
		if !ok {
			return false
		}
		had, ok := parseDate(have)
		return ok && holds(had.Compare(wanted))
	}
}

// sameBytes compares binary values, which both policy and request give in base64.
func sameBytes(want, have string) bool {
	wanted, err := base64.StdEncoding.DecodeString(want)
	if err != nil {
		return false
	}
	had, err := base64.StdEncoding.DecodeString(have)
	return err == nil && string(wanted) == string(had)
}

func inRange(want, have string) bool {
	wanted, ok := parseRange(want)
	if !ok {
		return false
	}
	had, err := netip.ParseAddr(have)
	return err == nil && wanted.Contains(had.Unmap())
}

func parseNumber(text string) (float64, bool) {
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return 0, false // ParseFloat would also take "inf", "nan" and hexadecimal
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil
}

// dateLayouts are the W3C profile of ISO 8601, from the most to the least precise. Fractions of a second are
// accepted by the first.
//
// https://www.w3.org/TR/NOTE-datetime
var dateLayouts = [...]string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly, "2006-01", "2006"}

// parseDate reads an ISO 8601 date or seconds since 1970. Four digits are a year.
func parseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if value, err := time.Parse(layout, text); err == nil {
			return value, true
		}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(seconds, 0), err == nil
}

// parseRange reads a CIDR range, or an address as the range of itself alone.
func parseRange(text string) (netip.Prefix, bool) {
	if strings.Contains(text, "/") {
		value, err := netip.ParsePrefix(text)
		return value, err == nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(address, address.BitLen()), true
}

func isBool(text string) bool {
	return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

func isNumber(text string) bool {
	_, ok := parseNumber(text)
	return ok
}

func isDate(text string) bool {
	_, ok := parseDate(text)
	return ok
}

func isBase64(text string) bool {
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}

func isAddress(text string) bool {
	_, ok := parseRange(text)
	return ok
}
