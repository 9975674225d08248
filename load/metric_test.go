package load_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// TestNewMetric adds a metric as anybody would: one .sql file, and one row of the catalogue.
func TestNewMetric(t *testing.T) {
	t.Parallel()
	view, err := os.ReadFile("testdata/metrics/awarded_per_session.sql")
	must(t, err)
	const row = "('awarded_per_session', 'engagement', '', 'Awarded per session', 'money', 'money', 1, 'driver', 'bad', 0, 'Test team', " +
		"NULL, '2.50', NULL, NULL, 'monthly', 'this test', 'dollars_awarded / sessions')"
	catalogue := sql.Text("metrics/catalogue.sql")
	if strings.Count(catalogue, "\n)\n") != 1 {
		t.Fatal("the catalogue does not end as it did")
	}
	w, err := load.Open(warehousetest.DSN(t), load.WithScripts(fstest.MapFS{
		"metrics/awarded_per_session.sql": {Data: view},
		"metrics/catalogue.sql":           {Data: []byte(strings.Replace(catalogue, "\n)\n", ",\n    "+row+"\n)\n", 1))},
	}))
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	_, err = w.Migrate(t.Context(), utc)
	must(t, err)
	expect(t, w, "SELECT dimension, unit, higher_is, owner, target, definition FROM kpi.metrics WHERE metric = 'awarded_per_session'",
		"engagement|money|bad|Test team|2.5|dollars_awarded / sessions")

	session := func(id, when string) fact {
		return fact{Entity: "portal_sessions", ID: id, Member: "m", At: at(when), Version: 1}
	}
	deliver(t, w, "u", noon,
		award("a", "m", 3, "2024-01-10"), session("s1", "2024-01-11"), session("s2", "2024-01-12"),
		award("b", "m", 2, "2024-02-10"), session("s3", "2024-02-11"), session("s4", "2024-02-12"), session("s5", "2024-02-13"),
		award("c", "m", 7, "2024-03-10"))
	refresh(t, w)
	expect(t, w, `
		SELECT formatDateTime(month, '%Y-%m'), dimension, value, previous, mom_abs, mom_pct, direction, polarity
		FROM kpi.metric_monthly
		WHERE scope = 'program' AND program_id = 'p' AND metric = 'awarded_per_session'
		ORDER BY month`,
		"2024-01|engagement|1.5|~|~|~|~|bad",
		"2024-02|engagement|0.666666666667|1.5|-0.833333333333|-0.555555555556|down|bad",
		"2024-03|engagement|~|0.666666666667|~|~|~|bad") // no sessions
	// The others are there as ever.
	metric(t, w, "dollars_awarded", "portfolio", "2024-01|3", "2024-02|2", "2024-03|7")
}
