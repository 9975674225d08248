package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
)

// What bounds the memory of one statement: months of facts, which are one read, and rows of member x month.
const (
	monthsAtOnce  = 12
	membersAtOnce = 600_000
)

// edition is the figures of one refresh under way: rows of many tables of kpi_core, which nobody sees until it is
// published. It computes the months that may have changed and takes the others from the edition before (base).
// Statements of an edition are not repeated by themselves, since half of their rows may be in: the whole edition is.
type edition struct {
	w          *Warehouse
	number     uint64
	before     time.Time // the facts of this time are in it
	base       base
	touched    []time.Time // months of events to compute anew, ascending
	allFigures bool

	extent  extent
	isEmpty bool // there are no events: no figures
}

// base is the edition published last; number 0: none.
type base struct {
	Number uint64    `ch:"edition"`
	Newest time.Time `ch:"newest_month"`
}

// extent is where the events begin and end.
type extent struct {
	First       time.Time `ch:"first_month"`
	Newest      time.Time `ch:"newest_month"`
	NewestEvent time.Time `ch:"newest_event"`
	Members     uint64    `ch:"most_members"` // with an event in the busiest month
}

// monthsAtOnce is how many months of members one statement computes.
func (x extent) monthsAtOnce() int {
	return int(min(2*monthsAtOnce, max(1, membersAtOnce/max(1, x.Members))))
}

// noMonth is the month that stands for none.
var noMonth = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// newEdition begins an edition. Its number grows with the time; the last bits tell editions of one microsecond apart.
func (w *Warehouse) newEdition(ctx context.Context, before time.Time, p pending) (*edition, error) {
	e := &edition{
		w: w, before: before, number: uint64(before.UnixMicro())<<10 | rand.Uint64N(1<<10),
		touched: p.Months, allFigures: p.AllFigures || p.Anew,
	}
	slices.SortFunc(e.touched, time.Time.Compare)
	if p.Anew {
		return e, nil
	}
	last, err := one[base](ctx, w, "refresh/base.sql", nil)
	if last.Newest.After(noMonth) { // one without figures is nothing to stand on
		e.base = last
	}
	return e, err
}

// compute computes the edition, each table after those that it reads.
func (e *edition) compute(ctx context.Context) error {
	if err := e.facts(ctx); err != nil {
		return err
	}
	extents, err := e.extents(ctx)
	if err != nil {
		return err
	}
	if len(extents) == 0 {
		e.isEmpty = true
		return nil
	}
	e.extent = extents[0]
	since, err := e.members(ctx)
	if err != nil {
		return err
	}
	since, err = e.dimensions(ctx, since)
	if err != nil {
		return err
	}
	return e.figures(ctx, since)
}

// facts computes what each member did in the months touched.
func (e *edition) facts(ctx context.Context) error {
	if err := e.plan(ctx, e.touched, time.Date(2299, 12, 1, 0, 0, 0, 0, time.UTC), "entry", "visit", "activity", "mention"); err != nil {
		return err
	}
	if err := e.runByMonths(ctx, e.touched, monthsAtOnce, "entry", "visit"); err != nil {
		return err
	}
	// A session may go on in the next month: all visits have to be there.
	return e.runByMonths(ctx, e.touched, monthsAtOnce, "activity", "mention")
}

func (e *edition) extents(ctx context.Context) (rows []extent, err error) {
	err = e.w.selectInto(ctx, "read the months of events", e.w.text("refresh/extent.sql"), e.params(nil), &rows)
	return rows, err
}

