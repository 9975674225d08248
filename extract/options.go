package extract

import (
	"context"
	"math/rand/v2"
	"time"
)

// Options are what a source takes from its surroundings rather than from its spec: time, and patience.
type Options struct {
	// Now is the clock.
	Now func() time.Time
	// Attempts is how often an operation on a network is tried in all.
	Attempts int
	// Backoff gives the pause before another attempt, which is counted from 1.
	Backoff func(attempt int) time.Duration
	// Pause waits, or ends early with the context's error.
	Pause func(ctx context.Context, d time.Duration) error
	// Idle is how long a network read may make no progress.
	Idle time.Duration
}

// Option changes one of the Options.
type Option func(*Options)

// WithClock replaces the machine's clock.
func WithClock(now func() time.Time) Option { return func(o *Options) { o.Now = now } }

// WithPause replaces the pauses between attempts, and those that a server asks for.
func WithPause(pause func(ctx context.Context, d time.Duration) error) Option {
	return func(o *Options) { o.Pause = pause }
}

// WithBackoff replaces the lengths of the pauses between attempts.
func WithBackoff(backoff func(attempt int) time.Duration) Option {
	return func(o *Options) { o.Backoff = backoff }
}

// WithIdle replaces how long a network read may make no progress.
func WithIdle(d time.Duration) Option { return func(o *Options) { o.Idle = d } }

// NewOptions gives the defaults, changed by the options.
func NewOptions(options ...Option) Options {
	o := Options{Now: time.Now, Attempts: 5, Backoff: backoff, Pause: pause, Idle: 60 * time.Second}
	for _, option := range options {
		option(&o)
	}
	return o
}

// backoff is anything up to a bound that doubles from half a second to 20 seconds, so that clients that failed together
// do not come back together.
func backoff(attempt int) time.Duration {
	d := min(500*time.Millisecond<<min(attempt-1, 10), 20*time.Second)
	return rand.N(d)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
