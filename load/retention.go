package load

import (
	"context"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// Retention is how long what no figure needs is kept; zero: for ever. Facts, figures, closed months, the ledger of units and
// their accounts are kept for ever, and so are rejects: after a while without the raw row, which is personal data, so that
// the accounts still add up.
type Retention struct {
	RawRows time.Duration // of rejects, since the load or replay that rejected the row last
	Runs    time.Duration // runs, and what each did
	Checks  time.Duration // results of checks
}

// Dropped is what was old, of one kind.
type Dropped struct {
	What   string    `json:"what"`
	Before time.Time `json:"before"` // what is older than this goes
	Rows   uint64    `json:"rows"`
	Bytes  uint64    `json:"bytes"` // as text
}

// dropping is one kind of what gets old. Its file, sql/retention/NAME.sql, gives the keys of the rows.
//
// A mutation looks at the keys anew for each part of the table, while other parts have lost their rows already. So what a
// file says of a key must not depend on rows that go with it: else one version of a row would go and an older one come back.
type dropping struct {
	name  string
	table string
	key   string
	empty string // the column that is emptied; the rows go where it names none
	plain bool   // no row takes the place of another: all count
	of    func(Retention) time.Duration
}

func rawRowsOf(r Retention) time.Duration { return r.RawRows }
func runsOf(r Retention) time.Duration    { return r.Runs }
func checksOf(r Retention) time.Duration  { return r.Checks }

var droppings = []dropping{
	{name: "attempts", table: "etl.rejects", key: "load_id", of: rawRowsOf},
	{name: "raw_rows", table: "etl.rejects", key: "load_id", empty: "raw", of: rawRowsOf},
	{name: "runs", table: "etl.runs", key: "run_id", of: runsOf},
	{name: "source_runs", table: "etl.source_runs", key: "source, job, run_id", of: runsOf},
	{name: "job_runs", table: "etl.job_runs", key: "job, due_at", of: runsOf},
	{name: "overwritten_touches", table: "etl.touched_months", key: touchKey, plain: true, of: runsOf},
	{name: "touches", table: "etl.touched_months", key: touchKey, plain: true, of: runsOf},
	{name: "looks", table: "etl.retention", key: "looked_at, what", of: runsOf},
	{name: "checks", table: "etl.checks", key: "check_id, check", plain: true, of: checksOf},
	{name: "differences", table: "etl.differing_rows", key: "check_id", of: checksOf},
}

const touchKey = "source, unit, version, month, load_id, settled, touched_at"

// Old tells what Drop would drop now.
func (w *Warehouse) Old(ctx context.Context, keep Retention) ([]Dropped, error) {
	return w.eachOld(ctx, keep, func(time.Time, dropping, Dropped) error { return nil })
}

// Drop drops what is old, and writes down what that was. It may run beside loads, and be repeated: what was cut short is
// dropped by the next. Rows that it drops are gone from the disk once it returns, or minutes later.
func (w *Warehouse) Drop(ctx context.Context, keep Retention) ([]Dropped, error) {
	return w.eachOld(ctx, keep, func(now time.Time, d dropping, old Dropped) error {
		if old.Rows > 0 {
			if err := w.exec(ctx, "drop old "+d.name, d.statement(), Params{"before": instant(old.Before)}); err != nil {
				return err
			}
		}
		return w.exec(ctx, "record what was old", sql.Text("retention/record.sql"), Params{
			"at": instant(now), "what": d.name, "before": instant(old.Before), "rows": count(old.Rows), "bytes": count(old.Bytes),
		})
	})
}

// eachOld looks for what is old, one kind after the other, and does something about each. It gives those that are done.
func (w *Warehouse) eachOld(ctx context.Context, keep Retention, do func(now time.Time, d dropping, old Dropped) error) ([]Dropped, error) {
	now, err := w.now(ctx)
	if err != nil {
		return nil, err
	}
	all := []Dropped{}
	for _, d := range droppings {
		if d.of(keep) == 0 {
			continue
		}
		old, err := w.old(ctx, d, now.Add(-d.of(keep)))
		if err == nil {
			err = do(now, d, old)
		}
		if err != nil {
			return all, err
		}
		all = append(all, old)
	}
	return all, nil
}

// DropDaily is Drop, unless that was done within the last day.
func (w *Warehouse) DropDaily(ctx context.Context, keep Retention) error {
	row, err := one[struct {
		Due bool `ch:"due"`
	}](ctx, w, "retention/is_due.sql", nil)
	if err == nil && row.Due {
		_, err = w.Drop(ctx, keep)
	}
	return err
}

func (w *Warehouse) old(ctx context.Context, d dropping, before time.Time) (Dropped, error) {
	var rows []struct {
		Rows  uint64 `ch:"rows"`
		Bytes uint64 `ch:"bytes"`
	}
	from := d.table
	if !d.plain {
		from += " FINAL"
	}
	err := w.selectInto(ctx, "look for old "+d.name, "SELECT count() AS rows, sum(byteSize("+d.sized()+")) AS bytes FROM "+from+" WHERE "+d.condition(),
		Params{"before": instant(before)}, &rows)
	if err != nil {
		return Dropped{}, err
	}
	return Dropped{What: d.name, Before: before, Rows: rows[0].Rows, Bytes: rows[0].Bytes}, nil
}

// condition is on the rows that go.
func (d dropping) condition() string {
	keys := strings.TrimRight(sql.Text("retention/"+d.name+".sql"), "; \n")
	condition := "(" + d.key + ") IN (\n" + keys + "\n)"
	if d.empty != "" {
		condition += " AND " + d.empty + " != ''"
	}
	return condition
}

func (d dropping) sized() string {
	if d.empty != "" {
		return d.empty
	}
	return "*"
}

// statement drops the rows: a mutation, which writes the parts that hold them anew, so that nothing of them stays.
func (d dropping) statement() string {
	what := "DELETE"
	if d.empty != "" {
		what = "UPDATE " + d.empty + " = ''"
	}
	return "ALTER TABLE " + d.table + " " + what + " WHERE " + d.condition() + " SETTINGS mutations_sync = 2, allow_nondeterministic_mutations = 1"
}
