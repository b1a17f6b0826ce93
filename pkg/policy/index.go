package policy

import "slices"

// fewValues are not worth an index.
const fewValues = 8

// index makes a document with many statements, resources or condition values quick to evaluate.
type index struct {
	// rest are the statements to look at whatever the resource, in their order.
	rest []int
	// resources are all patterns of the other statements, in their order, and statements where they stand.
	resources  Values
	statements []int
	byResource prefixes
	// byValue is for long lists of condition values without policy variables. The key is the first value of the list.
	byValue map[*string]*prefixes
}

// Indexed returns the same document, prepared for many evaluations. It must not change afterwards.
func (d Document) Indexed() Document {
	if d.index != nil {
		return d
	}
	x := &index{byValue: map[*string]*prefixes{}}
	for i := range d.Statement {
		s := &d.Statement[i]
		for _, keys := range s.Condition {
			for _, values := range keys {
				if len(values) > fewValues && !slices.ContainsFunc(values, hasVariable) {
					of := newPrefixes(values)
					x.byValue[&values[0]] = &of
				}
			}
		}
		if len(s.Resource) == 0 || slices.ContainsFunc(s.Resource, hasVariable) {
			x.rest = append(x.rest, i)
			continue
		}
		for _, pattern := range s.Resource {
			x.resources, x.statements = append(x.resources, pattern), append(x.statements, i)
		}
	}
	x.byResource = newPrefixes(x.resources)
	d.index = x
	return d
}

// candidates calls visit for the statements that may be about a resource, in their order, with those of their resource
// patterns that may cover it, until visit returns false.
func (d *Document) candidates(resource string, visit func(i int, patterns Values) bool) {
	if d.index == nil {
		for i := range d.Statement {
			if !visit(i, d.Statement[i].resources()) {
				return
			}
		}
		return
	}
	x := d.index
	rest := x.rest
	var few [16]int
	found := x.byResource.of(resource, few[:0])
	slices.Sort(found)
	for len(found) > 0 || len(rest) > 0 {
		if len(found) == 0 || len(rest) > 0 && rest[0] < x.statements[found[0]] {
			if !visit(rest[0], d.Statement[rest[0]].resources()) {
				return
			}
			rest = rest[1:]
			continue
		}
		i := x.statements[found[0]]
		patterns := x.resources[found[0] : found[0]+1 : found[0]+1]
		for found = found[1:]; len(found) > 0 && x.statements[found[0]] == i; found = found[1:] {
			patterns = append(patterns, x.resources[found[0]])
		}
		if !visit(i, patterns) {
			return
		}
	}
}

// resources are those that the statement is about, or that it is not about.
func (s *Statement) resources() Values {
	if len(s.Resource) > 0 {
		return s.Resource
	}
	return s.NotResource
}

// indexOf is the index of a list of condition values, or nil.
func (d *Document) indexOf(values Values) *prefixes {
	if len(values) <= fewValues || d.index == nil {
		return nil
	}
	return d.index.byValue[&values[0]]
}
