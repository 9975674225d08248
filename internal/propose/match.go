package propose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/partnerplus/warehouse/transform"
)

// pick is what a canonical column is to be made of: a raw column, or a date's parts.
type pick struct {
	*profile
	parts *dateParts
	score int
	alone string // why it was taken although its name tells nothing, empty where it does
}

// nameOf is the raw column's name, empty where there is none.
func (p pick) nameOf() string {
	if p.profile == nil {
		return ""
	}
	return p.name
}

// dateParts are the columns of a date in parts.
type dateParts struct{ year, month, day string }

// fit is how well a sample fits an entity.
type fit struct {
	entity transform.Entity
	score  int
	picks  map[string]pick
	// product are the columns whose product is the amount: a quantity and a price.
	product []*profile
}

// fitsOf scores every entity, the best first.
func fitsOf(name string, profiles []*profile) []fit {
	dates := datesOf(profiles)
	fits := make([]fit, 0, len(transform.Entities))
	for _, e := range transform.Entities {
		f := fit{entity: e, picks: picksOf(e, profiles, dates)}
		f.product = productOf(e, f.picks, profiles)
		f.rate(words(name), profiles)
		fits = append(fits, f)
	}
	slices.SortStableFunc(fits, func(a, b fit) int { return cmp.Compare(b.score, a.score) })
	return fits
}

// datesOf finds dates that stand in two or three columns, such as Enrollment Year and Enrollment Month.
func datesOf(profiles []*profile) []pick {
	part := func(prefix []string, name string, low, high int64) *profile {
		for _, p := range profiles {
			if p.numbers != nil && p.numbers.between(low, high) && slices.Equal(words(p.name), append(slices.Clone(prefix), name)) {
				return p
			}
		}
		return nil
	}
	var dates []pick
	for _, p := range profiles {
		w := words(p.name)
		if len(w) == 0 || w[len(w)-1] != "year" {
			continue
		}
		prefix := w[:len(w)-1]
		year, month, day := part(prefix, "year", 1900, 2299), part(prefix, "month", 1, 12), part(prefix, "day", 1, 31)
		if year == nil || month == nil {
			continue
		}
		parts := &dateParts{year: year.name, month: month.name}
		if day != nil {
			parts.day = day.name
		}
		label := strings.Join(append(slices.Clone(prefix), "date"), " ")
		dates = append(dates, pick{profile: &profile{name: label, rows: year.rows, filled: year.filled, kind: moment}, parts: parts})
	}
	return dates
}

// picksOf gives each canonical column the raw one whose name and values fit it best. No raw column is used twice.
func picksOf(e transform.Entity, profiles []*profile, dates []pick) map[string]pick {
	type offer struct {
		column string
		pick
	}
	var offers []offer
	for _, c := range e.Columns {
		names := vocabulary[e.Name][c.Name]
		switch c.Name {
		case "version":
			names = versionNames
		case "is_deleted":
			names = deletedNames
		}
		for _, p := range profiles {
			if suits(c, p) {
				if score := named(p.name, names); score > 0 {
					offers = append(offers, offer{c.Name, pick{profile: p, score: score}})
				}
			}
		}
		for _, d := range dates {
			if score := named(d.name, names); score > 0 && (c.Type == transform.Day || c.Type == transform.Instant) {
				d.score = score
				offers = append(offers, offer{c.Name, d})
			}
		}
	}
	slices.SortStableFunc(offers, func(a, b offer) int { return cmp.Compare(b.score, a.score) })
	picks, used := map[string]pick{}, map[string]bool{}
	for _, o := range offers {
		if _, taken := picks[o.column]; taken || used[o.name] {
			continue
		}
		picks[o.column] = o.pick
		used[o.name] = true
		if o.parts != nil {
			used[o.parts.year], used[o.parts.month], used[o.parts.day] = true, true, true
		}
	}
	pickAlone(e, picks, used, profiles)
	return picks
}

// pickAlone takes columns by their values where no name tells, if there is but one of the kind.
func pickAlone(e transform.Entity, picks map[string]pick, used map[string]bool, profiles []*profile) {
	take := func(column, what string, is func(p *profile) bool) {
		if _, taken := picks[column]; taken || column == "" {
			return
		}
		var only *profile
		for _, p := range profiles {
			switch {
			case used[p.name] || !is(p):
			case only != nil:
				return
			default:
				only = p
			}
		}
		if only != nil {
			picks[column] = pick{profile: only, score: 20, alone: "by its values alone: the only " + what}
			used[only.name] = true
		}
	}
	if e.Time == "" {
		return
	}
	take(e.Time, "time in a row", func(p *profile) bool { return p.kind == moment })
	take(e.Keys()[len(e.Keys())-1], "text of its own in each row", func(p *profile) bool { return p.kind == text && p.unique() && p.longest <= 64 })
	if _, ok := e.Column("amount"); ok {
		take("amount", "number with decimals", func(p *profile) bool { return p.kind == number && !p.numbers.integers && !p.numbers.whole })
	}
}

// named scores a raw column's name against phrases: 100 for the first one word for word, less for a later one, or for
// one that says more.
func named(name string, phrases []string) int {
	best, said := 0, words(name)
	for i, phrase := range phrases {
		whole, exact := strings.CutPrefix(phrase, "=")
		score := resembles(said, whole)
		if exact && !slices.Equal(said, strings.Fields(whole)) {
			score = 0
		}
		best = max(best, score*10-min(i, 9))
	}
	return best
}

