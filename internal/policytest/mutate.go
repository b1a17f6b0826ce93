// Package policytest changes policies, so that a test can show that it notices.
package policytest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
)

// Change is one change of a document.
type Change struct {
	Name  string
	Apply func(*policy.Document)
}

// Removals remove one part of the document each.
func Removals(document policy.Document) []Change {
	var all []Change
	for i, statement := range document.Statement {
		add := func(name string, apply func(*policy.Statement)) {
			all = append(all, Change{statement.Sid + name, func(d *policy.Document) { apply(&d.Statement[i]) }})
		}
		all = append(all, Change{statement.Sid, func(d *policy.Document) { d.Statement = slices.Delete(d.Statement, i, i+1) }})
		for j, action := range statement.Action {
			add(" without "+action, func(s *policy.Statement) { s.Action = slices.Delete(s.Action, j, j+1) })
		}
		for j := range statement.Resource {
			if len(statement.Resource) > 1 {
				add(fmt.Sprintf(" without resource %d", j), func(s *policy.Statement) { s.Resource = slices.Delete(s.Resource, j, j+1) })
			}
		}
		for operator, keys := range statement.Condition {
			for key, values := range keys {
				add(" without "+operator+" "+key, func(s *policy.Statement) { delete(s.Condition[operator], key) })
				for j := range values {
					if len(values) > 1 {
						add(fmt.Sprintf(" without value %d of %s", j, key), func(s *policy.Statement) {
							s.Condition[operator][key] = slices.Delete(s.Condition[operator][key], j, j+1)
						})
					}
				}
			}
		}
	}
	return all
}

// Widenings allow more, or refuse less, than the document does.
func Widenings(document policy.Document) []Change {
	var all []Change
	for i, statement := range document.Statement {
		add := func(name string, apply func(*policy.Statement)) {
			all = append(all, Change{statement.Sid + " " + name, func(d *policy.Document) { apply(&d.Statement[i]) }})
		}
		if statement.Effect == policy.Deny {
			narrowings(statement, add)
			continue
		}
		service, _, _ := strings.Cut(statement.Action[0], ":")
		if !slices.Contains(statement.Action, service+":*") {
			add("with every action", func(s *policy.Statement) { s.Action = policy.Values{"*"} })
			add("with every action of "+service, func(s *policy.Statement) { s.Action = append(s.Action, service+":*") })
		}
		for j, resource := range statement.Resource {
			// The policy of a bucket or a key is about nothing else: S3 refuses one that
			// names another bucket, and "*" in a key's policy is the key.
			if statement.Principal == nil {
				add(fmt.Sprintf("with every resource for resource %d", j), func(s *policy.Statement) { s.Resource[j] = "*" })
				if widened(resource) != resource {
					add(fmt.Sprintf("with more than resource %d", j), func(s *policy.Statement) { s.Resource[j] = widened(resource) })
				}
			}
		}
		if statement.Principal != nil {
			add("with anyone", func(s *policy.Statement) { s.Principal = policy.Anyone() })
			add("with another account", func(s *policy.Statement) { s.Principal.AWS = append(s.Principal.AWS, "arn:aws:iam::999999999999:root") })
			add("with another service", func(s *policy.Statement) { s.Principal.Service = append(s.Principal.Service, "ec2.amazonaws.com") })
		}
		if len(statement.Condition) > 0 {
			add("without conditions", func(s *policy.Statement) { s.Condition = nil })
		}
		for operator, keys := range statement.Condition {
			for key, values := range keys {
				add("with any value of "+key, func(s *policy.Statement) { replaceCondition(s, operator, key, "StringLikeIfExists", "*") })
				if !strings.HasSuffix(operator, "IfExists") {
					add("without the need of "+key, func(s *policy.Statement) { replaceCondition(s, operator, key, operator+"IfExists", values...) })
				}
				for j, value := range values {
					add(fmt.Sprintf("with more than value %d of %s", j, key), func(s *policy.Statement) { s.Condition[operator][key][j] = widened(value) })
				}
			}
		}
	}
	return all
}

// narrowings returns exceptions from a Deny.
func narrowings(statement policy.Statement, add func(name string, apply func(*policy.Statement))) {
	add("for other principals only", func(s *policy.Statement) { s.Principal = policy.AWS("arn:aws:iam::999999999999:root") })
	add("but for a tag", func(s *policy.Statement) {
		s.Condition = maps.Clone(s.Condition)
		if s.Condition == nil {
			s.Condition = policy.Conditions{}
		}
		s.Condition["StringEquals"] = map[string]policy.Values{"aws:PrincipalTag/exempt": {"false"}}
	})
	for j, resource := range statement.Resource {
		add(fmt.Sprintf("for less than resource %d", j), func(s *policy.Statement) { s.Resource[j] = resource + "/private/*" })
	}
}

// widened returns a pattern of more than a text says.
func widened(text string) string {
	return strings.TrimSuffix(strings.TrimSuffix(text, "/*"), "*") + "*"
}

func replaceCondition(s *policy.Statement, operator, key, by string, values ...string) {
	delete(s.Condition[operator], key)
	if len(s.Condition[operator]) == 0 {
		delete(s.Condition, operator)
	}
	if s.Condition[by] == nil {
		s.Condition[by] = map[string]policy.Values{}
	}
	s.Condition[by][key] = values
}
