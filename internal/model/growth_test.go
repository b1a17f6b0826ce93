package model_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
)

// TestLint_GrowsWithTheRules counts allocations, as a measure of work that does not
// depend on the speed of the machine.
//
//nolint:paralleltest // Others allocate too.
func TestLint_GrowsWithTheRules(t *testing.T) {
	shape := shapes["prefixes"]
	for name, facts := range policyShapes {
		t.Run(name, func(t *testing.T) {
			work := func(rules int) float64 {
				subject := model.Subject{Configuration: manyRules(rules, shape.buckets, shape.filter), Facts: facts(rules)}
				return testing.AllocsPerRun(1, func() { model.Lint(subject) })
			}
			few, many := work(1000), work(10_000)
			assert.Less(t, many, 12*few, "ten times the rules take %.0f allocations in the place of %.0f", many, few)
		})
	}
}

//nolint:paralleltest // Others allocate too.
func TestExplain_GrowsWithTheRules(t *testing.T) {
	shape := shapes["prefixes"]
	object := model.Object{Key: "team-0999/report.pdf", Encryption: model.SSEKMS}
	for name, facts := range policyShapes {
		t.Run(name, func(t *testing.T) {
			work := func(rules int) float64 {
				configuration, known := manyRules(rules, shape.buckets, shape.filter), facts(rules)
				return testing.AllocsPerRun(1, func() { model.NewExplainer(configuration, known).Explain(object) })
			}
			few, many := work(1000), work(10_000)
			assert.Less(t, many, 12*few, "ten times the rules take %.0f allocations in the place of %.0f", many, few)
		})
	}
}
