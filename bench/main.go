// Command bench measures how long deployments take: replicated buckets through
// Pulumi, and the same resources through terraform, in turn, on the same
// provider binary and the same local AWS; and how long it takes to verify one.
//
//	make bench
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	runs := flag.Int("runs", 3, "how often each deployment is measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := bench(ctx, *runs, []int{1, 10})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, runs int, sizes []int) error {
	site, err := newSite(ctx)
	if err != nil {
		return err
	}
	defer site.close()
	contestants := []contestant{newPulumi(site), newTerraform(site)}
	results := results{}
	for _, size := range sizes {
		for _, contestant := range contestants {
			if err := contestant.prepare(ctx, size); err != nil {
				return fmt.Errorf("preparing %s for %d: %w", contestant.name(), size, err)
			}
		}
		for run := range runs {
			for _, contestant := range contestants {
				if err := results.measure(ctx, contestant, size, run); err != nil {
					return err
				}
			}
		}
	}
	verified, err := measureVerify(ctx, site, runs)
	if err != nil {
		return err
	}
	if err := results.write(os.Stdout, runs); err != nil {
		return err
	}
	return verified.write(os.Stdout)
}
