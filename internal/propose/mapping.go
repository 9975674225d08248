package propose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/partnerplus/warehouse/transform"
)

// mapping is what a group's rows are proposed to become.
type mapping struct {
	fit
	where   []string // conditions, written
	only    []string // the values of kind's column that the mapping takes; all where empty
	columns []columnLine
}

// columnLine is one line below columns.
type columnLine struct {
	name  string
	value string
	notes []string
}

// mappingsOf proposes what the rows become: the best entity, and both awards and redemptions where a row holds both.
func mappingsOf(g *group, profiles []*profile, fixed string, guess guesses) ([]*mapping, []string) {
	fits := fitsOf(g.name, profiles)
	chosen := fits[0]
	var notes []string
	if fixed != "" {
		for _, f := range fits {
			if f.entity.Name == fixed {
				chosen = f
			}
		}
		notes = append(notes, "the rows become "+fixed+", as asked for")
	} else {
		notes = append(notes, fmt.Sprintf("the columns look like %s most; next come %s", chosen.entity.Name, fits[1].entity.Name))
	}
	if kinds := routeOf(chosen, profiles); kinds != nil && fixed == "" {
		return kinds.mappings(profiles, fits, guess)
	}
	chosenFits := []fit{chosen}
	if other, ok := beside(chosen, fits); ok && fixed == "" {
		chosenFits = append(chosenFits, other)
		notes[0] = fmt.Sprintf("a row looks like it holds both %s and %s, each with an amount of its own", chosen.entity.Name, other.entity.Name)
	}
	var mappings []*mapping
	for _, f := range chosenFits {
		m := &mapping{fit: f}
		m.build(profiles, guess, len(chosenFits) > 1)
		mappings = append(mappings, m)
	}
	return mappings, notes
}

// beside finds the other half of a row that holds an award and a redemption.
func beside(chosen fit, fits []fit) (fit, bool) {
	pairs := map[string]string{"awards": "redemptions", "redemptions": "awards"}
	amount, ok := chosen.picks["amount"]
	if !ok || chosen.product != nil {
		return fit{}, false
	}
	for _, f := range fits {
		other, found := f.picks["amount"]
		if found && f.entity.Name == pairs[chosen.entity.Name] && other.name != amount.name &&
			has(words(other.name), hints[f.entity.Name]...) && !has(words(amount.name), hints[f.entity.Name]...) {
			return f, true
		}
	}
	return fit{}, false
}

// build makes the lines of all columns.
func (m *mapping) build(profiles []*profile, guess guesses, shared bool) {
	// Sessions go by the visitor before the member, and many people share an address: it stands in only where nothing tells
	// who it was.
	if _, known := m.picks["member_id"]; has(words(m.picks["visitor_id"].nameOf()), "ip") && (known || sentenceOf(profiles) != nil) {
		delete(m.picks, "visitor_id")
	}
	for _, c := range m.entity.Columns {
		p, picked := m.picks[c.Name]
		if line, ok := m.column(c, p, picked, guess, profiles); ok {
			m.columns = append(m.columns, line)
		}
	}
	if p, ok := m.picks["amount"]; ok && shared && p.numbers != nil && p.numbers.zeros > 0 {
		m.where = append(m.where, flow([]pair{{"column", raw(p.name)}, {"not_equal", `"0"`}}))
	}
}

func (m *mapping) column(c transform.Column, p pick, picked bool, guess guesses, profiles []*profile) (columnLine, bool) {
	line := columnLine{name: c.Name}
	key := m.entity.Keys()[len(m.entity.Keys())-1]
	_, hasKind := m.entity.Column("kind")
	switch {
	case c.Name == "amount" && m.product != nil:
		line.value, line.notes = m.productLine()
		return line, true
	case c.Name == key && m.entity.Time != "":
		line.value, line.notes = m.identity(p, picked, rowsOf(profiles))
		return line, true
	case c.Name == "member_id" && !picked:
		if in := sentenceOf(profiles); in != nil {
			line.value, line.notes = extracted(in)
			return line, true
		}
	}
	if !picked {
		return m.missing(c, guess)
	}
	pairs := []pair{{"from", raw(p.name)}}
	if p.parts != nil {
		parts := []pair{{"year", raw(p.parts.year)}, {"month", raw(p.parts.month)}}
		if p.parts.day != "" {
			parts = append(parts, pair{"day", raw(p.parts.day)})
		}
		line.value = flow([]pair{{"date_from", flow(parts)}})
		return line, true
	}
	if p.spaces {
		pairs = append(pairs, pair{"trim", "true"})
	}
	if len(p.nulls) > 0 {
		pairs = append(pairs, pair{"nulls", sequence(literals(p.nulls))})
	}
	line.notes = append(withText(line.notes, p.alone), p.String())
	switch c.Type {
	case transform.Money, transform.Rate, transform.Seconds:
		more, notes := amountSteps(c, p.profile, m.entity.Name, hasKind)
		pairs, line.notes = append(pairs, more...), append(line.notes, notes...)
	case transform.Count:
		pairs = append(pairs, markSteps(p.numbers)...)
	case transform.Day, transform.Instant, transform.Version:
		more, notes := timeSteps(c, p.profile)
		pairs, line.notes = append(pairs, more...), append(line.notes, notes...)
	case transform.Text:
		more, notes := m.textSteps(c, p.profile)
		pairs, line.notes = append(pairs, more...), append(line.notes, notes...)
	}
	line.value = flow(pairs)
	if len(pairs) == 1 {
		line.value = pairs[0].value
	}
	return line, true
}

