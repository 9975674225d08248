package httpapi

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/partnerplus/warehouse/extract"
)

// limiter bounds how fast, and how often at once, an API is asked.
type limiter struct {
	options extract.Options
	rate    *rate.Limiter // nil for no bound
	slots   chan struct{} // nil for no bound
}

func newLimiter(spec extract.RateSpec, options extract.Options) *limiter {
	l := &limiter{options: options}
	if spec.PerSecond > 0 {
		l.rate = rate.NewLimiter(rate.Limit(spec.PerSecond), max(1, spec.Burst))
	}
	if spec.Concurrent > 0 {
		l.slots = make(chan struct{}, spec.Concurrent)
	}
	return l
}

// enter waits for a request's turn. Leave ends the request's time under way, as the end of the context does.
func (l *limiter) enter(ctx context.Context) (leave func(), err error) {
	leave = func() {}
	if l.slots != nil {
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return leave, context.Cause(ctx)
		}
		free := sync.OnceFunc(func() { <-l.slots })
		stop := context.AfterFunc(ctx, free)
		leave = func() { stop(); free() }
	}
	if l.rate == nil {
		return leave, nil
	}
	now := l.options.Now()
	turn := l.rate.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 {
		err = l.options.Pause(ctx, wait.Round(time.Microsecond))
	}
	if err != nil {
		turn.CancelAt(l.options.Now())
		leave()
	}
	return leave, err
}
