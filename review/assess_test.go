package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

// checkAssessment holds every figure of April's assessment against the KPI tables, and the comparisons against what SQL of
// its own says.
func checkAssessment(t *testing.T, w *load.Warehouse, april review.Month) {
	t.Helper()
	a, err := review.Assess(t.Context(), w, april)
	if err != nil {
		t.Fatal(err)
	}
	or := func(d review.Decimal) string {
		if d == "" {
			return `\N`
		}
		return string(d)
	}
	got := map[string]bool{}
	for _, s := range a.Scopes {
		for _, k := range s.KPIs {
			got[strings.Join([]string{
				s.Program, k.Population, k.Metric, or(k.Value), or(k.Previous), or(k.MoM), or(k.MoMPct), or(k.YearBefore), or(k.YoY), or(k.YoYPct), k.Direction, k.Trend, or(k.TrendSD),
				k.Verdict, k.YearVerdict,
			}, "|")] = true
		}
	}
	lines := answer(t, w, `
		SELECT m.program_id, m.population, m.metric, m.value, m.previous, m.mom_abs, m.mom_pct, y.value, m.yoy_abs, m.yoy_pct, ifNull(m.direction, ''), ifNull(m.trend, ''), m.trend_sd,
			multiIf(ifNull(m.mom_abs, 0) = 0, '', m.polarity = 'neutral', 'neutral', (m.mom_abs > 0) = (m.polarity = 'good'), 'good', 'bad'),
			multiIf(ifNull(m.yoy_abs, 0) = 0, '', m.polarity = 'neutral', 'neutral', (m.yoy_abs > 0) = (m.polarity = 'good'), 'good', 'bad')
		FROM kpi.metric_monthly AS m
		LEFT JOIN (SELECT * FROM kpi.metric_monthly WHERE month = '2024-04-01') AS y
			ON m.scope = y.scope AND m.program_id = y.program_id AND m.org_id = y.org_id AND m.segment = y.segment AND m.population = y.population AND m.metric = y.metric
		WHERE m.month = '2025-04-01' AND m.scope IN ('portfolio', 'program')`)
	if len(lines) != 3*80 || len(got) != len(lines) {
		t.Errorf("%d figures are assessed, %d are there", len(got), len(lines))
	}
	for _, line := range lines {
		if !got[strings.Join(line, "|")] {
			t.Errorf("not assessed: %q", line)
		}
	}
	if a.Scopes[0].Scope.Scope != "portfolio" || a.Scopes[0].KPIs[0].Metric != "total_users" || a.Scopes[2].Name != "<script>alert(1)</script>" || !a.Complete {
		t.Errorf("the assessment is of %v, %v", a.Scopes[0].Scope, a.Scopes[2].Scope)
	}
	if state := answer(t, w, "SELECT hex(sum(state)) FROM kpi_core.figure_state(month = '2025-04-01')"); a.State == "" || a.State != state[0][0] {
		t.Errorf("the state is %s, want %s", a.State, state)
	}

	// Unspent dollars grew; redemptions of 33.33 came after none, which is no shift and no growth without redemptions. Of ghost, which
	// has begun, nothing moved.
	if len(a.Shifts) != 0 || len(a.Liability) != 0 {
		t.Errorf("shifts %v, liability %v", a.Shifts, a.Liability)
	}
	if len(a.Comparison) != 10 {
		t.Fatalf("programmes are compared by %d metrics", len(a.Comparison))
	}
	awarded := a.Comparison[2]
	gold, ghost := awarded.Programs[0], awarded.Programs[1]
	if awarded.Metric != "dollars_awarded" || gold.Program != "gold" || gold.Place != 1 || ghost.Place != 2 || !strings.HasPrefix(string(gold.Share), "0.99999998436") || ghost.Share == "" {
		t.Errorf("by dollars awarded the programmes are %+v, %+v", gold, ghost)
	}
	own, found := a.Of("gold")
	if !found || len(own.Scopes) != 1 || len(own.Comparison) != 10 || len(own.Comparison[0].Programs) != 1 || len(a.Scopes) != 3 {
		t.Errorf("of gold: %v, %d scopes", found, len(own.Scopes))
	}
	if _, found := a.Of("nosuch"); found || strings.Join(a.Programs(), " ") != "ghost gold" {
		t.Errorf("programmes are %v", a.Programs())
	}
	text, err := json.Marshal(a)
	if err != nil || !strings.Contains(string(text), `"value":"`+string(awarded.Portfolio.Value)+`"`) || !strings.Contains(string(text), `"month":"2025-04"`) || !strings.Contains(string(text), `"value":null`) {
		t.Errorf("as JSON: %v", err)
	}

	// A month in which the liability grew and nobody redeemed.
	march, err := review.Assess(t.Context(), w, april.Add(-1))
	if err != nil {
		t.Fatal(err)
	}
	var grown []string
	for _, g := range march.Liability {
		grown = append(grown, strings.Join([]string{g.Title(), g.Severity, string(g.GrewBy), string(g.RedeemedMore)}, "|"))
	}
	if got := strings.Join(grown, "\n"); got != "Portfolio|warning|100000.005|0\ngold|warning|100000.005|0" {
		t.Errorf("liability of March:\n%s", got)
	}
	may, err := review.Assess(t.Context(), w, april.Add(-11)) // of 2024, after the redemption of 250
	if err != nil || len(may.Shifts) != 2 || may.Shifts[1].Shift != "decelerating" || may.Shifts[1].MoM != "-250" || may.Shifts[1].MoMPct != "-1" {
		t.Errorf("shifts of May 2024: %+v, %v", may.Shifts, err)
	}
}
