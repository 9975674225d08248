package main

import (
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/sql/catalogue"
)

func TestViewsAreCurrent(t *testing.T) {
	metrics, err := catalogue.Parse(sql.Text("metrics/catalogue.sql"))
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
	metrics, err := catalogue.Parse(sql.Text("metrics/catalogue.sql"))
	if err != nil || len(metrics) == 0 {
		t.Fatalf("%d metrics: %v", len(metrics), err)
	}
	seen := map[string]bool{}
	for _, m := range metrics {
		key := m.Population + "/" + m.ID
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		if (m.Dimension == "distribution") != (m.Population != "") {
			t.Errorf("%s: a distribution is of a population, and nothing else is", key)
		}
	}
}

func TestPopulationsShareAColumn(t *testing.T) {
	metrics := []catalogue.Metric{
		{ID: "mean", Dimension: "distribution", Population: "awarded", Form: "money", CanBeNull: true, Definition: "Average"},
		{ID: "mean", Dimension: "distribution", Population: "unspent", Form: "ratio", CanBeNull: true, Definition: "Average balance"},
	}
	if _, err := render(metrics); err == nil || !strings.Contains(err.Error(), "mean") {
		t.Errorf("%v, want an error about mean", err)
	}
}
