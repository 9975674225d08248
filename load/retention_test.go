package load_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

// idOf is an id that was made then.
func idOf(then time.Time) string {
	id := uuid.Must(uuid.NewV7())
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(then.UnixMilli()))
	copy(id[:6], millis[2:])
	return id.String()
}

// retention drops what is old: every account still adds up, and no version of a row comes back.
func retention(t *testing.T, w *load.Warehouse) {
	day := 24 * time.Hour
	now := time.Now()
	old, older := now.Add(-100*day), now.Add(-200*day)
	loads := func(name string, then time.Time) {
		unit := newUnit(name, at("2020-01-01")) // delivered long ago, whenever it was loaded
		unit.LoadID, unit.RunID = idOf(then), idOf(then)
		s, tallies := stage(t, w, unit, fact{Entity: "awards", ID: name, Member: "m", Amount: dollar, At: at("2024-01-01")})
		rejects := []transform.Reject{{Entity: "awards", Position: 2, Column: "amount", Reason: "no number", Raw: `{"member":"m"}`}}
		must(t, s.Reject(t.Context(), 1, rejects))
		tallies[0].Read, tallies[0].Rejected = tallies[0].Read+1, 1
		commit(t, s, unit, tallies)
	}
	loads("old", old)
	loads("young", now)
	loads("again", old) // and then again, by which its first rejects belong to nothing
	loads("again", now)
	refresh(t, w)

	for i, then := range []time.Time{older, old} { // the newest of a job stays
		r := load.Run{ID: idOf(then), Job: "nightly", Started: then, Status: "running"}
		must(t, w.RecordRun(t.Context(), r))
		r.Status, r.Finished = "done", then.Add(time.Minute)
		must(t, w.RecordRun(t.Context(), r))
		must(t, w.RecordRun(t.Context(), load.Run{ID: idOf(then), Job: fmt.Sprint("once ", i), Started: then, Status: "failed"}))
	}
	for _, statement := range []string{
		"INSERT INTO etl.source_runs (source, job, run_id, updated_at) SELECT 's', 'nightly', leftPad(toString(number), 3, '0'), now64(6) - INTERVAL 100 DAY FROM numbers(103)",
		"INSERT INTO etl.job_runs (job, due_at, attempt, updated_at) SELECT 'nightly', now64(6) - toIntervalDay(100 + number % 102), 1 + intDiv(number, 102), now64(6) FROM numbers(204)",
		"INSERT INTO etl.touched_months SELECT '2024-01-01', 's', 'x', 'v', 'l', 0, now64(6) - INTERVAL 100 DAY",
		"INSERT INTO etl.touched_months SELECT month, source, unit, version, load_id, 1, touched_at + INTERVAL 1 MICROSECOND FROM etl.touched_months WHERE unit = 'x'",
		"INSERT INTO etl.touched_months SELECT '2024-01-01', 's', 'open', 'v', 'l', 0, now64(6) - INTERVAL 100 DAY",
		"INSERT INTO etl.checks (check_id, checked_at, check, month, verdict) SELECT toString(number), now64(6) - toIntervalDay(100 + number), 'freshness', if(number = 2, '2024-01-01', NULL), 'pass' FROM numbers(4)",
		"INSERT INTO etl.checks (check_id, checked_at, check, verdict) SELECT '" + idOf(old) + "', now64(6) - INTERVAL 100 DAY, 'reconciliation', 'fail'",
		"INSERT INTO etl.differing_rows (check_id, table, key) SELECT check_id, 'entry', 'k' FROM etl.checks WHERE check = 'reconciliation'",
		"INSERT INTO etl.differing_rows (check_id, table, key) SELECT '" + idOf(older) + "', 'entry', 'k'",
	} {
		change(t, w, statement)
	}
	const rejects = "SELECT unit, position, reason, raw != '' FROM etl.open_rejects ORDER BY ALL"
	expect(t, w, rejects, "again|2|no number|1", "old|2|no number|1", "young|2|no number|1")

	keep := load.Retention{RawRows: 50 * day, Runs: 50 * day, Checks: 50 * day}
	would, err := w.Old(t.Context(), keep)
	must(t, err)
	dropped, err := w.Drop(t.Context(), keep)
	must(t, err)
	want := map[string]uint64{"attempts": 1, "raw_rows": 1, "runs": 1, "source_runs": 3, "job_runs": 4, "overwritten_touches": 1, "touches": 1, "looks": 0, "checks": 2, "differences": 1}
	got := map[string]uint64{}
	for i, d := range dropped {
		got[d.What] = d.Rows
		if would[i].Rows != d.Rows && d.What != "raw_rows" { // those of attempts go first
			t.Errorf("%s: %d rows would go, %d did", d.What, would[i].Rows, d.Rows)
		}
		if (d.Rows > 0) != (d.Bytes > 0) {
			t.Errorf("%s: %d rows have %d bytes", d.What, d.Rows, d.Bytes)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dropped (-want +got):\n%s", diff)
	}
	left, err := w.Old(t.Context(), keep)
	must(t, err)
	for _, d := range left {
		if d.Rows > 0 {
			t.Errorf("%s: %d rows are still there", d.What, d.Rows)
		}
	}
	expect(t, w, rejects, "again|2|no number|1", "old|2|no number|0", "young|2|no number|1")
	expect(t, w, "SELECT * FROM kpi.unconserved_units")
	expect(t, w, "SELECT job FROM etl.runs FINAL ORDER BY job", "nightly", "once 0", "once 1")
	expect(t, w, "SELECT unit FROM etl.touched_months FINAL WHERE unit IN ('x', 'open')", "open")
	expect(t, w, "SELECT check_id, month FROM etl.checks WHERE check = 'freshness' ORDER BY check_id", "0|~", "2|2024-01-01")
	expect(t, w, "SELECT sum(rows) FROM etl.retention", "15")

	must(t, w.DropDaily(t.Context(), keep)) // not again today
	expect(t, w, "SELECT uniqExact(looked_at) FROM etl.retention", "1")
	change(t, w, "TRUNCATE TABLE etl.retention")
	must(t, w.DropDaily(t.Context(), load.Retention{Runs: 50 * day})) // what is kept for ever is not looked at
	expect(t, w, "SELECT groupArray(what) FROM (SELECT what FROM etl.retention ORDER BY what)", "['job_runs','looks','overwritten_touches','runs','source_runs','touches']")
}
