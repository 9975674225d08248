package load_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// This is KPI.md once more, sections 1 to 4, over rows in memory: no code of the product is used.

// delivery is a row as a unit brought it.
type delivery struct {
	fact
	delivered time.Time
	row       int
}

func (d delivery) key() string {
	switch d.Entity {
	case "fx_rates":
		return d.Entity + "/" + d.Currency + "/" + d.Day.Format(time.DateOnly)
	case "members":
		return d.Entity + "/" + d.Program + "/" + d.Member
	case "organisations":
		return d.Entity + "/" + d.Program + "/" + d.Org
	}
	return d.Entity + "/" + d.Program + "/" + d.ID
}

// inForce gives the winners of all keys, without the deleted ones.
func inForce(all []delivery) []fact {
	winners := map[string]delivery{}
	for _, d := range all {
		best, ok := winners[d.key()]
		if !ok || cmp.Or(cmp.Compare(d.Version, best.Version), d.delivered.Compare(best.delivered), cmp.Compare(d.row, best.row)) > 0 {
			winners[d.key()] = d
		}
	}
	var live []fact
	for _, d := range winners {
		if !d.Deleted {
			live = append(live, d.fact)
		}
	}
	return live
}

type (
	who   struct{ program, id string }
	scope struct{ name, program, org, segment string }
	stay  struct{ joined, left time.Time } // days
	event struct {
		fact
		day    time.Time // in the reporting zone
		month  int       // since year 0
		amount int64     // in the reporting currency, in 1/10,000
	}
)

// books are what one scope knows.
type books struct {
	begun                      bool
	first                      int
	members, organisations     []stay
	awarded, redeemed, expired map[int]map[who]int64
	active                     map[int]map[who]bool
	sessions                   map[int]int64
}

func (b *books) begin(month int) {
	if !b.begun || month < b.first {
		b.begun, b.first = true, month
	}
}

func add(ledger map[int]map[who]int64, month int, of who, amount int64) {
	if ledger[month] == nil {
		ledger[month] = map[who]int64{}
	}
	ledger[month][of] += amount
}

type model struct {
	zone    *time.Location
	members map[who]fact
	scopes  map[scope]*books
}

