package dashboard

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// find knows a variable with odd values, one that stands for all, and Grafana's own range.
func find(name, _ string) (value, bool) {
	switch name {
	case "program":
		return value{name: name, all: []string{`O'Neil "x"`}, text: []string{"O'Neil"}}, true
	case "orgs":
		return value{name: name, all: []string{"a", "b & c"}, text: []string{"A", "B"}, many: true}, true
	case "every":
		return value{name: name, all: []string{Every}}, true
	case "__from":
		return value{all: []string{"1767225600000"}, time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, true
	}
	return value{}, false
}

func TestReplace(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"${program:singlequote}", `'O\'Neil "x"'`},
		{"${program:sqlstring}", `'O''Neil "x"'`},
		{"${program:doublequote}", `"O'Neil \"x\""`},
		{"$program", `O'Neil "x"`},
		{"${program:percentencode}", "O%27Neil%20%22x%22"},
		{"${program:text}", "O'Neil"},
		{"${orgs:singlequote}", "'a','b & c'"},
		{"${orgs:csv}", "a,b & c"},
		{"${orgs:pipe}", "a|b & c"},
		{"${orgs:json}", `["a","b \u0026 c"]`},
		{"${orgs:queryparam}", "var-orgs=a&var-orgs=b%20%26%20c"},
		{"$orgs", "'a','b & c'"},
		{"$__from ${__from:date} ${__from:date:YYYY-MM} ${__from:date:seconds}", "1767225600000 2026-01-01T00:00:00.000Z 2026-01 1767225600"},
		{"$__dateFilter(month) ${nobody}", "$__dateFilter(month) ${nobody}"},
	} {
		if got, err := replace(c.text, find); err != nil || got != c.want {
			t.Errorf("%s becomes %s, want %s: %v", c.text, got, c.want, err)
		}
	}
	if _, err := replace("${program:nobody}", find); err == nil {
		t.Error("a format that nobody knows passes")
	}
}

func TestConditionalAll(t *testing.T) {
	for _, c := range []struct{ statement, want string }{
		{"WHERE $__conditionalAll(p IN (${program:singlequote}), $program) AND x", "WHERE p IN (${program:singlequote}) AND x"},
		{"WHERE $__conditionalAll(p IN (${every:singlequote}, f(a, b)), ${every})", "WHERE 1=1"},
		{"WHERE $__conditionalAll(p IN (${every:singlequote}), ${every})", "WHERE 1=1"},
		{"$__conditionalAll(a, $every) OR $__conditionalAll(b, $program)", "1=1 OR b"},
		{"$__conditionalAll(a, ${program:csv})", ""},
		{"$__conditionalAll(a, $nobody)", ""},
		{"$__conditionalAll(a)", ""},
		{"$__conditionalAll(a ~ '$&', $program)", ""},
	} {
		got, err := conditional(c.statement, find)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s becomes %s, want %s: %v", c.statement, got, c.want, err)
		}
	}
}

func TestRulesOfProvisioning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.yaml")
	const file = `groups: [{rules: [{uid: u, condition: C, data: [
		{refId: A, datasourceUid: ds, model: {rawSql: "SELECT $$__fromTime, $lost, '$$$$'"}}]}]}]`
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := LoadRules(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := rules[0].Data[0].Model["rawSql"]; got != "SELECT $__fromTime, , '$$'" {
		t.Errorf("the query is %q", got)
	}
}

func TestReducible(t *testing.T) {
	at := []time.Time{time.Unix(0, 0), time.Unix(60, 0)}
	for _, c := range []struct {
		name   string
		fields []*data.Field
		values int // 0: it cannot be reduced
	}{
		{"a table of numbers with labels", []*data.Field{data.NewField("who", nil, []string{"a", "b"}), data.NewField("n", nil, []float64{1, 2})}, 2},
		{"one number", []*data.Field{data.NewField("n", nil, []uint64{1})}, 1},
		{"a wide series", []*data.Field{data.NewField("time", nil, at), data.NewField("n", nil, []float64{1, 2})}, 1},
		{"a long series", []*data.Field{data.NewField("time", nil, at), data.NewField("who", nil, []string{"a", "b"}), data.NewField("n", nil, []float64{1, 2})}, 0},
		{"two numbers", []*data.Field{data.NewField("n", nil, []float64{1}), data.NewField("m", nil, []float64{1})}, 0},
		{"the same labels twice", []*data.Field{data.NewField("who", nil, []string{"a", "a"}), data.NewField("n", nil, []float64{1, 2})}, 0},
		{"a decimal that became a text", []*data.Field{data.NewField("n", nil, []string{"1.5"})}, 0},
		{"no rows", []*data.Field{data.NewField("n", nil, []float64{})}, 0},
		{"no value", []*data.Field{data.NewField("n", nil, []*float64{nil})}, 0},
	} {
		got, err := reducible(data.Frames{data.NewFrame("A", c.fields...)})
		if len(got) != c.values || (err == nil) != (c.values > 0) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}
