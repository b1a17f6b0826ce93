package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
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
			text, ok := within(c.pattern, c.prefix)
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
	_, ok := within(strings.Repeat("*a", 200)+"b", strings.Repeat("a", 1000))
	assert.True(t, ok)
}
