package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// Notice is a row of etl.notices: what a receiver of notifications was told of a matter, or of a summary. Its times have
// microseconds.
type Notice struct {
	Receiver    string     `ch:"receiver" json:"receiver"`
	Matter      string     `ch:"matter" json:"matter"`
	Kind        string     `ch:"kind" json:"kind"`
	OpenedAt    time.Time  `ch:"opened_at" json:"opened_at"`
	Severity    string     `ch:"severity" json:"severity"`
	Title       string     `ch:"title" json:"title"`
	Text        string     `ch:"text" json:"text"`
	Todo        string     `ch:"todo" json:"todo"`
	Since       time.Time  `ch:"since" json:"since"`
	Tell        uint32     `ch:"tell" json:"tell"` // messages that it is worth
	Told        uint32     `ch:"told" json:"told"` // of these: accepted
	ToldAt      *time.Time `ch:"told_at" json:"told_at"`
	GoneAt      *time.Time `ch:"gone_at" json:"gone_at"`
	ResolvedAt  *time.Time `ch:"resolved_at" json:"resolved_at"`
	RecoveredAt *time.Time `ch:"recovered_at" json:"recovered_at"`
	Failures    uint32     `ch:"failures" json:"failures"` // deliveries in a row that failed
	TriedAt     *time.Time `ch:"tried_at" json:"tried_at"`
	Error       string     `ch:"error" json:"error"`
}

// Notices reads the notices that are not done with.
func (w *Warehouse) Notices(ctx context.Context) ([]Notice, error) {
	var notices []Notice
	err := w.selectInto(ctx, "read the notices", sql.Text("notify/notices.sql"), nil, &notices)
	return notices, err
}

// RecordNotices writes notices as they stand, each in the place of what the warehouse has of it: all of them or none.
func (w *Warehouse) RecordNotices(ctx context.Context, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	rows := given{columns: []givenColumn{
		{"receiver", "String"}, {"matter", "String"}, {"kind", "String"}, {"opened_at", "Int64"}, {"severity", "String"}, {"title", "String"},
		{"text", "String"}, {"todo", "String"}, {"since", "Int64"}, {"tell", "UInt32"}, {"told", "UInt32"}, {"told_at", "Nullable(Int64)"},
		{"gone_at", "Nullable(Int64)"}, {"resolved_at", "Nullable(Int64)"}, {"recovered_at", "Nullable(Int64)"}, {"failures", "UInt32"},
		{"tried_at", "Nullable(Int64)"}, {"error", "String"},
	}}
	for _, n := range notices {
		rows.add(n.Receiver, n.Matter, n.Kind, n.OpenedAt.UnixMicro(), n.Severity, n.Title, n.Text, n.Todo, n.Since.UnixMicro(), n.Tell, n.Told,
			micros(n.ToldAt), micros(n.GoneAt), micros(n.ResolvedAt), micros(n.RecoveredAt), n.Failures, micros(n.TriedAt), n.Error)
	}
	return w.execGiven(ctx, "record notices", "notify/record_notices.sql", nil, rows)
}

// micros gives an instant that may be missing as microseconds.
func micros(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

// noticesLease is the lease of the one that tells receivers.
const noticesLease = "notifications"

// ClaimNotices claims to be the one that tells receivers, for so long at most. It gives nil where another process has the
// lease (see Lease for what that promises), else what gives it back.
func (w *Warehouse) ClaimNotices(ctx context.Context, lasting time.Duration) (release func(context.Context) error, err error) {
	host, _ := os.Hostname() // a machine without a name may tell, too
	lease, err := w.Lease(ctx, noticesLease, fmt.Sprintf("%s (process %d)", host, os.Getpid()), lasting)
	switch {
	case errors.As(err, new(*LeaseHeldError)):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return lease.Release, nil
}