func (m *model) day(instant time.Time) time.Time {
	year, month, day := instant.In(m.zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func monthOf(day time.Time) int { return day.Year()*12 + int(day.Month()) - 1 }

func lastDay(month int) time.Time {
	return time.Date(month/12, time.Month(month%12+1)+1, 0, 0, 0, 0, 0, time.UTC)
}

func (m *model) of(s scope) *books {
	if m.scopes[s] == nil {
		m.scopes[s] = &books{awarded: map[int]map[who]int64{}, redeemed: map[int]map[who]int64{}, expired: map[int]map[who]int64{}, active: map[int]map[who]bool{}, sessions: map[int]int64{}}
	}
	return m.scopes[s]
}

func scopesOf(program, org, segment string) []scope {
	scopes := []scope{{name: "portfolio"}, {name: "program", program: program}}
	if org != "" {
		scopes = append(scopes, scope{name: "organisation", program: program, org: org})
	}
	if segment != "" {
		scopes = append(scopes, scope{name: "segment", program: program, segment: segment})
	}
	return scopes
}

// where tells the scopes that an event counts in.
func (m *model) where(program, member, org string) []scope {
	if known, ok := m.members[who{program, member}]; ok && member != "" {
		return scopesOf(program, known.Org, known.Segment)
	}
	return scopesOf(program, org, "")
}

// figures computes every metric of every scope and month, as movements.
func figures(live []fact, zone, reporting string) map[string]map[string]string {
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	m := &model{zone: location, members: map[who]fact{}, scopes: map[scope]*books{}}
	rates := map[string][]fact{}
	organisations := map[who]stay{}
	views := []event{}
	var happened []event // all that mentions a member or an organisation
	var sessions []event
	for _, f := range live {
		switch f.Entity {
		case "members":
			m.members[who{f.Program, f.Member}] = f
		case "organisations":
			organisations[who{f.Program, f.Org}] = stay{f.Joined, f.Left}
		case "fx_rates":
			rates[f.Currency] = append(rates[f.Currency], f)
		}
	}
	for _, f := range live {
		e := event{fact: f, day: m.day(f.At)}
		e.month = monthOf(e.day)
		switch f.Entity {
		case "awards", "redemptions":
			rate, ok := rateOf(rates[f.Currency], e.day)
			if f.Currency == reporting {
				rate, ok = 100_000_000, true
			}
			if !ok {
				continue
			}
			product := new(big.Int).Mul(big.NewInt(f.Amount), big.NewInt(rate))
			product.Add(product, big.NewInt(50_000_000)) // never negative: half goes up
			e.amount = product.Div(product, big.NewInt(100_000_000)).Int64()
		case "portal_sessions":
			sessions = append(sessions, e)
		case "portal_events":
			e.Org = ""
			views = append(views, e)
		default:
			continue
		}
		happened = append(happened, e)
	}
	if len(happened) == 0 {
		return nil
	}
	sessions = append(sessions, m.visits(views)...)

	// Members, known and inferred, and who joins where.
	for id, f := range m.members {
		for _, s := range scopesOf(id.program, f.Org, f.Segment) {
			m.of(s).members = append(m.of(s).members, stay{f.Joined, f.Left})
			if !f.Joined.IsZero() {
				m.of(s).begin(monthOf(f.Joined))
			}
		}
	}
	type place struct {
		scope
		who
	}
	firstDays := map[place]time.Time{}
	newest := 0
	for _, e := range happened {
		newest = max(newest, e.month)
		for _, s := range m.where(e.Program, e.Member, e.Org) {
			m.of(s).begin(e.month)
		}
		if _, known := m.members[who{e.Program, e.Member}]; !known && e.Member != "" {
			for _, s := range scopesOf(e.Program, e.Org, "") {
				at := place{s, who{e.Program, e.Member}}
				if first, ok := firstDays[at]; !ok || e.day.Before(first) {
					firstDays[at] = e.day
				}
			}
		}
	}
	for at, day := range firstDays {
		m.of(at.scope).members = append(m.of(at.scope).members, stay{joined: day})
		m.of(at.scope).begin(monthOf(day))
	}
	inferred := map[who]time.Time{}
	for _, e := range happened {
		id := who{e.Program, e.Org}
		if _, known := organisations[id]; e.Org == "" || known {
			continue
		}
		if first, ok := inferred[id]; !ok || e.day.Before(first) {
			inferred[id] = e.day
		}
	}
	for id, day := range inferred {
		organisations[id] = stay{joined: day}
	}
	for id, s := range organisations {
		for _, in := range scopesOf(id.program, id.id, "") {
			m.of(in).organisations = append(m.of(in).organisations, s)
			if !s.joined.IsZero() {
				m.of(in).begin(monthOf(s.joined))
			}
		}
		segments := map[string]bool{}
		for member, f := range m.members {
			if member.program == id.program && f.Org == id.id && f.Segment != "" {
				segments[f.Segment] = true
			}
		}
		for segment := range segments {
			in := m.of(scope{name: "segment", program: id.program, segment: segment})
			in.organisations = append(in.organisations, s)
		}
	}

	for _, e := range happened {
		for _, s := range m.where(e.Program, e.Member, e.Org) {
			b, member := m.of(s), who{e.Program, e.Member}
			switch e.Kind {
			case "award":
				add(b.awarded, e.month, member, e.amount)
			case "reversal":
				add(b.awarded, e.month, member, -e.amount)
			case "redemption":
				add(b.redeemed, e.month, member, e.amount)
			case "refund":
				add(b.redeemed, e.month, member, -e.amount)
			case "expiry":
				add(b.expired, e.month, member, e.amount)
			}
		}
	}
	for _, e := range sessions {
		for _, s := range m.where(e.Program, e.Member, e.Org) {
			b := m.of(s)
			b.sessions[e.month]++
			b.begin(e.month)
			if e.Member != "" {
				if b.active[e.month] == nil {
					b.active[e.month] = map[who]bool{}
				}
				b.active[e.month][who{e.Program, e.Member}] = true
			}
		}
	}

	all := map[string]map[string]string{}
	for s, b := range m.scopes {
		if b.begun {
			b.figures(s, newest, all)
		}
	}
	return all
}

// rateOf gives the latest rate at or before the day.
func rateOf(rates []fact, day time.Time) (rate int64, ok bool) {
	var since time.Time
	for _, r := range rates {
		if !r.Day.After(day) && (!ok || r.Day.After(since)) {
			rate, since, ok = r.Rate, r.Day, true
		}
	}
	return rate, ok
}

// visits makes sessions of page views.
func (m *model) visits(views []event) []event {
	visitors := map[string][]event{}
	for _, v := range views {
		visitor := fmt.Sprintf("%q member %q", v.Program, v.Member)
		if v.Visitor != "" {
			visitor = fmt.Sprintf("%q visitor %q", v.Program, v.Visitor)
		}
		visitors[visitor] = append(visitors[visitor], v)
	}
	var sessions []event
	for _, seen := range visitors {
		slices.SortFunc(seen, func(a, b event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
		for i, v := range seen {
			if i == 0 || v.At.Sub(seen[i-1].At) >= 30*time.Minute {
				sessions = append(sessions, event{fact: fact{Program: v.Program, Member: v.Member}, month: v.month})
			} else if last := &sessions[len(sessions)-1]; last.Member == "" {
				last.Member = v.Member
			}
		}
	}
	return sessions
}

// polarity of each metric, with its dimension and population.
var metrics = map[string][3]string{
	"total_users": {"financial", "", "good"}, "total_organisations": {"financial", "", "good"},
	"dollars_awarded": {"financial", "", "good"}, "dollars_redeemed": {"financial", "", "good"}, "unspent_dollars": {"financial", "", "bad"},
	"users_awarded": {"engagement", "", "good"}, "users_redeeming": {"engagement", "", "good"}, "activation_rate": {"engagement", "", "good"},
	"active_users": {"engagement", "", "good"}, "sessions": {"engagement", "", "good"},
	"users": {"distribution", "awarded", "neutral"}, "mean": {"distribution", "awarded", "neutral"}, "p50": {"distribution", "awarded", "neutral"},
	"p90": {"distribution", "awarded", "neutral"}, "gini": {"distribution", "awarded", "bad"}, "top10_share": {"distribution", "awarded", "bad"},
}

func (b *books) figures(s scope, newest int, all map[string]map[string]string) {
	series := map[string]map[int]*big.Rat{}
	for name := range metrics {
		series[name] = map[int]*big.Rat{}
	}
	unspent := int64(0)
	for month := b.first; month <= newest; month++ {
		awarded, users := total(b.awarded[month])
		redeemed, redeeming := total(b.redeemed[month])
		expired, _ := total(b.expired[month])
		unspent += awarded - redeemed - expired
		x := make([]int64, 0, len(users))
		for _, amount := range b.awarded[month] {
			if amount > 0 {
				x = append(x, amount)
			}
		}
		slices.Sort(x)
		for name, value := range map[string]*big.Rat{
			"total_users":         big.NewRat(there(b.members, month), 1),
			"total_organisations": big.NewRat(there(b.organisations, month), 1),
			"dollars_awarded":     big.NewRat(awarded, dollar),
			"dollars_redeemed":    big.NewRat(redeemed, dollar),
			"unspent_dollars":     big.NewRat(unspent, dollar),
			"users_awarded":       big.NewRat(int64(len(users)), 1),
			"users_redeeming":     big.NewRat(int64(len(redeeming)), 1),
			"activation_rate":     ratio(int64(len(redeeming)), int64(len(users))),
			"active_users":        big.NewRat(int64(len(b.active[month])), 1),
			"sessions":            big.NewRat(b.sessions[month], 1),
			"users":               big.NewRat(int64(len(x)), 1),
			"mean":                ratio(sumOf(x), int64(len(x))*dollar),
			"p50":                 percentile(x, 50),
			"p90":                 percentile(x, 90),
			"gini":                gini(x),
			"top10_share":         topTenth(x),
		} {
			series[name][month] = value
		}
	}
	for name, values := range series {
		kind := metrics[name]
		for month, value := range values {
			previous, yearBefore := values[month-1], values[month-12]
			day := time.Date(month/12, time.Month(month%12+1), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			direction := ""
			if value != nil && previous != nil {
				direction = [...]string{"down", "flat", "up"}[value.Cmp(previous)+1]
			}
			all[strings.Join([]string{day, s.name, s.program, s.org, s.segment, kind[1], name}, "|")] = map[string]string{
				"value": show(value), "previous": show(previous), "mom_abs": show(less(value, previous)), "mom_pct": show(relative(value, previous)),
				"yoy_abs": show(less(value, yearBefore)), "yoy_pct": show(relative(value, yearBefore)), "direction": direction, "polarity": kind[2], "dimension": kind[0],
			}
		}
	}
}

// total sums a month up, and lists whose sum is above zero.
func total(amounts map[who]int64) (sum int64, above []who) {
	for member, amount := range amounts {
		sum += amount
		if amount > 0 {
			above = append(above, member)
		}
	}
	return sum, above
}

func there(stays []stay, month int) (n int64) {
	for _, s := range stays {
		if !s.joined.IsZero() && !s.joined.After(lastDay(month)) && (s.left.IsZero() || s.left.After(lastDay(month))) {
			n++
		}
	}
	return n
}

func sumOf(x []int64) (sum int64) {
	for _, xi := range x {
		sum += xi
	}
	return sum
}

func ratio(a, b int64) *big.Rat {
	if b == 0 {
		return nil
	}
	return big.NewRat(a, b)
}

func percentile(x []int64, p int64) *big.Rat {
	if len(x) == 0 {
		return nil
	}
	h := big.NewRat(int64(len(x)-1)*p, 100)
	low := int(new(big.Int).Div(h.Num(), h.Denom()).Int64())
	value := big.NewRat(x[low], dollar)
	if low+1 < len(x) {
		h.Sub(h, big.NewRat(int64(low), 1))
		value.Add(value, h.Mul(h, big.NewRat(x[low+1]-x[low], dollar)))
	}
	return value
}

func gini(x []int64) *big.Rat {
	n := int64(len(x))
	if n == 0 {
		return nil
	}
	var weighted int64
	for i, xi := range x {
		weighted += int64(i+1) * xi
	}
	value := big.NewRat(2*weighted, n*sumOf(x))
	return value.Sub(value, big.NewRat(n+1, n))
}

func topTenth(x []int64) *big.Rat {
	return ratio(sumOf(x[len(x)-(len(x)+9)/10:]), sumOf(x))
}

func less(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil {
		return nil
	}
	return new(big.Rat).Sub(a, b)
}

func relative(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil || b.Sign() == 0 {
		return nil
	}
	change := less(a, b)
	return change.Quo(change, new(big.Rat).Abs(b))
}

// show writes a number with 12 decimals; nil is empty.
func show(r *big.Rat) string {
	if r == nil {
		return ""
	}
	return r.FloatString(12) // rounds half away from zero
}
