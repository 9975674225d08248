package schedules

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// retirement is how a scheduler makes way for another one, and how it shows that it goes round.
type retirement struct {
	once    sync.Once
	retired chan struct{}
	looked  atomic.Int64 // Unix nanoseconds
}

func newRetirement() *retirement {
	r := &retirement{retired: make(chan struct{})}
	r.look()
	return r
}

// Retire makes Run end as soon as no job is running, however long the running one takes. It begins no other: what is due
// meanwhile is left to the scheduler that comes after, which finds it in the ledger.
func (r *retirement) Retire() { r.once.Do(func() { close(r.retired) }) }

// Looked tells when Run last looked at the clock. One that goes round does so every minute, or after a wait for the ledger.
func (r *retirement) Looked() time.Time { return time.Unix(0, r.looked.Load()) }

func (r *retirement) look() time.Time {
	now := time.Now()
	r.looked.Store(now.UnixNano())
	return now
}

func (r *retirement) isRetired() bool {
	select {
	case <-r.retired:
		return true
	default:
		return false
	}
}

// outlast waits until a scheduler that retires is idle. It tells whether it is; false where ctx was done before.
func (r *retirement) outlast(ctx context.Context, idle <-chan struct{}) bool {
	ticker := time.NewTicker(nap)
	defer ticker.Stop()
	for ctx.Err() == nil {
		r.look()
		select {
		case <-ctx.Done():
		case <-idle:
			return true
		case <-ticker.C:
		}
	}
	return false
}
