package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
)

// rounds bounds how often one refresh starts again because another run loads at the same time.
const rounds = 3

// ErrOvertaken says that other runs kept loading while the figures were computed, so that they would show half of a
// load. The figures stay as they are; whichever run ends last refreshes them.
var ErrOvertaken = errors.New("other runs are loading: the figures are refreshed when they are done")

// Refresh recomputes what loads have touched since the last refresh, and publishes it as a new edition of the figures,
// all tables at once. It returns the number of months of events recomputed, and returns once queries see the edition;
// nothing is done where nothing was touched. It takes up what an earlier run left undone. Several at once end in the
// same figures.
func (w *Warehouse) Refresh(ctx context.Context, runID string) (months int, err error) {
	err = w.do(ctx, "refresh the figures", func(ctx context.Context) error {
		months, err = w.refresh(ctx, runID)
		return err
	})
	return months, err
}

func (w *Warehouse) refresh(ctx context.Context, runID string) (months int, err error) {
	for range rounds {
		before, err := w.now(ctx)
		if err != nil {
			return 0, err
		}
		began, err := w.state(ctx)
		if err != nil {
			return 0, err
		}
		// The touches first: what is settled in between is in the edition that is read after.
		pending, err := w.pending(ctx)
		if err != nil || pending.Touches == 0 {
			return 0, err
		}
		e, err := w.newEdition(ctx, before, pending)
		if err != nil {
			return 0, err
		}
		failpoint.Here(failpoint.EditionBegun)
		if err := e.compute(ctx); err != nil {
			_ = e.discard(ctx) // it may fail as the other did; what stays behind is swept a day later
			return 0, err
		}
		failpoint.Here(failpoint.EditionComputed)
		if w.onComputed != nil {
			w.onComputed()
		}
		overtaken, err := w.overtaken(ctx, before, began)
		if err != nil {
			_ = e.discard(ctx) // as above
			return 0, err
		}
		if overtaken {
			if err := e.discard(ctx); err != nil {
				return 0, err
			}
			continue
		}
		if err := e.publish(ctx, runID); err != nil {
			return 0, err
		}
		failpoint.Here(failpoint.Published)
		if err := w.exec(ctx, "settle the months", sql.Text("refresh/settle.sql"), Params{"before": instant(before), "under_way": texts(began.UnderWay)}); err != nil {
			return 0, err
		}
		failpoint.Here(failpoint.Settled)
		err = w.sweepEditions(ctx)
		failpoint.Here(failpoint.Swept)
		return len(e.touched), err
	}
	return 0, ErrOvertaken
}

// pending is what loads have touched since the last refresh.
type pending struct {
	Months     []time.Time `ch:"months"`      // months of events
	Anew       bool        `ch:"anew"`        // nothing of earlier editions may be used
	AllFigures bool        `ch:"all_figures"` // the figures of all months are to be computed, but not what they are made of
	Touches    uint64      `ch:"touches"`
}

func (w *Warehouse) pending(ctx context.Context) (pending, error) {
	return one[pending](ctx, w, "refresh/pending.sql", nil)
}

// state is what decides which rows a refresh reads.
type state struct {
	Facts    string   `ch:"facts"`     // where each table ends
	UnderWay []string `ch:"under_way"` // loads that may reveal more
}

func (w *Warehouse) state(ctx context.Context) (state, error) {
	return one[state](ctx, w, "refresh/state.sql", nil)
}

// overtaken tells whether rows became visible, or settings changed, since the refresh began: what it read may be half of it.
func (w *Warehouse) overtaken(ctx context.Context, before time.Time, began state) (bool, error) {
	ends, err := w.state(ctx)
	if err != nil || ends.Facts != began.Facts {
		return err == nil, err
	}
	row, err := one[struct {
		Touches uint64 `ch:"touches"`
	}](ctx, w, "refresh/overtaken.sql", Params{"before": instant(before)})
	return row.Touches > 0, err
}

func (w *Warehouse) now(ctx context.Context) (time.Time, error) {
	row, err := one[struct {
		Now time.Time `ch:"now"`
	}](ctx, w, "refresh/now.sql", nil)
	return row.Now, err
}

// text gives one of the statements of package sql as it is sent.
func (w *Warehouse) text(file string) string { return w.views.WrittenOut(sql.Text(file)) }

// one reads a statement's only row; the zero value where there is none.
func one[T any](ctx context.Context, w *Warehouse, file string, params Params) (row T, err error) {
	var rows []T
	if err := w.selectInto(ctx, "read "+file, w.text(file), params, &rows); err != nil || len(rows) == 0 {
		return row, err
	}
	return rows[0], nil
}

// Sweep drops the stages of loads whose process is known to be dead, and those that are a day old.
func (w *Warehouse) Sweep(ctx context.Context) error {
	var rows []struct {
		Name  string `ch:"stage"`
		Owner string `ch:"owner"`
		IsOld bool   `ch:"is_old"`
	}
	if err := w.selectInto(ctx, "look for orphans", sql.Text("load/orphans.sql"), nil, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		if !row.IsOld && !isDead(row.Owner) {
			continue
		}
		if err := w.exec(ctx, "drop the orphan "+row.Name, sql.With(sql.Text("load/drop.sql"), "stage", row.Name), nil); err != nil {
			return err
		}
	}
	return nil
}

// dates writes months as ClickHouse reads an Array(Date32) parameter.
func dates(months []time.Time) string {
	text := "["
	for i, month := range months {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf("'%s'", month.Format(time.DateOnly))
	}
	return text + "]"
}

// texts writes load ids as ClickHouse reads an Array(String) parameter.
func texts(ids []string) string {
	if len(ids) == 0 {
		return "[]"
	}
	return "['" + strings.Join(ids, "','") + "']"
}
