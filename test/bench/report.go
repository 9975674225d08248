package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// bar is how many times as long a night may take on a history ten times as long.
const bar = 1.5

// printTable compares the histories.
func printTable(out io.Writer, results []result) {
	_, _ = fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "awards\tmonths\tfill s\tMB\tfirst refresh s\tMB\tnight s, median\tengine CPU s\tMB\tslowest query ms\twhole view ms\t")
	for _, r := range results {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%.1f\t%d\t%.1f\t%d\t%.1f\t%.1f\t%d\t%.0f\t%.0f\t\n", thousands(r.awards), r.months,
			r.fill.wall.Seconds(), r.fill.peak>>20, r.first.wall.Seconds(), r.first.peak>>20,
			r.wall().Seconds(), r.cpu().Seconds(), r.peak()>>20, milliseconds(r.slowestQuery(false).median), milliseconds(r.slowestQuery(true).median))
	}
	_ = table.Flush()
	for _, r := range results {
		q, export := r.slowestQuery(false), r.slowestQuery(true)
		_, _ = fmt.Fprintf(out, "%s awards: slowest query %s: %.0f ms; under %.0f ms: %s; slowest export %s: %.0f ms\n",
			thousands(r.awards), q.name, milliseconds(q.median), milliseconds(slowest), yes(q.median < slowest), export.name, milliseconds(export.median))
	}
	if len(results) < 2 {
		return
	}
	short, long := results[0], results[len(results)-1]
	ratio := long.wall().Seconds() / short.wall().Seconds()
	_, _ = fmt.Fprintf(out, "a history %.0f times as long takes %.2f times as long a night (%.2f times the engine's CPU time); under %.1f: %s\n",
		float64(long.awards)/float64(short.awards), ratio, long.cpu().Seconds()/short.cpu().Seconds(), bar, yes(ratio < bar))
}

func (r result) wall() time.Duration {
	return median(each(r.nights, func(c cost) time.Duration { return c.wall }))
}

func (r result) cpu() time.Duration {
	return median(each(r.nights, func(c cost) time.Duration { return c.engineCPU }))
}

func (r result) peak() uint64 {
	return slices.Max(each(r.nights, func(c cost) uint64 { return c.peak }))
}

// slowestQuery is the slowest of a dashboard's queries, or of the exports of whole views.
func (r result) slowestQuery(export bool) timing {
	var worst timing
	for _, t := range r.queries {
		if t.isExport == export && t.median > worst.median {
			worst = t
		}
	}
	return worst
}

func each[T, U any](list []T, of func(T) U) []U {
	values := make([]U, len(list))
	for i, item := range list {
		values[i] = of(item)
	}
	return values
}

// median gives the middle one, of an even number the mean of the middle two.
func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// thousands writes 20000000 as 20,000,000.
func thousands(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
