package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

func write(w io.Writer, keys, runs int, results map[string][]result) error {
	fmt.Fprintf(w, "\nTwo buckets of %d keys; medians of %d runs. The ratio is to crr compare --current: how many times as long.\n\n", keys, runs)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "command\tseconds\tmin\tmax\tratio\tof processor\tpeak MB\tcalls\t")
	wall := func(r result) float64 { return r.wall.Seconds() }
	ours := median(results["crr compare --current"], wall)
	for _, c := range (&site{}).contestants() {
		measured := results[c.name]
		if len(measured) == 0 {
			continue
		}
		fmt.Fprintf(table, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t\n", c.name, median(measured, wall),
			slices.MinFunc(measured, faster).wall.Seconds(), slices.MaxFunc(measured, faster).wall.Seconds(), median(measured, wall)/ours,
			median(measured, func(r result) float64 { return r.cpu.Seconds() }),
			median(measured, func(r result) float64 { return float64(r.memory) / 1e6 }),
			median(measured, func(r result) float64 { return float64(r.calls) }))
	}
	return table.Flush()
}

func faster(a, b result) int { return cmp.Compare(a.wall, b.wall) }

func median(measured []result, of func(result) float64) float64 {
	if len(measured) == 0 {
		return 0
	}
	values := make([]float64, len(measured))
	for i, each := range measured {
		values[i] = of(each)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
