package load_test

import (
	"fmt"
	"math/big"
	"slices"
	"time"
)

// metricKey identifies a metric; the population is that of a distribution.
type metricKey struct{ dimension, population, name string }

// polarity tells whether up is good, bad or neutral.
func (m metricKey) polarity() string {
	switch m.name {
	case "unspent_dollars", "unspent_change", "dollars_expired", "days_to_redeem_p50",
		"liability_91_180", "liability_181_365", "liability_365_plus",
		"gini", "top1_share", "top10_share", "top20_share", "hhi":
		return "bad"
	case "users", "mean", "max", "p10", "p25", "p50", "p75", "p90", "p99",
		"liability_0_30", "liability_31_60", "liability_61_90", "avg_session_seconds":
		return "neutral"
	}
	return "good"
}

// period is one month of a scope.
type period struct {
	*books
	month    int
	accounts []*account
	inMonth  flow
	toDate   flow
	before   flow // to the end of the month before
}

// values computes every metric of every month of a scope; nil is NULL.
func (m *model) values(b *books) map[metricKey]map[int]*big.Rat {
	all := map[metricKey]map[int]*big.Rat{}
	p := &period{books: b}
	for _, entries := range b.entries {
		p.accounts = append(p.accounts, newAccount(entries))
	}
	for p.month = b.first; p.month <= m.newest.month; p.month++ {
		p.inMonth, p.before = flow{}, p.toDate
		for _, a := range p.accounts {
			a.close(p.month)
			p.inMonth.add(a.inMonth)
		}
		p.toDate.add(p.inMonth)
		keep := func(dimension, population string, values map[string]*big.Rat) {
			for name, value := range values {
				key := metricKey{dimension, population, name}
				if all[key] == nil {
					all[key] = map[int]*big.Rat{}
				}
				all[key][p.month] = value
			}
		}
		keep("financial", "", p.financial())
		keep("engagement", "", p.engagement())
		for name, days := range map[string]int{"conversion_30d": 30, "conversion_60d": 60, "conversion_90d": 90} {
			keep("engagement", "", map[string]*big.Rat{name: m.conversion(p, days)})
		}
		keep("distribution", "awarded", distribution(p.positive(awardedInMonth)))
		keep("distribution", "unspent", distribution(p.positive(balance)))
	}
	return all
}

// What a member's account says at a month's end.
func awardedInMonth(a *account) int64  { return a.inMonth.awarded }
func redeemedInMonth(a *account) int64 { return a.inMonth.redeemed }
func awardedToDate(a *account) int64   { return a.toDate.awarded }
func redeemedToDate(a *account) int64  { return a.toDate.redeemed }
func balance(a *account) int64         { return a.toDate.unspent() }

// positive gives the dollars of those members who have more than none, ascending.
func (p *period) positive(of func(*account) int64) []*big.Rat {
	var amounts []*big.Rat
	for _, a := range p.accounts {
		if amount := of(a); amount > 0 {
			amounts = append(amounts, dollars(amount))
		}
	}
	slices.SortFunc(amounts, (*big.Rat).Cmp)
	return amounts
}

func (p *period) users(of func(*account) int64) *big.Rat { return count(len(p.positive(of))) }

func (p *period) financial() map[string]*big.Rat {
	awarded, redeemed := dollars(p.inMonth.awarded), dollars(p.inMonth.redeemed)
	unspent, before := dollars(p.toDate.unspent()), dollars(p.before.unspent())
	values := map[string]*big.Rat{
		"total_users":          there(p.members, p.month),
		"total_organisations":  there(p.organisations, p.month),
		"new_users":            joining(p.members, p.month),
		"dollars_awarded":      awarded,
		"dollars_redeemed":     redeemed,
		"dollars_expired":      dollars(p.inMonth.expired),
		"unspent_dollars":      unspent,
		"unspent_change":       difference(unspent, before),
		"avg_awarded_per_user": quotient(awarded, p.users(awardedInMonth)),
		"awarded_to_redeemed":  quotient(redeemed, awarded),
		"funding_utilisation":  quotient(dollars(p.toDate.redeemed), dollars(p.toDate.awarded)),
		"redemption_velocity":  quotient(redeemed, total(before, awarded)),
		"days_to_redeem_p50":   p.daysToRedeem(),
	}
	for bucket, amount := range p.ageing() {
		values[bucket] = dollars(amount)
	}
	return values
}

// there counts those who have joined by a month's end and not left by then.
func there(stays []stay, month int) *big.Rat {
	n, end := 0, lastDay(month)
	for _, s := range stays {
		if !s.joined.IsZero() && !s.joined.After(end) && (s.left.IsZero() || s.left.After(end)) {
			n++
		}
	}
	return count(n)
}

func joining(stays []stay, month int) *big.Rat {
	n := 0
	for _, s := range stays {
		if !s.joined.IsZero() && monthOf(s.joined) == month {
			n++
		}
	}
	return count(n)
}

