package refresh

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/test/bench/measure"
)

// timing is how long a dashboard's query took.
type timing struct {
	query
	name   string
	median time.Duration
}

const (
	slowest      = 100 * time.Millisecond // what a dashboard's query may take
	oneProgramme = "p01"                  // the largest
)

// expected are the views that a dashboard reads; one that does not exist is named, and left out.
func expected() []string {
	var views []string
	for _, dimension := range []string{"financial", "engagement", "distribution"} {
		for _, scope := range []string{"portfolio", "program", "organisation", "segment"} {
			views = append(views, scope+"_"+dimension+"_monthly")
		}
	}
	return append(views, "metric_monthly", "exceptions", "portfolio_lens", "liability_ageing_monthly", "lorenz_monthly", "member_monthly", "as_of", "metrics")
}

// query is one that a dashboard asks of a view.
type query struct {
	what, sql string
	isExport  bool // all rows of a view with many: nothing that a dashboard shows
}

// queries are what dashboards ask of a view with these columns.
func (b *bench) queries(view string, columns []string) []query {
	has := func(column string) bool { return slices.Contains(columns, column) }
	newest := "toDate32('" + b.history.month(b.history.months-1).Format(time.DateOnly) + "')"
	all := "SELECT * FROM kpi." + view
	ofYear := " WHERE month > addMonths(" + newest + ", -13)"
	ofProgramme := " AND program_id = '" + oneProgramme + "'"
	whole := query{what: "whole", sql: all}
	export := query{what: "whole", sql: all, isExport: true}
	switch {
	case !has("month") || strings.HasPrefix(view, "portfolio_"):
		return []query{whole}
	case view == "exceptions":
		return []query{{what: "last month", sql: all + " WHERE month = " + newest}}
	case view == "metric_monthly":
		return []query{
			{what: "last month of a programme", sql: all + " WHERE month = " + newest + " AND scope = 'program'" + ofProgramme},
			{what: "13 months of a metric", sql: all + ofYear + " AND scope = 'program' AND metric = 'dollars_awarded'"},
		}
	case view == "member_monthly":
		order := ""
		for _, column := range []string{"unspent", "unspent_dollars", "balance"} {
			if has(column) {
				order = " ORDER BY " + column + " DESC"
				break
			}
		}
		return []query{{what: "100 members of a programme's last month", sql: all + " WHERE month = " + newest + ofProgramme + order + " LIMIT 100"}}
	case has("program_id"):
		return []query{{what: "13 months of a programme", sql: all + ofYear + ofProgramme}, export}
	default:
		return []query{{what: "13 months", sql: all + ofYear}, export}
	}
}

// dashboards times what dashboards ask, over HTTP, as the user that they have.
func (b *bench) dashboards(ctx context.Context) error {
	if err := b.settle(ctx); err != nil {
		return err
	}
	tables, err := b.read(ctx, "SHOW TABLES FROM kpi FORMAT TSVRaw")
	if err != nil {
		return fmt.Errorf("list the views: %w", err)
	}
	there := strings.Fields(string(tables))
	views := expected()
	for _, view := range there {
		if !slices.Contains(views, view) {
			views = append(views, view)
		}
	}
	b.printf("  queries, median of %d:\n", b.asked)
	for _, view := range views {
		if !slices.Contains(there, view) {
			b.printf("    %-76s %8s\n", "kpi."+view, "skipped: there is no such view")
			continue
		}
		if err := b.time(ctx, view); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			err = fmt.Errorf("%s awards: kpi.%s: %w", measure.Thousands(b.history.awards), view, err)
			b.printf("    FAILED: %v\n", err)
			b.result.wrong = append(b.result.wrong, err)
		}
	}
	return nil
}

// time times the queries of one view.
func (b *bench) time(ctx context.Context, view string) error {
	described, err := b.read(ctx, "DESCRIBE TABLE kpi."+view+" FORMAT TSVRaw")
	if err != nil {
		return err
	}
	var columns []string
	for line := range strings.Lines(string(described)) {
		name, _, _ := strings.Cut(line, "\t")
		columns = append(columns, name)
	}
	for _, q := range b.queries(view, columns) {
		var times []time.Duration
		size := 0
		for range b.asked {
			began := time.Now()
			answer, err := b.read(ctx, q.sql+" FORMAT Native")
			if err != nil {
				return err
			}
			times = append(times, time.Since(began))
			size = len(answer)
		}
		t := timing{query: q, name: "kpi." + view + ", " + q.what, median: measure.Median(times)}
		mark := ""
		if t.median > slowest && !q.isExport {
			mark = "  slow"
		}
		b.printf("    %-76s %8.1f ms %8d KB%s\n", t.name, measure.Milliseconds(t.median), size>>10, mark)
		b.result.queries = append(b.result.queries, t)
	}
	return nil
}

// read asks the engine over HTTP as the reading user.
func (b *bench) read(ctx context.Context, statement string) ([]byte, error) {
	return b.engine.Read(ctx, measure.Reader, statement, nil)
}
