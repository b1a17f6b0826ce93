package policy

import (
	"fmt"
	"strings"
)

// Parse reads a policy document. It rejects what AWS rejects as malformed: invalid JSON, unknown, repeated or missing
// elements, values of the wrong type, unknown condition operators, and everything else that Validate checks. A single
// statement and a single value are accepted in place of a list. The error is a *MalformedError that lists all
// problems.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(data []byte) (Document, error) {
	return read(data, func(r *reader, root node) Document {
		document := r.document(root)
		document.check(&r.problems)
		return document
	})
}

// UnmarshalJSON is Parse.
func (d *Document) UnmarshalJSON(data []byte) (err error) {
	*d, err = Parse(data)
	return err
}

// UnmarshalJSON reads a statement that stands by itself, as strictly as Parse does.
func (s *Statement) UnmarshalJSON(data []byte) (err error) {
	*s, err = read(data, func(r *reader, root node) Statement {
		const path = "Statement"
		statement := r.statement(path, root)
		if !r.under(path) {
			statement.check(path, &r.problems)
		}
		return statement
	})
	return err
}

// UnmarshalJSON reads a principal that stands by itself, as strictly as Parse does.
func (p *Principal) UnmarshalJSON(data []byte) (err error) {
	*p, err = read(data, func(r *reader, root node) Principal {
		const path = "Principal"
		principal := r.principal(path, root)
		if !r.under(path) {
			principal.check(path, &r.problems)
		}
		return *principal
	})
	return err
}

// UnmarshalJSON reads a value or a list of values; numbers and booleans are kept as text.
func (v *Values) UnmarshalJSON(data []byte) (err error) {
	*v, err = read(data, func(r *reader, root node) Values {
		return r.values("", root, stringNode, numberNode, boolNode)
	})
	return err
}

// read turns JSON into a value, or into nothing but an error.
func read[T any](data []byte, value func(*reader, node) T) (T, error) {
	r, nothing := &reader{}, *new(T)
	root, err := readTree(data)
	if err != nil {
		r.add("", "%s", err)
		return nothing, r.err()
	}
	found := value(r, root)
	if err := r.err(); err != nil {
		return nothing, err
	}
	return found, nil
}

// reader turns JSON into a document and collects what does not fit.
type reader struct{ problems }

func (r *reader) document(root node) (d Document) {
	r.object("", root, elements{
		"Version":   func(path string, n node) { d.Version = r.text(path, n) },
		"Id":        func(path string, n node) { d.ID = r.text(path, n) },
		"Statement": func(path string, n node) { d.Statement = r.statements(path, n) },
	})
	return d
}

func (r *reader) statements(path string, n node) []Statement {
	if n.kind == objectNode {
		return []Statement{r.statement(path+"[0]", n)}
	}
	if !r.is(path, n, listNode, objectNode) {
		return nil
	}
	statements := make([]Statement, len(n.items))
	for i, item := range n.items {
		statements[i] = r.statement(fmt.Sprintf("%s[%d]", path, i), item)
	}
	return statements
}

func (r *reader) statement(path string, n node) (s Statement) {
	values := func(to *Values) func(string, node) {
		return func(path string, n node) { *to = r.someValues(path, n) }
	}
	r.object(path, n, elements{
		"Sid":          func(path string, n node) { s.Sid = r.text(path, n) },
		"Effect":       func(path string, n node) { s.Effect = Effect(r.text(path, n)) },
		"Principal":    func(path string, n node) { s.Principal = r.principal(path, n) },
		"NotPrincipal": func(path string, n node) { s.NotPrincipal = r.principal(path, n) },
		"Action":       values(&s.Action),
		"NotAction":    values(&s.NotAction),
		"Resource":     values(&s.Resource),
		"NotResource":  values(&s.NotResource),
		"Condition":    func(path string, n node) { s.Condition = r.conditions(path, n) },
	})
	return s
}

