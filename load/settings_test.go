package load_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func apply(t tb, w *load.Warehouse, settings load.Settings, want bool) {
	t.Helper()
	changed, err := w.ApplySettings(t.Context(), settings)
	must(t, err)
	if changed != want {
		t.Errorf("changed is %v, want %v", changed, want)
	}
}

func TestApplySettings(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, utc)
	const (
		gini      = "SELECT owner, target, warn, critical FROM kpi.metrics WHERE metric = 'gini' AND population = 'awarded'"
		unspent   = "SELECT owner, target, warn, critical FROM kpi.metrics WHERE metric = 'gini' AND population = 'unspent'"
		threshold = "SELECT value, default_value FROM kpi.thresholds WHERE rule = 'rising_unspent' AND threshold IN ('min_pct', 'min_amount') ORDER BY threshold"
		touches   = "SELECT countIf(settled = 0), count() FROM etl.touched_months FINAL WHERE source = '' AND unit = 'figures' AND month = '1900-01-01'"
		written   = "SELECT (SELECT count() FROM kpi_core.metric_setting), (SELECT count() FROM kpi_core.threshold_setting), (SELECT count() FROM etl.touched_months WHERE unit = 'figures')"
	)
	apply(t, w, load.Settings{}, false)
	expect(t, w, written, "0|0|0")
	expect(t, w, gini, "Finance|~|0.6|~")
	expect(t, w, threshold, "100|100", "0.1|0.1")

	metrics := map[string]load.MetricSetting{"awarded/gini": {Owner: `Zoë's <team> \ "A"`, Target: "0.300000000001", Critical: "-0.5"}}
	apply(t, w, load.Settings{Metrics: metrics}, true)
	expect(t, w, "SELECT owner FROM kpi.metrics WHERE metric = 'gini' AND population = 'awarded' AND owner = 'Zoë\\'s <team> \\\\ \"A\"'", `Zoë\'s <team> \\ "A"`)
	expect(t, w, "SELECT target, warn, critical FROM kpi.metrics WHERE metric = 'gini' AND population = 'awarded'", "0.300000000001|0.6|-0.5")
	expect(t, w, unspent, "Finance|~|~|~")
	expect(t, w, written, "1|0|0") // no figure is computed from them

	interventions := map[string][]string{"rising_unspent": {`Ask "Zoë's" \ team`, "Wait"}, "nosuch": {"never shown"}}
	const suggested = "SELECT position, suggestion, is_default FROM kpi.interventions WHERE topic = 'rising_unspent' ORDER BY position"
	if got := lines(t, w, suggested); len(got) != 3 || !strings.HasSuffix(got[2], "|1") {
		t.Errorf("by default, %q is suggested", got)
	}
	apply(t, w, load.Settings{Metrics: metrics, Interventions: interventions}, true)
	apply(t, w, load.Settings{Metrics: metrics, Interventions: interventions}, false)
	expect(t, w, suggested, `1|Ask "Zoë\'s" \\ team|0`, "2|Wait|0")
	expect(t, w, "SELECT uniqExact(topic), countIf(is_default) > 0, countIf(topic = 'nosuch') FROM kpi.interventions", "15|1|0")
	apply(t, w, load.Settings{Metrics: metrics}, true)
	expect(t, w, "SELECT countIf(NOT is_default) FROM kpi.interventions", "0")
	expect(t, w, written, "1|0|0") // no figure is computed from them either

	both := load.Settings{Metrics: metrics, Thresholds: map[string]map[string]string{"rising_unspent": {"min_pct": "0.150", "min_amount": "99.000000000001"}}}
	apply(t, w, both, true)
	expect(t, w, threshold, "99.000000000001|100", "0.15|0.1")
	expect(t, w, touches, "1|1")
	apply(t, w, both, false)
	both.Thresholds["rising_unspent"]["min_pct"] = "0.15" // the same number
	apply(t, w, both, false)
	expect(t, w, written, "1|1|1")

	t.Run("a crash before the figures were touched", func(t *testing.T) {
		change(t, w, "TRUNCATE TABLE etl.touched_months")
		apply(t, w, both, true)
		expect(t, w, touches, "1|1")
		expect(t, w, "SELECT count() FROM kpi_core.threshold_setting", "1")
		apply(t, w, both, false)
	})
	t.Run("what the file no longer has", func(t *testing.T) {
		delete(both.Thresholds["rising_unspent"], "min_amount")
		apply(t, w, both, true)
		expect(t, w, threshold, "100|100", "0.15|0.1")
		apply(t, w, load.Settings{}, true)
		expect(t, w, threshold, "100|100", "0.1|0.1")
		expect(t, w, gini, "Finance|~|0.6|~")
		apply(t, w, load.Settings{}, false)
	})
	t.Run("figures are computed anew once", func(t *testing.T) {
		deliver(t, w, "u", noon, award("a", "m", 1, "2024-01-10"))
		refreshes(t, w, 1)
		expect(t, w, touches, "0|1")
		apply(t, w, both, true)
		expect(t, w, touches, "1|1")
		refreshes(t, w, 0) // no month of events
		expect(t, w, touches, "0|1")
		apply(t, w, both, false)
		expect(t, w, touches, "0|1")
	})
}

// limitAsked is a threshold as statements ask for it: of one that does not exist, the map gives 0.
var limitAsked = regexp.MustCompile(`limits\['(\w+)\.(\w+)'\]`)

// TestThresholdsAreComplete: whatever the file says, every threshold of every rule has a value, and statements ask for no
// other.
func TestThresholdsAreComplete(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, utc)
	names, err := w.SettingNames(t.Context())
	must(t, err)
	all := map[string]map[string]string{"no_such_rule": {"min_pct": "1"}}
	thresholds := 0
	for rule, of := range names.Thresholds {
		all[rule] = map[string]string{}
		for _, name := range of {
			all[rule][name] = "7"
			thresholds++
		}
	}
	if len(names.Metrics) == 0 || thresholds == 0 {
		t.Errorf("%d metrics, %d thresholds", len(names.Metrics), thresholds)
	}
	for _, folder := range []string{"rules", "refresh", "kpi"} {
		scripts, err := sql.Scripts(folder)
		must(t, err)
		asked := 0
		for _, script := range scripts {
			for _, limit := range limitAsked.FindAllStringSubmatch(script.Text, -1) {
				if asked++; !slices.Contains(names.Thresholds[limit[1]], limit[2]) {
					t.Errorf("sql/%s asks for %s.%s, which is no threshold", script.Name, limit[1], limit[2])
				}
			}
		}
		if asked == 0 {
			t.Errorf("sql/%s asks for no threshold", folder)
		}
	}
	for _, settings := range []load.Settings{{}, {Thresholds: all}} {
		apply(t, w, settings, settings.Thresholds != nil)
		rows, err := w.Thresholds(t.Context())
		must(t, err)
		if len(rows) != thresholds {
			t.Errorf("%d thresholds in force, want %d", len(rows), thresholds)
		}
		for _, row := range rows {
			if settings.Thresholds != nil && row.Value != "7" || settings.Thresholds == nil && row.Value != row.Default {
				t.Errorf("%s.%s is %s, by default %s", row.Rule, row.Threshold, row.Value, row.Default)
			}
		}
	}
}
