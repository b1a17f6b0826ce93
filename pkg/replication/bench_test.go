package replication_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// manyRules is a configuration of so many rules, of a shape that is hard to
// judge, to so many buckets.
func manyRules(rules, buckets int, filter func(i int) *replication.Filter) replication.Configuration {
	configuration := replication.Configuration{Role: roleARN}
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
	filter  func(i int) *replication.Filter
}{
	"prefixes":     {1, func(i int) *replication.Filter { return prefixed(fmt.Sprintf("team-%04d/", i)) }},
	"one prefix":   {1, func(i int) *replication.Filter { return tagged("", "class", fmt.Sprint(i)) }},
	"nested":       {1, func(i int) *replication.Filter { return prefixed(fmt.Sprintf("%0*d/", 1000-i, 0)) }},
	"tags at odds": {1, func(i int) *replication.Filter { return tagged("a/", fmt.Sprintf("key-%d", i), "x") }},
	"ten buckets":  {10, func(i int) *replication.Filter { return prefixed(fmt.Sprintf("team-%04d/", i)) }},
}

func BenchmarkExplain(b *testing.B) {
	object := replication.Object{
		Key: "team-0999/2026/report.pdf", Encryption: replication.SSEKMS,
		Tags: map[string]string{"class": "999", "owner": "finance", "team": "999"},
	}
	for name, shape := range shapes {
		for _, rules := range []int{10, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, rules), func(b *testing.B) {
				explainer := replication.NewExplainer(manyRules(rules, shape.buckets, shape.filter), replication.Facts{})
				b.ReportAllocs()
				for b.Loop() {
					explainer.Explain(object)
				}
			})
		}
	}
}

func BenchmarkLint(b *testing.B) {
	for name, shape := range shapes {
		b.Run(name, func(b *testing.B) {
			subject := replication.Subject{Configuration: manyRules(1000, shape.buckets, shape.filter)}
			b.ReportAllocs()
			for b.Loop() {
				replication.Lint(subject)
			}
		})
	}
	for name, part := range map[string]string{
		"with policies":                     "arn:aws:s3:::data/private/*",
		"with policies about all the rules": "arn:aws:s3:::data/*/private/*",
	} {
		b.Run(name, func(b *testing.B) {
			shape := shapes["prefixes"]
			subject := replication.Subject{Configuration: manyRules(1000, shape.buckets, shape.filter), Facts: withPolicies(part)}
			b.ReportAllocs()
			for b.Loop() {
				replication.Lint(subject)
			}
		})
	}
}

// A thousand rules must not make an answer allocate more than ten do.
//
//nolint:paralleltest // AllocsPerRun counts what the whole program allocates.
func TestExplain_AllocatesNoMoreForMoreRules(t *testing.T) {
	allocations := func(rules int) float64 {
		shape := shapes["one prefix"]
		explainer := replication.NewExplainer(manyRules(rules, 1, shape.filter), replication.Facts{})
		object := replication.Object{Key: "a", Tags: map[string]string{"class": "5"}}
		require.Equal(t, replication.Replicates, explainer.Explain(object).Decisions[0].Verdict)
		return testing.AllocsPerRun(100, func() { explainer.Explain(object) })
	}
	require.Equal(t, allocations(10), allocations(1000)) //nolint:testifylint // Allocations are counted, not measured.
}