func (r *reader) principal(path string, n node) *Principal {
	if n.kind == stringNode && n.text == "*" {
		return Anyone()
	}
	if n.kind != objectNode {
		r.add(path, `expected "*" or an object such as {"AWS": "arn:aws:iam::111122223333:role/name"}, found %s`, n.describe())
		return &Principal{}
	}
	p := &Principal{}
	values := func(to *Values) func(string, node) {
		return func(path string, n node) { *to = r.someValues(path, n) }
	}
	r.object(path, n, elements{
		"AWS":           values(&p.AWS),
		"Service":       values(&p.Service),
		"Federated":     values(&p.Federated),
		"CanonicalUser": values(&p.CanonicalUser),
	})
	return p
}

func (r *reader) conditions(path string, n node) Conditions {
	if !r.is(path, n, objectNode) || len(n.fields) == 0 {
		return nil
	}
	conditions := Conditions{}
	for _, operator := range r.distinct(path, n) {
		inner := path + "." + operator.name
		if !r.is(inner, operator.value, objectNode) {
			continue
		}
		keys := map[string]Values{}
		for _, key := range r.distinct(inner, operator.value) {
			keys[key.name] = r.values(inner+"."+key.name, key.value, stringNode, numberNode, boolNode)
		}
		conditions[operator.name] = keys
	}
	return conditions
}

// elements are the elements that an object may have, each with what reads it.
type elements map[string]func(path string, n node)

func (r *reader) object(path string, n node, known elements) {
	if !r.is(path, n, objectNode) {
		return
	}
	for _, element := range r.distinct(path, n) {
		read, ok := known[element.name]
		if !ok {
			names := sortedKeys(known)
			r.add(join(path, element.name), "unknown element%s (known are %s)",
				didYouMean(element.name, names), strings.Join(names, ", "))
			continue
		}
		read(join(path, element.name), element.value)
	}
}

// distinct is the fields of an object. "Individual elements must not contain multiple instances of the same key."
func (r *reader) distinct(path string, object node) []field {
	seen := make(map[string]bool, len(object.fields))
	for _, f := range object.fields {
		if seen[f.name] {
			r.add(join(path, f.name), "given twice")
		}
		seen[f.name] = true
	}
	return object.fields
}

// someValues reads a text or a list of at least one.
func (r *reader) someValues(path string, n node) Values {
	values := r.values(path, n, stringNode)
	if len(values) == 0 && n.kind == listNode && !r.under(path) {
		r.add(path, "the list is empty; give at least one value")
	}
	return values
}

// values reads a value or a list of values of the given kinds. As AWS does, it skips null in a list.
func (r *reader) values(path string, n node, kinds ...nodeKind) Values {
	if n.kind != listNode {
		if !r.is(path, n, kinds...) {
			return nil
		}
		return Values{n.text}
	}
	values := make(Values, 0, len(n.items))
	for i, item := range n.items {
		if item.kind == nullNode {
			continue
		}
		if r.is(fmt.Sprintf("%s[%d]", path, i), item, kinds...) {
			values = append(values, item.text)
		}
	}
	return values
}

func (r *reader) text(path string, n node) string {
	if !r.is(path, n, stringNode) {
		return ""
	}
	return n.text
}

// is reports whether a value is of one of the given kinds, and notes a problem when it is not.
func (r *reader) is(path string, n node, kinds ...nodeKind) bool {
	wanted := make([]string, len(kinds))
	for i, kind := range kinds {
		if n.kind == kind {
			return true
		}
		wanted[i] = string(kind)
	}
	r.add(path, "expected %s, found %s", strings.Join(wanted, " or "), n.describe())
	return false
}

// describe is the value itself where it is short, and its type otherwise.
func (n node) describe() string {
	const short = 40
	if n.text == "" || len(n.text) > short {
		return string(n.kind)
	}
	return fmt.Sprintf("%s (%q)", n.kind, n.text)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
