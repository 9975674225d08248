package load

import (
	"context"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// CloseMonth ends the review of a month (its first day): its figures are kept as they are now, so that the check of
// restatement shows what changes later. A month may be closed again. It does not look at the checks: whoever closes a
// month does that first.
func (w *Warehouse) CloseMonth(ctx context.Context, month time.Time, by, note string) error {
	if err := w.reviewable(ctx, month); err != nil {
		return err
	}
	name := month.Format("2006-01")
	params := Params{"month": month.Format(time.DateOnly), "at": instant(time.Now()), "by": by, "note": note}
	if err := w.exec(ctx, "keep the figures of "+name, sql.Text("verdicts/close_figures.sql"), params); err != nil {
		return err
	}
	return w.exec(ctx, "close "+name, sql.Text("verdicts/close_month.sql"), params)
}
