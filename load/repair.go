package load

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// ErrNoSuchMonth says that a month has no figures: it is later than the newest event.
var ErrNoSuchMonth = errors.New("there are no figures of that month")

// Difference is a row of a computed table that is not what the facts give.
type Difference struct {
	Table    string            `ch:"table" json:"table"` // of kpi_core; kpi.metric_monthly for a figure that SQL of its own recomputed
	Month    string            `ch:"month" json:"month,omitempty"`
	Key      string            `ch:"key" json:"key"`           // such as "scope portfolio, metric dollars_awarded"
	Found    map[string]string `ch:"found" json:"found"`       // by column, of those that differ; empty: there was no such row
	Expected map[string]string `ch:"expected" json:"expected"` // empty: there should be no such row
	Among    uint64            `ch:"among" json:"among"`       // so many rows of that table and month differ; some are kept
}

// RowsThatDiffer counts the rows behind differences, those too that are not kept.
func RowsThatDiffer(differences []Difference) (rows uint64) {
	type place struct{ table, month string }
	counted := map[place]bool{}
	for _, d := range differences {
		if at := (place{d.Table, d.Month}); !counted[at] {
			counted[at] = true
			rows += d.Among
		}
	}
	return rows
}

// Repaired is what a repair did.
type Repaired struct {
	Months int // of events, recomputed
	// Differences are the rows in which the figures are other ones than before; nil where those of before were no longer
	// there to be compared with.
	Differences []Difference
}

// computedTable is a table that an edition consists of.
type computedTable struct {
	table string
	keys  string // what names a row within its month
	rows  string // the view of an edition's rows that count; empty for all
}

// statement is a file of package sql, for the table as an edition has it.
func (c computedTable) statement(file string) string {
	return sql.With(sql.Text(file), "in", cmp.Or(c.rows, c.table+"_in"))
}

// computed are all of them, in the order in which they stand on each other.
var computed = []computedTable{
	{table: "entry", keys: "['program_id','member_id','kind','event_id']"},
	{table: "visit", keys: "['program_id','visitor_kind','visitor','first_at']"},
	{table: "activity", keys: "['program_id','member_id','org_id']"},
	{table: "mention", keys: "['program_id','org_id']"},
	{table: "member", keys: "['program_id','member_id','org_id']"},
	{table: "organisation", keys: "['program_id','org_id']"},
	{table: "member_month", keys: "['program_id','member_id','org_id','is_part']", rows: "member_month_counted"},
	{table: "redeemed_lot", keys: "['program_id','member_id','org_id','is_part','days']", rows: "redeemed_lot_counted"},
	{table: "conversion", keys: "['scope','program_id','org_id','segment']"},
	{table: "scope_flow", keys: "['scope','program_id','org_id','segment']"},
	{table: "distribution_month", keys: "['scope','program_id','org_id','segment','population']"},
	{table: "scope_month", keys: "['scope','program_id','org_id','segment']"},
	{table: "metric_month", keys: "['scope','program_id','org_id','segment','population','metric']"},
	{table: "exception", keys: "['scope','program_id','org_id','segment','rule','metric','variant']"},
	{table: "lens", keys: "['indicator']"},
}

// Repair computes all that follows from the facts anew, and publishes it as an edition: everything, with nothing taken from
// earlier editions, or what belongs to a month (its first day; zero for everything) and to all later ones, since members and
// stocks are carried from month to month. Facts themselves it leaves alone.
//
// It is a refresh of months that are said to be touched: it may run beside loads and be cut short, and the next refresh of
// whatever run takes up what is left of it. With ErrOvertaken, that is whoever loads now.
func (w *Warehouse) Repair(ctx context.Context, runID string, from time.Time) (Repaired, error) {
	found, err := one[base](ctx, w, "refresh/base.sql", nil)
	if err != nil {
		return Repaired{}, err
	}
	touched, params := "load/touched_everything.sql", Params(nil)
	if !from.IsZero() {
		if from.After(found.Newest) {
			return Repaired{}, fmt.Errorf("%w: %s", ErrNoSuchMonth, from.Format("2006-01"))
		}
		touched, params = "load/touched_since.sql", Params{"from": date(from)}
	}
	if err := w.exec(ctx, "touch the months to repair", sql.Text(touched), params); err != nil {
		return Repaired{}, err
	}
	months, err := w.Refresh(ctx, runID)
	if err != nil {
		return Repaired{Months: months}, err
	}
	made, err := one[base](ctx, w, "refresh/base.sql", nil)
	if err != nil {
		return Repaired{Months: months}, err
	}
	differences, err := w.differences(ctx, runID, found, made)
	return Repaired{Months: months, Differences: differences}, err
}

