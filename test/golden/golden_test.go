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
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// figure is a value with its movements, as decimal texts; "" is NULL.
type figure map[string]string

// fields that are compared, of each figure.
var fields = []string{
	"value", "previous", "mom_abs", "mom_pct", "yoy_abs", "yoy_pct", "direction", "polarity", "dimension", "trend_sd", "trend",
}

// loaded runs a config of testdata, which rejects nothing, on an empty warehouse.
func loaded(t *testing.T, name string) *load.Warehouse {
	t.Helper()
	w, report := run(t, name)
	if total := report.Total(); total.Rejected > 0 {
		rejects, err := w.Rejects(t.Context(), load.RejectFilter{}, 3)
		t.Fatalf("%d rows were rejected, such as %+v (%v)", total.Rejected, rejects, err)
	}
	return w
}

// run runs a config of testdata on an empty warehouse.
func run(t *testing.T, name string) (*load.Warehouse, pipeline.Report) {
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
	return w, report
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

// list is one of the lists of the answers: what identifies a row, and what is compared of it.
type list struct {
	name      string // in the answers
	statement string // the same of the warehouse
	key       []string
	fields    []string
}

var lists = []list{
	{
		"records", "SELECT * FROM kpi.metric_monthly",
		[]string{"month", "scope", "program_id", "org_id", "segment", "population", "metric"}, fields,
	},
	{
		"exceptions", "SELECT * FROM kpi.exceptions",
		[]string{"month", "scope", "program_id", "org_id", "segment", "rule", "metric"}, []string{"variant", "severity", "observed", "expected"},
	},
	{
		"lens", "SELECT * FROM kpi.portfolio_lens",
		[]string{"month", "indicator"}, []string{"value", "mom_abs", "mom_pct", "yoy_abs", "yoy_pct", "status", "worst"},
	},
}

// keyed gives a list's rows by their keys. Two rows of one key are an error.
func (l list) keyed(t *testing.T, records []map[string]any) map[string]figure {
	t.Helper()
	all := map[string]figure{}
	for _, r := range records {
		key := make([]string, len(l.key))
		for i, name := range l.key {
			key[i] = text(r[name])
		}
		f := figure{}
		for _, name := range l.fields {
			f[name] = text(r[name])
		}
		name := strings.Join(key, " | ")
		if _, twice := all[name]; twice {
			t.Errorf("%s: %s is there twice", l.name, name)
		}
		all[name] = f
	}
	return all
}

// answers reads the reference program's lists.
func answers(t *testing.T, path string) map[string][]map[string]any {
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
	var document map[string]json.RawMessage
	if err := json.NewDecoder(unpacked).Decode(&document); err != nil {
		t.Fatal(err)
	}
	found := map[string][]map[string]any{}
	for _, l := range lists {
		var rows []map[string]any
		if err := json.Unmarshal(document[l.name], &rows); err != nil {
			t.Fatal(err)
		}
		found[l.name] = rows
	}
	return found
}

// same compares two texts. Counts and money, which the answers write with at most 4 decimals, are equal to the last place;
// ratios, which they write with 12, within 1e-9 of each other or in their last place; all else is the same text.
func same(want, got string) bool {
	if want == got {
		return true
	}
	x, okX := new(big.Rat).SetString(want)
	y, okY := new(big.Rat).SetString(got)
	if !okX || !okY {
		return false
	}
	tolerance := new(big.Rat)
	if _, decimals, _ := strings.Cut(want, "."); len(decimals) > 4 {
		tolerance.Mul(new(big.Rat).Abs(x), big.NewRat(1, 1_000_000_000))
		if last := big.NewRat(1, 1_000_000_000_000); tolerance.Cmp(last) < 0 {
			tolerance = last
		}
	}
	return x.Sub(x, y).Abs(x).Cmp(tolerance) <= 0
}

// compare holds the warehouse's rows of a list against the answers: none missing, none too much, none different.
func (l list) compare(t *testing.T, want, got map[string]figure) {
	t.Helper()
	wrong := 0
	report := func(format string, args ...any) {
		if wrong++; wrong <= 20 {
			t.Errorf(l.name+": "+format, args...)
		}
	}
	for k, w := range want {
		g, ok := got[k]
		if !ok {
			report("%s is missing: %v", k, w)
			continue
		}
		for _, field := range l.fields {
			if !same(w[field], g[field]) {
				report("%s: %s is %q, want %q", k, field, g[field], w[field])
			}
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			report("%s is too much: %v", k, g)
		}
	}
	t.Logf("%s: %d compared, %d differ", l.name, len(want), wrong)
}

// TestSmall holds all that the small data set gives against the reference program's answers, and what the examples for
// analysts say of it against the answers kept here.
func TestSmall(t *testing.T) {
	dir, err := filepath.Abs("testdata/small")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ answers, zone string }{
		{"answers.json.gz", "UTC"},
		{"answers.America_New_York.json.gz", "America/New_York"},
	} {
		t.Run(test.zone, func(t *testing.T) {
			w := canonical(t, dir, test.zone)
			t.Run("figures", func(t *testing.T) { compareFigures(t, w, filepath.Join(dir, test.answers)) })
			t.Run("checks", func(t *testing.T) { compareChecks(t, w, filepath.Join(dir, test.answers)) })
			if test.zone == "UTC" {
				t.Run("examples", func(t *testing.T) { compareExamples(t, w) })
			}
		})
	}
}

// TestMedium compares the figures of the medium data set.
func TestMedium(t *testing.T) {
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "golden", "medium"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the medium data set is not beside this repository: %v", err)
	}
	compareFigures(t, canonical(t, dir, "UTC"), filepath.Join(dir, "answers.json.gz"))
}

// canonical loads a folder of canonical files.
func canonical(t *testing.T, dir, zone string) *load.Warehouse {
	t.Helper()
	t.Setenv("GOLDEN_DIR", dir)
	t.Setenv("GOLDEN_ZONE", zone)
	return loaded(t, "canonical.yaml")
}

// compareFigures compares every figure, exception and indicator with the reference program's.
func compareFigures(t *testing.T, w *load.Warehouse, path string) {
	want := answers(t, path)
	scopes := map[string]bool{}
	for _, r := range want["records"] {
		scopes[text(r["scope"])] = true
	}
	if len(scopes) == 0 {
		t.Fatal("there are no answers to compare with")
	}
	for _, l := range lists {
		got := slices.DeleteFunc(rows[map[string]any](t, w, l.statement), func(r map[string]any) bool {
			scope, scoped := r["scope"]
			return scoped && !scopes[text(scope)] // answers of medium leave scopes out
		})
		l.compare(t, l.keyed(t, want[l.name]), l.keyed(t, got))
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
		INNER JOIN kpi.portfolio_distribution_monthly AS d ON f.month = d.month AND d.population = 'awarded'
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
