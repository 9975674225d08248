package main

import (
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/load"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	dir := bare(t)
	command(t, dir, exitFailed, "metrics").says(t, "partnerplus migrate")
	write(t, dir, map[string]string{
		"partnerplus.yaml": "metrics: metrics.yaml\naccess: {partner_managers: {alice: [p, nosuch]}}\n" + header + awardSource,
		"metrics.yaml":     "metrics:\n  activation_rate: {owner: Ms Jones, target: \"0.50\"}\n  awarded/gini: {critical: 0.8}\nthresholds:\n  growth: {act_pct: -0.07}\n",
	})
	command(t, dir, exitDone, "validate").says(t, "well-formed")
	const unknown = `warning: access.partner_managers.alice: no programme "nosuch" is known`
	command(t, dir, exitWarnings, "run").says(t, unknown)
	command(t, dir, exitDone, "validate", "--connect").says(t, unknown)

	o := command(t, dir, exitDone, "metrics")
	o.says(t, "METRIC ", "Ms Jones", "users_redeeming / users_awarded", "lorenz_10", "outcome")
	var metrics []load.Metric
	command(t, dir, exitDone, "metrics", "-o", "json").json(t, &metrics)
	for _, m := range metrics {
		if m.Metric == "activation_rate" && (m.Owner != "Ms Jones" || m.Target == nil || *m.Target != "0.5" || m.Warn == nil || *m.Warn != "0.3" || m.Baseline != nil) {
			t.Errorf("activation_rate: %+v", m)
		}
		if m.Metric == "gini" && (m.Critical != nil) != (m.Population == "awarded") {
			t.Errorf("gini of %s: %+v", m.Population, m)
		}
	}
	if rows := strings.Count(o.out, "\n"); rows != 1+len(metrics) {
		t.Errorf("%d lines for %d metrics", rows, len(metrics))
	}
	var thresholds []load.Threshold
	command(t, dir, exitDone, "metrics", "thresholds", "-o", "json").json(t, &thresholds)
	for _, r := range thresholds {
		if want := r.Rule == "growth"; (r.Value != r.Default) != want || want && r.Value != "-0.07" {
			t.Errorf("threshold %+v", r)
		}
	}
	command(t, dir, exitDone, "metrics", "thresholds").says(t, "RULE ", "rising_unspent", "critical_months", "-0.07")
	command(t, dir, exitUsage, "metrics", "nosuch").says(t, "nosuch")
}

// A mistake in the metrics file is told, but keeps no rows out, and leaves the settings of before in force.
func TestWrongMetricsFile(t *testing.T) {
	t.Parallel()
	dir := small(t)
	const act = "SELECT toString(value) FROM kpi.thresholds WHERE rule = 'growth'"
	write(t, dir, map[string]string{
		"partnerplus.yaml": "metrics: metrics.yaml\n" + header + awardSource,
		"metrics.yaml":     "thresholds:\n  growth: {act_pct: -0.07}\n",
	})
	command(t, dir, exitWarnings, "run")
	write(t, dir, map[string]string{
		"metrics.yaml":            "thresholds:\n  growth: {akt_pct: -0.09}\n",
		"data/awards/2024-03.csv": strings.ReplaceAll(januaryAwards, "2024-01", "2024-03"),
	})
	command(t, dir, exitDone, "validate") // without the warehouse, no name is known
	command(t, dir, exitUsage, "validate", "--connect").says(t, "metrics.yaml:2:12: thresholds.growth.akt_pct", "did you mean act_pct?")
	command(t, dir, exitUsage, "run").says(t, "metrics.yaml:2:12: thresholds.growth.akt_pct", "did you mean act_pct?", "2 new rows in 1 units")
	command(t, dir, exitDone, "status").says(t, "akt_pct")
	if got := value(t, dir, act); got != `"-0.07"` {
		t.Errorf("the threshold is %s", got)
	}
	write(t, dir, map[string]string{"metrics.yaml": "thresholds:\n  growth: {act_pct: lots}\n"})
	command(t, dir, exitUsage, "validate").says(t, "metrics.yaml:2:12: thresholds.growth.act_pct", "lots", "decimal number")
	// Without the file, the defaults.
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource})
	command(t, dir, exitDone, "run")
	if got := value(t, dir, act); got != `"-0.05"` {
		t.Errorf("the threshold is %s, not the default", got)
	}
}
