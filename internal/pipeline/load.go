package pipeline

import (
	"context"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/partnerplus/warehouse/load"
)

const (
	unitAttempts = 4 // of loading a unit while the warehouse breaks under it
	giveUpAfter  = 3 // units of a source that fail before any works: the others would fail too
)

// units are the units of a source, given out one after the other. What each brought goes into the source's report.
type units struct {
	run    *run
	source *source
	todo   []fresh

	mu       sync.Mutex
	next     int
	spans    int // of units that have one of their own
	held     int // good, but not loaded yet
	hopeless bool
}

// load loads units, several at once: while one worker waits for its place or the warehouse, another works.
func (r *run) load(ctx context.Context, s *source, todo []fresh) {
	var bytes int64
	for _, unit := range todo {
		bytes += max(unit.Size, 0)
	}
	r.Progress.Begin(s.declared.Name, len(todo), bytes)
	if err := r.knowColumns(ctx, s); err != nil {
		r.fail(err)
		return
	}
	u := &units{run: r, source: s, todo: todo}
	workers := max(s.declared.Parallel, 1)
	group := new(errgroup.Group)
	for range min(workers, len(todo)) {
		group.Go(func() error {
			lot := newLot(u, workers)
			for unit, ok := u.take(ctx); ok; unit, ok = u.take(ctx) {
				lot.read(ctx, unit)
			}
			lot.close(ctx)
			return nil
		})
	}
	_ = group.Wait() // errors are collected in the report: one unit does not stop the others
	if u.hopeless {
		r.fail(fmt.Errorf("source %s: its first %d units failed; %d more were not tried", s.declared.Name, s.report.Failed, len(todo)-u.next))
		return
	}
	if !r.stopped(ctx) {
		r.conclude(ctx, s)
	}
}

// take gives the next unit, if there is one and it is worth while.
func (u *units) take(ctx context.Context) (fresh, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	report := &u.source.report
	if u.hopeless || u.next == len(u.todo) || u.run.stopped(ctx) {
		return fresh{}, false
	}
	if report.Failed >= giveUpAfter && report.Failed == report.tried() && u.held == 0 {
		u.hopeless = true
		return fresh{}, false
	}
	u.next++
	return u.todo[u.next-1], true
}

// span begins the span of a unit; the first ones have one, others have none.
func (u *units) span(ctx context.Context, unit fresh) (context.Context, spanned) {
	u.mu.Lock()
	u.spans++
	some := u.spans <= spanUnits
	u.mu.Unlock()
	if !some {
		return ctx, noSpan
	}
	return u.run.span(ctx, "unit", attribute.String(keySource, u.source.declared.Name), attribute.String(keyUnit, u.run.Config.Redact(unit.Name)))
}

// hold counts a unit that is good, but not loaded yet.
func (u *units) hold() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.held++
}

// report adds what became of units: held tells how many of them were held until now.
func (u *units) report(ctx context.Context, brought SourceReport, held int, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.held -= held
	u.source.report.add(brought)
	u.run.observer().UnitsDone(u.source.declared.Name, brought)
	if err != nil && ctx.Err() == nil {
		u.run.fail(err)
	}
	for range brought.tried() {
		u.run.Progress.Done()
	}
}

// again repeats what the warehouse broke under, once it is back.
func (r *run) again(ctx context.Context, s *source, work func() error) error {
	for attempt := 1; ; attempt++ {
		err := work()
		if err == nil || !load.IsBroken(err) || ctx.Err() != nil {
			return err
		}
		if attempt == unitAttempts {
			return &lostError{err}
		}
		s.log.Warn("the warehouse broke; what it was loading is loaded again", zap.Error(err))
		if err := r.Warehouse.Revive(ctx); err != nil {
			return &lostError{err}
		}
	}
}
