package model_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/s3config"
	"github.com/crr-io/pulumi-aws-crr/pkg/policy"
	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// manyRules is a configuration of so many rules, of a shape that is hard to
// judge, to so many buckets.
func manyRules(rules, buckets int, filter func(i int) *s3config.Filter) s3config.Configuration {
	configuration := s3config.Configuration{Role: roleARN}
	for i := range rules {
		rule := ruleTo(fmt.Sprintf("bucket-%d", i%buckets), fmt.Sprintf("rule-%d", i), rules-i)
		rule.Filter = filter(i)
		if rule.Filter.Prefix == nil {
			rule.DeleteMarkerReplication.Status = replication.Disabled
		}
		configuration.Rules = append(configuration.Rules, rule)
	}
	return configuration
}

var shapes = map[string]struct {
	buckets int
	filter  func(i int) *s3config.Filter
}{
	"prefixes":     {1, func(i int) *s3config.Filter { return prefixed(fmt.Sprintf("team-%04d/", i)) }},
	"one prefix":   {1, func(i int) *s3config.Filter { return tagged("", "class", fmt.Sprint(i)) }},
	"nested":       {1, func(i int) *s3config.Filter { return prefixed(fmt.Sprintf("%0*d/", 1000-i, 0)) }},
	"tags at odds": {1, func(i int) *s3config.Filter { return tagged("a/", fmt.Sprintf("key-%d", i), "x") }},
	"ten buckets":  {10, func(i int) *s3config.Filter { return prefixed(fmt.Sprintf("team-%04d/", i)) }},
}

func BenchmarkExplain(b *testing.B) {
	object := model.Object{
		Key: "team-0999/2026/report.pdf", Encryption: model.SSEKMS,
		Tags: map[string]string{"class": "999", "owner": "finance", "team": "999"},
	}
	for name, shape := range shapes {
		for _, rules := range []int{10, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, rules), func(b *testing.B) {
				explainer := model.NewExplainer(manyRules(rules, shape.buckets, shape.filter), model.Facts{})
				b.ReportAllocs()
				for b.Loop() {
					explainer.Explain(object)
				}
			})
		}
	}
}

func BenchmarkExplainWithPolicies(b *testing.B) {
	object := model.Object{Key: "team-0999/2026/report.pdf", Encryption: model.SSEKMS}
	for name, facts := range policyShapes {
		b.Run(name, func(b *testing.B) {
			explainer := model.NewExplainer(manyRules(1000, 1, shapes["prefixes"].filter), facts(1000))
			b.ReportAllocs()
			for b.Loop() {
				explainer.Explain(object)
			}
		})
	}
}

func BenchmarkLint(b *testing.B) {
	for name, shape := range shapes {
		b.Run(name, func(b *testing.B) {
			subject := model.Subject{Configuration: manyRules(1000, shape.buckets, shape.filter)}
			b.ReportAllocs()
			for b.Loop() {
				model.Lint(subject)
			}
		})
	}
	for name, facts := range policyShapes {
		b.Run(name, func(b *testing.B) {
			shape := shapes["prefixes"]
			subject := model.Subject{Configuration: manyRules(1000, shape.buckets, shape.filter), Facts: facts(1000)}
			b.ReportAllocs()
			for b.Loop() {
				model.Lint(subject)
			}
		})
	}
}

// policyShapes are facts with policies for so many rules with prefixes: some that
// distinguish no rules, and some that distinguish all of them, each in another way.
var policyShapes = map[string]func(rules int) model.Facts{
	"a part of the bucket":     func(int) model.Facts { return withPolicies("arn:aws:s3:::data/private/*") },
	"a part of each prefix":    func(int) model.Facts { return withPolicies("arn:aws:s3:::data/*/private/*") },
	"a resource for each rule": func(rules int) model.Facts { return withReading(policy.New(reading(eachPrefix(rules)...))) },
	"a statement for each rule": func(rules int) model.Facts {
		var statements []policy.Statement
		for _, prefix := range eachPrefix(rules) {
			statements = append(statements, reading(prefix))
		}
		return withReading(policy.New(statements...))
	},
	"a condition for each rule": func(rules int) model.Facts {
		facts := withReading(policy.New(reading("arn:aws:s3:::data/*")))
		decrypt := policy.New(policy.Statement{
			Effect: policy.Allow, Principal: policy.AWS(roleARN), Action: policy.Values{"kms:Decrypt"}, Resource: policy.Values{"*"},
			Condition: policy.Conditions{"StringLike": {
				model.EncryptionContextConditionKey: append(eachPrefix(rules), "arn:aws:s3:::data"),
			}},
		})
		facts.Source.Keys = map[string]model.KeyFacts{sourceKey: {State: model.KeyEnabled, Policy: &decrypt}}
		return facts
	},
}

func eachPrefix(rules int) policy.Values {
	var all policy.Values
	for i := range rules {
		all = append(all, fmt.Sprintf("arn:aws:s3:::data/team-%04d/*", i))
	}
	return all
}

func reading(resources ...string) policy.Statement {
	return policy.Statement{
		Effect: policy.Allow, Resource: resources,
		Action: policy.Values{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"},
	}
}

// withReading are facts whose role reads objects by the given policy only.
func withReading(document policy.Document) model.Facts {
	facts := allFacts()
	rest := rolePolicy()
	rest.Statement = slices.Delete(rest.Statement, 1, 2)
	facts.Role.Policies = []policy.Document{rest, document}
	facts.Destinations["bucket-0"] = facts.Destinations["dr"]
	return facts
}

// A thousand rules must not make an answer allocate more than ten do.
//
//nolint:paralleltest // AllocsPerRun counts what the whole program allocates.
func TestExplain_AllocatesNoMoreForMoreRules(t *testing.T) {
	allocations := func(rules int) float64 {
		shape := shapes["one prefix"]
		explainer := model.NewExplainer(manyRules(rules, 1, shape.filter), model.Facts{})
		object := model.Object{Key: "a", Tags: map[string]string{"class": "5"}}
		require.Equal(t, model.Replicates, explainer.Explain(object).Decisions[0].Verdict)
		return testing.AllocsPerRun(100, func() { explainer.Explain(object) })
	}
	require.Equal(t, allocations(10), allocations(1000)) //nolint:testifylint // Allocations are counted, not measured.
}
