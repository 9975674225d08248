package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // the zones of the sources, on machines that have none
)

// action is what happened to a member's balance.
type action int

const (
	award action = iota
	reversal
	expiry
	redemption
	refund
)

// sign says whether the action adds to the balance or draws from it.
func (a action) sign() int64 {
	if a == award || a == refund {
		return 1
	}
	return -1
}

// redeeming tells redemptions and refunds from awards, reversals and expiries.
func (a action) redeeming() bool { return a == redemption || a == refund }

// entry is one true event of a member's balance, and, in a file, one version of what was said about it.
type entry struct {
	id       string
	member   *member
	action   action
	cents    int64 // of the programme's currency, always above 0
	at       time.Time
	category string

	revision int // from 1
	updated  time.Time
	deleted  bool
}

type organisation struct {
	id, name     string
	joined, left time.Time // days; left is zero for who stays
}

type member struct {
	programme    *Programme
	id, segment  string
	org          *organisation
	joined, left time.Time // days; left is zero for who stays
	pace         int       // how lively, in thousandths
	weight       int       // how large the awards, in thousandths
	spends       bool      // whether the member ever redeems,
	wakes        int       // and from which month
	overdraws    bool      // whether the next redemption takes more than there is
}

// present tells whether the member was in the programme at the time.
func (m *member) present(at time.Time) bool {
	return !at.Before(m.joined) && (m.left.IsZero() || at.Before(m.left))
}

// visit is one session in the portal.
type visit struct {
	member *member
	known  bool // false: the visitor never logged in
	at     time.Time
	long   time.Duration
	views  int
	device string
}

// world is one programme as it truly was.
type world struct {
	plan
	location   *time.Location
	orgs       []*organisation
	members    []*member
	entries    []entry // in the order of their times
	visits     []visit // likewise
	overdrafts int
}

