package load

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// Statuses of a unit in the ledger.
const (
	StatusLoaded = "loaded"
	StatusFailed = "failed"
	StatusOver   = "over" // it had failed, and was found as it was loaded since
)

// Unit names one version of one unit of a source.
type Unit struct {
	Source  string
	Name    string
	Version string
	RunID   string
	LoadID  string // this attempt to load it
	// Delivered decides between rows of equal version: the later delivery wins.
	Delivered time.Time
	// Sparse says that a column which a raw row lacks is merely absent from it (JSON): a replay has to know.
	Sparse bool
}

// UnitRecord is a unit's row in the ledger.
type UnitRecord struct {
	Unit
	Failed    bool
	WindowTo  time.Time // end of the unit's own time, zero where it has none
	Mapping   string    // fingerprint of the mapping
	Rows      uint64    // rows of the unit
	Malformed uint64    // of these: unreadable
	Unrouted  uint64    // of these: taken by no mapping, and rejected for that
	Bytes     uint64
	Seconds   float64
	Error     string
}

// LoadedUnit is what the ledger says of a version of a unit.
type LoadedUnit struct {
	Name      string    `ch:"unit"`
	Version   string    `ch:"version"`
	Status    string    `ch:"status"`
	Mapping   string    `ch:"mapping"`
	Delivered time.Time `ch:"delivered_at"`
	Rows      uint64    `ch:"rows_read"`
	At        time.Time `ch:"updated_at"`
}

// Units reads the ledger of a source; a warehouse without a schema has none.
func (w *Warehouse) Units(ctx context.Context, source string) ([]LoadedUnit, error) {
	var rows []LoadedUnit
	err := w.selectInto(ctx, "read the ledger", sql.Text("load/loaded_units.sql"), Params{"source": source}, &rows)
	if isUnmigrated(err) {
		return nil, nil // for a dry run: every other run has migrated
	}
	return rows, err
}

// Record writes rows of units into the ledger, all at once: the last step of loading them, or the account of a failure.
func (w *Warehouse) Record(ctx context.Context, records ...UnitRecord) error {
	rows := given{columns: []givenColumn{
		{"source", "String"}, {"unit", "String"}, {"version", "String"}, {"status", "String"}, {"run_id", "String"}, {"load_id", "String"},
		{"delivered_at", "Int64"}, {"window_to", "Nullable(Int64)"}, {"mapping", "String"},
		{"rows_read", "UInt64"}, {"rows_malformed", "UInt64"}, {"rows_unrouted", "UInt64"}, {"bytes_read", "UInt64"}, {"seconds", "Float64"}, {"error", "String"},
	}}
	for _, r := range records {
		status := StatusLoaded
		if r.Failed {
			status = StatusFailed
		}
		var window *int64
		if !r.WindowTo.IsZero() {
			micros := r.WindowTo.UnixMicro()
			window = &micros
		}
		rows.add(r.Source, r.Name, r.Version, status, r.RunID, r.LoadID, afterEpoch(r.Delivered).UnixMicro(), window, r.Mapping,
			r.Rows, r.Malformed, r.Unrouted, r.Bytes, r.Seconds, r.Error)
	}
	op := "record unit " + records[0].Name
	if len(records) > 1 {
		op = fmt.Sprintf("record %d units from %s on", len(records), records[0].Name)
	}
	return w.execGiven(ctx, op, "load/record_units.sql", nil, rows)
}

// RecordUnchanged notes that a unit which had failed was read again and is as it was loaded: its failures are over. What is
// loaded of it, with its row and its account, stays as it is.
func (w *Warehouse) RecordUnchanged(ctx context.Context, source, unit string) error {
	return w.exec(ctx, "record that unit "+unit+" is unchanged", sql.Text("load/record_unchanged_unit.sql"), Params{"source": source, "unit": unit})
}

// Run is a row of etl.runs.
type Run struct {
	ID           string
	Job          string
	Started      time.Time
	Finished     time.Time // zero while it runs
	Status       string    // running, done, rejects, checks, failed or interrupted
	UnitsListed  uint64
	UnitsLoaded  uint64
	UnitsFailed  uint64
	RowsRead     uint64
	RowsLoaded   uint64
	RowsRejected uint64
	Bytes        uint64
	Error        string
	Host         string
	PID          int
}

// RecordRun writes the run's row, again and again as it goes on.
func (w *Warehouse) RecordRun(ctx context.Context, r Run) error {
	finished := null
	if !r.Finished.IsZero() {
		finished = instant(r.Finished)
	}
	return w.exec(ctx, "record run "+r.ID, sql.Text("load/record_run.sql"), Params{
		"run": r.ID, "job": r.Job, "started": instant(r.Started), "finished": finished, "status": r.Status,
		"units_listed": count(r.UnitsListed), "units_loaded": count(r.UnitsLoaded), "units_failed": count(r.UnitsFailed),
		"rows_read": count(r.RowsRead), "rows_loaded": count(r.RowsLoaded), "rows_rejected": count(r.RowsRejected),
		"bytes": count(r.Bytes), "error": r.Error, "host": r.Host, "pid": strconv.Itoa(r.PID),
	})
}

// afterEpoch gives 1970 for a place without a clock: in the order of deliveries, nothing is before it.
func afterEpoch(t time.Time) time.Time {
	if epoch := time.UnixMicro(0); t.Before(epoch) {
		return epoch
	}
	return t
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }

func count(n uint64) string { return strconv.FormatUint(n, 10) }
