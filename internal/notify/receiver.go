package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
)

// sender is a way to somebody. It heeds its context, and its errors hold no address that is secret.
type sender interface {
	// send tries once. An error that another try cannot mend is a *refusedError; one that says when to come back, a *busyError.
	send(ctx context.Context, m Message) error
	// reach connects, and sends nothing.
	reach(ctx context.Context) error
}

// receiver is a receiver of the config with the way to it.
type receiver struct {
	name      string
	sender    sender
	notBefore time.Time // it asked to be left alone until then
}

func newReceiver(declared config.Receiver, roots *x509.CertPool) *receiver {
	r := &receiver{name: declared.Name}
	switch {
	case declared.Slack != nil:
		r.sender = newSlack(*declared.Slack, roots)
	case declared.Webhook != nil:
		r.sender = newWebhook(*declared.Webhook, roots)
	default:
		r.sender = &email{spec: *declared.Email, roots: roots}
	}
	return r
}

// refusedError says that a message was not accepted, and would not be the next time.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return e.text }

// busyError says that a receiver wants to be left alone for a while.
type busyError struct {
	text  string
	after time.Duration
}

func (e *busyError) Error() string { return e.text }

const (
	attempts     = 3
	attemptLasts = 10 * time.Second
	// longestPause is the longest that a receiver is waited for within a look; longer ones are for a later look.
	longestPause = 10 * time.Second
)

// send renders a message and sends it, trying a few times.
func (n *Notifier) send(ctx context.Context, r *receiver, m Message) error {
	if err := n.texts.render(&m); err != nil {
		return n.redacted(err)
	}
	var err error
	for attempt := range attempts {
		within, cancel := context.WithTimeout(ctx, attemptLasts)
		err = r.sender.send(within, m)
		cancel()
		if err == nil || ctx.Err() != nil || errors.As(err, new(*refusedError)) {
			break
		}
		wait := time.Second<<attempt/2 + rand.N(time.Second<<attempt/2)
		if busy := new(busyError); errors.As(err, &busy) && busy.after > 0 {
			if wait = busy.after; wait > longestPause {
				r.notBefore = n.instant().Add(min(wait, longestWait))
				break
			}
		}
		if attempt == attempts-1 || n.pause(ctx, wait) != nil {
			break
		}
	}
	return n.redacted(err)
}

// redacted takes secrets out of an error, which may be shown and recorded.
func (n *Notifier) redacted(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(shorten(n.redact(err.Error()), 500))
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
