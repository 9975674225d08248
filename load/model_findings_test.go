package load_test

import (
	"math/big"
	"slices"
)

var findingColumns = columns{
	key:    []string{"month", "scope", "program_id", "org_id", "segment", "topic", "metric"},
	fields: []string{"kind", "rule", "severity", "observed", "expected", "at_stake"},
}

// finding is a risk or an opportunity.
type finding struct {
	kind, topic, rule  string
	metric             metricKey
	severity           string
	observed, expected *big.Rat
}

// opposites tell, each for itself, of which exception the contrary holds in a month of a scope.
var opposites = []func(*figures, int) []exception{fallingUnspent, highConversion, growingEngagement, evenDistribution}

// findings gives the risks and opportunities of a month of a scope.
func (f *figures) findings(month int) []finding {
	var all []finding
	for _, e := range f.exceptions(month) {
		all = append(all, findingOf(e))
	}
	for _, opposite := range opposites {
		for _, e := range opposite(f, month) {
			all = append(all, finding{"opportunity", e.rule, e.rule, e.metric, "info", e.observed, e.expected})
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(m finding) bool {
		return m.rule == "material_movement" && slices.ContainsFunc(all, func(other finding) bool {
			isGeneral := slices.Contains([]string{"material_movement", "anomaly", "volatile_trend"}, other.rule)
			return other.metric == m.metric && (!isGeneral || other.rule == "anomaly" && other.kind == m.kind)
		})
	})
}

// findingOf sorts an exception: a movement, or a value far from the usual, is an opportunity on the side where the metric should be.
func findingOf(e exception) finding {
	f := finding{"risk", e.rule, e.rule, e.metric, e.severity, e.observed, e.expected}
	higher := e.observed.Cmp(e.expected) > 0
	isFavourable := e.metric.polarity() == "good" && higher || e.metric.polarity() == "bad" && e.observed.Cmp(e.expected) < 0
	switch e.rule {
	case "redemption_shift":
		f.topic = "slowing_redemptions"
		if e.variant == "accelerating" {
			f.kind, f.topic = "opportunity", "accelerating_redemptions"
		}
	case "material_movement", "anomaly":
		name := map[string]string{"material_movement": "movement", "anomaly": "anomaly"}[e.rule]
		f.topic = "adverse_" + name
		if isFavourable {
			f.kind, f.topic = "opportunity", "favourable_"+name
		}
	}
	return f
}

func fallingUnspent(f *figures, month int) []exception {
	unspent, redeemed := f.at(unspentDollars, month), f.at(dollarsRedeemed, month)
	if atMost(unspent.momPct, exactly("-0.10")) && atMost(unspent.momAbs, exactly("-100")) && atLeast(redeemed.momAbs, count(0)) {
		return []exception{{rule: "falling_unspent", metric: unspentDollars, observed: unspent.value, expected: unspent.previous}}
	}
	return nil
}

func highConversion(f *figures, month int) []exception {
	now, high := f.at(activationRate, month), exactly("0.70")
	switch {
	case len(lowConversion(f, month)) > 0: // the same figure is no risk and opportunity at once
	case atLeast(now.value, high):
		return []exception{{rule: "high_conversion", metric: activationRate, observed: now.value, expected: high}}
	case atLeast(now.momAbs, exactly("0.10")):
		return []exception{{rule: "high_conversion", metric: activationRate, observed: now.value, expected: now.previous}}
	}
	return nil
}

func growingEngagement(f *figures, month int) []exception {
	var fired []exception
	for _, m := range []metricKey{activeUsers, portalSessions} {
		if now := f.at(m, month); atLeast(now.momPct, exactly("0.15")) && atLeast(now.momAbs, exactly("5")) {
			fired = append(fired, exception{rule: "growing_engagement", metric: m, observed: now.value, expected: now.previous})
		}
	}
	return fired
}

func evenDistribution(f *figures, month int) []exception {
	gini, top10 := f.at(awardedGini, month).value, f.at(awardedTop10, month).value
	if atLeast(f.at(awardedUsers, month).value, exactly("10")) && atMost(gini, exactly("0.30")) && atMost(top10, exactly("0.20")) {
		return []exception{{rule: "even_distribution", metric: awardedGini, observed: gini, expected: exactly("0.30")}}
	}
	return nil
}

// atStake is what is unspent, where that is anything.
func (f *figures) atStake(month int) *big.Rat {
	if unspent := f.at(unspentDollars, month).value; atLeast(unspent, count(0)) {
		return unspent
	}
	return count(0)
}
