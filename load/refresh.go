package load

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// refreshed are the refreshable views, each after those that it reads. The last one shows readers everything at once.
var refreshed = []string{
	"member_refresh", "organisation_refresh", "scope_flow_refresh", "scope_month_refresh", "distribution_month_refresh", "metric_month_refresh",
}

// monthsAtOnce bounds the memory that recomputing months takes.
const monthsAtOnce = 12

// rounds bounds how often one refresh starts again because another run loads at the same time.
const rounds = 3

// Refresh recomputes the months that loads have touched since the last refresh, and all that is computed from them. It
// returns the number of months recomputed; nothing is done where nothing was touched. It takes up what an earlier run
// left undone. Several at once end in the same figures.
func (w *Warehouse) Refresh(ctx context.Context, runID string) (months int, err error) {
	for round := 1; ; round++ {
		before, err := w.now(ctx)
		if err != nil {
			return 0, err
		}
		pending, err := w.pendingMonths(ctx)
		if err != nil || len(pending) == 0 {
			return 0, err
		}
		overtaken, err := w.recomputeAll(ctx, runID, pending, before)
		if err != nil {
			return 0, err
		}
		if overtaken && round < rounds {
			continue
		}
		for _, view := range refreshed {
			if err := w.refreshView(ctx, view); err != nil {
				return 0, err
			}
		}
		months = len(ofEvents(pending))
		if overtaken {
			return months, nil // they stay open: the next run takes them up
		}
		return months, w.exec(ctx, "settle the months", sql.Text("refresh/settle.sql"), Params{"before": instant(before), "run": runID})
	}
}

// recomputeAll recomputes months of member_month, and tells whether some of them were touched in the meantime.
func (w *Warehouse) recomputeAll(ctx context.Context, runID string, pending []time.Time, before time.Time) (overtaken bool, err error) {
	params := Params{"months": monthArray(pending), "run": runID, "before": instant(before)}
	if err := w.exec(ctx, "claim the months", sql.Text("refresh/claim.sql"), params); err != nil {
		return false, err
	}
	workshop := "workshop_" + strings.ReplaceAll(runID, "-", "")
	for months := range slices.Chunk(ofEvents(pending), monthsAtOnce) {
		if err := w.recompute(ctx, workshop, months); err != nil {
			return false, err
		}
	}
	var rows []struct {
		Months uint64 `ch:"months"`
	}
	if err := w.selectInto(ctx, "look for other runs", sql.Text("refresh/overtaken.sql"), params, &rows); err != nil {
		return false, err
	}
	return rows[0].Months > 0, nil
}

// ofEvents leaves 1900-01-01 out, which stands for a change without months.
func ofEvents(pending []time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(pending), func(month time.Time) bool { return month.Year() <= 1900 })
}

func (w *Warehouse) now(ctx context.Context) (time.Time, error) {
	var rows []struct {
		Now time.Time `ch:"now"`
	}
	if err := w.selectInto(ctx, "ask the time", "SELECT now64(6, 'UTC') AS now", nil, &rows); err != nil {
		return time.Time{}, err
	}
	return rows[0].Now, nil
}

func (w *Warehouse) pendingMonths(ctx context.Context) ([]time.Time, error) {
	var rows []struct {
		Month time.Time `ch:"month"`
	}
	if err := w.selectInto(ctx, "find the months to recompute", sql.Text("refresh/pending_months.sql"), nil, &rows); err != nil {
		return nil, err
	}
	months := make([]time.Time, len(rows))
	for i, row := range rows {
		months[i] = row.Month
	}
	return months, nil
}

// recompute computes months of member_month beside it and swaps them in, each as a whole.
func (w *Warehouse) recompute(ctx context.Context, workshop string, months []time.Time) error {
	const op = "recompute months"
	named := func(file string) string { return sql.With(sql.Text(file), "workshop", workshop, "stage", workshop) }
	// A repeated statement must not add to a workshop that is filled already: each attempt starts with an empty one.
	err := w.do(ctx, op, func(ctx context.Context) error {
		for _, file := range []string{"load/drop.sql", "refresh/create_workshop.sql"} {
			if err := w.conn.Exec(ctx, named(file)); err != nil {
				return err
			}
		}
		return w.conn.Exec(with(ctx, Params{"months": monthArray(months)}), named("refresh/member_month.sql"))
	})
	if err != nil {
		return err
	}
	if w.onComputed != nil {
		w.onComputed()
	}
	filled, err := w.partitions(ctx, "etl", workshop)
	if err != nil {
		return err
	}
	held, err := w.partitions(ctx, "kpi_core", "member_month")
	if err != nil {
		return err
	}
	for _, month := range months {
		partition := partitionOf(month)
		switch {
		case filled[partition]:
			err = w.exec(ctx, op, sql.With(sql.Text("refresh/swap_month.sql"), "workshop", workshop), Params{"month": partition})
		case held[partition]: // emptied by deletes: there is no partition to swap in
			err = w.exec(ctx, op, sql.Text("refresh/empty_month.sql"), Params{"month": partition})
		}
		if err != nil {
			return err
		}
	}
	return w.exec(ctx, op, named("load/drop.sql"), nil)
}

func (w *Warehouse) partitions(ctx context.Context, database, table string) (map[string]bool, error) {
	var rows []struct {
		Month uint32 `ch:"month"`
	}
	if err := w.selectInto(ctx, "look for months", sql.Text("refresh/partitions.sql"), Params{"database": database, "table": table}, &rows); err != nil {
		return nil, err
	}
	partitions := make(map[string]bool, len(rows))
	for _, row := range rows {
		partitions[strconv.FormatUint(uint64(row.Month), 10)] = true
	}
	return partitions, nil
}

// refreshView computes a view anew from the rows of now. Another run may be refreshing it from older rows: that refresh
// is waited for first, and whichever begins after it will do.
func (w *Warehouse) refreshView(ctx context.Context, view string) error {
	system := func(ctx context.Context, verb string) error {
		return w.conn.Exec(ctx, sql.With("SYSTEM "+verb+" VIEW kpi_core.{view:Identifier}", "view", view))
	}
	return w.do(ctx, "refresh kpi_core."+view, func(ctx context.Context) error {
		if err := system(ctx, "WAIT"); err != nil && codeOf(err) != refreshFailed { // that the older one failed does not matter
			return err
		}
		if err := system(ctx, "REFRESH"); err != nil {
			return err
		}
		return system(ctx, "WAIT")
	})
}

func partitionOf(month time.Time) string { return month.Format("200601") }

func monthArray(months []time.Time) string {
	quoted := make([]string, len(months))
	for i, month := range months {
		quoted[i] = fmt.Sprintf("'%s'", month.Format(time.DateOnly))
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// Sweep drops what dead runs left behind more than a day ago.
func (w *Warehouse) Sweep(ctx context.Context) error {
	var rows []struct {
		Name string `ch:"stage"`
	}
	if err := w.selectInto(ctx, "look for orphans", sql.Text("load/orphans.sql"), nil, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		if err := w.exec(ctx, "drop the orphan "+row.Name, sql.With(sql.Text("load/drop.sql"), "stage", row.Name), nil); err != nil {
			return err
		}
	}
	return nil
}