// suits tells whether a raw column's values can be those of a canonical column.
func suits(c transform.Column, p *profile) bool {
	switch c.Type {
	case transform.Money, transform.Rate, transform.Seconds:
		return p.kind == number && (c.Type == transform.Money || p.numbers.negatives == 0)
	case transform.Count:
		return p.kind == number && p.numbers.integers && p.numbers.negatives == 0
	case transform.Day, transform.Instant:
		return p.kind == moment
	case transform.Version:
		return p.kind == moment && !p.times.clockless()
	case transform.Flag:
		return p.kind == flag || p.kind == number && p.numbers.between(0, 1)
	}
	switch c.Name {
	case "currency":
		return p.kind == currency
	case "kind", "status":
		return len(p.listed) > 0 && len(guessKinds(c, p.listed)) > 0
	case "org_id", "segment":
		if p.distinct < 2 { // it would tell nothing apart
			return false
		}
	}
	switch c.Name {
	case "page", "segment", "category", "device", "name", "client_name":
		return p.kind == text || p.kind == enumeration
	}
	if p.kind == number {
		return p.numbers.integers || p.numbers.whole
	}
	return p.kind != empty && p.kind != moment && p.kind != flag && (p.kind != text || p.longest <= 100)
}

func (t *times) clockless() bool { return t != nil && !t.clock }

// productOf finds a quantity and a price where nothing else is an amount.
func productOf(e transform.Entity, picks map[string]pick, profiles []*profile) []*profile {
	amount, ok := e.Column("amount")
	if !ok {
		return nil
	}
	if p, found := picks["amount"]; found && !has(words(p.name), "price", "cost") {
		return nil
	}
	var quantity, price *profile
	for _, p := range profiles {
		w := words(p.name)
		switch {
		case !suits(amount, p) || !p.numbers.plainly(): // expressions read plain numbers
		case has(w, "quantity", "qty") && p.numbers.integers:
			quantity = p
		case has(w, "price", "cost"):
			price = p
		}
	}
	if quantity == nil || price == nil {
		return nil
	}
	return []*profile{quantity, price}
}

// needed are the columns without which a sample is hardly of an entity, with what their lack costs.
var needed = map[string]map[string]int{
	"programs":        {"program_id": 80, "name": 60},
	"organisations":   {"org_id": 80, "name": 60},
	"members":         {"member_id": 100},
	"fx_rates":        {"currency": 100, "day": 100, "rate": 100},
	"awards":          {"amount": 100, "awarded_at": 80, "member_id": 40},
	"redemptions":     {"amount": 100, "redeemed_at": 80, "member_id": 40},
	"portal_sessions": {"started_at": 80, "session_id": 60},
	"portal_events":   {"occurred_at": 80, "page": 80},
}

// rate scores the fit.
func (f *fit) rate(about []string, profiles []*profile) {
	e := f.entity.Name
	for column, p := range f.picks {
		weight := 2
		if cost, ok := needed[e][column]; ok {
			weight = cost / 15
		}
		f.score += p.score * weight / 10
	}
	for column, cost := range needed[e] {
		if _, ok := f.picks[column]; !ok && (column != "amount" || f.product == nil) {
			f.score -= cost
		}
	}
	f.score += 15 * min(2, mentions(about, hints[e]))
	for _, p := range f.picks {
		if f.entity.Time != "" && has(words(p.name), hints[e]...) {
			f.score += 8
		}
	}
	if f.product != nil {
		f.score += 50
	}
	id, keyed := f.picks[f.entity.Keys()[len(f.entity.Keys())-1]]
	switch e {
	case "members", "organisations", "programs":
		// A register has a row for each; an account of events has many.
		if keyed && id.unique() {
			f.score += 30
		} else {
			f.score -= 60
		}
		if events := f.events(profiles); events > 0 {
			f.score -= 25 * events
		}
	case "portal_sessions":
		_, long := f.picks["duration_s"]
		_, views := f.picks["page_views"]
		if !long && !views {
			f.score -= 50
		}
	case "portal_events", "fx_rates":
		if events := f.events(profiles); events > 0 {
			f.score -= 30
		}
	}
}

// events counts what speaks of money that moved.
func (f *fit) events(profiles []*profile) int {
	n := 0
	for _, p := range profiles {
		if p.kind == number && has(words(p.name), "amount", "price", "point", "quantity") {
			n++
		}
	}
	return n
}

// mentions counts the words that are among others.
func mentions(list, among []string) int {
	n := 0
	for _, w := range list {
		if slices.Contains(among, w) {
			n++
		}
	}
	return n
}

// guessKinds says which allowed value each seen one stands for, as far as its name tells.
func guessKinds(c transform.Column, seen []string) map[string]string {
	guesses := map[string]string{}
	for _, v := range seen {
		said := strings.Join(words(v), " ")
		for _, allowed := range c.Allowed {
			if said == allowed || slices.Contains(kinds[c.Allowed[0]][allowed], said) {
				guesses[v] = allowed
				break
			}
		}
	}
	return guesses
}