func rowsOf(profiles []*profile) int {
	if len(profiles) == 0 {
		return 0
	}
	return profiles[0].rows
}

func literals(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = literal(t)
	}
	return out
}

// missing is a column that nothing fits: a required one gets something to start from.
func (m *mapping) missing(c transform.Column, guess guesses) (columnLine, bool) {
	line := columnLine{name: c.Name}
	constant := func(value, note string) (columnLine, bool) {
		line.value, line.notes = flow([]pair{{"value", scalar(value)}}), []string{note}
		return line, true
	}
	switch {
	case c.Name == "program_id":
		return constant(guess.program, "no column tells the programme; choose its id")
	case c.Name == "currency" && (c.Required || c.Key):
		return constant(guess.currency, guess.why)
	case !c.Key && (!c.Required || c.Default != ""):
		return line, false
	}
	// The unit's name is neither a number nor a time, and no map lists it.
	line.value = flow([]pair{{"from", "$unit"}})
	if c.Type == transform.Text {
		line.value = flow([]pair{{"from", "$unit"}, {"map", "{TODO: TODO}"}})
	}
	line.notes = []string{"TODO: no column looks like it; name one, for until then every row is a reject"}
	return line, true
}

// identity makes the id of an event: a column of its own values, else the row's place in its unit.
func (m *mapping) identity(p pick, picked bool, rows int) (string, []string) {
	if picked && p.unique() {
		value := raw(p.name)
		if p.numbers != nil && p.numbers.whole {
			more, _ := wholeSteps()
			value = flow(append([]pair{{"from", raw(p.name)}}, more...))
		}
		return value, withText(nil, p.alone, fmt.Sprintf("no two of %s rows share one", count(rows)))
	}
	parts := []string{"$unit", "$row"}
	note := "nothing in a row is an id of its own, so its place in its unit is: a unit that is delivered again under the same name replaces the rows, the same row in another unit counts twice"
	if picked && p.kind != empty {
		parts = append([]string{literal(p.name)}, parts...)
		note = fmt.Sprintf("%s is not unique (%s of %s rows), so the row's place in its unit belongs to the id: a unit that is delivered again under the same name replaces the rows, the same row in another unit counts twice", p.name, count(p.distinct), count(p.rows))
	}
	return flow([]pair{{"join", sequence(parts)}}), []string{note}
}

// timeSteps says how a column is read as a time.
func timeSteps(c transform.Column, p *profile) (pairs []pair, notes []string) {
	t := p.times
	if t == nil {
		return nil, nil
	}
	var spec []pair
	if t.format != "iso" {
		spec = append(spec, pair{"format", quoted(t.format)})
		if !strings.ContainsAny(t.format, "/:. ,-") {
			spec[0].value = scalar(t.format)
		}
	}
	if t.clock && !t.offset {
		spec = append(spec, pair{"zone", "UTC"})
		notes = append(notes, "no zone in it: is it UTC?")
	} else if t.clock && t.offset && c.Type == transform.Day {
		spec = append(spec, pair{"zone", "UTC"})
		notes = append(notes, "the day in UTC")
	}
	if c.Type == transform.Version && len(spec) == 0 {
		spec = append(spec, pair{"format", "iso"})
	}
	if t.why != "" {
		notes = append(notes, t.why)
	}
	if t.other != "" {
		notes = append(notes, "month first would be "+quoted(t.other)+": ask the source")
	}
	if t.misfits > 0 {
		notes = append(notes, fmt.Sprintf("%s are no such time, hence rejects", count(t.misfits)))
	}
	if len(spec) > 0 {
		pairs = append(pairs, pair{"time", flow(spec)})
	}
	return pairs, notes
}

