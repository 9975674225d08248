package propose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/partnerplus/warehouse/transform"
)

// route is a column whose values tell awards from redemptions, as in a ledger that holds both.
type route struct {
	column      *profile
	awards      []string
	redemptions []string
	rest        []string
}

// spent are the kinds that mean a redemption wherever they stand beside awards.
var spent = []string{"redemption", "redeem", "redeemed", "burn", "burned", "burnt", "spend", "spent", "payout"}

// routeOf finds such a column, nil if there is none.
func routeOf(chosen fit, profiles []*profile) *route {
	kind, ok := chosen.entity.Column("kind")
	if !ok {
		return nil
	}
	award, _ := transform.EntityByName("awards")
	kind, _ = award.Column(kind.Name)
	for _, p := range profiles {
		if named(p.name, vocabulary["awards"]["kind"]) == 0 {
			continue
		}
		r := &route{column: p}
		guesses := guessKinds(kind, p.listed)
		for _, v := range p.listed {
			switch {
			case slices.Contains(spent, strings.Join(words(v), " ")):
				r.redemptions = append(r.redemptions, v)
			case guesses[v] != "":
				r.awards = append(r.awards, v)
			default:
				r.rest = append(r.rest, v)
			}
		}
		if len(r.awards) > 0 && len(r.redemptions) > 0 {
			return r
		}
	}
	return nil
}

// mappings makes a mapping for each of the two, which takes its own rows only.
func (r *route) mappings(profiles []*profile, fits []fit, guess guesses) ([]*mapping, []string) {
	notes := []string{fmt.Sprintf("%s tells awards from redemptions", shorten(r.column.name, 60))}
	if len(r.rest) > 0 {
		notes = append(notes, "TODO: neither takes the rows with "+strings.Join(r.rest, ", ")+", hence they are rejects")
	}
	var mappings []*mapping
	for _, half := range []struct {
		entity string
		only   []string
	}{{"awards", r.awards}, {"redemptions", r.redemptions}} {
		i := slices.IndexFunc(fits, func(f fit) bool { return f.entity.Name == half.entity })
		m := &mapping{fit: fits[i], only: half.only}
		for column, p := range m.picks {
			if p.profile == r.column {
				delete(m.picks, column)
			}
		}
		m.picks["kind"] = pick{profile: r.column}
		m.where = []string{flow([]pair{{"column", raw(r.column.name)}, {"in", sequence(literals(half.only))}})}
		m.build(profiles, guess, false)
		mappings = append(mappings, m)
	}
	return mappings, notes
}
