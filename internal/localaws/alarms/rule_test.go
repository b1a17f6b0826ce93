package alarms

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRule_HoldsAsItsWordsSay(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:red"
	states := map[string]State{"red": StateAlarm, "green": StateOK, "grey": StateInsufficientData, arn: StateAlarm, "a (b) c": StateAlarm}
	tests := map[string]bool{
		`TRUE`:                                     true,
		`false`:                                    false,
		`ALARM(red)`:                               true,
		`ALARM("red")`:                             true,
		`ALARM( red )`:                             true,
		`ALARM("` + arn + `")`:                     true,
		`ALARM(` + arn + `)`:                       true,
		`ALARM("a (b) c")`:                         true,
		`OK("red")`:                                false,
		`OK("green")`:                              true,
		`INSUFFICIENT_DATA("grey")`:                true,
		`NOT ALARM("green")`:                       true,
		`NOT NOT ALARM("green")`:                   false,
		`ALARM("red") AND NOT ALARM("green")`:      true,
		`ALARM("red") OR ALARM("x") AND FALSE`:     true,
		`(ALARM("red") OR ALARM("x")) AND FALSE`:   false,
		`NOT (ALARM("red") OR ALARM("green"))`:     false,
		"ALARM(\"green\")\n\tOR\nOK(\"green\")":    true,
		`((TRUE))`:                                 true,
		`alarm("red") and ok("green") or alarm(x)`: true,
	}
	for text, want := range tests {
		parsed, err := parseRule(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, parsed.holds(func(alarm string) State { return states[alarm] }), text)
	}
}

func TestRule_NamesItsAlarms(t *testing.T) {
	t.Parallel()
	parsed, err := parseRule(`(ALARM("a") OR NOT OK(b)) AND (TRUE OR INSUFFICIENT_DATA("c"))`)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c"}, parsed.children())
}

func TestRule_RefusesWhatItIsNot(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		``:                             "is expected at",
		`red`:                          "is expected at",
		`ALARM`:                        "is not followed by an alarm",
		`ALARM(`:                       "is not closed",
		`ALARM()`:                      "names no alarm",
		`ALARM("")`:                    "names no alarm",
		`ALARM("a)`:                    "is not closed",
		`ALARM("a" b)`:                 "is not closed",
		`ALARM(a) ALARM(b)`:            "AND, OR or the end is expected",
		`ALARM(a) AND`:                 "is expected at",
		`(ALARM(a)`:                    "closing parenthesis",
		`ALARM(a))`:                    "AND, OR or the end is expected",
		`NOT`:                          "is expected at",
		`NOTALARM(a)`:                  "is expected at",
		strings.Repeat("(", 600) + "T": "more than 500 elements",
	}
	for text, want := range tests {
		_, err := parseRule(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func FuzzRule(f *testing.F) {
	for _, seed := range []string{`ALARM("a") AND (NOT OK(b) OR TRUE)`, `((`, `INSUFFICIENT_DATA("`, `NOT NOT FALSE`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseRule(text)
		if err != nil {
			return
		}
		negated, err := parseRule("NOT (" + text + ")")
		if err != nil {
			assert.ErrorContains(t, err, "elements", text)
			return
		}
		for _, state := range []State{StateOK, StateAlarm, StateInsufficientData} {
			stateOf := func(string) State { return state }
			assert.NotEqual(t, parsed.holds(stateOf), negated.holds(stateOf), text)
		}
		assert.Equal(t, parsed.children(), negated.children())
	})
}
