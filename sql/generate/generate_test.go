package main

import (
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/sql"
)

func TestViewsAreCurrent(t *testing.T) {
	metrics, err := parse(sql.Text("metrics/catalogue.sql"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := render(metrics)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	held, err := sql.Scripts("kpi")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, s := range held {
		texts[s.Name] = s.Text
	}
	for _, view := range want {
		made[view.Name] = true
		if texts[view.Name] != view.Text {
			t.Errorf("sql/%s is not what the catalogue says; run: make generate", view.Name)
		}
	}
	for name, text := range texts {
		if strings.HasPrefix(text, header) && !made[name] {
			t.Errorf("sql/%s is not generated any more; remove it", name)
		}
	}
}

func TestCatalogueHasEachMetricOnce(t *testing.T) {
	metrics, err := parse(sql.Text("metrics/catalogue.sql"))
	if err != nil || len(metrics) == 0 {
		t.Fatalf("%d metrics: %v", len(metrics), err)
	}
	seen := map[string]bool{}
	for _, m := range metrics {
		key := m.population + "/" + m.id
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if (m.dimension == "distribution") != (m.population != "") {
			t.Errorf("%s: a distribution is of a population, and nothing else is", key)
		}
	}
}

const structure = "SELECT * FROM VALUES(\n'metric String, dimension String, form String, can_be_null UInt8, warn Nullable(Decimal(38, 12)), definition String',\n"

func TestParse(t *testing.T) {
	got, err := parse(structure + "-- it's a comment, (really)\n('a', 'financial', 'money', 0, '0.30', 'Somebody''s, (all)'),\n\n('b', 'engagement', 'ratio', 1, NULL, 'x')\n)\nCOMMENT ')'")
	if err != nil {
		t.Fatal(err)
	}
	want := []metric{
		{id: "a", dimension: "financial", form: "money", definition: "Somebody's, (all)"},
		{id: "b", dimension: "engagement", form: "ratio", canBeNull: true, definition: "x"},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, want %+v", got, want)
	}
	for rest, says := range map[string]string{
		"('a', 'financial', 'money', 0, NULL))":            "5 values for 6 columns",
		"('a', 'financial', 'Money', 0, NULL, 'x'))":       `"Money"`,
		"('A', 'financial', 'money', 0, NULL, 'x'))":       "small letters",
		"('a', 'financial', 'money', 0, NULL, ''))":        "a definition",
		"('a', 'financial', 'money', 0, NULL, 'x')":        "not closed",
		"('a', 'financial', 'money', 0, round(0.3), 'x'))": "cannot be read from",
		"('a', 'financial', 'money', 0, NULL, 'x), ('b'":   "cannot be read from",
	} {
		if _, err := parse(structure + rest); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error with %q", rest, err, says)
		}
	}
	if _, err := parse("SELECT 1"); err == nil {
		t.Error("a catalogue without VALUES is read")
	}
}

func TestPopulationsShareAColumn(t *testing.T) {
	metrics := []metric{
		{id: "mean", dimension: "distribution", population: "awarded", form: "money", canBeNull: true, definition: "Average"},
		{id: "mean", dimension: "distribution", population: "unspent", form: "ratio", canBeNull: true, definition: "Average balance"},
	}
	if _, err := render(metrics); err == nil || !strings.Contains(err.Error(), "mean") {
		t.Errorf("%v, want an error about mean", err)
	}
}
