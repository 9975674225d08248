package load_test

import "math/big"

// The metrics that rules look at.
var (
	totalUsers         = metricKey{"financial", "", "total_users"}
	totalOrganisations = metricKey{"financial", "", "total_organisations"}
	dollarsAwarded     = metricKey{"financial", "", "dollars_awarded"}
	dollarsRedeemed    = metricKey{"financial", "", "dollars_redeemed"}
	unspentDollars     = metricKey{"financial", "", "unspent_dollars"}
	usersAwarded       = metricKey{"engagement", "", "users_awarded"}
	usersRedeeming     = metricKey{"engagement", "", "users_redeeming"}
	activationRate     = metricKey{"engagement", "", "activation_rate"}
	programActivation  = metricKey{"engagement", "", "program_activation_rate"}
	activeUsers        = metricKey{"engagement", "", "active_users"}
	portalSessions     = metricKey{"engagement", "", "sessions"}
	awardedUsers       = metricKey{"distribution", "awarded", "users"}
	awardedGini        = metricKey{"distribution", "awarded", "gini"}
	awardedTop10       = metricKey{"distribution", "awarded", "top10_share"}
)

// headline lists the headline metrics, each with the least movement that is material.
var headline = []struct {
	metricKey
	floor *big.Rat
}{
	{totalUsers, exactly("5")}, {totalOrganisations, exactly("5")},
	{dollarsAwarded, exactly("100")}, {dollarsRedeemed, exactly("100")}, {unspentDollars, exactly("100")},
	{usersAwarded, exactly("5")}, {usersRedeeming, exactly("5")}, {activationRate, exactly("0.01")},
	{activeUsers, exactly("5")}, {portalSessions, exactly("5")},
}

// exception is a rule that fired.
type exception struct {
	rule               string
	metric             metricKey
	variant, severity  string
	observed, expected *big.Rat
}

// rules tell, each for itself, what fires in a month of a scope.
var rules = []func(*figures, int) []exception{
	risingUnspent, lowConversion, decliningEngagement, unevenDistribution, redemptionShift, materialMovement, anomaly, volatileTrend,
}

// exceptions gives all that fires in a month of a scope.
func (f *figures) exceptions(month int) []exception {
	var all []exception
	for _, rule := range rules {
		all = append(all, rule(f, month)...)
	}
	return all
}

// severity is a warning, and critical in the third month running.
func severity(month int, fires func(month int) bool) string {
	if fires(month-1) && fires(month-2) {
		return "critical"
	}
	return "warning"
}

func (f *figures) unspentRises(month int) bool {
	unspent, redeemed := f.at(unspentDollars, month), f.at(dollarsRedeemed, month)
	return atLeast(unspent.momPct, exactly("0.10")) && atLeast(unspent.momAbs, exactly("100")) && atMost(redeemed.momAbs, count(0))
}

func risingUnspent(f *figures, month int) []exception {
	if !f.unspentRises(month) {
		return nil
	}
	now := f.at(unspentDollars, month)
	return []exception{{"rising_unspent", unspentDollars, "", severity(month, f.unspentRises), now.value, now.previous}}
}

func lowConversion(f *figures, month int) []exception {
	now, least := f.at(activationRate, month), exactly("0.30")
	switch {
	case now.value != nil && now.value.Cmp(least) < 0:
		return []exception{{"low_conversion", activationRate, "", "warning", now.value, least}}
	case atMost(now.momAbs, exactly("-0.10")):
		return []exception{{"low_conversion", activationRate, "", "warning", now.value, now.previous}}
	}
	return nil
}

func decliningEngagement(f *figures, month int) []exception {
	var fired []exception
	for _, m := range []metricKey{activeUsers, portalSessions} {
		declines := func(month int) bool {
			now := f.at(m, month)
			return atMost(now.momPct, exactly("-0.15")) && atMost(now.momAbs, exactly("-5"))
		}
		if declines(month) {
			now := f.at(m, month)
			fired = append(fired, exception{"declining_engagement", m, "", severity(month, declines), now.value, now.previous})
		}
	}
	return fired
}

func unevenDistribution(f *figures, month int) []exception {
	if !atLeast(f.at(awardedUsers, month).value, exactly("10")) {
		return nil
	}
	var fired []exception
	for m, limit := range map[metricKey]*big.Rat{awardedGini: exactly("0.60"), awardedTop10: exactly("0.50")} {
		if value := f.at(m, month).value; atLeast(value, limit) {
			fired = append(fired, exception{"uneven_distribution", m, "", "warning", value, limit})
		}
	}
	return fired
}

func redemptionShift(f *figures, month int) []exception {
	now := f.at(dollarsRedeemed, month)
	if now.momPct == nil {
		return nil
	}
	stagnates := func(month int) bool {
		pct := f.at(dollarsRedeemed, month).momPct
		return pct != nil && atMost(magnitude(pct), exactly("0.01"))
	}
	variant, shifts := "", atLeast(magnitude(now.momAbs), exactly("100"))
	switch {
	case shifts && atLeast(now.momPct, exactly("0.25")):
		variant = "accelerating"
	case shifts && atMost(now.momPct, exactly("-0.25")):
		variant = "decelerating"
	case stagnates(month) && stagnates(month-1) && stagnates(month-2):
		variant = "stagnating"
	default:
		return nil
	}
	return []exception{{"redemption_shift", dollarsRedeemed, variant, "info", now.value, now.previous}}
}

func materialMovement(f *figures, month int) []exception {
	var fired []exception
	for _, m := range headline {
		now := f.at(m.metricKey, month)
		if now.momPct == nil || !atLeast(magnitude(now.momPct), exactly("0.20")) || !atLeast(magnitude(now.momAbs), m.floor) {
			continue
		}
		how := "info"
		if atLeast(magnitude(now.momPct), exactly("0.50")) {
			how = "warning"
		}
		fired = append(fired, exception{"material_movement", m.metricKey, "", how, now.value, now.previous})
	}
	return fired
}

// anomaly looks for values far from the median of the twelve months before, measured by their median distance from it.
func anomaly(f *figures, month int) []exception {
	var fired []exception
	for _, m := range headline {
		now := f.at(m.metricKey, month).value
		var before []*big.Rat
		for k := month - 12; k < month; k++ {
			if value := f.at(m.metricKey, k).value; value != nil {
				before = append(before, value)
			}
		}
		if now == nil || len(before) < 6 {
			continue
		}
		middle := median(before)
		distances := make([]*big.Rat, len(before))
		for i, value := range before {
			distances[i] = magnitude(difference(value, middle))
		}
		z := quotient(product(exactly("0.6745"), magnitude(difference(now, middle))), median(distances))
		if atLeast(z, exactly("3.5")) {
			fired = append(fired, exception{"anomaly", m.metricKey, "", "warning", now, middle})
		}
	}
	return fired
}

func volatileTrend(f *figures, month int) []exception {
	if f.name != "portfolio" && f.name != "program" {
		return nil
	}
	var fired []exception
	for _, m := range headline {
		if now := f.at(m.metricKey, month); now.trend() == "volatile" {
			fired = append(fired, exception{"volatile_trend", m.metricKey, "", "info", now.trendSD(), watchUpTo})
		}
	}
	return fired
}
