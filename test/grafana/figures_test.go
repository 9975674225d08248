package grafana

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/load"
)

// table is what a plain read of a view gives. Its cells, and those of frames, are texts that are the same where the values are: a
// number is the float64 that is nearest to its exact decimal, which is what reaches a browser.
type table struct {
	columns map[string]int
	types   []string
	rows    [][]string
	indexes map[string]map[string]bool // by columns
}

const null = "\x00NULL"

// read asks the warehouse itself, as the pipeline's user and without Grafana's query path.
func read(t *testing.T, w *load.Warehouse, statement string) *table {
	t.Helper()
	return readWith(t, w, statement, nil)
}

func readWith(t *testing.T, w *load.Warehouse, statement string, params load.Params) *table {
	t.Helper()
	answer, err := w.Query(t.Context(), "JSONCompactEachRowWithNamesAndTypes", statement, params)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Close() }()
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, 1<<24)
	var lists [][]any
	for lines.Scan() {
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		var list []any
		if err := decoder.Decode(&list); err != nil {
			t.Fatal(err)
		}
		lists = append(lists, list)
	}
	if err := lines.Err(); err != nil || len(lists) < 2 {
		t.Fatalf("%s: %v", statement, err)
	}
	found := &table{columns: map[string]int{}, indexes: map[string]map[string]bool{}}
	for i := range lists[0] {
		found.columns[fmt.Sprint(lists[0][i])] = i
		found.types = append(found.types, fmt.Sprint(lists[1][i]))
	}
	for _, list := range lists[2:] {
		row := make([]string, len(list))
		for i, v := range list {
			row[i] = cellOf(t, found.types[i], v)
		}
		found.rows = append(found.rows, row)
	}
	return found
}

func (t *table) at(row []string, column string) string { return row[t.columns[column]] }

func (t *table) has(column string) bool {
	_, ok := t.columns[column]
	return ok
}

func cellOf(t *testing.T, columnType string, v any) string {
	t.Helper()
	if v == nil {
		return null
	}
	of := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(columnType, "LowCardinality("), "Nullable("), ")")
	text := fmt.Sprint(v)
	switch {
	case strings.HasPrefix(of, "Decimal"), strings.HasPrefix(of, "Int"), strings.HasPrefix(of, "UInt"), strings.HasPrefix(of, "Float"):
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		nearest, _ := exact.Float64()
		return number(nearest)
	case strings.HasPrefix(of, "DateTime"):
		return instant(t, "2006-01-02 15:04:05.999999", text)
	case strings.HasPrefix(of, "Date"):
		return instant(t, time.DateOnly, text)
	case strings.HasPrefix(of, "Array"), strings.HasPrefix(of, "Map"):
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	return text
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// A browser gets milliseconds.
func moment(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

func instant(t *testing.T, layout, text string) string {
	t.Helper()
	at, err := time.ParseInLocation(layout, text, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return moment(at)
}

// cell is a value of a frame.
func cell(f *data.Field, row int) string {
	v, ok := f.ConcreteAt(row)
	if !ok {
		return null
	}
	switch v := v.(type) {
	case time.Time:
		return moment(v)
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.RawMessage:
		var plain any
		if err := json.Unmarshal(v, &plain); err != nil {
			return string(v)
		}
		raw, _ := json.Marshal(plain)
		return string(raw)
	}
	f64, err := f.FloatAt(row)
	if err != nil {
		return err.Error()
	}
	return number(f64)
}

// scope is whose figure it is.
type scope struct{ scope, program, org, segment string }

// figures are all of kpi.metric_monthly: by scope and month, then population and metric, then column.
type figures struct {
	of      map[scope]map[string]map[[2]string]map[string]string
	metrics map[[2]string]bool
}

// movements are the columns of a figure, and with _ before them what the wide views call them.
var movements = []string{"value", "previous", "mom_abs", "mom_pct", "yoy_abs", "yoy_pct", "trend_sd"}

func readFigures(t *testing.T, w *load.Warehouse) *figures {
	t.Helper()
	all := read(t, w, "SELECT * FROM kpi.metric_monthly")
	f := &figures{of: map[scope]map[string]map[[2]string]map[string]string{}, metrics: map[[2]string]bool{}}
	for _, row := range all.rows {
		whose := scope{all.at(row, "scope"), all.at(row, "program_id"), all.at(row, "org_id"), all.at(row, "segment")}
		month, metric := all.at(row, "month"), [2]string{all.at(row, "population"), all.at(row, "metric")}
		if f.of[whose] == nil {
			f.of[whose] = map[string]map[[2]string]map[string]string{}
		}
		if f.of[whose][month] == nil {
			f.of[whose][month] = map[[2]string]map[string]string{}
		}
		of := map[string]string{}
		for _, column := range movements {
			of[column] = all.at(row, column)
		}
		f.of[whose][month][metric] = of
		f.metrics[metric] = true
	}
	return f
}

// months are a scope's, in order.
func (f *figures) months(whose scope) []string {
	var all []string
	for month := range f.of[whose] {
		all = append(all, month)
	}
	slices.SortFunc(all, func(a, b string) int { return compareNumbers(a, b) })
	return all
}

func compareNumbers(a, b string) int {
	x, _ := strconv.ParseInt(a, 10, 64)
	y, _ := strconv.ParseInt(b, 10, 64)
	return int(max(min(x-y, 1), -1))
}

// metricOf says which figure a field's name stands for: a metric's id, with awarded_ or unspent_ before that of a distribution
// unless the row has the population, and with a movement behind it.
func (f *figures) metricOf(name, population string) (metric [2]string, column string, ok bool) {
	base, column := name, "value"
	for _, movement := range movements[1:] {
		if cut, has := strings.CutSuffix(name, "_"+movement); has {
			base, column = cut, movement
		}
	}
	for _, candidate := range [][2]string{{"", base}, {population, base}} {
		if f.metrics[candidate] {
			return candidate, column, true
		}
	}
	if before, after, found := strings.Cut(base, "_"); found && f.metrics[[2]string{before, after}] {
		return [2]string{before, after}, column, true
	}
	return metric, "", false
}