// amountSteps says how a column is read as an amount.
func amountSteps(c transform.Column, p *profile, entity string, hasKind bool) (pairs []pair, notes []string) {
	n := p.numbers
	pairs = markSteps(n)
	if n.unsure != "" {
		notes = append(notes, n.unsure)
	}
	if n.misfits > 0 {
		notes = append(notes, fmt.Sprintf("%s are no numbers, hence rejects", count(n.misfits)))
	}
	w := words(p.name)
	switch {
	case c.Type == transform.Money && has(w, "cent", "minor", "penny", "pence"):
		pairs = append(pairs, pair{"scale", `"0.01"`})
		notes = append(notes, "cents")
	case c.Type == transform.Money && has(w, "point", "mile") && !has(w, "dollar", "cost", "value", "usd", "eur"):
		pairs = append(pairs, pair{"scale", `"1"`})
		notes = append(notes, "TODO: these look like points; the scale is what one is worth")
	case c.Type == transform.Seconds && has(w, "minute", "min"):
		pairs = append(pairs, pair{"scale", `"60"`})
		notes = append(notes, "minutes")
	case c.Type == transform.Seconds && has(w, "ms", "milli", "millisecond"):
		pairs = append(pairs, pair{"scale", `"0.001"`})
		notes = append(notes, "milliseconds")
	}
	if places := map[transform.Type]int{transform.Money: 4, transform.Rate: 8, transform.Seconds: 6}[c.Type]; n.decimals > places {
		pairs = append(pairs, pair{"round", "true"})
		notes = append(notes, fmt.Sprintf("up to %d decimals, rounded to %d", n.decimals, places))
	}
	if n.negatives > 0 && hasKind {
		pairs = append(pairs, pair{"negative", back[entity]})
		notes = append(notes, "a minus means "+back[entity])
	}
	return pairs, notes
}

// back is what an amount below zero means.
var back = map[string]string{"awards": "reversal", "redemptions": "refund"}

// textSteps says how a column is read as a text.
func (m *mapping) textSteps(c transform.Column, p *profile) (pairs []pair, notes []string) {
	if p.numbers != nil && p.numbers.whole {
		return wholeSteps()
	}
	if len(c.Allowed) == 0 {
		return nil, nil
	}
	seen := p.listed
	if len(m.only) > 0 {
		seen = m.only
	}
	guesses := guessKinds(c, seen)
	var entries []pair
	var rest []string
	plain := true
	for _, v := range seen {
		to, ok := guesses[v]
		v = strings.TrimSpace(v) // as trim does before
		if !ok {
			rest = withText(rest, v)
			continue
		}
		plain = plain && to == v
		if entry := (pair{quoted(literal(v)), to}); !slices.Contains(entries, entry) {
			entries = append(entries, entry)
		}
	}
	if !plain || len(rest) > 0 {
		pairs = append(pairs, pair{"map", flow(entries)})
		notes = append(notes, "guessed by the names")
	}
	if len(rest) > 0 {
		notes = append(notes, "not in the map, hence rejects: "+strings.Join(rest, ", "))
	}
	return pairs, notes
}

// sentenceOf finds a column of sentences that hold a member's id.
func sentenceOf(profiles []*profile) *profile {
	i := slices.IndexFunc(profiles, func(p *profile) bool { return p.inside != "" })
	if i < 0 {
		return nil
	}
	return profiles[i]
}

// unused lists the columns that no mapping reads.
func unused(profiles []*profile, mappings []*mapping) []*profile {
	used := map[string]bool{}
	for _, m := range mappings {
		for _, p := range m.picks {
			used[p.name] = true
			if p.parts != nil {
				used[p.parts.year], used[p.parts.month], used[p.parts.day] = true, true, true
			}
		}
		for _, p := range m.product {
			used[p.name] = true
		}
		if _, picked := m.picks["member_id"]; !picked {
			if in := sentenceOf(profiles); in != nil {
				used[in.name] = true
			}
		}
	}
	var rest []*profile
	for _, p := range profiles {
		if !used[p.name] {
			rest = append(rest, p)
		}
	}
	return rest
}
