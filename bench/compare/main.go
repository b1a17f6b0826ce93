// Command compare measures how long it takes to compare two buckets, and in how
// much memory: crr compare and rclone check, in turn, on the same lists.
//
//	go run ./bench/compare
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
	runs := flag.Int("runs", 3, "how often each is measured")
	keys := flag.Int("keys", 1_000_000, "how many keys each of the two buckets has")
	length := flag.Int("key-length", 0, "how many characters keys have, at least")
	kms := flag.Bool("kms", false, "the two sides have other ETags, as they may under KMS")
	only := flag.String("only", "", "measure one contestant: its `name`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := bench(ctx, generated{keys: *keys, length: *length}, *kms, *runs, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, objects generated, kms bool, runs int, only string) error {
	site, err := newSite(ctx, objects, kms)
	if err != nil {
		return err
	}
	defer site.close()
	results := map[string][]result{}
	for run := range runs {
		for _, contestant := range site.contestants() {
			if only != "" && only != contestant.name {
				continue
			}
			result, err := site.measure(ctx, contestant)
			if err != nil {
				return err
			}
			results[contestant.name] = append(results[contestant.name], result)
			fmt.Fprintf(os.Stderr, "run %d: %-32s %6.1f s %6.1f s of processor %5d MB %6d calls\n",
				run+1, contestant.name, result.wall.Seconds(), result.cpu.Seconds(), result.memory>>20, result.calls)
		}
	}
	return write(os.Stdout, objects.keys, runs, results)
}
