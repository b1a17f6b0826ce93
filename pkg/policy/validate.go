package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Validate returns everything in a document that AWS rejects in every kind of policy, as a *MalformedError. Documents
// that Parse accepts are valid; documents built in Go may not be.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func (d Document) Validate() error {
	var found problems
	d.check(&found)
	return found.err()
}

// check adds the problems of a document, leaving out statements that have some already.
func (d *Document) check(found *problems) {
	if d.Version != "" && d.Version != Version && d.Version != legacyVersion && !found.under("Version") {
		found.add("Version", "unknown version %q; use %q (or, without policy variables, %q)", d.Version, Version, legacyVersion)
	}
	if len(d.Statement) == 0 && len(*found) == 0 {
		found.add("Statement", "a policy needs at least one statement")
	}
	for i := range d.Statement {
		path := fmt.Sprintf("Statement[%d]", i)
		if !found.under(path) {
			d.Statement[i].check(path, found)
		}
	}
}

func (s *Statement) check(path string, found *problems) {
	s.checkEffect(path, found)
	checkPair(path, "Principal", s.Principal != nil, s.NotPrincipal != nil, optional, found)
	checkPair(path, "Action", len(s.Action) > 0, len(s.NotAction) > 0, required, found)
	checkPair(path, "Resource", len(s.Resource) > 0, len(s.NotResource) > 0, optional, found)
	if s.Effect == Allow && s.NotPrincipal != nil && s.Principal == nil {
		found.add(path+".NotPrincipal", "is not supported with the Effect Allow; list the allowed principals in Principal")
	}
	s.Principal.check(path+".Principal", found)
	s.NotPrincipal.check(path+".NotPrincipal", found)
	checkEach(path+".Action", s.Action, actionProblem, found)
	checkEach(path+".NotAction", s.NotAction, actionProblem, found)
	checkEach(path+".Resource", s.Resource, resourceProblem, found)
	checkEach(path+".NotResource", s.NotResource, resourceProblem, found)
	s.Condition.check(path+".Condition", found)
}

func (s *Statement) checkEffect(path string, found *problems) {
	switch s.Effect {
	case Allow, Deny:
	case "":
		found.add(path+".Effect", "missing; give Allow or Deny")
	default:
		found.add(path+".Effect", "%q is neither Allow nor Deny (letter case matters)", s.Effect)
	}
}

// necessity selects whether one element of a pair is required.
type necessity bool

const (
	required necessity = true
	optional necessity = false
)

func checkPair(path, name string, positive, negative bool, need necessity, found *problems) {
	if positive && negative {
		found.add(path, "both %s and Not%s are given; keep one", name, name)
	}
	if need == required && !positive && !negative {
		found.add(path, "neither %s nor Not%s is given; give one", name, name)
	}
}

// checkEach adds the problems of each value.
func checkEach(path string, values Values, problem func(string) string, found *problems) {
	for i, value := range values {
		if message := problem(value); message != "" {
			found.add(valuePath(path, values, i), "%q %s", value, message)
		}
	}
}

// valuePath leaves out the index where a value stands alone, as it does in the JSON.
func valuePath(path string, values Values, i int) string {
	if len(values) == 1 {
		return path
	}
	return fmt.Sprintf("%s[%d]", path, i)
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func actionProblem(action string) string {
	if isAction(action) {
		return ""
	}
	return `is not an action; write "service:Name" such as "s3:GetObject", or "*"`
}

// isAction reports whether IAM takes a text as an action. The service has no wildcards, unless all of it is one.
func isAction(action string) bool {
	if action == "*" || action == "*:*" {
		return true
	}
	service, name, found := strings.Cut(action, ":")
	for i := range len(service) {
		if letter := lower(service[i]); (letter < 'a' || letter > 'z') && (letter < '0' || letter > '9') && letter != '-' {
			return false
		}
	}
	return found && service != "" && name != "" && !strings.Contains(name, ":")
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func resourceProblem(resource string) string {
	const write = `write an ARN such as "arn:aws:s3:::bucket/*", or "*"`
	if resource == "*" {
		return ""
	}
	parts := strings.SplitN(resource, ":", arnParts)
	if parts[0] != "arn" || len(parts) < 2 {
		return "is not a resource; " + write
	}
	partition := parts[arnPartition]
	switch {
	case strings.ContainsAny(partition, "*?$"):
		return "" // IAM takes it, although its pages say otherwise
	case partition != "aws" && !strings.HasPrefix(partition, "aws-"):
		return "is in no partition of AWS; " + write
	case len(parts) <= arnService:
		return "names no service; " + write
	case len(parts) == arnParts && parts[arnService] == "s3" && parts[arnAccount] == "" && strings.Trim(parts[arnRegion], "*?") != "":
		return "is a bucket in a region, which the ARNs of buckets don't have; " + write
	}
	return ""
}

func (c Conditions) check(path string, found *problems) {
	for _, name := range sortedKeys(c) {
		op, known := operators[name]
		if !known {
			found.add(path+"."+name, "unknown operator%s", didYouMean(name, sortedKeys(operators)))
			continue
		}
		for _, key := range sortedKeys(c[name]) {
			checkCondition(path+"."+name+"."+key, key, c[name][key], op, found)
		}
	}
}

func checkCondition(path, key string, values Values, op *operator, found *problems) {
	if !strings.Contains(key, ":") {
		found.add(path, `%q is not a condition key; write "service:name" such as "aws:SourceArn"`, key)
	}
	if values == nil {
		found.add(path, "no value is given; give at least one")
	}
	checkEach(path, values, op.operand.problem, found)
}

// problem says what is wrong with a policy value; a value with a variable is known only at evaluation.
func (o *operand) problem(value string) string {
	if o.expands != expandNothing && strings.Contains(value, "${") || o.valid(value) {
		return ""
	}
	return "is not " + o.wants
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
