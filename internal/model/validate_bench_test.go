package model_test

import (
	"fmt"
	"testing"

	"github.com/crr-io/pulumi-aws-crr/pkg/replication"
)

// BenchmarkValidate is to stay below 20 ms, so that a preview does not wait.
func BenchmarkValidate(b *testing.B) {
	topology := pair()
	for i := range 1000 {
		topology.Rules = append(topology.Rules, replication.RuleSpec{ID: fmt.Sprintf("rule-%d", i), Prefix: fmt.Sprintf("prefix-%d/", i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if problems := topology.Validate(); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
