package grafana

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/test/grafana/dashboard"
	"github.com/partnerplus/warehouse/test/grafana/place"
)

// testWrong takes a dashboard with nothing wrong, breaks it in each way that this package must not let pass, and looks whether it
// says so.
func testWrong(t *testing.T, j *judge, p *place.Place) {
	content, err := os.ReadFile(filepath.Join("testdata", "right.json"))
	if err != nil {
		t.Fatal(err)
	}
	right := string(content)
	whole, err := dashboard.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	if problems := j.broken(t, p, nil, right); len(problems) > 0 {
		t.Fatalf("nothing is wrong with it, but: %s", strings.Join(problems, "\n"))
	}
	for _, c := range []struct{ name, old, broken, says string }{
		{"another metric", "f.dollars_awarded AS", "f.dollars_redeemed AS", "in kpi.metric_monthly"},
		{"another metric in a figure", "value AS activation_rate", "value AS program_activation_rate", "in kpi.metric_monthly"},
		{"another movement", "activation_rate, mom FROM", "activation_rate, yoy AS mom FROM", "has no row like"},
		{"another month", "month AS time", "addMonths(month, -1) AS time", "in kpi.metric_monthly"},
		{"the month before the chosen one", "month = toDate32(${month:singlequote}) AND $__conditionalAll", "month = addMonths(toDate32(${month:singlequote}), -1) AND $__conditionalAll", "it lacks the chosen month"},
		{"twelve months", "-12)", "-11)", "lacks 2024-09"},
		{"another scope", "kpi.portfolio_financial_monthly AS f WHERE", "kpi.program_financial_monthly AS f WHERE program_id = 'acme' AND", "in kpi.metric_monthly"},
		{"money through a float", "f.unspent_dollars AS", "toFloat64(f.unspent_dollars) AS", "went through a float"},
		{"money in single precision", "f.unspent_dollars AS", "toFloat32(f.unspent_dollars) AS", "in kpi.metric_monthly"},
		{"a cent more", "f.unspent_dollars AS", "f.unspent_dollars + toDecimal64(0.01, 2) AS", "in kpi.metric_monthly"},
		{"a number as text", "f.dollars_awarded AS dollars_awarded, f.unspent_dollars AS", "toString(f.unspent_dollars) AS", "no wide time series"},
		{"a month as text", "month AS time", "toString(month) AS time", "no wide time series"},
		{"an error", "f.dollars_awarded AS", "f.nobody AS", "UNKNOWN_IDENTIFIER"},
		{"a macro that is none", "$__dateFilter(month)", "$__nobody(month)", "does not exist"},
		{"nothing", "WHERE $__dateFilter(month)", "WHERE 0 AND $__dateFilter(month)", "it is empty"},
		{"a missing row", "ORDER BY program_id\"}", "AND program_id != 'acme' ORDER BY program_id\"}", "is missing"},
		{"missing rows of a view", "singlequote})\"}", "singlequote}) AND org_id != 'north'\"}", "rows of"},
		{"a column that nobody has", "total_users FROM", "total_users, 1 AS one FROM", "the field one is compared with nothing"},
		{"a variable without values", "FROM kpi.program_financial_monthly ORDER", "FROM kpi.program_financial_monthly WHERE 0 ORDER", "$program: its query has no"},
		{"a variable that is none", "${month:singlequote}), -12", "${moon:singlequote}), -12", "a variable is not known"},
		{"an override for nothing", `"options": "program_id"`, `"options": "nobody"`, "which no frame has"},
		{"a link to nowhere", "/d/right?", "/d/wrong?", "there is no dashboard wrong"},
		{"a link that sets nothing", "var-program=", "var-nobody=", "has no variable $nobody"},
		{"a link from nothing", "__data.fields.program_id", "__data.fields.nobody", "no field"},
		{"a link that loses odd names", "program_id:percentencode", "program_id:raw", "leads to no address"},
		{"tags that nobody has", `"tags": ["right"], "title"`, `"tags": ["wrong"], "title"`, "no dashboard has the tags"},
		{"sorted by nothing", `"sortBy": [{"displayName": "Programme"`, `"sortBy": [{"displayName": "Nobody"`, "which is no field"},
		{"a sparkline without months", "SELECT month, value AS", "SELECT formatDateTime(month, '%Y') AS year, value AS", "a sparkline needs"},
		{"months of the browser", `"timezone": "utc"`, `"timezone": "browser"`, "its months depend on"},
		{"another data source", `"uid": "clickhouse-kpi"}, "rawSql": "SELECT month AS time`, `"uid": "another"}, "rawSql": "SELECT month AS time`, "it asks another"},
	} {
		if !strings.Contains(right, c.old) {
			t.Errorf("%s: there is no %q to break", c.name, c.old)
			continue
		}
		problems := j.broken(t, p, whole.Panels, strings.Replace(right, c.old, c.broken, 1))
		if said := strings.Join(problems, "\n"); !strings.Contains(said, c.says) {
			t.Errorf("%s: it says nothing of %q, but: %s", c.name, c.says, said)
		}
	}
}

// broken gives what is wrong with a dashboard, in those of its panels that are not as they were, if any.
func (j *judge) broken(t *testing.T, p *place.Place, were []dashboard.Panel, content string) (problems []string) {
	t.Helper()
	d, err := dashboard.Parse([]byte(content))
	if err != nil {
		return []string{err.Error()}
	}
	for _, err := range d.CheckLinks([]*dashboard.Dashboard{d}) {
		problems = append(problems, err.Error())
	}
	var changed []dashboard.Panel
	for i := range were {
		if !reflect.DeepEqual(d.Panels[i], were[i]) {
			changed = append(changed, d.Panels[i])
		}
	}
	if changed != nil {
		d.Panels = changed
	}
	return append(problems, j.dashboard(t, p, d, visit{name: "broken", Visit: dashboard.Visit{Now: today, Zone: "America/Los_Angeles"}})...)
}
