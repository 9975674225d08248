package load_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// TestWideViews holds every wide view against kpi.metric_monthly, of which it is another form.
func TestWideViews(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, utc)
	of := func(f fact, program, org, segment string) []fact {
		f.Program, f.Org, f.ID = program, org, program+f.ID
		return []fact{f, {Entity: "members", Program: program, Member: f.Member, Org: org, Segment: segment, Joined: at("2024-01-01"), Version: 1}}
	}
	redeemed := fact{Entity: "redemptions", ID: "r", Member: "m", Amount: dollar / 3, At: at("2024-02-20"), Version: 1}
	session := fact{Entity: "portal_sessions", ID: "s", Member: "m", At: at("2024-03-05"), Views: 3, Version: 1}
	var facts []fact
	for _, program := range []string{"p", "q"} {
		facts = append(facts, of(award("a", "m", 3, "2024-01-10"), program, "o", "gold")...)
		facts = append(facts, of(award("b", "n", 4, "2024-03-10"), program, "o2", "gold")...)
		facts = append(facts, of(redeemed, program, "o", "gold")[0], of(session, program, "o", "gold")[0])
	}
	deliver(t, w, "u", noon, facts...)
	refresh(t, w)

	metrics, err := w.Metrics(t.Context())
	must(t, err)
	columns := map[string][]string{}
	for _, m := range metrics {
		switch {
		case m.Population == "unspent": // the populations share their columns
		case strings.HasPrefix(m.Metric, "lorenz_"): // points of a curve, without columns for movements
			columns[m.Dimension] = append(columns[m.Dimension], fmt.Sprintf("('%[1]s', CAST(%[1]s AS Nullable(Decimal(38, 12))), NULL, NULL)", m.Metric))
		default:
			columns[m.Dimension] = append(columns[m.Dimension],
				fmt.Sprintf("('%[1]s', CAST(%[1]s AS Nullable(Decimal(38, 12))), %[1]s_mom_abs, %[1]s_mom_pct)", m.Metric))
		}
	}
	for dimension, of := range columns {
		population := "''"
		if dimension == "distribution" {
			population = "population"
		}
		sameRows(t, w,
			"SELECT month, scope, program_id, org_id, segment, population, metric, value, if(startsWith(metric, 'lorenz_'), NULL, mom_abs), if(startsWith(metric, 'lorenz_'), NULL, mom_pct) FROM kpi.metric_monthly WHERE dimension = '"+dimension+"'",
			"SELECT month, scope, program_id, org_id, segment, "+population+", c.1, c.2, c.3, c.4 FROM kpi."+dimension+"_monthly ARRAY JOIN ["+strings.Join(of, ", ")+"] AS c")
		sameAsAll(t, w, "kpi", dimension)
	}
	sameAsAll(t, w, "kpi_engagement", "engagement")
	sameRows(t, w, "SELECT * FROM kpi_engagement.engagement_monthly", "SELECT * FROM kpi.engagement_monthly")
	sameWhenShown(t, w)
}

// sameAsAll holds the views of each scope against the one of all scopes.
func sameAsAll(t tb, w *load.Warehouse, database, dimension string) {
	t.Helper()
	for scope, always := range map[string]string{
		"portfolio": "scope, program_id, org_id, segment", "program": "scope, org_id, segment",
		"organisation": "scope, segment", "segment": "scope, org_id",
	} {
		sameRows(t, w, fmt.Sprintf("SELECT * FROM %s.%s_%s_monthly", database, scope, dimension),
			fmt.Sprintf("SELECT * EXCEPT (%s) FROM %s.%s_monthly WHERE scope = '%s'", always, database, dimension, scope))
	}
}

func sameRows(t tb, w *load.Warehouse, one, other string) {
	t.Helper()
	expect(t, w, fmt.Sprintf("SELECT (SELECT count() FROM (%[1]s)) > 0, (SELECT count() FROM (%[1]s)) = (SELECT count() FROM (%[2]s)), (SELECT count() FROM (%[1]s EXCEPT %[2]s))",
		one, other), "1|1|0")
}

// TestReadersSeeComments: what people read says what it is, table by table and column by column.
func TestReadersSeeComments(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, utc)
	expect(t, w, "SELECT database, name FROM system.tables WHERE database IN ('kpi', 'kpi_engagement', 'kpi_support') AND comment = ''")
	expect(t, w, "SELECT database, table, name FROM system.columns WHERE database IN ('kpi', 'kpi_engagement') AND comment = ''")
}
