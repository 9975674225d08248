package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/load"
)

// moved is a metric of a programme in January 2024, after a December; exact_mom_pct is worked out from both.
type moved struct {
	population, metric, value, previous string // NULL where empty
}

// fired is an exception of a programme in January 2024.
type fired struct{ rule, metric, variant, severity, observed, expected string }

// findingsByTopic: each topic is found where its rule fires, and just not where it does not.
func findingsByTopic(t *testing.T, w *load.Warehouse) {
	unspent := func(now, before, redeemed, redeemedBefore string) []moved {
		return []moved{{"", "unspent_dollars", now, before}, {"", "dollars_redeemed", redeemed, redeemedBefore}}
	}
	spread := func(users, gini, top10 string) []moved {
		return []moved{{"awarded", "users", users, ""}, {"awarded", "gini", gini, ""}, {"awarded", "top10_share", top10, ""}}
	}
	one := func(metric, now, before string) []moved { return []moved{{"", metric, now, before}} }
	exception := func(rule, metric, observed, expected string) []fired {
		return []fired{{rule, metric, "", "warning", observed, expected}}
	}
	const risk, opportunity = "risk", "opportunity"
	tests := []struct {
		name       string
		figures    []moved
		exceptions []fired
		want       []string // kind, topic, metric, severity, observed, expected
	}{
		{"falling", unspent("900", "1000", "5", "5"), nil, []string{opportunity + "|falling_unspent|unspent_dollars|info|900|1000"}},
		{"falling by less", unspent("900.0001", "1000", "5", "5"), nil, nil},
		{"falling by a small amount", unspent("800.01", "900", "5", "5"), nil, nil},
		{"falling while redemptions fall", unspent("900", "1000", "4.9999", "5"), nil, nil},
		{"falling from nothing", unspent("-200", "0", "5", "5"), nil, nil},
		{"falling at first", unspent("900", "", "5", ""), nil, nil},
		{"high", one("activation_rate", "0.70", "0.65"), nil, []string{opportunity + "|high_conversion|activation_rate|info|0.7|0.7"}},
		{"just not high", one("activation_rate", "0.6999", "0.60"), nil, nil},
		{"risen", one("activation_rate", "0.5", "0.4"), nil, []string{opportunity + "|high_conversion|activation_rate|info|0.5|0.4"}},
		{"just not risen", one("activation_rate", "0.5", "0.4001"), nil, nil},
		{"high, though fallen", one("activation_rate", "0.714", "0.857"), exception("low_conversion", "activation_rate", "0.714", "0.857"),
			[]string{risk + "|low_conversion|activation_rate|warning|0.714|0.857"}},
		{"high, fallen by less", one("activation_rate", "0.75", "0.8499"), nil, []string{opportunity + "|high_conversion|activation_rate|info|0.75|0.7"}},
		{"high at first", one("activation_rate", "0.75", ""), nil, []string{opportunity + "|high_conversion|activation_rate|info|0.75|0.7"}},
		{"low, though risen", one("activation_rate", "0.2999", "0.10"), exception("low_conversion", "activation_rate", "0.2999", "0.3"),
			[]string{risk + "|low_conversion|activation_rate|warning|0.2999|0.3"}},
		{"no longer low", one("activation_rate", "0.30", "0.20"), nil, []string{opportunity + "|high_conversion|activation_rate|info|0.3|0.2"}},
		{"no rate", one("activation_rate", "", "0.4"), nil, nil},
		{"growing", one("active_users", "115", "100"), nil, []string{opportunity + "|growing_engagement|active_users|info|115|100"}},
		{"growing by less", one("active_users", "1149", "1000"), nil, nil},
		{"growing by few", one("sessions", "24", "20"), nil, nil},
		{"growing sessions", one("sessions", "25", "20"), nil, []string{opportunity + "|growing_engagement|sessions|info|25|20"}},
		{"even", spread("10", "0.30", "0.20"), nil, []string{opportunity + "|even_distribution|gini|info|0.3|0.3"}},
		{"just not even", spread("10", "0.300000000001", "0.20"), nil, nil},
		{"one has much", spread("10", "0.30", "0.2001"), nil, nil},
		{"few", spread("9", "0.10", "0.20"), nil, nil},
		{"nobody", spread("0", "", ""), nil, nil},

		{"rising", nil, exception("rising_unspent", "unspent_dollars", "2", "1"), []string{risk + "|rising_unspent|unspent_dollars|warning|2|1"}},
		{"low", nil, exception("low_conversion", "activation_rate", "0.2", "0.3"), []string{risk + "|low_conversion|activation_rate|warning|0.2|0.3"}},
		{"declining", nil, exception("declining_engagement", "sessions", "1", "9"), []string{risk + "|declining_engagement|sessions|warning|1|9"}},
		{"uneven", nil, exception("uneven_distribution", "top10_share", "0.6", "0.5"), []string{risk + "|uneven_distribution|top10_share|warning|0.6|0.5"}},
		{"volatile", nil, exception("volatile_trend", "sessions", "0.6", "0.25"), []string{risk + "|volatile_trend|sessions|warning|0.6|0.25"}},
		{"faster", nil, []fired{{"redemption_shift", "dollars_redeemed", "accelerating", "info", "9", "1"}}, []string{opportunity + "|accelerating_redemptions|dollars_redeemed|info|9|1"}},
		{"slower", nil, []fired{{"redemption_shift", "dollars_redeemed", "decelerating", "info", "1", "9"}}, []string{risk + "|slowing_redemptions|dollars_redeemed|info|1|9"}},
		{"standing", nil, []fired{{"redemption_shift", "dollars_redeemed", "stagnating", "info", "1.01", "1"}}, []string{risk + "|slowing_redemptions|dollars_redeemed|info|1.01|1"}},
		{"up is good", nil, exception("material_movement", "dollars_awarded", "2", "1"), []string{opportunity + "|favourable_movement|dollars_awarded|warning|2|1"}},
		{"down is bad", nil, exception("material_movement", "dollars_awarded", "1", "2"), []string{risk + "|adverse_movement|dollars_awarded|warning|1|2"}},
		{"up is bad", nil, exception("material_movement", "unspent_dollars", "2", "1"), []string{risk + "|adverse_movement|unspent_dollars|warning|2|1"}},
		{"down is good", nil, exception("anomaly", "unspent_dollars", "1", "2"), []string{opportunity + "|favourable_anomaly|unspent_dollars|warning|1|2"}},
		{"far below", nil, exception("anomaly", "sessions", "1", "2"), []string{risk + "|adverse_anomaly|sessions|warning|1|2"}},

		{"told by a rule of its own", nil, slices.Concat(exception("material_movement", "sessions", "1", "9"), exception("declining_engagement", "sessions", "1", "9")),
			[]string{risk + "|declining_engagement|sessions|warning|1|9"}},
		{"of another metric", nil, slices.Concat(exception("material_movement", "active_users", "1", "9"), exception("declining_engagement", "sessions", "1", "9")),
			[]string{risk + "|adverse_movement|active_users|warning|1|9", risk + "|declining_engagement|sessions|warning|1|9"}},
		{"told by an opposite", one("sessions", "25", "20"), exception("material_movement", "sessions", "25", "20"),
			[]string{opportunity + "|growing_engagement|sessions|info|25|20"}},
		{"told by an anomaly", nil, slices.Concat(exception("material_movement", "sessions", "9", "1"), exception("anomaly", "sessions", "9", "2")),
			[]string{opportunity + "|favourable_anomaly|sessions|warning|9|2"}},
		{"an anomaly the other way", nil, slices.Concat(exception("material_movement", "sessions", "5", "9"), exception("anomaly", "sessions", "5", "2")),
			[]string{risk + "|adverse_movement|sessions|warning|5|9", opportunity + "|favourable_anomaly|sessions|warning|5|2"}},
		{"volatile too", nil, slices.Concat(exception("material_movement", "sessions", "5", "9"), exception("volatile_trend", "sessions", "0.5", "0.25")),
			[]string{risk + "|adverse_movement|sessions|warning|5|9", risk + "|volatile_trend|sessions|warning|0.5|0.25"}},
	}
	var figures, exceptions []string
	for _, tt := range tests {
		for _, m := range tt.figures {
			figures = append(figures, fmt.Sprintf("('%s','%s','%s',%s,%s)", tt.name, m.population, m.metric, decimalOrNull(m.value), decimalOrNull(m.previous)))
		}
		for _, e := range tt.exceptions {
			exceptions = append(exceptions, fmt.Sprintf("('%s','%s','%s','%s','%s','%s','%s')", tt.name, e.rule, e.metric, e.variant, e.severity, e.observed, e.expected))
		}
	}
	change(t, w, `INSERT INTO kpi_core.metric_month (edition, month, scope, program_id, population, metric, value, previous, mom_abs, exact_value, exact_mom_pct)
		SELECT 1, '2024-01-01', 'program', program, population, metric, value, before, value - before, value,
			if(before != 0, toDecimal256(value - before, 20) / toDecimal256(abs(before), 4), NULL)
		FROM VALUES('program String, population String, metric String, value Nullable(Decimal(38, 12)), before Nullable(Decimal(38, 12))', `+strings.Join(figures, ",")+")")
	change(t, w, `INSERT INTO kpi_core.exception (edition, month, scope, program_id, rule, metric, variant, severity, observed, expected)
		SELECT 1, '2024-01-01', 'program', * FROM VALUES(
			'program String, rule String, metric String, variant String, severity String, observed Decimal(38, 12), expected Decimal(38, 12)', `+strings.Join(exceptions, ",")+")")
	change(t, w, "INSERT INTO kpi_core.edition_part SELECT 1, arrayJoin(['metric_month', 'exception']), '2024-01-01', 1")
	change(t, w, "INSERT INTO kpi_core.edition SELECT 1, 'r', '2024-01-31', '2024-01-01', now(), '2024-02-01'")
	found := map[string][]string{}
	for _, line := range lines(t, w, `SELECT program_id, kind, topic, metric, severity, observed, expected FROM kpi.findings
		WHERE month = '2024-01-01' ORDER BY program_id, topic, metric`) {
		name, finding, _ := strings.Cut(line, "|")
		found[name] = append(found[name], finding)
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, found[tt.name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	expect(t, w, "SELECT count() FROM kpi.findings WHERE empty(evidence) OR empty(interventions) OR kind NOT IN ('risk', 'opportunity')", "0")
	expect(t, w, "SELECT program_id, at_stake FROM kpi.findings WHERE topic = 'falling_unspent'", "falling|900")
	expect(t, w, "SELECT evidence FROM kpi.findings WHERE program_id IN ('falling', 'high', 'risen', 'growing', 'even') ORDER BY evidence",
		"50.0 % as many members of programme risen redeemed as were awarded, up from 40.0 % the month before.",
		"70.0 % as many members of programme high redeemed as were awarded: 70.0 % or more is high.",
		"Active users of programme growing rose by 15.0 % to 115.",
		"Dollars awarded in programme even are evenly spread: the Gini coefficient is 0.30, and a tenth of the members got 20.0 %.",
		"Unspent dollars of programme falling fell by 10.0 % to 900.00 while redemptions did not fall.")

	// Other thresholds count at once.
	_, err := w.ApplySettings(t.Context(), load.Settings{Thresholds: map[string]map[string]string{"high_conversion": {"min_rate": "0.71"}, "even_distribution": {"max_gini": "0.29"}}})
	must(t, err)
	expect(t, w, "SELECT program_id FROM kpi.findings WHERE topic IN ('high_conversion', 'even_distribution') AND program_id IN ('high', 'risen', 'even')", "risen")
}

func decimalOrNull(number string) string {
	if number == "" {
		return "NULL"
	}
	return "'" + number + "'"
}