// members computes the members at the end of each month from the first that may have changed, which it returns.
func (e *edition) members(ctx context.Context) (since time.Time, err error) {
	if err := e.run(ctx, "known_member", nil); err != nil {
		return since, err
	}
	since = addMonths(e.extent.Newest, 1)
	if e.base.Number == 0 {
		since = e.extent.First
	} else {
		since = earlier(since, addMonths(e.base.Newest, 1)) // members go on into new months
		forgotten, err := one[change](ctx, e.w, "refresh/forgotten_members.sql", e.params(Params{"newest": date(e.base.Newest)}))
		if err != nil {
			return since, err
		}
		if forgotten.Changes > 0 {
			since = earlier(since, forgotten.Since)
		}
	}
	if len(e.touched) > 0 {
		since = earlier(since, e.touched[0])
	}
	if err := e.plan(ctx, monthsFrom(since, e.extent.Newest), e.extent.Newest, "member_month", "redeemed_lot"); err != nil {
		return since, err
	}
	return since, e.runByMonths(ctx, monthsFrom(later(since, e.extent.First), e.extent.Newest), e.extent.monthsAtOnce(), "member_month", "redeemed_lot")
}

// change is what a change of dimensions reaches.
type change struct {
	Changes uint64    `ch:"changes"`
	Since   time.Time `ch:"since"`
}

// dimensions completes members and organisations, and returns the first month whose members or scopes may have changed.
func (e *edition) dimensions(ctx context.Context, since time.Time) (time.Time, error) {
	newest := Params{"newest": date(e.extent.Newest)}
	if err := e.run(ctx, "inferred_member", newest); err != nil {
		return since, err
	}
	if err := e.run(ctx, "organisation", nil); err != nil {
		return since, err
	}
	if e.allFigures || e.base.Number == 0 {
		var rows []struct {
			First time.Time `ch:"first_month"`
		}
		err := e.w.selectInto(ctx, "read the months of joins", e.w.text("refresh/first_join.sql"), e.params(nil), &rows)
		if err != nil || len(rows) == 0 {
			return earlier(since, e.extent.First), err
		}
		since = earlier(since, earlier(rows[0].First, e.extent.First))
	}
	if e.base.Number == 0 {
		return since, nil
	}
	moved, err := one[change](ctx, e.w, "refresh/moved_members.sql", e.params(newest))
	if err != nil || moved.Changes == 0 {
		return since, err
	}
	return earlier(since, moved.Since), nil
}

// lookBack is how many months before an award a redemption may still count for it: 90 days reach into five months.
const lookBack = 4

// figures computes all that is told by scope, where members or scopes may have changed since a month.
func (e *edition) figures(ctx context.Context, since time.Time) error {
	newest := e.extent.Newest
	from := addMonths(since, -lookBack)
	if e.base.Number != 0 {
		from = earlier(from, addMonths(earlier(e.base.Newest, newest), -lookBack)) // the newest event decides what is over
	}
	summed, told := monthsFrom(since, newest), monthsFrom(from, newest)
	if err := e.plan(ctx, summed, newest, "scope_flow"); err != nil {
		return err
	}
	if err := e.plan(ctx, told, newest, "distribution_month", "conversion", "scope_month", "metric_month", "exception", "lens"); err != nil {
		return err
	}
	if e.base.Number != 0 {
		if err := e.run(ctx, "carry", Params{"months": dates(told[:len(told)-len(summed)])}); err != nil {
			return err
		}
	}
	if err := e.runByMonths(ctx, monthsFrom(later(since, e.extent.First), newest), e.extent.monthsAtOnce(), "scope_flow", "distribution_month"); err != nil {
		return err
	}
	if err := e.runByMonths(ctx, monthsFrom(later(from, e.extent.First), newest), e.extent.monthsAtOnce(), "conversion"); err != nil {
		return err
	}
	bounds := Params{"newest": date(newest), "from": date(from), "since": date(addMonths(from, -12))}
	for _, file := range []string{"scope_month", "metric_month", "exception", "lens"} {
		if err := e.run(ctx, file, bounds); err != nil {
			return err
		}
	}
	return nil
}

