package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/sql"
)

// A lease is had by insert and look: who wants it inserts a claim with an id of its own, and then reads all claims to it
// that are live. If another is there, it withdraws its own, and tries again after a random while; if its own is alone, it
// holds the lease. Of two claimants, the one whose insert comes second sees the first, so that both may withdraw, but two
// never both hold: on one ClickHouse server. Replicas see each other's inserts later, and are promised nothing.
//
// Claims expire by the server's clock, and only that is asked. A holder reckons from before it asked, so that by its own
// clock the claim expires earlier than by the server's.

// LeaseHeldError says that another holds a lease.
type LeaseHeldError struct {
	Name   string
	Holder string
	Since  time.Time
	Until  time.Time // unless it is renewed, by the server's clock
}

func (e *LeaseHeldError) Error() string {
	const layout = "2006-01-02 15:04:05 UTC"
	return fmt.Sprintf("%s is held by %s since %s, until %s at the latest unless it is renewed: try again then", e.Name, e.Holder, e.Since.UTC().Format(layout), e.Until.UTC().Format(layout))
}

// ErrLeaseExpired says that a lease was not renewed in time: another may hold it.
var ErrLeaseExpired = errors.New("the lease has expired")

// Lease is the right to be the only one to do something, until it expires.
type Lease struct {
	warehouse *Warehouse
	params    Params
	renewals  int
	expires   time.Time // by the server's clock
}

const (
	// fellow is how old a claim may be whose claimant may be about to withdraw it; an older one is the holder's.
	fellow = time.Second
	// firstRetreat doubles with each claim that was withdrawn, up to longestRetreat.
	firstRetreat   = 20 * time.Millisecond
	longestRetreat = time.Second
)

// Lease claims what the name says for the holder, for a while by the server's clock. It tries for a short time while
// others do too; the error is a *LeaseHeldError where one of them has it.
func (w *Warehouse) Lease(ctx context.Context, name, holder string, lasts time.Duration) (*Lease, error) {
	retreat := firstRetreat
	for {
		l, other, err := w.claim(ctx, name, holder, lasts)
		if err != nil || l != nil {
			return l, err
		}
		if other.at.Sub(other.since) > fellow {
			return nil, &LeaseHeldError{Name: name, Holder: other.holder, Since: other.since, Until: other.until}
		}
		timer := time.NewTimer(rand.N(retreat))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
		retreat = min(2*retreat, longestRetreat)
	}
}

// claimant is the oldest of those whose claims were seen.
type claimant struct {
	holder           string
	since, until, at time.Time
}

// claim makes a claim, and withdraws it where there is another.
func (w *Warehouse) claim(ctx context.Context, name, holder string, lasts time.Duration) (*Lease, claimant, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return nil, claimant{}, fmt.Errorf("make the id of a claim: %w", err)
	}
	l := &Lease{warehouse: w, params: Params{
		"name": name, "claim": id.String(), "holder": holder, "lasts": strconv.FormatInt(lasts.Milliseconds(), 10),
	}}
	if err := w.exec(ctx, "claim "+name, sql.Text("jobs/claim.sql"), l.params); err != nil {
		return nil, claimant{}, errors.Join(err, l.abandon(ctx))
	}
	var claims []struct {
		Claim  string    `ch:"claim"`
		Holder string    `ch:"holder"`
		Since  time.Time `ch:"claimed_at"`
		Until  time.Time `ch:"expires_at"`
		At     time.Time `ch:"at"`
	}
	if err := w.selectInto(ctx, "read the claims to "+name, sql.Text("jobs/claims.sql"), l.params, &claims); err != nil {
		return nil, claimant{}, errors.Join(err, l.abandon(ctx))
	}
	var other *claimant
	isLive := false
	for _, c := range claims {
		if c.Claim == l.params["claim"] {
			isLive, l.expires = true, c.Since.Add(lasts)
		} else if other == nil {
			other = &claimant{c.Holder, c.Since, c.Until, c.At}
		}
	}
	switch {
	case other != nil:
		return nil, *other, l.Release(ctx)
	case !isLive:
		return nil, claimant{}, fmt.Errorf("claim %s: the warehouse took longer than %s to make the claim", name, lasts)
	}
	return l, claimant{}, nil
}

// abandon withdraws a claim of which nobody knows whether it was made.
func (l *Lease) abandon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return l.Release(ctx)
}

// Renew lets the lease last anew. The error wraps ErrLeaseExpired where it had expired, or the server took so long that
// others may have found it so.
func (l *Lease) Renew(ctx context.Context) error {
	l.renewals++
	l.params["renewals"] = strconv.Itoa(l.renewals)
	op := "renew the lease of " + l.params["name"]
	if err := l.warehouse.exec(ctx, op, sql.Text("jobs/renew.sql"), l.params); err != nil {
		return err
	}
	var rows []struct {
		Expires time.Time `ch:"expires_at"`
		At      time.Time `ch:"at"`
	}
	if err := l.warehouse.selectInto(ctx, op, sql.Text("jobs/claim_renewed.sql"), l.params, &rows); err != nil {
		return err
	}
	// What is seen before the claim's end by now was there before that end: no one can have found it expired in between.
	if len(rows) == 0 || !rows[0].At.Before(l.expires) {
		return fmt.Errorf("%s: %w", op, ErrLeaseExpired)
	}
	l.expires = rows[0].Expires
	return nil
}

// Release gives the lease back.
func (l *Lease) Release(ctx context.Context) error {
	return l.warehouse.exec(ctx, "give back the lease of "+l.params["name"], sql.Text("jobs/withdraw.sql"), l.params)
}

// LeaseHolder is who holds a lease.
type LeaseHolder struct {
	Name   string    `ch:"name"`
	Holder string    `ch:"holder"`
	Since  time.Time `ch:"since"`
}

// LeaseHolders reads who holds which lease. In a warehouse without a schema, nobody does.
func (w *Warehouse) LeaseHolders(ctx context.Context) ([]LeaseHolder, error) {
	var holders []LeaseHolder
	err := w.selectInto(ctx, "read the leases", sql.Text("jobs/holders.sql"), nil, &holders)
	if isUnmigrated(err) {
		return nil, nil
	}
	return holders, err
}
