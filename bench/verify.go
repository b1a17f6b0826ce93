package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// laterVerifications is the number of verifications after the first one.
const laterVerifications = 3

// verifications are durations of `crr verify`: right after a deployment, when there
// are no metrics yet, and later.
type verifications struct{ first, later []time.Duration }

// measureVerify deploys one replicated bucket several times, and verifies each
// several times.
func measureVerify(ctx context.Context, s *site, runs int) (v verifications, err error) {
	p := newPulumi(s)
	if err := p.prepare(ctx, 1); err != nil {
		return v, fmt.Errorf("preparing to verify: %w", err)
	}
	for run := range runs {
		if err := p.up(ctx); err != nil {
			return v, fmt.Errorf("deploying what is verified: %w", err)
		}
		for later := range 1 + laterVerifications {
			began := time.Now()
			if _, err := p.run(ctx, p.dir, "crr", "verify", "--stack", "bench"); err != nil {
				return v, err
			}
			took := time.Since(began)
			if later == 0 {
				v.first = append(v.first, took)
			} else {
				v.later = append(v.later, took)
			}
			fmt.Fprintf(os.Stderr, "run %d: crr verify %d  %6.1f s\n", run+1, later+1, took.Seconds())
		}
		if err := p.destroy(ctx); err != nil {
			return v, fmt.Errorf("taking down what was verified: %w", err)
		}
	}
	return v, nil
}

func (v verifications) write(w io.Writer) error {
	fmt.Fprint(w, "\ncrr verify of one replicated bucket, in seconds.\n\n")
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "crr verify\truns\tmedian\tshortest\tlongest\t")
	for _, row := range []struct {
		name  string
		times []time.Duration
	}{{"after a deployment", v.first}, {"later", v.later}} {
		middle := median(row.times) // which sorts them
		fmt.Fprintf(table, "%s\t%d\t%.1f\t%.1f\t%.1f\t\n", row.name, len(row.times), middle.Seconds(), row.times[0].Seconds(), row.times[len(row.times)-1].Seconds())
	}
	return table.Flush()
}
