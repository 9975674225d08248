package load

import (
	"context"
	"strconv"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// Reject is a row that counts nowhere: rejected, or without an exchange rate.
type Reject struct {
	ID         string    `ch:"id" json:"id"` // the same for as long as the row is rejected, whatever the reason
	Source     string    `ch:"source" json:"source"`
	Unit       string    `ch:"unit" json:"unit"`
	Entity     string    `ch:"entity" json:"entity"`
	Position   uint64    `ch:"position" json:"position"`
	Column     string    `ch:"column" json:"column"`
	Rule       string    `ch:"rule" json:"rule"`
	Reason     string    `ch:"reason" json:"reason"`
	Raw        string    `ch:"raw" json:"raw"`
	RunID      string    `ch:"run_id" json:"run_id"`
	RecordedAt time.Time `ch:"recorded_at" json:"recorded_at"` // the unit's delivery
}

// RejectDetail is a reject with what the ledger says of its unit.
type RejectDetail struct {
	Reject
	Mapping uint16 `ch:"mapping" json:"mapping"` // place in the source's list, from 1; 0 where no mapping was concerned
	Version string `ch:"version" json:"version"` // of the unit
	Status  string `ch:"status" json:"unit_status"`
}

// RejectFilter chooses rejects; the zero value chooses all that stand.
type RejectFilter struct {
	Source string
	Unit   string
	Run    string // that loaded the unit
	Rule   string
	Reason string // part of the reason, in whatever case
}

func (f RejectFilter) params() Params {
	return Params{"source": f.Source, "unit": f.Unit, "run": f.Run, "rule": f.Rule, "reason": f.Reason}
}

// Rejects reads the chosen rejects, newest delivery first.
func (w *Warehouse) Rejects(ctx context.Context, of RejectFilter, limit uint32) ([]Reject, error) {
	var rejects []Reject
	params := of.params()
	params["limit"] = strconv.FormatUint(uint64(limit), 10)
	err := w.selectInto(ctx, "read the rejects", sql.Text("status/rejects.sql"), params, &rejects)
	return rejects, err
}

// EachReject calls visit with every chosen reject, in the order of Rejects, without holding them all. It ends with the first error.
func (w *Warehouse) EachReject(ctx context.Context, of RejectFilter, visit func(Reject) error) error {
	params := of.params()
	params["limit"] = strconv.FormatUint(1<<63, 10)
	rows, err := w.conn.Query(with(ctx, params), sql.Text("status/rejects.sql"))
	if err != nil {
		return wrap("read the rejects", err)
	}
	defer func() { _ = rows.Close() }() // read to its end, or the error is known
	for rows.Next() {
		var r Reject
		if err := rows.ScanStruct(&r); err != nil {
			return wrap("read the rejects", err)
		}
		if err := visit(r); err != nil {
			return err
		}
	}
	return wrap("read the rejects", rows.Err())
}

// RejectColumns names the columns of the raw rows of the chosen rejects.
func (w *Warehouse) RejectColumns(ctx context.Context, of RejectFilter) ([]string, error) {
	var rows []struct {
		Key string `ch:"key"`
	}
	if err := w.selectInto(ctx, "read the columns of rejects", sql.Text("status/reject_columns.sql"), of.params(), &rows); err != nil {
		return nil, err
	}
	columns := make([]string, len(rows))
	for i, row := range rows {
		columns[i] = row.Key
	}
	return columns, nil
}

// RejectsByID reads the rejects whose id begins with a text, 20 at most.
func (w *Warehouse) RejectsByID(ctx context.Context, id string) ([]RejectDetail, error) {
	var rejects []RejectDetail
	err := w.selectInto(ctx, "read reject "+id, sql.Text("status/reject.sql"), Params{"id": id}, &rejects)
	return rejects, err
}

// RejectReason is how often rows of a source are rejected for the same reason, whatever values it names.
type RejectReason struct {
	Source  string `ch:"source" json:"source"`
	Entity  string `ch:"entity" json:"entity"`
	Column  string `ch:"column" json:"column"`
	Rule    string `ch:"rule" json:"rule"`
	Pattern string `ch:"pattern" json:"pattern"` // the reason, with … for values and N for numbers
	Rejects uint64 `ch:"rejects" json:"rejects"`
	Example string `ch:"example" json:"example"`
	FirstID string `ch:"first_id" json:"first_id"`
}

// RejectReasons sums the chosen rejects up by reason.
func (w *Warehouse) RejectReasons(ctx context.Context, of RejectFilter) ([]RejectReason, error) {
	var reasons []RejectReason
	err := w.selectInto(ctx, "read the rejects", sql.Text("status/reject_reasons.sql"), of.params(), &reasons)
	return reasons, err
}
