package load_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"
)

// null is how texts show NULL.
const null = "NULL"

// columns tell what a list of figures consists of: the key first, then the fields.
type columns struct{ key, fields []string }

var (
	recordColumns = columns{
		key:    []string{"month", "scope", "program_id", "org_id", "segment", "population", "metric"},
		fields: []string{"dimension", "value", "previous", "mom_abs", "mom_pct", "yoy_abs", "yoy_pct", "direction", "polarity", "trend_sd", "trend"},
	}
	exceptionColumns = columns{
		key:    []string{"month", "scope", "program_id", "org_id", "segment", "rule", "metric"},
		fields: []string{"variant", "severity", "observed", "expected"},
	}
	lensColumns = columns{
		key:    []string{"month", "indicator"},
		fields: []string{"value", "mom_abs", "mom_pct", "yoy_abs", "yoy_pct", "status", "worst"},
	}
)

// table is a list of figures: the fields of each key, as texts in the order of the columns.
type table map[string][]string

func keyOf(texts []string) string { return fmt.Sprintf("%q", texts) }

// put adds a row, of the values of all columns.
func (t table) put(c columns, values ...any) {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = show(value)
	}
	key := keyOf(texts[:len(c.key)])
	if _, ok := t[key]; ok {
		panic("twice: " + key)
	}
	t[key] = texts[len(c.key):]
}

// read adds rows that are JSON objects.
func (t table) read(c columns, rows []map[string]any) table {
	for _, row := range rows {
		var values []any
		for _, name := range slices.Concat(c.key, c.fields) {
			values = append(values, row[name])
		}
		t.put(c, values...)
	}
	return t
}

// show writes a value: numbers with 12 decimals, rounded half away from zero.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return null
	case *big.Rat:
		if v == nil {
			return null
		}
		return v.FloatString(12)
	case []any, []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(value)
}

// differences lists what is missing, too much, or not equal, in the order of the keys.
func (t table) differences(c columns, got table, equal func(want, got string) bool) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(t)) {
		fields, ok := got[key]
		if !ok {
			found = append(found, fmt.Sprintf("%s is missing: %q", key, t[key]))
			continue
		}
		for i, name := range c.fields {
			if !equal(t[key][i], fields[i]) {
				found = append(found, fmt.Sprintf("%s: %s is %s, want %s", key, name, fields[i], t[key][i]))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := t[key]; !ok {
			found = append(found, fmt.Sprintf("%s is too much: %q", key, got[key]))
		}
	}
	return found
}

// answers are all figures. No other program tells findings.
type answers struct{ records, exceptions, lens, findings table }

// differences lists those of all lists.
func (a answers) differences(got answers, equal func(want, got string) bool) []string {
	return slices.Concat(
		a.records.differences(recordColumns, got.records, equal),
		a.exceptions.differences(exceptionColumns, got.exceptions, equal),
		a.lens.differences(lensColumns, got.lens, equal))
}

// answersOf computes all figures from the rows in force.
func answersOf(live []row, zone, currency string) answers {
	m := newModel(live, zone, currency)
	all := answers{records: table{}, exceptions: table{}, lens: table{}, findings: table{}}
	var portfolio *figures
	var programs []*figures
	for _, b := range m.scopes {
		if !b.begun {
			continue
		}
		f := m.figures(b)
		switch b.name {
		case "portfolio":
			portfolio = f
		case "program":
			programs = append(programs, f)
		}
		all.put(f)
	}
	if portfolio == nil {
		return all
	}
	for month, indicators := range lensOf(portfolio, programs) {
		for _, i := range indicators {
			all.lens.put(lensColumns, shownMonth(month), i.name, i.value, i.momAbs, i.momPct, i.yoyAbs, i.yoyPct, i.status, i.worst)
		}
	}
	return all
}

// put adds the records, exceptions and findings of a scope.
func (a answers) put(f *figures) {
	for key, c := range f.courses {
		for month, v := range c {
			a.records.put(recordColumns, shownMonth(month), f.name, f.program, f.org, f.segment, key.population, key.name,
				key.dimension, v.value, v.previous, v.momAbs, v.momPct, v.yoyAbs, v.yoyPct, v.direction(), key.polarity(), v.trendSD(), v.trend())
		}
	}
	for month := f.first; month <= f.newest; month++ {
		for _, e := range f.exceptions(month) {
			a.exceptions.put(exceptionColumns, shownMonth(month), f.name, f.program, f.org, f.segment, e.rule, e.metric.name,
				e.variant, e.severity, e.observed, e.expected)
		}
		for _, v := range f.findings(month) {
			a.findings.put(findingColumns, shownMonth(month), f.name, f.program, f.org, f.segment, v.topic, v.metric.name,
				v.kind, v.rule, v.severity, v.observed, v.expected, f.atStake(month))
		}
	}
}

func shownMonth(month int) string { return firstDay(month, time.UTC).Format(time.DateOnly) }
