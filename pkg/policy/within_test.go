package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestWithin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pattern, prefix, want string
		none                  bool
	}{
		"a part of the prefix":           {pattern: "data/finance/*", prefix: "data/", want: "data/finance/any"},
		"the prefix is a part of it":     {pattern: "data/*", prefix: "data/finance/", want: "data/finance/any"},
		"the same":                       {pattern: "data/finance/*", prefix: "data/finance/", want: "data/finance/any"},
		"one object":                     {pattern: "data/finance/q3.pdf", prefix: "data/", want: "data/finance/q3.pdf"},
		"a kind of objects":              {pattern: "data/*.pdf", prefix: "data/finance/", want: "data/finance/any.pdf"},
		"an asterisk that ends midway":   {pattern: "data/*/secret/*", prefix: "data/a/secret/b", want: "data/a/secret/bany/secret/any"},
		"an asterisk that is nothing":    {pattern: "data*/finance", prefix: "data/", want: "data/any/finance"},
		"a question mark":                {pattern: "data/??/x", prefix: "data/é", want: "data/éa/x"},
		"another folder":                 {pattern: "data/hr/*", prefix: "data/finance/", none: true},
		"another bucket":                 {pattern: "other/*", prefix: "data/", none: true},
		"shorter than the prefix":        {pattern: "data", prefix: "data/", none: true},
		"letters of another case":        {pattern: "data/Finance/*", prefix: "data/finance/", none: true},
		"everything":                     {pattern: "*", prefix: "data/", want: "data/any"},
		"a pattern without wildcards":    {pattern: "data/", prefix: "data/", want: "data/"},
		"nothing to begin with":          {pattern: "a?c*", prefix: "", want: "aacany"},
		"two asterisks behind the other": {pattern: "**a", prefix: "b", want: "banyanya"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, ok := within(c.pattern, c.prefix, "any")
			assert.Equal(t, !c.none, ok)
			assert.Equal(t, c.want, text)
			if ok {
				assert.True(t, matchResource(c.pattern, text), "%s covers %s", c.pattern, text)
				assert.True(t, strings.HasPrefix(text, c.prefix))
			}
		})
	}
}

// Many asterisks must not make it exponential.
func TestWithinStaysFastOnHostilePatterns(t *testing.T) {
	t.Parallel()
	_, ok := within(strings.Repeat("*a", 200)+"b", strings.Repeat("a", 1000), "any")
	assert.True(t, ok)
}

// Policy variables are filled in as Evaluate does, with their wildcards literal.
func TestPatterns_FillInVariables(t *testing.T) {
	t.Parallel()
	request := Request{Principal: "arn:aws:iam::111111111111:role/app", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/any"}
	for name, c := range map[string]struct{ pattern, text string }{
		"a key that is known":     {"arn:aws:s3:::data/${aws:PrincipalAccount}/*", "arn:aws:s3:::data/111111111111/any"},
		"a key that is not known": {"arn:aws:s3:::data/${aws:userid}/*", "arn:aws:s3:::data/${aws:userid}/any"},
		"a literal asterisk":      {"arn:aws:s3:::data/${*}/x*", "arn:aws:s3:::data/*/xany"},
		"no variable":             {"arn:aws:s3:::data/x*", "arn:aws:s3:::data/xany"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patterns := NewPatterns([]string{c.pattern}, request)
			found := map[string]bool{}
			for pattern, text := range patterns.Within("arn:aws:s3:::data/") {
				assert.Equal(t, c.pattern, pattern)
				found[strings.ReplaceAll(text, patterns.Unnamed(), "any")] = true
			}
			assert.Contains(t, found, c.text)
			assert.Contains(t, patterns.Covering(c.text), c.pattern)
		})
	}
}

// Resources that the same patterns cover are decided the same.
func TestPatterns_CoveringDecides(t *testing.T) {
	t.Parallel()
	resource := rapid.Custom(func(t *rapid.T) string {
		return "arn:aws:s3:::" + rapid.StringMatching(`(data|d)(/[ab]{0,2}){0,2}`).Draw(t, "resource")
	})
	pattern := rapid.OneOf(
		rapid.StringMatching(`arn:aws:s3:::[da*?]{1,4}(/[ab*?]{0,2}){0,2}`), rapid.StringMatching(`arn:[*a]{1,3}(:s?\*?){0,2}`), rapid.Just("*"))
	decided := 0
	rapid.Check(t, func(t *rapid.T) {
		statement := Statement{Effect: Allow, Action: Values{"s3:*"}}
		values := Values(rapid.SliceOfN(pattern, 1, 4).Draw(t, "patterns"))
		if rapid.Bool().Draw(t, "not") {
			statement.NotResource = values
		} else {
			statement.Resource = values
		}
		patterns := NewPatterns(values)
		one, other := resource.Draw(t, "one"), resource.Draw(t, "other")
		if !assert.ObjectsAreEqual(patterns.Covering(one), patterns.Covering(other)) {
			return
		}
		decide := func(resource string) bool {
			return Evaluate(Policies{Identity: []Document{New(statement)}}, Request{
				Principal: "arn:aws:iam::111111111111:role/app", Action: "s3:GetObject", Resource: resource,
			}).Allowed
		}
		assert.Equal(t, decide(one), decide(other), "%s and %s", one, other)
		decided++
	})
	assert.NotZero(t, decided)
}
