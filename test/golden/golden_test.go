// Package golden proves the figures: data sets with answers from independent programs go through configs, as a user's
// data would, and kpi.* must give the answers, value for value.
package golden

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// key identifies a figure.
type key struct{ Month, Scope, Program, Org, Segment, Population, Metric string }

// figure is a value with its movements, as decimal texts; "" is NULL.
type figure map[string]string

// fields that are compared, of each figure.
var fields = []string{"value", "previous", "mom_abs", "mom_pct", "yoy_abs", "yoy_pct", "direction", "polarity", "dimension"}

// loaded runs a config of testdata on an empty warehouse.
func loaded(t *testing.T, name string) *load.Warehouse {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "partnerplus.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	w := warehousetest.Migrated(t, load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency})
	p := &pipeline.Pipeline{Config: c, Warehouse: w, Log: zap.NewNop()}
	report, err := p.Run(t.Context(), pipeline.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if total := report.Total(); total.Rejected > 0 {
		rejects, err := w.Rejects(t.Context(), "", "", 3)
		t.Fatalf("%d rows were rejected, such as %+v (%v)", total.Rejected, rejects, err)
	}
	return w
}

// rows asks for an answer as JSON objects, decimals as texts.
func rows[T any](t *testing.T, w *load.Warehouse, statement string) []T {
	t.Helper()
	answer, err := w.Ask(t.Context(), "JSONEachRow", statement, false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Close() }()
	var all []T
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func figures(records []map[string]any, keep func(key) bool) map[key]figure {
	all := map[key]figure{}
	for _, r := range records {
		k := key{text(r["month"]), text(r["scope"]), text(r["program_id"]), text(r["org_id"]), text(r["segment"]), text(r["population"]), text(r["metric"])}
		if !keep(k) {
			continue
		}
		f := figure{}
		for _, name := range fields {
			f[name] = text(r[name])
		}
		all[k] = f
	}
	return all
}

// answers reads the reference program's figures.
func answers(t *testing.T, path string, keep func(key) bool) map[key]figure {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Records []map[string]any }
	if err := json.NewDecoder(unpacked).Decode(&document); err != nil {
		t.Fatal(err)
	}
	return figures(document.Records, keep)
}

// same compares two texts: numbers within the last place of 12 decimals, all else exactly.
func same(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	if !okX || !okY {
		return false
	}
	return x.Sub(x, y).Abs(x).Cmp(big.NewRat(1, 1_000_000_000_000)) <= 0
}

func compare(t *testing.T, want, got map[key]figure) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("there are no answers to compare with")
	}
	wrong := 0
	report := func(format string, args ...any) {
		if wrong++; wrong <= 20 {
			t.Errorf(format, args...)
		}
	}
	for k, w := range want {
		g, ok := got[k]
		if !ok {
			report("%+v is missing", k)
			continue
		}
		for _, field := range fields {
			if !same(w[field], g[field]) {
				report("%+v: %s is %q, want %q", k, field, g[field], w[field])
			}
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			report("%+v is too much", k)
		}
	}
	t.Logf("%d figures compared, %d differ", len(want), wrong)
}

// TestReferenceAnswers compares every figure of every metric in the catalogue with the reference program's.
func TestReferenceAnswers(t *testing.T) {
	shared := filepath.Join("..", "..", "..", "shared", "golden", "medium")
	for _, test := range []struct{ name, dir, answers, zone string }{
		{"small UTC", "testdata/small", "answers.json.gz", "UTC"},
		{"small New York", "testdata/small", "answers.America_New_York.json.gz", "America/New_York"},
		{"medium", shared, "answers.json.gz", "UTC"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := os.Stat(test.dir); err != nil && test.dir == shared {
				t.Skipf("the medium data set is not beside this repository: %v", err)
			}
			dir, err := filepath.Abs(test.dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("GOLDEN_DIR", dir)
			t.Setenv("GOLDEN_ZONE", test.zone)
			w := loaded(t, "canonical.yaml")
			metrics := map[string]bool{}
			for _, row := range rows[struct{ Metric, Population string }](t, w, "SELECT metric, population FROM kpi.metrics") {
				metrics[row.Metric+" "+row.Population] = true
			}
			implemented := func(k key) bool { return metrics[k.Metric+" "+k.Population] }
			want := answers(t, filepath.Join(dir, test.answers), implemented)
			scopes := map[string]bool{}
			for k := range want {
				scopes[k.Scope] = true
			}
			got := figures(rows[map[string]any](t, w, "SELECT * FROM kpi.metric_monthly"), func(k key) bool { return scopes[k.Scope] })
			compare(t, want, got)
		})
	}
}

