package load_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"
)

// This is KPI.md once more, sections 1 to 6, over rows in memory: no code of the product is used. Here are the rows in
// force, the scopes and what happens in them; the files beside go on from there:
//
//	model_ledger_test.go      a member's lots, first in, first out
//	model_metrics_test.go     every metric of a scope's months
//	model_movements_test.go   the movements of each metric
//	model_exceptions_test.go  what fires
//	model_findings_test.go    and what is good or bad news
//	model_lens_test.go        the portfolio lens
//	model_answers_test.go     all of it as texts, to be compared
//
// TestModel holds the model against the answers of an independent program, TestHistories the warehouse against the model.

// row is a fact with what facts lack: in the tests that load them, delivered sessions last 0 s.
type row struct {
	fact
	lasted time.Duration
}

// delivery is a row as a unit brought it.
type delivery struct {
	row
	delivered time.Time
	place     int // in its unit
}

func (d delivery) key() string {
	switch d.Entity {
	case "fx_rates":
		return fmt.Sprintf("%s %q %s", d.Entity, d.Currency, d.Day.Format(time.DateOnly))
	case "members":
		return fmt.Sprintf("%s %q %q", d.Entity, d.Program, d.Member)
	case "organisations":
		return fmt.Sprintf("%s %q %q", d.Entity, d.Program, d.Org)
	}
	return fmt.Sprintf("%s %q %q", d.Entity, d.Program, d.ID)
}

// inForce gives the winners of all keys, without the deleted ones, in the order of the keys.
func inForce(all []delivery) []row {
	winners := map[string]delivery{}
	for _, d := range all {
		best, ok := winners[d.key()]
		if !ok || cmp.Or(cmp.Compare(d.Version, best.Version), d.delivered.Compare(best.delivered), cmp.Compare(d.place, best.place)) > 0 {
			winners[d.key()] = d
		}
	}
	var live []row
	for _, key := range slices.Sorted(maps.Keys(winners)) {
		if d := winners[key]; !d.Deleted {
			live = append(live, d.row)
		}
	}
	return live
}

type (
	who   struct{ program, id string }
	scope struct{ name, program, org, segment string }
	stay  struct{ joined, left time.Time } // days
	// event is an entry, a session or a page view.
	event struct {
		row
		day    time.Time // in the reporting zone
		month  int       // since year 0
		amount int64     // in the reporting currency, in 1/10,000
	}
)

// books are what one scope knows.
type books struct {
	scope
	begun                  bool
	first                  int // month, where it has begun
	members, organisations []stay
	entries                map[who][]event
	sessions               map[int][]event
}

func (b *books) begin(month int) {
	if !b.begun || month < b.first {
		b.begun, b.first = true, month
	}
}

// model is what the figures follow from.
type model struct {
	zone          *time.Location
	currency      string
	members       map[who]row
	organisations map[who]stay
	rates         map[string][]row
	newest        event
	scopes        map[scope]*books
}

// newModel keeps the books of every scope. Without any event there are none.
func newModel(live []row, zone, currency string) *model {
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	m := &model{zone: location, currency: currency, members: map[who]row{}, organisations: map[who]stay{}, rates: map[string][]row{}, scopes: map[scope]*books{}}
	for _, r := range live {
		switch r.Entity {
		case "members":
			m.members[who{r.Program, r.Member}] = r
		case "organisations":
			m.organisations[who{r.Program, r.Org}] = stay{r.Joined, r.Left}
		case "fx_rates":
			m.rates[r.Currency] = append(m.rates[r.Currency], r)
		}
	}
	events := m.events(live)
	if len(events) == 0 {
		return m
	}
	m.newest = slices.MaxFunc(events, func(a, b event) int { return a.At.Compare(b.At) })
	m.joinMembers(events)
	m.joinOrganisations(events)
	for _, e := range events {
		for _, b := range m.where(e) {
			b.begin(e.month)
			if e.Entity == "awards" || e.Entity == "redemptions" {
				member := who{e.Program, e.Member}
				b.entries[member] = append(b.entries[member], e)
			}
		}
	}
	for _, e := range m.sessions(events) {
		for _, b := range m.where(e) {
			b.begin(e.month)
			b.sessions[e.month] = append(b.sessions[e.month], e)
		}
	}
	return m
}

// events gives all that happened; entries without a rate did not.
func (m *model) events(live []row) []event {
	var events []event
	for _, r := range live {
		e := event{row: r, day: m.day(r.At)}
		e.month = monthOf(e.day)
		switch r.Entity {
		case "awards", "redemptions":
			rate, ok := m.rate(r.Currency, e.day)
			if !ok {
				continue
			}
			e.amount = converted(r.Amount, rate)
		case "portal_events":
			e.Org = "" // not a column of theirs
		case "portal_sessions":
		default:
			continue
		}
		events = append(events, e)
	}
	return events
}

// oneToOne is the rate of the reporting currency itself.
const oneToOne = 100_000_000

// rate gives the latest rate at or before the day, in 1/100,000,000.
func (m *model) rate(currency string, day time.Time) (rate int64, ok bool) {
	if currency == m.currency {
		return oneToOne, true
	}
	var since time.Time
	for _, r := range m.rates[currency] {
		if !r.Day.After(day) && (!ok || r.Day.After(since)) {
			rate, since, ok = r.Rate, r.Day, true
		}
	}
	return rate, ok
}

