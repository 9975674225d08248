package load_test

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
)

// indicator is one of the six of the lens, in one month.
type indicator struct {
	name string
	movement
	status string
	worst  []string // programs
}

// lensOf computes the indicators of every month of the portfolio.
func lensOf(portfolio *figures, programs []*figures) map[int][]indicator {
	conversions, stabilities := portfolio.conversions(), stabilities(portfolio, programs)
	conversionsOf := map[*figures]course{}
	for _, f := range programs {
		conversionsOf[f] = f.conversions()
	}
	all := map[int][]indicator{}
	for month := portfolio.first; month <= portfolio.newest; month++ {
		// worst gives the worst programs by a figure of theirs, of which the lowest are the worst.
		worst := func(figure func(*figures) *big.Rat) []string {
			known := map[string]*big.Rat{}
			for _, f := range programs {
				if value := figure(f); value != nil {
					known[f.program] = value
				}
			}
			return lowest(known)
		}
		users, organisations := portfolio.at(totalUsers, month), portfolio.at(totalOrganisations, month)
		active, activation := portfolio.at(activeUsers, month), portfolio.at(programActivation, month)
		all[month] = []indicator{
			{"growth", users, growthStatus(users, organisations),
				worst(func(f *figures) *big.Rat { return f.at(totalUsers, month).momPct })},
			{"conversion", conversions[month], level(conversions[month].value, "0.70", "0.40"),
				worst(func(f *figures) *big.Rat { return conversionsOf[f][month].value })},
			{"liability", portfolio.at(unspentDollars, month), liabilityStatus(portfolio, month),
				worst(func(f *figures) *big.Rat { return difference(count(0), f.at(unspentDollars, month).momPct) })}, // highest first
			{"engagement", active, level(active.momPct, "-0.05", "-0.15"),
				worst(func(f *figures) *big.Rat { return f.at(activeUsers, month).momPct })},
			{"stability", stabilities[month], level(stabilities[month].value, "0.70", "0.40"),
				worst(func(f *figures) *big.Rat { return stableShare([]*figures{f}, month) })},
			{"activation", activation, level(activation.value, "0.50", "0.30"),
				worst(func(f *figures) *big.Rat { return f.at(programActivation, month).value })},
		}
	}
	return all
}

// lowest gives the programs with the three lowest figures, the lowest first.
func lowest(figures map[string]*big.Rat) []string {
	programs := slices.SortedFunc(maps.Keys(figures), func(a, b string) int {
		return cmp.Or(figures[a].Cmp(figures[b]), cmp.Compare(a, b))
	})
	return programs[:min(3, len(programs))]
}

// level judges a figure by the least that is good, and the least that is to be watched.
func level(value *big.Rat, good, watch string) string {
	switch {
	case value == nil:
		return null
	case atLeast(value, exactly(good)):
		return "good"
	case atLeast(value, exactly(watch)):
		return "watch"
	}
	return "act"
}

func growthStatus(users, organisations movement) string {
	falls := exactly("-0.05")
	switch {
	case users.momAbs == nil || organisations.momAbs == nil:
		return null
	case atMost(users.momPct, falls) || atMost(organisations.momPct, falls):
		return "act"
	case users.momAbs.Sign() >= 0 && organisations.momAbs.Sign() >= 0:
		return "good"
	}
	return "watch"
}

func liabilityStatus(portfolio *figures, month int) string {
	switch {
	case portfolio.at(unspentDollars, month).momPct == nil:
		return null
	case !portfolio.unspentRises(month):
		return "good"
	case severity(month, portfolio.unspentRises) == "critical":
		return "act"
	}
	return "watch"
}

// conversions are the dollars redeemed for each dollar awarded, of each month and the two before as far as there are any.
func (f *figures) conversions() course {
	values := map[int]*big.Rat{}
	for month := f.first; month <= f.newest; month++ {
		awarded, redeemed := new(big.Rat), new(big.Rat)
		for k := max(f.first, month-2); k <= month; k++ {
			awarded.Add(awarded, f.at(dollarsAwarded, k).value)
			redeemed.Add(redeemed, f.at(dollarsRedeemed, k).value)
		}
		values[month] = quotient(redeemed, awarded)
	}
	return courseOf(values)
}

// stabilities are the programs' stable shares in each month of the portfolio.
func stabilities(portfolio *figures, programs []*figures) course {
	values := map[int]*big.Rat{}
	for month := portfolio.first; month <= portfolio.newest; month++ {
		values[month] = stableShare(programs, month)
	}
	return courseOf(values)
}

// stableShare is the share of the programs' headline metrics that are stable, of those with a trend.
func stableShare(programs []*figures, month int) *big.Rat {
	stable, known := 0, 0
	for _, f := range programs {
		for _, m := range headline {
			switch f.at(m.metricKey, month).trend() {
			case "stable":
				stable++
				known++
			case "watch", "volatile":
				known++
			}
		}
	}
	return quotient(count(stable), count(known))
}
