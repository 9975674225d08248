package notify

import (
	"context"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// awayAfter is how long the warehouse may not answer before that is told.
const awayAfter = 5 * time.Minute

// away is the one matter that cannot be in the warehouse: that it does not answer.
type away struct {
	since   time.Time // of the first look that failed; zero where the last one did not
	notices []load.Notice
}

// tellAway tells that looks fail, and that they do not any more. What receivers were told is in memory alone.
func (n *Notifier) tellAway(ctx context.Context, failed error) {
	now := n.instant()
	var matters []Matter
	switch {
	case failed == nil:
		n.away.since = time.Time{}
	case n.away.since.IsZero():
		n.away.since = now
	}
	if failed != nil && now.Sub(n.away.since) >= awayAfter {
		matters = []Matter{{
			Kind: "warehouse_away", Key: "warehouse_away", Severity: "critical", Title: "The warehouse does not answer",
			Text:  n.redact(failed.Error()),
			Todo:  "Look whether it runs and has room, and whether the schema is current: partnerplus validate --connect says so.",
			Since: n.away.since,
		}}
	}
	var left []load.Notice
	for _, notice := range n.away.notices {
		if toSend(notice) != "" || notice.ResolvedAt == nil {
			left = append(left, notice)
		}
	}
	n.away.notices, _ = reconcile(left, matters, n.declared, rules{quiet: 0}, now)
	for i, notice := range n.away.notices {
		ctx, cancel := context.WithTimeout(ctx, perReceiver)
		_ = n.deliver(ctx, n.receivers[notice.Receiver], []load.Notice{notice}, nil, func(_ context.Context, recorded ...load.Notice) error {
			n.away.notices[i] = recorded[0]
			return nil
		})
		cancel()
	}
}
