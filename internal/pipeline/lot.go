package pipeline

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/load"
)

// A lot is loaded once it has one of these.
const (
	lotRows    = 100_000
	lotUnits   = 500
	lotBytes   = 32 << 20 // of the lots of all workers of a source
	lotSeconds = 5        // since its first unit: what a slow source has delivered does not wait for the rest
)

// lot gathers the units of one worker that are loaded together, so that small ones do not cost a round trip each. Each of
// them is held until its fate is known: only good ones join the lot, and a unit that fails keeps nobody out.
type lot struct {
	*units
	atMost int64 // bytes

	mu    sync.Mutex // the worker reads while a lot that is due is loaded
	good  []*attempt
	rows  int64
	bytes int64
	due   *time.Timer
}

func newLot(u *units, workers int) *lot { return &lot{units: u, atMost: lotBytes / int64(workers)} }

// read reads a unit, again from its start whenever the warehouse broke under it. It joins the lot if it is good; a unit that
// is too large to be held is loaded at once, after the lot.
func (l *lot) read(ctx context.Context, unit fresh) {
	var a *attempt
	var brought SourceReport
	joins := false
	reading, span := l.span(ctx, unit)
	err := l.run.again(ctx, l.source, func() (err error) {
		if a != nil {
			a.discard(ctx)
		}
		a = l.run.newAttempt(l.source, unit, l.atMost/2, func() { l.load(ctx) })
		brought, joins, err = a.do(reading)
		return err
	})
	span.end(err, attribute.Int64("rows_read", int64(a.record.Rows)), attribute.Int64("bytes", int64(a.record.Bytes)))
	if joins {
		l.join(ctx, a)
		return
	}
	a.discard(ctx)
	a.release()
	l.report(ctx, brought, 0, err)
}

// join adds a good unit to the lot.
func (l *lot) join(ctx context.Context, a *attempt) {
	l.hold()
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.ContainsFunc(l.good, func(other *attempt) bool { return other.unit.Name == a.unit.Name }) {
		l.loadAll(ctx) // two versions of one unit are two loads
	}
	if len(l.good) == 0 {
		l.due = time.AfterFunc(patience(ctx), func() { l.load(ctx) })
	}
	failpoint.Here(failpoint.LotJoined, a.unit.Name)
	l.good = append(l.good, a)
	l.rows += a.rows
	l.bytes += a.size
	if l.isFull() {
		l.loadAll(ctx)
	}
}

func (l *lot) isFull() bool {
	return l.rows >= lotRows || l.bytes >= l.atMost || len(l.good) >= lotUnits
}

// patience is how long a lot waits. A source with little time left must not lose what it has read.
func patience(ctx context.Context) time.Duration {
	wait := lotSeconds * time.Second
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)/4)
	}
	return wait
}

// load loads what the lot has.
func (l *lot) load(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loadAll(ctx)
}

// close loads what is left.
func (l *lot) close(ctx context.Context) { l.load(ctx) }

func (l *lot) loadAll(ctx context.Context) {
	if len(l.good) == 0 {
		return
	}
	l.due.Stop()
	good := l.good
	l.good, l.rows, l.bytes = nil, 0, 0
	l.loadTogether(ctx, good)
	for _, a := range good {
		a.release()
	}
}

// loadTogether loads good units, from memory again whenever the warehouse broke under them. What it refuses is tried in
// halves, so that a unit which it will not take keeps only itself out.
func (l *lot) loadTogether(ctx context.Context, good []*attempt) {
	var stage *load.Stage
	var loaded []load.Loaded
	discard := func() {
		if stage != nil {
			cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
			defer cancel()
			stage.Discard(cleanup)
		}
	}
	loading, span := l.run.span(ctx, "load", attribute.String(keySource, l.source.declared.Name), attribute.Int("units", len(good)))
	err := l.run.again(ctx, l.source, func() (err error) {
		discard()
		stage, loaded, err = l.commit(loading, good)
		return err
	})
	var rows uint64
	for _, unit := range loaded {
		rows += unit.Rows
	}
	span.end(err, attribute.Int64("rows_loaded", int64(rows)))
	if err == nil {
		var brought SourceReport
		for i, a := range good {
			brought.add(a.loaded(loaded[i]))
		}
		l.report(ctx, brought, len(good), nil)
		return
	}
	discard()
	switch {
	case ctx.Err() != nil: // as though they had not been read
		l.report(ctx, SourceReport{}, len(good), err)
	case load.IsBroken(err):
		l.report(ctx, SourceReport{Failed: len(good)}, len(good), err)
	case len(good) > 1:
		l.loadTogether(ctx, good[:len(good)/2])
		l.loadTogether(ctx, good[len(good)/2:])
	default:
		brought, err := good[0].fail(ctx, err)
		l.report(ctx, brought, 1, err)
	}
}

// commit makes one attempt. The stage is the caller's to discard after an error.
func (l *lot) commit(ctx context.Context, good []*attempt) (stage *load.Stage, loaded []load.Loaded, err error) {
	id, err := newLoadID()
	if err != nil {
		return nil, nil, err
	}
	if err := l.run.recordColumns(ctx, l.source, good...); err != nil {
		return nil, nil, err
	}
	brought := make([]load.Brought, len(good))
	for i, a := range good {
		a.record.LoadID = id
		brought[i] = load.Brought{Record: a.record, Tallies: a.tallies}
		if stage == nil {
			stage = l.run.Warehouse.Stage(a.record.Unit)
		} else {
			stage.Next(a.record.Unit)
		}
		if err := a.putAll(ctx, stage); err != nil {
			return stage, nil, err
		}
	}
	loaded, err = stage.CommitAll(ctx, brought)
	return stage, loaded, err
}
