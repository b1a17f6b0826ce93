package alarms

import (
	"fmt"
	"slices"
	"strings"
)

// rule is the rule expression of a composite alarm.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
type rule interface {
	// holds reports whether the rule is true when alarms are in these states.
	holds(stateOf func(alarm string) State) bool
	// children returns the references to alarms in the rule, as written.
	children() []string
}

type (
	constant bool
	// inState is a function such as ALARM("name").
	inState struct {
		state State
		alarm string
	}
	negation struct{ of rule }
	both     struct{ left, right rule }
	either   struct{ left, right rule }
)

func (c constant) holds(func(string) State) bool         { return bool(c) }
func (i inState) holds(stateOf func(string) State) bool  { return stateOf(i.alarm) == i.state }
func (n negation) holds(stateOf func(string) State) bool { return !n.of.holds(stateOf) }
func (b both) holds(stateOf func(string) State) bool {
	return b.left.holds(stateOf) && b.right.holds(stateOf)
}

func (e either) holds(stateOf func(string) State) bool {
	return e.left.holds(stateOf) || e.right.holds(stateOf)
}

func (constant) children() []string   { return nil }
func (i inState) children() []string  { return []string{i.alarm} }
func (n negation) children() []string { return n.of.children() }
func (b both) children() []string     { return slices.Concat(b.left.children(), b.right.children()) }

func (e either) children() []string { return slices.Concat(e.left.children(), e.right.children()) }

// maxElements is the limit of alarms, TRUE, FALSE and parentheses in a rule.
const maxElements = 500

// ruleParser parses a rule from left to right. NOT binds tighter than AND, and AND
// tighter than OR.
type ruleParser struct {
	rest     string
	elements int
}

func parseRule(text string) (rule, error) {
	p := &ruleParser{rest: text}
	parsed, err := p.either()
	if err != nil {
		return nil, fmt.Errorf("reading the alarm rule: %w", err)
	}
	if p.skipSpace(); p.rest != "" {
		return nil, fmt.Errorf("reading the alarm rule: AND, OR or the end is expected at %q", p.rest)
	}
	return parsed, nil
}

func (p *ruleParser) either() (rule, error) {
	left, err := p.both()
	for err == nil && p.word("OR") {
		var right rule
		right, err = p.both()
		left = either{left, right}
	}
	return left, err
}

func (p *ruleParser) both() (rule, error) {
	left, err := p.single()
	for err == nil && p.word("AND") {
		var right rule
		right, err = p.single()
		left = both{left, right}
	}
	return left, err
}

func (p *ruleParser) single() (rule, error) {
	if p.elements++; p.elements > maxElements {
		return nil, fmt.Errorf("it has more than %d elements", maxElements)
	}
	switch {
	case p.word("NOT"):
		of, err := p.single()
		return negation{of}, err
	case p.word("TRUE"):
		return constant(true), nil
	case p.word("FALSE"):
		return constant(false), nil
	case p.sign("("):
		inner, err := p.either()
		if err == nil && !p.sign(")") {
			err = fmt.Errorf("a closing parenthesis is missing before %q", p.rest)
		}
		return inner, err
	}
	for _, state := range []State{StateAlarm, StateOK, StateInsufficientData} {
		if p.word(string(state)) {
			alarm, err := p.argument(state)
			return inState{state, alarm}, err
		}
	}
	return nil, fmt.Errorf("ALARM(...), OK(...), INSUFFICIENT_DATA(...), TRUE, FALSE, NOT or a parenthesis is expected at %q", p.rest)
}

// argument parses the name or ARN of an alarm in parentheses, quoted unless it is
// simple.
func (p *ruleParser) argument(of State) (string, error) {
	if !p.sign("(") {
		return "", fmt.Errorf("%s is not followed by an alarm in parentheses", of)
	}
	end := ")"
	if p.sign(`"`) {
		end = `"`
	}
	name, rest, found := strings.Cut(p.rest, end)
	if !found {
		return "", fmt.Errorf("%s is not closed", of)
	}
	p.rest = rest
	if end == `"` && !p.sign(")") {
		return "", fmt.Errorf("%s(%q is not closed", of, name)
	}
	if end == ")" {
		name = strings.TrimSpace(name)
	}
	if name == "" {
		return "", fmt.Errorf("%s names no alarm", of)
	}
	return name, nil
}

func (p *ruleParser) skipSpace() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *ruleParser) sign(sign string) bool {
	p.skipSpace()
	rest, found := strings.CutPrefix(p.rest, sign)
	p.rest = rest
	return found
}

// word consumes a keyword, in any case, that ends at a word boundary.
func (p *ruleParser) word(word string) bool {
	p.skipSpace()
	if len(p.rest) < len(word) || !strings.EqualFold(p.rest[:len(word)], word) {
		return false
	}
	rest := p.rest[len(word):]
	if rest != "" && !strings.ContainsRune(" \t\r\n()", rune(rest[0])) {
		return false
	}
	p.rest = rest
	return true
}
