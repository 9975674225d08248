package load

import (
	"context"

	"github.com/partnerplus/warehouse/sql"
)

// Cursor reads where a source goes on; empty where it has none for this place. A warehouse without a schema has none.
func (w *Warehouse) Cursor(ctx context.Context, source, place string) (string, error) {
	var rows []struct {
		Cursor string `ch:"cursor"`
	}
	err := w.selectInto(ctx, "read the cursor of "+source, sql.Text("load/cursor.sql"), Params{"source": source, "place": place}, &rows)
	if err != nil || len(rows) == 0 {
		if isUnmigrated(err) {
			err = nil
		}
		return "", err
	}
	return rows[0].Cursor, nil
}

// RecordCursor records where a source goes on. The caller has loaded all that was listed before it.
func (w *Warehouse) RecordCursor(ctx context.Context, source, place, cursor, run string) error {
	return w.exec(ctx, "record the cursor of "+source, sql.Text("load/record_cursor.sql"),
		Params{"source": source, "place": place, "cursor": cursor, "run": run})
}

// SourceRun is what a run read of a source.
type SourceRun struct {
	Source string
	Job    string
	RunID  string
	Usual  bool // not a run that loaded again, or only a part
	Units  uint64
	Rows   uint64
}

// UsualRows gives how many rows the newest runs of the job brought of the source, their median, and how many runs these are.
func (w *Warehouse) UsualRows(ctx context.Context, of SourceRun) (rows, runs uint64, err error) {
	var found []struct {
		Usual uint64 `ch:"usual"`
		Runs  uint64 `ch:"runs"`
	}
	err = w.selectInto(ctx, "read the usual rows of "+of.Source, sql.Text("load/usual_rows.sql"),
		Params{"source": of.Source, "job": of.Job, "run": of.RunID}, &found)
	if err != nil {
		return 0, 0, err
	}
	return found[0].Usual, found[0].Runs, nil
}

// RecordSourceRun records what a run read of a source.
func (w *Warehouse) RecordSourceRun(ctx context.Context, r SourceRun) error {
	usual := "0"
	if r.Usual {
		usual = "1"
	}
	return w.exec(ctx, "record the rows of "+r.Source, sql.Text("load/record_source_run.sql"), Params{
		"source": r.Source, "job": r.Job, "run": r.RunID, "usual": usual, "units": count(r.Units), "rows": count(r.Rows),
	})
}
