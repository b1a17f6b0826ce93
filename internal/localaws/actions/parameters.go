package actions

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// parameters holds the parameters of a call in any of AWS's protocols.
type parameters map[string]any

// readParameters parses a JSON document or a form.
func readParameters(body []byte, query url.Values) parameters {
	read := parameters{}
	if json.Unmarshal(body, &read) == nil {
		return read
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return read // the service itself rejects the request
	}
	for _, values := range []url.Values{query, form} {
		for _, name := range slices.Sorted(keysOf(values)) {
			read.add(name, values.Get(name))
		}
	}
	return read
}

func keysOf(values url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range values {
			if !yield(name) {
				return
			}
		}
	}
}

// add adds a form field: "AlarmNames.member.1" is an element of a list, and
// "Tags.member.1.Key" a field of an element.
func (p parameters) add(name, value string) {
	name, rest, structured := strings.Cut(name, ".")
	if !structured {
		p[name] = value
		return
	}
	list, _ := p[name].([]any)
	if strings.Count(rest, ".") > 1 {
		p[name] = append(list, map[string]any{rest: value})
		return
	}
	p[name] = append(list, value)
}

// text returns the first of the named parameters that is present, as a string.
func (p parameters) text(names ...string) string {
	for _, name := range names {
		if text, ok := p[name].(string); ok && text != "" {
			return text
		}
	}
	return ""
}

// texts returns the values of a list parameter.
func (p parameters) texts(name string) []string {
	list, _ := p[name].([]any)
	var texts []string
	for _, each := range list {
		texts = append(texts, fmt.Sprint(each))
	}
	return texts
}

// has reports whether a parameter is present and not empty.
func (p parameters) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		switch value := p[name].(type) {
		case string:
			return value != ""
		case []any:
			return len(value) > 0
		case map[string]any:
			return len(value) > 0
		default:
			return false
		}
	})
}
