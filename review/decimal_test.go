package review

import (
	"strings"
	"testing"
)

func TestNumbersAreWrittenExactly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		write func(Decimal) (string, error)
		value Decimal
		want  string
	}{
		{"NULL", Money, "", "n/a"},
		{"zero", Money, "0", "0.00"},
		{"cents are filled up", Money, "7.5", "7.50"},
		{"half a cent goes up", Money, "1234567.8950", "1,234,567.90"},
		{"half a cent goes down below zero", Money, "-0.005", "-0.01"},
		{"less than half a cent is dropped", Money, "0.0049999999999", "0.00"},
		{"what rounds to zero has no sign", Money, "-0.0049", "0.00"},
		{"negative", Money, "-1000", "-1,000.00"},
		{"no comma before three digits", Money, "-999.99", "-999.99"},
		{"the carry goes all the way", Money, "999999.999", "1,000,000.00"},
		{"more digits than a float has", Money, "98765432109876543210987654.3210", "98,765,432,109,876,543,210,987,654.32"},
		{"a float would give 0.28", Money, "0.285", "0.29"},
		{"count", Count, "1234567", "1,234,567"},
		{"count of none", Count, "0", "0"},
		{"count that is NULL", Count, "", "n/a"},
		{"percent", Percent, "0.299499852898", "29.9\u00a0%"},
		{"percent above one hundred", Percent, "12.34567", "1,234.6\u00a0%"},
		{"percent that rounds to zero", Percent, "-0.0004", "0.0\u00a0%"},
		{"percent that is NULL", Percent, "", "n/a"},
		{"index", Index, "0.457074625976", "0.4571"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.write(test.value)
			if err != nil || got != test.want {
				t.Errorf("%q is written %q (%v), not %q", test.value, got, err, test.want)
			}
		})
	}
}

func TestWhatIsNoDecimalIsAnError(t *testing.T) {
	t.Parallel()
	for _, value := range []Decimal{"nan", "inf", "1e3", "1/3", "0x10", " 1", "1.", "+1", "--1"} {
		if got, err := Money(value); err == nil {
			t.Errorf("%q is written %q", value, got)
		}
		page := &Pack{Month: Month{2026, 9}, Portfolio: Figures{{Metric: Metric{ID: "new_users", Form: "count", Dimension: "financial"}, Value: value}}}
		if err := page.WriteHTML(new(strings.Builder)); err == nil {
			t.Errorf("a page with %q is written", value)
		}
	}
}

func TestMovements(t *testing.T) {
	t.Parallel()
	money := func(polarity string) Metric { return Metric{ID: "x", Unit: "money", Form: "money", Polarity: polarity} }
	ratio, gini := Metric{ID: "activation_rate", Unit: "ratio", Form: "ratio", Polarity: "good"}, Metric{ID: "gini", Unit: "ratio", Form: "ratio", Polarity: "bad"}
	perUser := Metric{ID: "sessions_per_active_user", Unit: "sessions", Form: "ratio", Polarity: "good"}
	tests := []struct {
		name   string
		figure Figure
		want   Movement
	}{
		{"up, and that is good", Figure{Metric: money("good"), Previous: "100", MoM: "25.5", MoMPct: "0.255"}, Movement{"▲", "up", "25.5\u00a0%", "good", "100.00", "+25.50"}},
		{"up, and that is bad", Figure{Metric: money("bad"), Previous: "100", MoM: "25.5", MoMPct: "0.255"}, Movement{"▲", "up", "25.5\u00a0%", "bad", "100.00", "+25.50"}},
		{"down, and that is bad", Figure{Metric: money("good"), Previous: "1000", MoM: "-1000", MoMPct: "-1"}, Movement{"▼", "down", "100.0\u00a0%", "bad", "1,000.00", "-1,000.00"}},
		{"down, and that is good", Figure{Metric: money("bad"), Previous: "4", MoM: "-1", MoMPct: "-0.25"}, Movement{"▼", "down", "25.0\u00a0%", "good", "4.00", "-1.00"}},
		{"neither good nor bad", Figure{Metric: money("neutral"), Previous: "4", MoM: "1", MoMPct: "0.25"}, Movement{"▲", "up", "25.0\u00a0%", "neutral", "4.00", "+1.00"}},
		{"unchanged", Figure{Metric: money("good"), Previous: "4", MoM: "0", MoMPct: "0"}, Movement{Arrow: "=", Word: "unchanged", From: "4.00"}},
		{"from zero there is no percentage", Figure{Metric: money("good"), Previous: "0", MoM: "4"}, Movement{"▲", "up", "", "good", "0.00", "+4.00"}},
		{"nothing before", Figure{Metric: money("good"), Value: "4"}, Movement{From: "n/a"}},
		{"NULL now", Figure{Metric: ratio, Previous: "0.5"}, Movement{From: "50.0\u00a0%"}},
		{"a ratio moves by points", Figure{Metric: ratio, Previous: "0.5", MoM: "-0.123", MoMPct: "-0.246"}, Movement{"▼", "down", "12.3\u00a0points", "bad", "50.0\u00a0%", ""}},
		{"a ratio moves by next to nothing", Figure{Metric: ratio, Previous: "0.5", MoM: "0.0001", MoMPct: "0.0002"}, Movement{"▲", "up", "0.0\u00a0points", "good", "50.0\u00a0%", ""}},
		{"an index moves by itself", Figure{Metric: gini, Previous: "0.5", MoM: "-0.0126", MoMPct: "-0.0252"}, Movement{"▼", "down", "0.0126", "good", "0.5000", ""}},
		{"so many for each moves in percent", Figure{Metric: perUser, Previous: "1.5", MoM: "-0.3", MoMPct: "-0.2"}, Movement{"▼", "down", "20.0\u00a0%", "bad", "1.50", "-0.30"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.figure.AgainstMonth()
			if err != nil || got != test.want {
				t.Errorf("got %+v (%v), want %+v", got, err, test.want)
			}
		})
	}
}

func TestADifferenceHasNoZerosAtItsEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ a, b, want Decimal }{{"60", "1", "59"}, {"100.50", "0.25", "100.25"}, {"7", "7.000", "0"}, {"1", "2.000000000001", "-1.000000000001"}, {"1", "", ""}} {
		if got, err := test.a.less(test.b); err != nil || got != test.want {
			t.Errorf("%q less %q is %q (%v), not %q", test.a, test.b, got, err, test.want)
		}
	}
}

func TestParseMonth(t *testing.T) {
	t.Parallel()
	if got, err := ParseMonth("2026-09"); err != nil || got != (Month{2026, 9}) || got.String() != "2026-09" || got.Title() != "September 2026" {
		t.Errorf("2026-09 is read as %v (%v)", got, err)
	}
	if got := (Month{2026, 1}).Add(-12); got != (Month{2025, 1}) {
		t.Errorf("twelve months before 2026-01 is %s", got)
	}
	for _, text := range []string{"", "2026", "2026-9", "2026-13", "2026-00", "2026-09-01", "26-09", "09-2026", " 2026-09", "2026-09x"} {
		if got, err := ParseMonth(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}
