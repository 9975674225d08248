package load_test

import (
	"cmp"
	"slices"
	"time"
)

// flow is what entries sum up to, in 1/10,000.
type flow struct{ awarded, redeemed, expired int64 }

func (f *flow) add(other flow) {
	f.awarded += other.awarded
	f.redeemed += other.redeemed
	f.expired += other.expired
}

// unspent is the balance.
func (f flow) unspent() int64 { return f.awarded - f.redeemed - f.expired }

type (
	// lot is what is left of an award or a refund.
	lot struct {
		day  time.Time
		left int64
	}
	// spending is what a redemption took from one lot.
	spending struct {
		days   int
		amount int64
	}
)

// account is the ledger of one member in one scope, at the end of one month after the other.
type account struct {
	upcoming    []event     // not yet posted
	redemptions []time.Time // of all time, ascending
	lots        []lot       // oldest first
	overdraft   int64       // drawn beyond the lots
	toDate      flow

	// Of the month last closed.
	inMonth    flow
	firstAward time.Time // zero: none
	spent      []spending
}

// postingOrder is the order of one member's entries at the same instant; ids decide after that.
var postingOrder = []string{"award", "refund", "reversal", "expiry", "redemption"}

// newAccount opens a member's account, of its entries in a scope.
func newAccount(entries []event) *account {
	a := &account{upcoming: slices.SortedFunc(slices.Values(entries), func(a, b event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(postingOrder, a.Kind), slices.Index(postingOrder, b.Kind)), cmp.Compare(a.ID, b.ID))
	})}
	for _, e := range a.upcoming {
		if e.Kind == "redemption" {
			a.redemptions = append(a.redemptions, e.At)
		}
	}
	return a
}

// close posts the entries of a month, the one after that last closed.
func (a *account) close(month int) {
	a.inMonth, a.firstAward, a.spent = flow{}, time.Time{}, nil
	for len(a.upcoming) > 0 && a.upcoming[0].month == month {
		a.post(a.upcoming[0])
		a.upcoming = a.upcoming[1:]
	}
	a.toDate.add(a.inMonth)
}

func (a *account) post(e event) {
	switch e.Kind {
	case "award":
		a.inMonth.awarded += e.amount
		a.bring(e)
		if a.firstAward.IsZero() {
			a.firstAward = e.At
		}
	case "refund":
		a.inMonth.redeemed -= e.amount
		a.bring(e)
	case "reversal":
		a.inMonth.awarded -= e.amount
		a.draw(e)
	case "expiry":
		a.inMonth.expired += e.amount
		a.draw(e)
	case "redemption":
		a.inMonth.redeemed += e.amount
		a.spent = append(a.spent, a.draw(e)...)
	}
}

// bring fills the overdraft; the rest is a new lot.
func (a *account) bring(e event) {
	filled := min(a.overdraft, e.amount)
	a.overdraft -= filled
	if e.amount > filled {
		a.lots = append(a.lots, lot{e.day, e.amount - filled})
	}
}

// draw uses up the oldest lots, and tells how much of which age; the rest is overdraft.
func (a *account) draw(e event) []spending {
	var spent []spending
	left := e.amount
	for left > 0 && len(a.lots) > 0 {
		oldest := &a.lots[0]
		taken := min(oldest.left, left)
		spent = append(spent, spending{daysBetween(oldest.day, e.day), taken})
		oldest.left -= taken
		left -= taken
		if oldest.left == 0 {
			a.lots = a.lots[1:]
		}
	}
	a.overdraft += left
	return spent
}

// redeemedWithin tells whether a redemption came at or after that time, and less than that long after it.
func (a *account) redeemedWithin(since time.Time, within time.Duration) bool {
	return slices.ContainsFunc(a.redemptions, func(at time.Time) bool {
		return !at.Before(since) && at.Before(since.Add(within))
	})
}

func daysBetween(earlier, later time.Time) int { return int(later.Sub(earlier) / (24 * time.Hour)) }
