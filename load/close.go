package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// ErrNotClosable says that a month cannot be closed, whatever the checks say: it has no figures, or is not over.
var ErrNotClosable = errors.New("the month cannot be closed")

// CloseMonth ends the review of a month (its first day): its figures are kept as they are now, so that the check of
// restatement shows what changes later. A month may be closed again. It does not look at the checks: whoever closes a
// month does that first.
func (w *Warehouse) CloseMonth(ctx context.Context, month time.Time, by, note string) error {
	name := month.Format("2006-01")
	params := Params{"month": month.Format(time.DateOnly), "at": instant(time.Now()), "by": by, "note": note}
	var rows []struct {
		Figures uint64 `ch:"figures"`
		IsOver  uint8  `ch:"is_over"`
	}
	if err := w.selectInto(ctx, "look at "+name, sql.Text("verdicts/month.sql"), params, &rows); err != nil {
		return err
	}
	switch {
	case rows[0].Figures == 0:
		return fmt.Errorf("%w: %s has no figures", ErrNotClosable, name)
	case rows[0].IsOver == 0:
		return fmt.Errorf("%w: %s is not over", ErrNotClosable, name)
	}
	if err := w.exec(ctx, "keep the figures of "+name, sql.Text("verdicts/close_figures.sql"), params); err != nil {
		return err
	}
	return w.exec(ctx, "close "+name, sql.Text("verdicts/close_month.sql"), params)
}
