package load_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"
)

// Rows drawn one by one rarely make what a figure is about: a redemption soon after its award, three months of decline.
// Stories are rows that belong together. Some share their keys, so that they correct each other.

// story draws rows of one program; most of them of one member.
type story struct {
	*rapid.T
	base fact
	name string
	told []fact
}

// drawStory draws one story.
func drawStory(t *rapid.T) []fact {
	s := &story{T: t, name: sample(t, "name", "x", "y")}
	s.base = fact{Program: sample(t, "program", "p", "p", "q"), Org: drawOrg(t), Member: sample(t, "member", "m1", "M1", "n1"), Version: 1, Currency: sample(t, "currency", "USD", "USD", "EUR")}
	rapid.SampledFrom([]func(*story){
		(*story).redeemsSoon, (*story).ledger, (*story).ledger, (*story).habit, (*story).habit, (*story).crowd, (*story).traffic, (*story).membership,
	}).Draw(t, "story")(s)
	return s.told
}

// happens tells of an entry or a session; its kind says which.
func (s *story) happens(kind string, at time.Time, amount int64, change ...func(*fact)) {
	f := s.base
	f.Kind, f.At, f.Amount, f.ID = kind, at, amount, fmt.Sprint(s.name, len(s.told))
	switch kind {
	case "award", "reversal", "expiry":
		f.Entity = "awards"
	case "redemption", "refund":
		f.Entity = "redemptions"
	case "session":
		f.Entity, f.Views = "portal_sessions", 2
	}
	for _, c := range change {
		c(&f)
	}
	s.told = append(s.told, f)
}

// redeemsSoon is an award that is redeemed after about as many days as conversions look at.
func (s *story) redeemsSoon() {
	awarded := drawTime(s.T, "awards")
	s.happens("award", awarded, 10*dollar)
	for _, days := range rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 29, 30, 60, 89, 90}), 1, 3).Draw(s.T, "days") {
		off := rapid.SampledFrom([]time.Duration{-time.Microsecond, 0, time.Microsecond}).Draw(s.T, "off")
		s.happens("redemption", awarded.AddDate(0, 0, days).Add(off), 4*dollar)
	}
}

// ledger is a handful of entries of one member, of several organisations, at a few instants: overdrafts are filled later,
// lots age, expire and come back as refunds, and entries of the same instant have their order.
func (s *story) ledger() {
	began := drawTime(s.T, "awards")
	for range rapid.IntRange(4, 10).Draw(s.T, "entries") {
		kind := sample(s.T, "kind", "award", "award", "award", "redemption", "redemption", "refund", "reversal", "expiry")
		later := rapid.SampledFrom([]int{0, 0, 30, 31, 90, 91, 180, 366}).Draw(s.T, "days later")
		org := drawOrg(s.T)
		s.happens(kind, began.AddDate(0, 0, later), rapid.Int64Range(0, 5).Draw(s.T, "dollars")*dollar, func(f *fact) { f.Org = org })
	}
}

// habit is a member who is awarded and redeems something every month: always about the same until it breaks out, more and
// more, or up and down.
func (s *story) habit() {
	months := rapid.IntRange(4, 14).Draw(s.T, "months")
	first := at("2023-12-01").AddDate(0, rapid.IntRange(0, 3).Draw(s.T, "first month"), 14)
	how := sample(s.T, "how", "steady", "growing", "changing")
	amount := int64(200 * dollar)
	for k := range months {
		given, spent := amount, amount*3/4
		switch {
		case how == "steady":
			given += int64(k%3) * dollar / 2
			if k == months-1 {
				given, spent = 3*given, 0
			}
		case how == "growing":
			spent = 0
			amount = amount * 6 / 5
		case k%2 == 0:
			given, spent = 3*given, spent/2
		}
		s.happens("award", first.AddDate(0, k, 0), given)
		s.happens("redemption", first.AddDate(0, k, 3), spent)
	}
}

// crowd is a month in which enough members are awarded something to say how evenly.
func (s *story) crowd() {
	awarded := drawTime(s.T, "awards")
	most := rapid.SampledFrom([]int64{dollar, 9 * dollar, 100 * dollar}).Draw(s.T, "most")
	for k := range rapid.IntRange(9, 14).Draw(s.T, "members") {
		of := func(f *fact) { f.Member = fmt.Sprint("c", k) }
		s.happens("award", awarded, max(dollar, most/int64(k+1)), of)
		if k%3 == 0 {
			s.happens("redemption", awarded.AddDate(0, 0, 20*k), dollar/2, of)
		}
	}
}

// traffic is a few months with many sessions or few.
func (s *story) traffic() {
	first := at("2024-01-20").AddDate(0, rapid.IntRange(0, 10).Draw(s.T, "first month"), 0)
	visitors := rapid.SliceOfN(rapid.SampledFrom([]int{1, 6, 12, 18, 19, 24}), 2, 5).Draw(s.T, "visitors")
	if rapid.Bool().Draw(s.T, "ever fewer") {
		slices.SortFunc(visitors, func(a, b int) int { return b - a })
	}
	for k, visitors := range visitors {
		for v := range visitors {
			s.happens("session", first.AddDate(0, k, 0), 0, func(f *fact) { f.Member = fmt.Sprint("c", v) })
		}
	}
}

// membership makes a member known, until it is taken back: the events remain.
func (s *story) membership() {
	s.base.Entity, s.base.Segment, s.base.Joined = "members", sample(s.T, "segment", "", "s1"), drawDay(s.T, "joined", 4)
	s.told = []fact{s.base}
}
