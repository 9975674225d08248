package refresh

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/partnerplus/warehouse/test/bench/measure"
)

// bar is how many times as long a night may take on a history ten times as long.
const bar = 1.5

// printTable compares the histories.
func printTable(out io.Writer, results []result) {
	_, _ = fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "awards\tmonths\tfill s\tMB\tfirst refresh s\tMB\tnight s, median\tengine CPU s\tMB\tslowest query ms\twhole view ms\t")
	for _, r := range results {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%.1f\t%d\t%.1f\t%d\t%.1f\t%.1f\t%d\t%.0f\t%.0f\t\n", measure.Thousands(r.awards), r.months,
			r.fill.Wall.Seconds(), r.fill.Peak>>20, r.first.Wall.Seconds(), r.first.Peak>>20,
			r.wall().Seconds(), r.cpu().Seconds(), r.peak()>>20, measure.Milliseconds(r.slowestQuery(false).median), measure.Milliseconds(r.slowestQuery(true).median))
	}
	_ = table.Flush()
	for _, r := range results {
		q, export := r.slowestQuery(false), r.slowestQuery(true)
		_, _ = fmt.Fprintf(out, "%s awards: slowest query %s: %.0f ms; under %.0f ms: %s; slowest export %s: %.0f ms\n",
			measure.Thousands(r.awards), q.name, measure.Milliseconds(q.median), measure.Milliseconds(slowest), measure.Yes(q.median < slowest), export.name, measure.Milliseconds(export.median))
	}
	if len(results) < 2 {
		return
	}
	short, long := results[0], results[len(results)-1]
	ratio := long.wall().Seconds() / short.wall().Seconds()
	_, _ = fmt.Fprintf(out, "a history %.0f times as long takes %.2f times as long a night (%.2f times the engine's CPU time); under %.1f: %s\n",
		float64(long.awards)/float64(short.awards), ratio, long.cpu().Seconds()/short.cpu().Seconds(), bar, measure.Yes(ratio < bar))
}

func (r result) wall() time.Duration {
	return measure.Median(measure.Each(r.nights, func(c measure.Cost) time.Duration { return c.Wall }))
}

func (r result) cpu() time.Duration {
	return measure.Median(measure.Each(r.nights, func(c measure.Cost) time.Duration { return c.EngineCPU }))
}

func (r result) peak() uint64 {
	return slices.Max(measure.Each(r.nights, func(c measure.Cost) uint64 { return c.Peak }))
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
