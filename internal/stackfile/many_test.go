package stackfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/crr-io/pulumi-aws-crr/internal/model"
	"github.com/crr-io/pulumi-aws-crr/internal/stackfile"
)

// manyReplications returns a stack file with so many replications.
func manyReplications(tb testing.TB, count int) string {
	tb.Helper()
	var text strings.Builder
	text.WriteString("config:\n  crr:replications:\n")
	for i := range count {
		fmt.Fprintf(&text, "    - name: app-%d\n      source: {region: us-east-1}\n      destinations: [{name: dr, region: us-west-2}]\n", i)
		fmt.Fprintf(&text, "      rules: [{id: everything, destinations: [dr]}]\n")
	}
	file := filepath.Join(tb.TempDir(), "Pulumi.many.yaml")
	require.NoError(tb, os.WriteFile(file, []byte(text.String()), 0o600))
	return file
}

// TestManyReplications_TakeWorkInProportion counts allocations, as a measure of work
// that does not depend on the speed of the machine.
//
//nolint:paralleltest // Others allocate too.
func TestManyReplications_TakeWorkInProportion(t *testing.T) {
	work := func(count int) float64 {
		file := manyReplications(t, count)
		return testing.AllocsPerRun(1, func() {
			config, err := stackfile.ReadFile(file)
			require.NoError(t, err)
			model.Lint(config.Subjects()...)
		})
	}
	few, many := work(100), work(1000)
	assert.Less(t, many, 12*few, "ten times the replications take %.0f allocations in the place of %.0f", many, few)
}

// BenchmarkManyReplications returns what lint does with a stack file. The time for each
// replication is to stay the same, however many there are.
func BenchmarkManyReplications(b *testing.B) {
	for _, count := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			file := manyReplications(b, count)
			b.ReportAllocs()
			for b.Loop() {
				config, err := stackfile.ReadFile(file)
				require.NoError(b, err)
				model.Lint(config.Subjects()...)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "µs/replication")
		})
	}
}