// publish makes the edition the one that readers see, all tables at once, and waits until they do.
func (e *edition) publish(ctx context.Context, runID string) error {
	newest, newestEvent := e.newest()
	err := e.run(ctx, "publish", Params{
		"run": runID, "newest": date(newest), "newest_event": instant(newestEvent), "refreshed_at": instant(e.before), "at_once": strconv.FormatBool(e.w.atOnce),
	})
	for err == nil {
		var row struct {
			IsSeen bool `ch:"is_seen"`
		}
		if row, err = one[struct {
			IsSeen bool `ch:"is_seen"`
		}](ctx, e.w, "refresh/in_effect.sql", e.params(nil)); err != nil || row.IsSeen {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return err
}

// newest is the newest month and event, as kpi_core.edition has them.
func (e *edition) newest() (month, event time.Time) {
	if e.isEmpty {
		return noMonth, noMonth
	}
	return e.extent.Newest, e.extent.NewestEvent
}

// discard drops what was computed of an edition that is not published.
func (e *edition) discard(ctx context.Context) error {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
	}
	return e.w.dropParts(ctx, "refresh/own_parts.sql", e.params(nil))
}

// closing is how long cleaning up may take once a run was interrupted; what stays behind is swept a day later.
const closing = 2 * time.Second

// plan records which months of some tables the edition computes, the others being those of the edition before, up to the
// newest month.
func (e *edition) plan(ctx context.Context, months []time.Time, newest time.Time, tables ...string) error {
	return e.run(ctx, "plan", Params{"months": dates(months), "newest": date(newest), "tables": "['" + strings.Join(tables, "','") + "']"})
}

// runByMonths runs statements for so many months at once, in the order of the months.
func (e *edition) runByMonths(ctx context.Context, months []time.Time, atOnce int, files ...string) error {
	for chunk := range slices.Chunk(months, atOnce) {
		// Wide enough for any zone: the statements look at the months themselves too.
		params := Params{
			"months": dates(chunk), "since": instant(chunk[0].AddDate(0, 0, -1)), "until": instant(addMonths(chunk[len(chunk)-1], 1).AddDate(0, 0, 1)),
		}
		for _, file := range files {
			if err := e.run(ctx, file, params); err != nil {
				return err
			}
		}
	}
	return nil
}

// run runs a statement of sql/refresh for the edition.
func (e *edition) run(ctx context.Context, file string, params Params) error {
	if err := e.w.conn.Exec(with(ctx, e.params(params)), e.w.text("refresh/"+file+".sql")); err != nil {
		return fmt.Errorf("compute %s: %w", file, err)
	}
	failpoint.Here(failpoint.Computed, file)
	return nil
}

func (e *edition) params(more Params) Params {
	all := Params{"edition": count(e.number), "base": count(e.base.Number)}
	for name, value := range more {
		all[name] = value
	}
	return all
}

// sweepEditions drops what no edition needs any more.
func (w *Warehouse) sweepEditions(ctx context.Context) error {
	return w.dropParts(ctx, "refresh/dead_parts.sql", nil)
}

// partsAtOnce bounds the length of one statement.
const partsAtOnce = 100

// dropParts drops the partitions of kpi_core that a statement finds.
func (w *Warehouse) dropParts(ctx context.Context, file string, params Params) error {
	var rows []struct {
		Table string   `ch:"table"`
		IDs   []string `ch:"ids"`
	}
	if err := w.selectInto(ctx, "read "+file, sql.Text(file), params, &rows); err != nil {
		return err
	}
	var errs []error
	for _, row := range rows {
		for ids := range slices.Chunk(row.IDs, partsAtOnce) {
			params, drops := Params{}, make([]string, len(ids))
			for i, id := range ids {
				name := "id" + strconv.Itoa(i)
				params[name], drops[i] = id, "DROP PARTITION ID {"+name+":String}"
			}
			statement := sql.With("ALTER TABLE kpi_core.{table:Identifier} ", "table", row.Table) + strings.Join(drops, ", ")
			errs = append(errs, w.exec(ctx, "drop old editions", statement, params))
			failpoint.Here(failpoint.PartsDropped, row.Table)
		}
	}
	return errors.Join(errs...)
}

func addMonths(month time.Time, n int) time.Time { return month.AddDate(0, n, 0) }

// monthsFrom gives the months from one to another, both included; none where they are the other way round.
func monthsFrom(first, last time.Time) (months []time.Time) {
	for month := first; !month.After(last); month = addMonths(month, 1) {
		months = append(months, month)
	}
	return months
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func date(day time.Time) string { return day.Format(time.DateOnly) }
