package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// asked is how long the warehouse may take for all that it is asked at once.
	asked = 5 * time.Second
	// fresh is how long an answer of it holds, and stale how long it holds that it gave none: whoever waited meanwhile need
	// not ask again.
	fresh = 15 * time.Second
	stale = time.Second
)

// Warehouse is the warehouse as telemetry sees it. Its attempts must be few: whoever asks comes again.
type Warehouse interface {
	// Ping checks that it answers.
	Ping(ctx context.Context) error
	// Outdated counts what a migration would change; an error says that the schema is newer than the program.
	Outdated(ctx context.Context) (int, error)
	// Select reads the answer of a statement of package sql into a pointer to a slice of structs with ch tags.
	Select(ctx context.Context, name string, params map[string]string, rows any) error
}

// Health is what is known of the warehouse. It is safe for concurrent use, and asks no more than once in a while.
type Health struct {
	warehouse Warehouse

	mu     sync.Mutex
	at     time.Time
	up     bool
	reason error // why it is not ready
}

// NewHealth looks after a warehouse.
func NewHealth(warehouse Warehouse) *Health { return &Health{warehouse: warehouse} }

// Ready says why the warehouse cannot be used, nil where it can: it answers, and its schema is the program's.
func (h *Health) Ready(ctx context.Context) error {
	_, err := h.state(ctx)
	return err
}

// state tells whether the warehouse answers, and why it is not ready. One who goes away does not spoil the answer for those
// who wait for it too.
func (h *Health) state(ctx context.Context) (up bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	holds := fresh
	if h.reason != nil {
		holds = stale
	}
	if !h.at.IsZero() && time.Since(h.at) < holds {
		return h.up, h.reason
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), asked)
	defer cancel()
	h.up, h.reason = h.ask(ctx)
	h.at = time.Now()
	return h.up, h.reason
}

var errOutdated = errors.New("the warehouse's schema is not this program's")

func (h *Health) ask(ctx context.Context) (up bool, err error) {
	if err := h.warehouse.Ping(ctx); err != nil {
		return false, fmt.Errorf("the warehouse does not answer: %w", err)
	}
	changes, err := h.warehouse.Outdated(ctx)
	switch {
	case err != nil:
		return true, fmt.Errorf("%w: %w", errOutdated, err)
	case changes > 0:
		return true, fmt.Errorf("%w: %d changes are to come; run partnerplus migrate", errOutdated, changes)
	}
	return true, nil
}