// converted multiplies an amount, which is never negative, by a rate: half goes up.
func converted(amount, rate int64) int64 {
	product := new(big.Int).Mul(big.NewInt(amount), big.NewInt(rate))
	product.Add(product, big.NewInt(oneToOne/2))
	return product.Div(product, big.NewInt(oneToOne)).Int64()
}

// day is the calendar day of an instant in the reporting zone.
func (m *model) day(instant time.Time) time.Time {
	year, month, day := instant.In(m.zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func monthOf(day time.Time) int { return day.Year()*12 + int(day.Month()) - 1 }

// firstDay is the first day of a month, as midnight in a zone.
func firstDay(month int, zone *time.Location) time.Time {
	return time.Date(month/12, time.Month(month%12+1), 1, 0, 0, 0, 0, zone)
}

func lastDay(month int) time.Time { return firstDay(month+1, time.UTC).AddDate(0, 0, -1) }

// of gives a scope's books, opened where there are none yet.
func (m *model) of(s scope) *books {
	if m.scopes[s] == nil {
		m.scopes[s] = &books{scope: s, entries: map[who][]event{}, sessions: map[int][]event{}}
	}
	return m.scopes[s]
}

// in gives the books of all scopes that something of a program, an organisation and a segment belongs to.
func (m *model) in(program, org, segment string) []*books {
	found := []*books{m.of(scope{name: "portfolio"}), m.of(scope{name: "program", program: program})}
	if org != "" {
		found = append(found, m.of(scope{name: "organisation", program: program, org: org}))
	}
	if segment != "" {
		found = append(found, m.of(scope{name: "segment", program: program, segment: segment}))
	}
	return found
}

// where gives the books in which an event counts: by its member's organisation and segment, else by its own organisation.
func (m *model) where(e event) []*books {
	if known, ok := m.members[who{e.Program, e.Member}]; ok && e.Member != "" {
		return m.in(e.Program, known.Org, known.Segment)
	}
	return m.in(e.Program, e.Org, "")
}

// joinMembers counts the known members by their rows, and the inferred ones in each scope from their first event there.
func (m *model) joinMembers(events []event) {
	for id, r := range m.members {
		for _, b := range m.in(id.program, r.Org, r.Segment) {
			b.members = append(b.members, stay{r.Joined, r.Left})
			if !r.Joined.IsZero() {
				b.begin(monthOf(r.Joined))
			}
		}
	}
	inferred := map[*books]map[who]time.Time{}
	for _, e := range events {
		id := who{e.Program, e.Member}
		if _, known := m.members[id]; known || e.Member == "" {
			continue
		}
		for _, b := range m.where(e) {
			if inferred[b] == nil {
				inferred[b] = map[who]time.Time{}
			}
			earliest(inferred[b], id, e.day)
		}
	}
	for b, days := range inferred {
		for _, day := range days {
			b.members = append(b.members, stay{joined: day})
		}
	}
}

// earliest keeps the earliest day of each.
func earliest(days map[who]time.Time, id who, day time.Time) {
	if first, ok := days[id]; !ok || day.Before(first) {
		days[id] = day
	}
}

// joinOrganisations counts the organisations, those too that events alone mention. In a segment count those of its
// members, and do not make it begin.
func (m *model) joinOrganisations(events []event) {
	inferred := map[who]time.Time{}
	for _, e := range events {
		id := who{e.Program, e.Org}
		if _, known := m.organisations[id]; !known && e.Org != "" {
			earliest(inferred, id, e.day)
		}
	}
	for id, day := range inferred {
		m.organisations[id] = stay{joined: day}
	}
	segments := map[who]map[string]bool{}
	for member, r := range m.members {
		org := who{member.program, r.Org}
		if segments[org] == nil {
			segments[org] = map[string]bool{}
		}
		segments[org][r.Segment] = r.Segment != ""
	}
	for id, s := range m.organisations {
		for _, b := range m.in(id.program, id.id, "") {
			b.organisations = append(b.organisations, s)
			if !s.joined.IsZero() {
				b.begin(monthOf(s.joined))
			}
		}
		for segment, named := range segments[id] {
			if named {
				b := m.of(scope{name: "segment", program: id.program, segment: segment})
				b.organisations = append(b.organisations, s)
			}
		}
	}
}

// sessions gives the delivered sessions, and those that the page views make.
func (m *model) sessions(events []event) []event {
	var sessions []event
	visitors := map[string][]event{}
	for _, e := range events {
		switch e.Entity {
		case "portal_sessions":
			sessions = append(sessions, e)
		case "portal_events":
			visitor := fmt.Sprintf("%q member %q", e.Program, e.Member)
			if e.Visitor != "" {
				visitor = fmt.Sprintf("%q visitor %q", e.Program, e.Visitor)
			}
			visitors[visitor] = append(visitors[visitor], e)
		}
	}
	for _, seen := range visitors {
		slices.SortFunc(seen, func(a, b event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
		var visit *event
		for i, e := range seen {
			if i == 0 || e.At.Sub(seen[i-1].At) >= 30*time.Minute {
				e.Views = 0
				sessions = append(sessions, e)
				visit = &sessions[len(sessions)-1]
			}
			visit.Views++
			visit.lasted = e.At.Sub(visit.At)
			if visit.Member == "" {
				visit.Member = e.Member
			}
		}
	}
	return sessions
}
