package review

import (
	"math/big"
	"slices"
	"testing"
)

func rats(t *testing.T, texts ...Decimal) (values []*big.Rat) {
	t.Helper()
	for _, text := range texts {
		value, err := text.exact()
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
	}
	return values
}

// TestAxes: an axis has zero and all values on it, and few ticks at round numbers, however large or small the values are.
func TestAxes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []Decimal
		unit   string
		ticks  []string
	}{
		{"nothing", nil, "", []string{"0", "0.5", "1"}},
		{"only NULL", []Decimal{"", ""}, "", []string{"0", "0.5", "1"}},
		{"only zero", []Decimal{"0"}, "", []string{"0", "0.5", "1"}},
		{"hundreds", []Decimal{"120", "", "387.5"}, "", []string{"0", "100", "200", "300", "400"}},
		{"a value at a tick", []Decimal{"400"}, "", []string{"0", "100", "200", "300", "400"}},
		{"below zero", []Decimal{"-30", "170"}, "", []string{"-50", "0", "50", "100", "150", "200"}},
		{"all below zero", []Decimal{"-3", "-7"}, "", []string{"-8", "-6", "-4", "-2", "0"}},
		{"thousands", []Decimal{"245198.78"}, ", thousands", []string{"0", "100", "200", "300"}},
		{"millions", []Decimal{"5000000"}, ", millions", []string{"0", "2", "4", "6"}},
		{"billions and more", []Decimal{"98765432109876.5"}, ", billions", []string{"0", "50,000", "100,000"}},
		{"less than a cent", []Decimal{"0.0003"}, "", []string{"0", "0.0001", "0.0002", "0.0003"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, ticks := span(rats(t, test.values...), 200, 20)
			size, unit := magnitude(ticks)
			var got []string
			for _, tick := range ticks {
				text, err := tickText(tick, size)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, text)
			}
			if unit != test.unit || !slices.Equal(got, test.ticks) {
				t.Errorf("the ticks are %q%s, want %q%s", got, unit, test.ticks, test.unit)
			}
			if low, high := spot(a.at(ticks[0])), spot(a.at(ticks[len(ticks)-1])); low != "200.0" || high != "20.0" {
				t.Errorf("the ends are at %s and %s", low, high)
			}
		})
	}
}

// TestChartsOfBrokenHistories: NULLs break a line, and a chart of nothing is none.
func TestChartsOfBrokenHistories(t *testing.T) {
	t.Parallel()
	pack := sample()
	chart, err := pack.Flows()
	if err != nil {
		t.Fatal(err)
	}
	if len(chart.Bars) != 7 || len(chart.Dots) != 4 || len(chart.Curves) != 1 { // one redemption is NULL
		t.Errorf("%d bars, %d dots and %d curves", len(chart.Bars), len(chart.Dots), len(chart.Curves))
	}
	rate, _ := pack.Portfolio.Find("activation_rate", "")
	line, err := rate.Line()
	if err != nil || len(line.Pieces) != 2 || line.LastX != "" || line.Label != "lowest 25.0\u00a0% in 2026-08, highest 50.0\u00a0% in 2026-06" {
		t.Errorf("the line is %+v (%v)", line, err)
	}
	for name, draw := range map[string]func() (*Chart, error){"flows": bare().Flows, "ageing": bare().Ageing, "lorenz": bare().Lorenz} {
		if chart, err := draw(); chart != nil || err != nil {
			t.Errorf("%s of nothing: %v, %v", name, chart, err)
		}
	}
}
