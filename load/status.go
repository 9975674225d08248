package load

import (
	"context"
	"strconv"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// Status is the warehouse's state for an operator.
type Status struct {
	Runs    []RunStatus    `json:"runs"`
	Sources []SourceStatus `json:"sources"`
	Unrated uint64         `json:"entries_without_rate"` // ledger entries that count nowhere: kpi_core.unrated
}

// RunStatus is a run, newest first.
type RunStatus struct {
	RunID        string     `ch:"run_id" json:"run_id"`
	Job          string     `ch:"job" json:"job"`
	Started      time.Time  `ch:"started_at" json:"started_at"`
	Finished     *time.Time `ch:"finished_at" json:"finished_at"`
	Status       string     `ch:"status" json:"status"`
	UnitsListed  uint64     `ch:"units_listed" json:"units_listed"`
	UnitsLoaded  uint64     `ch:"units_loaded" json:"units_loaded"`
	UnitsFailed  uint64     `ch:"units_failed" json:"units_failed"`
	RowsRead     uint64     `ch:"rows_read" json:"rows_read"`
	RowsLoaded   uint64     `ch:"rows_loaded" json:"rows_loaded"`
	RowsRejected uint64     `ch:"rows_rejected" json:"rows_rejected"`
	Bytes        uint64     `ch:"bytes_read" json:"bytes_read"`
	Error        string     `ch:"error" json:"error"`
}

// SourceStatus is a source as the ledger knows it.
type SourceStatus struct {
	Source    string    `ch:"source" json:"source"`
	Units     uint64    `ch:"units" json:"units"`
	Failed    uint64    `ch:"failed" json:"failed"`
	Rows      uint64    `ch:"rows" json:"rows"`
	Delivered time.Time `ch:"newest_delivery" json:"newest_delivery"`
	Loaded    time.Time `ch:"newest_load" json:"newest_load"`
	Rejects   uint64    `ch:"rejects" json:"rejects"`
}

// Status reads the newest runs (one, where run names it) and the state of every source.
func (w *Warehouse) Status(ctx context.Context, run string, limit uint32) (Status, error) {
	var s Status
	most := Params{"run": run, "limit": strconv.FormatUint(uint64(limit), 10)}
	if err := w.selectInto(ctx, "read the runs", sql.Text("status/runs.sql"), most, &s.Runs); err != nil {
		return s, err
	}
	if err := w.selectInto(ctx, "read the sources", sql.Text("status/sources.sql"), nil, &s.Sources); err != nil {
		return s, err
	}
	var err error
	s.Unrated, err = w.Unrated(ctx, "")
	return s, err
}

// Unrated counts the ledger entries that count nowhere for want of an exchange rate: those that one run loaded, or all where
// run is empty.
func (w *Warehouse) Unrated(ctx context.Context, run string) (uint64, error) {
	var unrated []struct {
		Entries uint64 `ch:"entries"`
	}
	err := w.selectInto(ctx, "look for entries without a rate", sql.Text("status/unrated.sql"), Params{"run": run}, &unrated)
	if err != nil {
		return 0, err
	}
	return unrated[0].Entries, nil
}
