package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

var steps = []string{"up", "no change", "refreshed", "destroy"}

type cell struct {
	size             int
	step, contestant string
}

// results are the times of each step in each run.
type results map[cell][]time.Duration

func (r results) measure(ctx context.Context, c contestant, size, run int) error {
	for i, step := range []func(context.Context) error{c.up, c.noChange, c.refreshed, c.destroy} {
		began := time.Now()
		if err := step(ctx); err != nil {
			return fmt.Errorf("%s of %d with %s: %w", steps[i], size, c.name(), err)
		}
		took := time.Since(began)
		r[cell{size, steps[i], c.name()}] = append(r[cell{size, steps[i], c.name()}], took)
		fmt.Fprintf(os.Stderr, "run %d: %-9s %2d, %-9s %6.1f s\n", run+1, c.name(), size, steps[i], took.Seconds())
	}
	return nil
}

func (r results) write(w io.Writer, runs int) error {
	fmt.Fprintf(w, "\nMedians of %d runs, in seconds; the ratio is pulumi's to terraform's, less than 1 is faster.\n\n", runs)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "replicated buckets\tstep\tpulumi\tterraform\tratio\t")
	for _, size := range r.sizes() {
		for _, step := range steps {
			ours, theirs := median(r[cell{size, step, "pulumi"}]), median(r[cell{size, step, "terraform"}])
			fmt.Fprintf(table, "%d\t%s\t%.1f\t%.1f\t%.2f\t\n", size, step, ours.Seconds(), theirs.Seconds(), ours.Seconds()/theirs.Seconds())
		}
	}
	return table.Flush()
}

func (r results) sizes() []int {
	var sizes []int
	for cell := range r {
		if !slices.Contains(sizes, cell.size) {
			sizes = append(sizes, cell.size)
		}
	}
	slices.Sort(sizes)
	return sizes
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