// differences compares two editions, and keeps what it finds under an id.
func (w *Warehouse) differences(ctx context.Context, id string, found, made base) ([]Difference, error) {
	if err := w.recordRows(ctx, Params{"id": id, "month": null}, found.Number, made.Number); err != nil {
		return nil, err
	}
	kept, err := one[struct {
		IsKept bool `ch:"is_kept"`
	}](ctx, w, "repair/is_kept.sql", Params{"found": count(found.Number)})
	if err != nil || !kept.IsKept { // other runs have swept rows of it away meanwhile
		return nil, err
	}
	return w.Differences(ctx, id)
}

// Differences gives what a comparison found: a validation, by its id, or a repair, by its run.
func (w *Warehouse) Differences(ctx context.Context, id string) ([]Difference, error) {
	differences := []Difference{}
	err := w.selectInto(ctx, "read what differs", sql.Text("repair/differences.sql"), Params{"id": id}, &differences)
	return differences, err
}

// Reconcile holds the figures that readers see against the facts, all of them or those of one month (its first day; zero for
// all), and keeps what differs under an id. It computes all figures from the facts, with nothing taken from earlier
// editions, and compares every row; and it recomputes sums and counts by SQL that shares nothing with that of the figures
// (kpi.unreconciled). What it computes is dropped again.
func (w *Warehouse) Reconcile(ctx context.Context, id string, month time.Time) error {
	params := Params{"id": id, "month": null}
	if !month.IsZero() {
		params["month"] = date(month)
	}
	err := w.do(ctx, "compute the figures anew, to compare them", func(ctx context.Context) error { return w.compare(ctx, params) })
	if err != nil {
		return err
	}
	return w.exec(ctx, "compare the figures with the facts", sql.Text("repair/differing_figures.sql"), params)
}

// compare compares the edition published last with one that is computed from the facts and never published.
func (w *Warehouse) compare(ctx context.Context, params Params) error {
	for range rounds {
		before, err := w.now(ctx)
		if err != nil {
			return err
		}
		began, err := w.state(ctx)
		if err != nil {
			return err
		}
		found, err := one[base](ctx, w, "refresh/base.sql", nil)
		if err != nil {
			return err
		}
		e, err := w.fromFacts(ctx, before)
		if err != nil {
			return err
		}
		if err := e.compute(ctx); err != nil {
			return errors.Join(err, e.discard(ctx))
		}
		overtaken, err := w.overtaken(ctx, before, began)
		if err == nil && !overtaken {
			err = w.recordDifferences(ctx, params, found, e)
		}
		if err = errors.Join(err, e.discard(ctx)); err != nil || !overtaken {
			return err
		}
	}
	return fmt.Errorf("other runs are loading: there is no state of the facts to compare with; check again when they are done: %w", ErrOvertaken)
}

// fromFacts begins an edition that takes nothing from earlier ones.
func (w *Warehouse) fromFacts(ctx context.Context, before time.Time) (*edition, error) {
	all := pending{Anew: true}
	var rows []struct {
		Month time.Time `ch:"month"`
	}
	if err := w.selectInto(ctx, "read the months of events", sql.Text("repair/months.sql"), nil, &rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		all.Months = append(all.Months, row.Month)
	}
	return w.newEdition(ctx, before, all)
}

// recordDifferences keeps in what an edition that was published differs from one that was computed.
func (w *Warehouse) recordDifferences(ctx context.Context, params Params, found base, e *edition) error {
	if err := w.recordRows(ctx, params, found.Number, e.number); err != nil {
		return err
	}
	newest, newestEvent := e.newest()
	return w.exec(ctx, "compare edition", sql.Text("repair/differing_edition.sql"), Params{
		"id": params["id"], "found": count(found.Number), "newest": date(newest), "newest_event": instant(newestEvent),
	})
}

// recordRows keeps the rows in which two editions differ. Mostly there are none, which is soon seen.
func (w *Warehouse) recordRows(ctx context.Context, params Params, found, expected uint64) error {
	for _, c := range computed {
		all := Params{
			"id": params["id"], "month": params["month"], "table": c.table, "keys": c.keys, "found": count(found), "expected": count(expected),
		}
		op := "compare " + c.table
		var rows []struct {
			Differs bool `ch:"differs"`
		}
		if err := w.selectInto(ctx, op, c.statement("repair/differs.sql"), all, &rows); err != nil {
			return err
		}
		if !rows[0].Differs {
			continue
		}
		if err := w.exec(ctx, op, c.statement("repair/differing_rows.sql"), all); err != nil {
			return err
		}
	}
	return nil
}