// daysToRedeem is the lower median over the dollars that lots paid.
func (p *period) daysToRedeem() *big.Rat {
	var spent []spending
	sum := int64(0)
	for _, a := range p.accounts {
		spent = append(spent, a.spent...)
		for _, s := range a.spent {
			sum += s.amount
		}
	}
	slices.SortFunc(spent, func(a, b spending) int { return a.days - b.days })
	reached := int64(0)
	for _, s := range spent {
		if reached += s.amount; 2*reached >= sum {
			return count(s.days)
		}
	}
	return nil
}

// ageing sums the remaining lots up by their age on the month's last day.
func (p *period) ageing() map[string]int64 {
	buckets := map[string]int64{"liability_0_30": 0, "liability_31_60": 0, "liability_61_90": 0, "liability_91_180": 0, "liability_181_365": 0, "liability_365_plus": 0}
	for _, a := range p.accounts {
		for _, l := range a.lots {
			bucket := "liability_365_plus"
			switch days := daysBetween(l.day, lastDay(p.month)); {
			case days <= 30:
				bucket = "liability_0_30"
			case days <= 60:
				bucket = "liability_31_60"
			case days <= 90:
				bucket = "liability_61_90"
			case days <= 180:
				bucket = "liability_91_180"
			case days <= 365:
				bucket = "liability_181_365"
			}
			buckets[bucket] += l.left
		}
	}
	return buckets
}

func (p *period) engagement() map[string]*big.Rat {
	active := map[who]bool{}
	own, views, lasted := 0, 0, time.Duration(0)
	for _, s := range p.sessions[p.month] {
		views += int(s.Views)
		lasted += s.lasted
		if s.Member != "" {
			own++
			active[who{s.Program, s.Member}] = true
		}
	}
	sessions, activeUsers := count(len(p.sessions[p.month])), count(len(active))
	return map[string]*big.Rat{
		"users_awarded":            p.users(awardedInMonth),
		"users_redeeming":          p.users(redeemedInMonth),
		"activation_rate":          quotient(p.users(redeemedInMonth), p.users(awardedInMonth)),
		"program_activation_rate":  quotient(p.users(redeemedToDate), p.users(awardedToDate)),
		"active_users":             activeUsers,
		"sessions":                 sessions,
		"sessions_per_active_user": quotient(count(own), activeUsers),
		"page_views_per_session":   quotient(count(views), sessions),
		"avg_session_seconds":      quotient(big.NewRat(int64(lasted), int64(time.Second)), sessions),
		"portal_active_rate":       quotient(activeUsers, there(p.members, p.month)),
	}
}

// conversion is the share of the members awarded in a month who redeemed within so many days. It is not known before
// those days are over for all of them.
func (m *model) conversion(p *period, days int) *big.Rat {
	within := time.Duration(days) * 24 * time.Hour
	if m.newest.At.Before(firstDay(p.month+1, m.zone).Add(within)) {
		return nil
	}
	awarded, redeemed := 0, 0
	for _, a := range p.accounts {
		if a.firstAward.IsZero() {
			continue
		}
		awarded++
		if a.redeemedWithin(a.firstAward, within) {
			redeemed++
		}
	}
	return quotient(count(redeemed), count(awarded))
}

// distribution describes amounts, which ascend.
func distribution(x []*big.Rat) map[string]*big.Rat {
	n, sum := len(x), total(x...)
	squares, weighted := new(big.Rat), new(big.Rat)
	for i, xi := range x {
		squares.Add(squares, product(xi, xi))
		weighted.Add(weighted, product(count(i+1), xi))
	}
	values := map[string]*big.Rat{
		"users": count(n),
		"mean":  quotient(sum, count(n)),
		"max":   percentile(x, 100),
		"gini":  difference(quotient(product(count(2), weighted), product(count(n), sum)), quotient(count(n+1), count(n))),
		"hhi":   quotient(squares, product(sum, sum)),
	}
	for _, p := range []int{10, 25, 50, 75, 90, 99} {
		values[fmt.Sprintf("p%d", p)] = percentile(x, p)
	}
	for _, percent := range []int{1, 10, 20} {
		largest := (n*percent + 99) / 100
		values[fmt.Sprintf("top%d_share", percent)] = quotient(total(x[n-largest:]...), sum)
	}
	for k := 1; k <= 10; k++ {
		values[fmt.Sprintf("lorenz_%d", k)] = quotient(total(x[:n*k/10]...), sum)
	}
	return values
}

// percentile interpolates linearly between closest ranks.
func percentile(x []*big.Rat, p int) *big.Rat {
	if len(x) == 0 {
		return nil
	}
	h := (len(x) - 1) * p // in hundredths
	low := x[h/100]
	if h%100 == 0 {
		return low
	}
	return total(low, product(big.NewRat(int64(h%100), 100), difference(x[h/100+1], low)))
}