// invent lets every member of a programme live from the launch to the end.
func invent(d dice, p plan) (*world, error) {
	location, err := time.LoadLocation(p.zone)
	if err != nil {
		return nil, err
	}
	w := &world{plan: p, location: location}
	w.foundOrganisations(d)
	w.enrolMembers(d)
	for _, m := range w.members {
		w.live(d, m)
	}

	slices.SortStableFunc(w.entries, func(a, b entry) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(w.visits, func(a, b visit) int { return a.at.Compare(b.at) })
	for i := range w.entries {
		w.entries[i].id = w.number(i)
	}
	return w, nil
}

// number makes the id of the programme's i-th entry.
func (w *world) number(i int) string { return fmt.Sprintf("%s-%06d", w.prefix, i+1) }

func (w *world) foundOrganisations(d dice) {
	first := 0
	for _, p := range plans {
		if p.ID == w.ID {
			break
		}
		first += p.Organisations
	}
	for i, name := range names[first : first+w.Organisations] {
		o := &organisation{id: fmt.Sprintf("%s-%02d", w.prefix, i+1), name: name, joined: w.Launched}
		if i > 2 && d.chance(300) { // a late customer
			o.joined = monthStart(w.start + d.between(1, min(14, months-w.start-4)))
		}
		if w.closing > 0 && i == w.Organisations-1 {
			o.left = monthStart(w.closing+1).AddDate(0, 0, -1)
		}
		w.orgs = append(w.orgs, o)
	}
}

func (w *world) enrolMembers(d dice) {
	overdraw := w.overdraw
	for i := range w.Members {
		o := w.orgs[min(d.IntN(w.Organisations), d.IntN(w.Organisations))] // the first are the largest
		m := &member{programme: &w.Programme, id: fmt.Sprintf("%06d", i*7+1001), org: o, pace: d.between(400, 1600), weight: 1000}
		switch {
		case d.chance(w.early):
			m.joined = w.Launched.AddDate(0, 0, d.IntN(21))
		default:
			m.joined = monthStart(d.between(w.start, months-1)).AddDate(0, 0, d.IntN(28))
		}
		m.joined = latest(m.joined, o.joined)
		m.left = o.left
		if leaves := m.joined.AddDate(0, d.between(4, 60), d.IntN(28)); d.chance(400) && leaves.Before(end) {
			m.left = earliest(leaves, o.left)
		}
		switch n := d.IntN(10); {
		case n < 1:
			m.segment, m.pace = "gold", m.pace*3/2
		case n < 4:
			m.segment = "silver"
		default:
			m.segment = "bronze"
		}
		if w.heavy {
			m.weight = d.heavy(250, 60_000)
		}
		m.spends = d.chance(w.spenders)
		m.wakes = monthOf(m.joined) + d.IntN(5)
		if overdraw > 0 && i%97 == 96 && m.left.IsZero() {
			m.spends, m.overdraws = true, true
			overdraw--
		}
		w.members = append(w.members, m)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// earliest takes a zero b as never.
func earliest(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// live plans what the member is given and when the member comes by, month by month, and then lets it
// happen in the order of time.
func (w *world) live(d dice, m *member) {
	var wishes []entry
	wish := func(a action, at time.Time) {
		if m.present(at) {
			wishes = append(wishes, entry{member: m, action: a, at: at})
		}
	}
	for month := max(w.start, monthOf(m.joined)); month < months; month++ {
		for range d.times(w.awards.at(month) * season(month) / 1000 * m.pace / 1000) {
			wish(award, w.moment(d, month))
		}
		if m.spends && month >= m.wakes && d.chance(w.redeems.at(month)) {
			wish(redemption, w.moment(d, month))
		}
		if w.expires && month%3 == 0 { // the end of a quarter
			wish(expiry, monthStart(month+1).Add(-2*time.Hour))
		}
		for range d.times(w.plan.visits.at(month) * (1000 + season(month)) / 2000 * m.pace / 1000) {
			w.visit(d, m, w.moment(d, month))
		}
	}
	if !m.left.IsZero() { // what is left over is forfeited
		wish(expiry, m.left.Add(-time.Hour))
	}
	slices.SortStableFunc(wishes, func(a, b entry) int { return a.at.Compare(b.at) })
	w.settle(d, m, wishes)
}

// moment picks a time of the month by day, on the members' own clocks.
func (w *world) moment(d dice, month int) time.Time {
	first := monthStart(month)
	days := first.AddDate(0, 1, -1).Day()
	at := time.Date(first.Year(), first.Month(), 1+d.IntN(days), 7+d.IntN(16), d.IntN(60), d.IntN(60),
		d.IntN(1000)*int(time.Millisecond), w.location).UTC().Truncate(w.tick)
	if !at.Before(end) { // the last evening over there
		at = at.AddDate(0, 0, -1)
	}
	return at
}

// settle turns wishes into entries that the balance allows, in the order of time.
func (w *world) settle(d dice, m *member, wishes []entry) {
	var balance int64
	idle := m.joined // since when
	later := func(e entry, a action, days int) {
		e.action, e.at = a, e.at.AddDate(0, 0, days)
		if !e.at.Before(end) || !m.present(e.at) {
			return
		}
		i, _ := slices.BinarySearchFunc(wishes, e, func(a, b entry) int { return cmp.Or(a.at.Compare(b.at), -1) })
		wishes = slices.Insert(wishes, i, e)
	}
	for len(wishes) > 0 {
		e := wishes[0]
		wishes = wishes[1:]
		switch e.action {
		case award:
			e.cents = w.worth(d, m)
			if d.chance(12) {
				later(e, reversal, d.between(1, 6))
			}
		case redemption:
			e.cents = w.basket(d, m, balance)
			if e.cents > 0 {
				idle = e.at
				e.category = categories[d.IntN(len(categories))]
				if d.chance(20) {
					later(e, refund, d.between(2, 12))
				}
			}
		case expiry:
			e.cents = w.lapse(m, balance, e.at, idle)
		case reversal:
			if balance < e.cents { // already spent
				e.cents = 0
			}
		}
		if e.cents > 0 {
			balance += e.action.sign() * e.cents
			w.entries = append(w.entries, e)
		}
	}
}

// worth is the amount of one award.
func (w *world) worth(d dice, m *member) int64 {
	return max(1, int64(d.between(w.low, w.high))*int64(m.weight)/1000) * w.grain
}

// basket is the amount that a member redeems at once: nothing below 5.00, and round figures above 10.00.
func (w *world) basket(d dice, m *member, balance int64) int64 {
	cents := balance * int64(d.between(55, 100)) / 100
	if m.overdraws && cents > 0 {
		m.overdraws = false
		w.overdrafts++
		cents = balance*3 + 25_000
	}
	switch {
	case cents < 500:
		return 0
	case cents >= 1000:
		return cents - cents%500
	}
	return cents - cents%w.grain
}

// lapse is what expires: all when the member leaves, a quarter where nothing was redeemed for nine months.
func (w *world) lapse(m *member, balance int64, at, idle time.Time) int64 {
	switch {
	case balance <= 0:
		return 0
	case at.Equal(m.left.Add(-time.Hour)):
		return balance
	case at.After(idle.AddDate(0, 9, 0)):
		cents := balance / 4
		return cents - cents%w.grain
	}
	return 0
}

var devices = []string{"mobile", "mobile", "mobile", "desktop", "desktop", "tablet"}

func (w *world) visit(d dice, m *member, at time.Time) {
	if !m.present(at) {
		return
	}
	views := d.between(1, 9)
	w.visits = append(w.visits, visit{
		member: m, known: !d.chance(60), at: at, views: views, device: devices[d.IntN(len(devices))],
		long: time.Duration((views-1)*d.between(8, 90)) * time.Second,
	})
}
