package load

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Patience is how long the warehouse is waited for, and how.
type Patience struct {
	// Attempts is how often a statement is tried in all that had bad luck.
	Attempts int
	// Limit is how long after its first failure a statement is tried again while the warehouse is away or busy: a server
	// that restarts needs a minute.
	Limit time.Duration
	// The pause before another attempt doubles from First to Longest; what is slept is half of it or more, so that
	// clients that failed together do not come back together.
	First, Longest time.Duration
	// Notice is told once for each statement that has to wait, and may be nil.
	Notice func(error)
	// Again is told of each further attempt, and may be nil.
	Again func()
}

// DefaultPatience outlasts the restart of a server.
var DefaultPatience = Patience{Attempts: 5, Limit: 2 * time.Minute, First: 200 * time.Millisecond, Longest: 5 * time.Second}

// WithPatience replaces DefaultPatience.
func WithPatience(p Patience) Option { return func(w *Warehouse) { w.patience = p } }

// do repeats a statement that may be repeated, and brings a lost warehouse back in between.
func (w *Warehouse) do(ctx context.Context, op string, statement func(context.Context) error) error {
	var since time.Time
	for attempt := 1; ; attempt++ {
		err := statement(ctx)
		if err == nil || errors.As(err, new(*Error)) { // what had its own attempts gets no more
			return err
		}
		if attempt == 1 {
			since = time.Now()
		}
		v, _ := judge(err)
		var over bool
		switch v {
		case retry:
			over = attempt >= w.patience.Attempts
		case wait, reopen:
			over = time.Since(since) >= w.patience.Limit
			if attempt == 1 && !over && w.patience.Notice != nil && ctx.Err() == nil {
				w.patience.Notice(wrap(op, err))
			}
		default:
			over = true
		}
		if over || w.pause(ctx, attempt) != nil {
			return wrap(op, err)
		}
		if w.patience.Again != nil {
			w.patience.Again()
		}
		if v == reopen && w.revive != nil {
			if broken := w.revive(ctx); broken != nil {
				return wrap(op, errors.Join(err, broken))
			}
		}
	}
}

// pause waits before another attempt, or until the context ends.
func (w *Warehouse) pause(ctx context.Context, attempt int) error {
	d := min(w.patience.First<<min(attempt-1, 20), w.patience.Longest) // 20: far from an overflow
	timer := time.NewTimer(d/2 + rand.N(d/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Revive brings the warehouse back after IsBroken, and checks that it answers.
func (w *Warehouse) Revive(ctx context.Context) error {
	if w.revive != nil {
		if err := w.revive(ctx); err != nil {
			return wrap("bring the warehouse back", err)
		}
	}
	return w.Ping(ctx)
}
