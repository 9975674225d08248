package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// loadMetrics reads a metrics file beside a config that names it.
func loadMetrics(t *testing.T, yaml string, known *MetricNames) (Metrics, error) {
	t.Helper()
	c, err := load(t, "reporting: {currency: USD}\nmetrics: metrics.yaml\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Metrics, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return c.LoadMetrics(known)
}

var names = &MetricNames{
	Metrics:    []string{"activation_rate", "sessions", "awarded/gini", "unspent/gini"},
	Thresholds: map[string][]string{"rising_unspent": {"min_pct", "min_amount", "critical_months"}, "growth": {"act_pct"}},
	Topics:     []string{"rising_unspent", "high_conversion"},
}

func TestLoadMetrics(t *testing.T) {
	got, err := loadMetrics(t, `
metrics:
  activation_rate: {owner: "Zoë's team", target: "0.50", warn: 0.350, critical: 0.20, baseline:}
  awarded/gini: {warn: 12345678901234567890123456.123456789012}
thresholds:
  rising_unspent: {min_pct: "0.15", critical_months: 2}
  growth:
    act_pct: -0.10
interventions:
  high_conversion: ["Ask for more", 'Zoë: "again"']
`, names)
	if err != nil {
		t.Fatal(err)
	}
	want := Metrics{
		Metrics: []Metric{
			{Name: "activation_rate", Owner: "Zoë's team", Target: "0.50", Warn: "0.350", Critical: "0.20"},
			{Name: "awarded/gini", Warn: "12345678901234567890123456.123456789012"},
		},
		Thresholds:    map[string]map[string]Decimal{"rising_unspent": {"min_pct": "0.15", "critical_months": "2"}, "growth": {"act_pct": "-0.10"}},
		Interventions: map[string][]string{"high_conversion": {"Ask for more", `Zoë: "again"`}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutMetricsFile(t *testing.T) {
	if m, err := Default().LoadMetrics(names); err != nil || m.Metrics != nil || m.Thresholds != nil {
		t.Errorf("%+v, %v", m, err)
	}
	c := Default()
	c.Metrics = filepath.Join(t.TempDir(), "metrics.yaml")
	if _, err := c.LoadMetrics(nil); err == nil || !strings.Contains(err.Error(), "no such metrics file") {
		t.Errorf("want an error about a file that is not there, not: %v", err)
	}
}

func TestMetricsProblems(t *testing.T) {
	tests := []struct {
		name, yaml string
		want       []string // all problems, without the file
	}{
		// An editor that is just writing the file must not set everything back.
		{"empty", "# nothing\n", []string{"the file is empty"}},
		{"unknown keys", "metric: {}\nmetrics: {sessions: {owners: x, target: 1}}\n", []string{
			"1:1: metric: unknown key; did you mean metrics?",
			"2:22: metrics.sessions.owners: unknown key; did you mean owner?"}},
		{"numbers", "metrics:\n  sessions: {target: 50%, warn: 1e3, critical: .5, baseline: 0.1234567890123}\nthresholds:\n  rising_unspent: {min_pct: ten, min_amount: \"\", critical_months: 2.5}\n", []string{
			`2:52: metrics.sessions.baseline: "0.1234567890123" is not a decimal number such as 0.15, with up to 12 places`,
			`2:14: metrics.sessions.target: "50%" is not a decimal number such as 0.15, with up to 12 places`,
			`2:27: metrics.sessions.warn: "1e3" is not a decimal number such as 0.15, with up to 12 places`,
			`2:38: metrics.sessions.critical: ".5" is not a decimal number such as 0.15, with up to 12 places`,
			`4:50: thresholds.rising_unspent.critical_months: "2.5" is not a number of months from 1 to 12`,
			`4:34: thresholds.rising_unspent.min_amount: empty; give it a value, or leave it out`,
			`4:20: thresholds.rising_unspent.min_pct: "ten" is not a decimal number such as 0.15, with up to 12 places`}},
		{"kinds", "metrics: [sessions]\nthresholds: {growth: 1}\n", []string{
			"1:10: metrics: must be a mapping of keys to values, not a list",
			"2:22: thresholds.growth: must be a mapping of keys to values, not a single value"}},
		{"names", "metrics:\n  activation_rat: {owner: x}\n  gini: {target: 1}\n  awarded/ginny: {target: 1}\n  weather: {target: 1}\nthresholds:\n  rising: {min_pct: 1}\n  growth: {akt_pct: 1}\n  raising_unspent: {}\n  rising_unspent: {anything: 1}\n", []string{
			"2:3: metrics.activation_rat: there is no such metric; did you mean activation_rate?",
			"3:3: metrics.gini: a distribution is of a population: write awarded/gini or unspent/gini",
			"4:3: metrics.awarded/ginny: there is no such metric; did you mean awarded/gini?",
			"5:3: metrics.weather: there is no such metric; partnerplus metrics lists them",
			"8:12: thresholds.growth.akt_pct: growth has no such threshold; did you mean act_pct?",
			"9:3: thresholds.raising_unspent: there is no such rule; did you mean rising_unspent?",
			"7:3: thresholds.rising: there is no such rule; there are: growth, rising_unspent",
			"10:20: thresholds.rising_unspent.anything: rising_unspent has no such threshold; it has: min_pct, min_amount, critical_months"}},
		{"interventions", "interventions:\n  rising_unspend: [x]\n  weather: [x]\n  rising_unspent: []\n  high_conversion: [ok, \" \", \"two\\nlines\", " + strings.Repeat("é", 501) + "]\n", []string{
			`5:25: interventions.high_conversion[1]: empty; say what to do, or leave it out`,
			`5:30: interventions.high_conversion[2]: "two\nlines" has a line break or another control character; write one line`,
			`5:44: interventions.high_conversion[3]: longer than 500 characters`,
			`4:3: interventions.rising_unspent: empty; say what to do, or leave it out for what is suggested by default`,
			`2:3: interventions.rising_unspend: there is no such topic of findings; did you mean rising_unspent?`,
			`3:3: interventions.weather: there is no such topic of findings; there are: rising_unspent, high_conversion`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadMetrics(t, tt.yaml, names)
			if err == nil {
				t.Fatal("no error")
			}
			var got []string
			for _, line := range strings.Split(err.Error(), "\n") {
				_, line, _ = strings.Cut(line, "metrics.yaml:")
				got = append(got, strings.TrimSpace(line))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	// Without a warehouse, names are not known.
	if _, err := loadMetrics(t, "metrics: {weather: {target: 1}}\n", nil); err != nil {
		t.Errorf("names are checked though none are known: %v", err)
	}
}