// TestAirline brings in real data by configuration alone. Its answers come from another independent program.
func TestAirline(t *testing.T) {
	shared, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "data", "airline_loyalty"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(shared); err != nil {
		t.Skipf("the airline's data is not beside this repository: %v", err)
	}
	t.Setenv("AIRLINE_DIR", filepath.Join(shared, "raw"))
	w := loaded(t, "airline.yaml")

	type month struct {
		Awarded  json.Number `json:"total_awarded"`
		Awardees json.Number `json:"distinct_awarded_users"`
		Redeemed json.Number `json:"total_redeemed"`
		Redeem   json.Number `json:"distinct_redeeming_users"`
		Unspent  json.Number `json:"running_unspent_balance"`
		Gini     json.Number `json:"gini_over_users_with_award_gt_0"`
		Top10    json.Number `json:"top10pct_share"`
	}
	type group struct {
		Awarded  json.Number `json:"awarded"`
		Redeemed json.Number `json:"redeemed"`
	}
	var want struct {
		CAD struct {
			Months  map[string]month `json:"months"`
			Overall struct {
				ByOrg     map[string]group `json:"by_org"`
				ByProgram map[string]group `json:"by_program"`
			} `json:"overall"`
		} `json:"cad_as_is"`
	}
	content, err := os.ReadFile(filepath.Join(shared, "answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &want); err != nil {
		t.Fatal(err)
	}

	got := rows[map[string]any](t, w, `
		SELECT toString(f.month) AS month, dollars_awarded, users_awarded, dollars_redeemed, users_redeeming, unspent_dollars, round(gini, 4) AS gini, round(top10_share, 4) AS top10_share
		FROM kpi.portfolio_financial_monthly AS f
		INNER JOIN kpi.portfolio_engagement_monthly AS e ON f.month = e.month
		INNER JOIN kpi.portfolio_distribution_monthly AS d ON f.month = d.month
		WHERE f.month >= '2017-01-01'`)
	if len(got) != len(want.CAD.Months) {
		t.Fatalf("%d months, want %d", len(got), len(want.CAD.Months))
	}
	for _, g := range got {
		name := strings.TrimSuffix(text(g["month"]), "-01")
		m := want.CAD.Months[name]
		for column, w := range map[string]json.Number{
			"dollars_awarded": m.Awarded, "users_awarded": m.Awardees, "dollars_redeemed": m.Redeemed, "users_redeeming": m.Redeem,
			"unspent_dollars": m.Unspent, "gini": m.Gini, "top10_share": m.Top10,
		} {
			if !same(w.String(), text(g[column])) {
				t.Errorf("%s %s is %v, want %s", name, column, g[column], w)
			}
		}
	}
	for statement, groups := range map[string]map[string]group{
		"SELECT program_id AS id, sum(dollars_awarded) AS awarded, sum(dollars_redeemed) AS redeemed FROM kpi.program_financial_monthly GROUP BY id":  want.CAD.Overall.ByProgram,
		"SELECT org_id AS id, sum(dollars_awarded) AS awarded, sum(dollars_redeemed) AS redeemed FROM kpi.organisation_financial_monthly GROUP BY id": want.CAD.Overall.ByOrg,
	} {
		got := rows[map[string]any](t, w, statement)
		if len(got) != len(groups) {
			t.Errorf("%d groups, want %d", len(got), len(groups))
		}
		for _, g := range got {
			w := groups[text(g["id"])]
			if !same(w.Awarded.String(), text(g["awarded"])) || !same(w.Redeemed.String(), text(g["redeemed"])) {
				t.Errorf("%s: awarded %v, redeemed %v, want %s and %s", g["id"], g["awarded"], g["redeemed"], w.Awarded, w.Redeemed)
			}
		}
	}
}
