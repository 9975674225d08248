package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/sql/catalogue"
)

// header begins every file that is written here.
const header = "-- Generated from sql/metrics/catalogue.sql: change that, then make generate.\n"

// families are the wide views: one for all scopes and one for each, in files numbered from first on.
var families = []struct {
	first                      int
	database, dimension, about string
}{
	{30, "kpi", "financial", "Members, organisations and dollars, and the liability"},
	{35, "kpi", "engagement", "Who was awarded, redeemed and used the portal"},
	{40, "kpi", "distribution", "How dollars spread over members"},
	{51, "kpi_engagement", "engagement", "Who was awarded, redeemed and used the portal"}, // nothing about money in it
}

// scopes are what there is a view for, with the keys that differ within it.
var scopes = []struct {
	name string // empty for all
	keys []string
}{
	{"", []string{"scope", "program_id", "org_id", "segment"}},
	{"portfolio", nil},
	{"program", []string{"program_id"}},
	{"organisation", []string{"program_id", "org_id"}},
	{"segment", []string{"program_id", "segment"}},
}

// column is a column of a wide view.
type column struct{ name, kind, comment, value string }

var keys = []column{
	{"month", "Date32", "First day of the month, in the reporting zone", "month"},
	{"scope", "LowCardinality(String)", "portfolio, program, organisation or segment", "scope"},
	{"program_id", "String", "Programme; empty for the portfolio", "program_id"},
	{"org_id", "String", "Organisation, of scope organisation; else empty", "org_id"},
	{"segment", "String", "Segment, of scope segment; else empty", "segment"},
	{"population", "LowCardinality(String)", "awarded: members with net awarded above 0 in the month; unspent: with a balance above 0 at its end", "population"},
}

// render makes the files, with their paths below sql.
func render(metrics []catalogue.Metric) ([]sql.Script, error) {
	var files []sql.Script
	for _, f := range families {
		columns, err := columnsOf(metrics, f.dimension)
		if err != nil {
			return nil, err
		}
		for i, scope := range scopes {
			name := strings.TrimPrefix(scope.name+"_"+f.dimension+"_monthly", "_")
			isKey := func(c column) bool {
				return c.name == "month" || slices.Contains(scope.keys, c.name) || c.name == "population" && f.dimension == "distribution"
			}
			about, where := f.about+": every scope", "dimension = '"+f.dimension+"'"
			if scope.name != "" {
				about, where = f.about+": scope "+scope.name, where+" AND scope = '"+scope.name+"'"
			}
			group := slices.DeleteFunc(slices.Clone(keys), func(c column) bool { return !isKey(c) })
			file := fmt.Sprintf("kpi/%03d%s_%s.sql", f.first+i, strings.TrimPrefix(f.database, "kpi"), name)
			files = append(files, sql.Script{Name: file, Text: view(f.database+"."+name, about, where, group, columns)})
		}
	}
	return files, nil
}

// columnsOf gives the columns of a dimension's metrics. A distribution's are the same for each population.
func columnsOf(metrics []catalogue.Metric, dimension string) ([]column, error) {
	var columns []column
	for _, m := range metrics {
		if m.Dimension != dimension {
			continue
		}
		kind, err := columnType(m)
		if err != nil {
			return nil, err
		}
		value := func(of string) string { return fmt.Sprintf("anyIf(m.%s, metric = '%s')", of, m.ID) }
		own := []column{{m.ID, kind, m.Definition, cast(value("value"), kind)}}
		// Points of a curve are looked at together: their movements, in kpi.metric_monthly, have no columns here.
		if !strings.HasPrefix(m.ID, "lorenz_") {
			own = append(own,
				column{m.ID + "_mom_abs", movement, m.ID + " less that of the month before", value("mom_abs")},
				column{m.ID + "_mom_pct", movement, m.ID + "_mom_abs / |" + m.ID + " of the month before|; 0.1 is 10 %", value("mom_pct")})
		}
		at := slices.IndexFunc(columns, func(c column) bool { return c.name == m.ID })
		switch {
		case at < 0:
			columns = append(columns, own...)
		case columns[at] != own[0]:
			return nil, fmt.Errorf("metric %s: form, can_be_null and definition have to be the same for each population, since they share a column", m.ID)
		}
	}
	return columns, nil
}

// movement is the type of movements, and of the values of all metrics.
const movement = "Nullable(Decimal(38, 12))"

// columnType is the type of the metric's column: that of its form, Nullable only where a month may have no value.
func columnType(m catalogue.Metric) (string, error) {
	switch {
	case m.Form == "count" && m.CanBeNull:
		return "Nullable(Int64)", nil
	case m.Form == "count":
		return "UInt64", nil
	case m.Form == "money" && !m.CanBeNull:
		return "Decimal(38, 4)", nil
	case m.Form == "ratio" && !m.CanBeNull:
		return "Decimal(38, 12)", nil
	case m.Form == "money" || m.Form == "ratio":
		return movement, nil
	}
	return "", fmt.Errorf("metric %q: its form is count, money or ratio, not %q", m.ID, m.Form)
}

func cast(value, kind string) string {
	switch {
	case kind == movement:
		return value
	case strings.HasPrefix(kind, "Nullable"):
		return "CAST(" + value + " AS " + kind + ")"
	}
	return "CAST(assumeNotNull(" + value + ") AS " + kind + ")"
}

func view(name, about, where string, keys, columns []column) string {
	all := slices.Concat(keys, columns)
	var nameWidth, kindWidth int
	for _, c := range all {
		nameWidth, kindWidth = max(nameWidth, len(c.name)), max(kindWidth, len(c.kind))
	}
	declared, selected, grouped := make([]string, len(all)), make([]string, len(all)), make([]string, len(keys))
	for i, c := range all {
		declared[i] = fmt.Sprintf("    %-*s %-*s COMMENT '%s'", nameWidth, c.name, kindWidth, c.kind, strings.ReplaceAll(c.comment, "'", "''"))
		selected[i] = "    " + c.value
		if c.value != c.name {
			selected[i] += " AS " + c.name
		}
	}
	for i, c := range keys {
		grouped[i] = c.name
	}
	return header + "-- " + about + ". One row a scope and month, one column a metric.\n" +
		"CREATE OR REPLACE VIEW " + name + "\n(\n" + strings.Join(declared, ",\n") + "\n)\n" +
		"DEFINER = CURRENT_USER SQL SECURITY DEFINER\nAS\nSELECT\n" + strings.Join(selected, ",\n") + "\n" +
		"FROM kpi_core.metric_now AS m\nWHERE " + where + "\nGROUP BY " + strings.Join(grouped, ", ") + "\n" +
		"COMMENT '" + about + "';\n"
}
