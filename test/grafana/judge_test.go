package grafana

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/grafana/dashboard"
	"github.com/partnerplus/warehouse/test/grafana/source"
)

// judge compares frames with what the warehouse has.
//
// A numeric field whose name is that of a metric is compared with kpi.metric_monthly: for the month in the row's field time or month,
// and the scope that its fields scope, program_id, org_id and segment say; where there are none, the one that the dashboard's
// variables have chosen, never what the query says. All other fields must be columns of a view of kpi that the statement reads, and
// the row one of that view's. What is left is compared with nothing, and said.
type judge struct {
	t         *testing.T
	warehouse *load.Warehouse
	source    dashboard.Datasource // that is provisioned
	all       []*dashboard.Dashboard
	figures   *figures
	views     map[string]*table
	used      map[string]bool // references
	described map[string]bool // statements, but for their texts and names
	seen      map[string]bool // panels, by visit, but for their texts and names
	excused   map[string]bool // fields that were compared with nothing
}

// verdict is what was found out about a frame.
type verdict struct {
	problems []string
	compared int             // values
	nothing  map[string]bool // fields that were compared with nothing
}

func (v *verdict) wrong(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// keys are the fields that say whose figure a row is.
var keys = []string{"scope", "program_id", "org_id", "segment"}

func (j *judge) view(name string) *table {
	if j.views[name] == nil {
		j.views[name] = read(j.t, j.warehouse, "SELECT * FROM "+name)
	}
	return j.views[name]
}

// chosen is the scope that a dashboard is about.
func chosen(v *dashboard.View, s dashboard.Shown) scope {
	program, org, segment := v.Value(s, "program"), v.Value(s, "org"), v.Value(s, "segment")
	switch {
	case segment != "":
		return scope{"segment", program, "", segment}
	case org != "":
		return scope{"organisation", program, org, ""}
	case program != "":
		return scope{"program", program, "", ""}
	}
	return scope{scope: "portfolio"}
}

// row is one of a frame, as far as it says what it is about.
type row struct {
	frame *data.Frame
	at    int
	month string // "" where it has none
	whose scope
}

func fieldOf(frame *data.Frame, name string) *data.Field {
	for _, f := range frame.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// text is a key of the row: of its field, else of the labels of the field whose value is asked for.
func (r row) text(name string, labels data.Labels) (string, bool) {
	if f := fieldOf(r.frame, name); f != nil {
		return cell(f, r.at), true
	}
	label, ok := labels[name]
	return label, ok
}

// scopeOf is whose figure a value is.
func (r row) scopeOf(labels data.Labels) scope {
	var own scope
	found := false
	for i, into := range []*string{&own.scope, &own.program, &own.org, &own.segment} {
		if text, ok := r.text(keys[i], labels); ok {
			*into, found = text, true
		}
	}
	if !found {
		return r.whose
	}
	if own.scope == "" {
		switch {
		case own.segment != "":
			own.scope = "segment"
		case own.org != "":
			own.scope = "organisation"
		case own.program != "":
			own.scope = "program"
		default:
			own.scope = "portfolio"
		}
	}
	if own.program == "" && own.scope != "portfolio" {
		own.program = r.whose.program // a table of one programme's organisations need not say which
	}
	return own
}

// compare compares a panel's frame.
func (j *judge) compare(v *dashboard.View, s dashboard.Shown, frame *data.Frame) *verdict {
	found := &verdict{nothing: map[string]bool{}}
	rows, err := frame.RowLen()
	if err != nil {
		found.wrong("%v", err)
		return found
	}
	ofMembers := slices.Contains(viewsOf(frame), "kpi.member_monthly")
	monthly := slices.ContainsFunc(frame.Fields, func(f *data.Field) bool { return f.Type().Time() && (f.Name == "time" || f.Name == "month") })
	metrics := map[*data.Field]bool{}
	for _, f := range frame.Fields {
		if _, _, ok := j.figures.metricOf(f.Name, populationOf(frame, 0)); ok && f.Type().Numeric() && !ofMembers && monthly {
			metrics[f] = true
		}
	}
	var all []row
	for i := range rows {
		r := row{frame: frame, at: i, whose: chosen(v, s)}
		for _, name := range []string{"month", "time"} {
			if f := fieldOf(frame, name); f != nil && f.Type().Time() {
				r.month = cell(f, i)
				if problem := monthIn(f, i, v.Zone); problem != "" && (len(metrics) > 0 || name == "month" && r.month != null) {
					found.wrong("%s", problem)
				}
			}
		}
		all = append(all, r)
		for f := range metrics {
			j.figure(found, r, f)
		}
	}
	if reference := j.reference(v, s); reference != nil {
		j.against(found, all, frame, metrics, "its reference", reference)
		j.uncovered(found, frame, metrics, reference)
		want := 0
		for _, row := range reference.rows {
			if !reference.has("time") || within(v, reference.at(row, "time")) {
				want++
			}
		}
		if len(all) != want {
			found.wrong("it has %d rows, its reference %d", len(all), want)
		}
		return found
	}
	var views []*table
	for _, name := range viewsOf(frame) {
		views = append(views, j.view(name))
		j.against(found, all, frame, metrics, name, j.view(name))
	}
	j.uncovered(found, frame, metrics, views...)
	j.complete(found, v, s, all, frame, metrics)
	return found
}

func populationOf(frame *data.Frame, at int) string {
	if f := fieldOf(frame, "population"); f != nil && f.Len() > at {
		return cell(f, at)
	}
	return ""
}

// monthIn says what is wrong with a time as the first of a month, where the dashboard shows it.
func monthIn(f *data.Field, at int, zone *time.Location) string {
	v, ok := f.ConcreteAt(at)
	month, isTime := v.(time.Time)
	if !ok || !isTime {
		return "a row has no month"
	}
	if shown := month.In(zone); shown.Day() != 1 || shown.Hour() != 0 || shown.Minute() != 0 {
		return fmt.Sprintf("a month is shown as %s in %s", shown.Format(time.RFC3339), zone)
	}
	return ""
}

// figure compares one value with kpi.metric_monthly.
func (j *judge) figure(found *verdict, r row, f *data.Field) {
	metric, column, _ := j.figures.metricOf(f.Name, populationOf(r.frame, r.at))
	if r.month == "" {
		found.wrong("%s has no month beside it", f.Name)
		return
	}
	whose := r.scopeOf(f.Labels)
	want := null // a scope that has not begun has no row
	if of := j.figures.of[whose][r.month]; of != nil {
		want = of[metric][column]
	}
	if got := cell(f, r.at); got != want {
		found.wrong("%s of %v in %s is %s, in kpi.metric_monthly %s", f.Name, whose, dated(r.month), said(got), said(want))
		return
	}
	found.compared++
}

func dated(month string) string {
	milliseconds, _ := strconv.ParseInt(month, 10, 64)
	return time.UnixMilli(milliseconds).UTC().Format("2006-01")
}

func said(cell string) string {
	if cell == null {
		return "NULL"
	}
	return cell
}

var fromView = regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+(kpi(?:_engagement)?\.\w+)`)

// against looks for each row in a view that the statement reads, by all fields that are columns there.
func (j *judge) against(found *verdict, rows []row, frame *data.Frame, metrics map[*data.Field]bool, name string, view *table) {
	j.series(found, rows, frame, metrics, name, view)
	var shared []*data.Field
	for _, f := range frame.Fields {
		if shares(view, f, metrics) && len(f.Labels) == 0 {
			shared = append(shared, f)
		}
	}
	if !slices.ContainsFunc(shared, func(f *data.Field) bool { return !isKey(f.Name) }) {
		return
	}
	implied := j.implied(view, frame, metrics, shared)
	known := view.index(shared, implied)
	for _, r := range rows {
		of := signature(shared, func(f *data.Field) string { return cell(f, r.at) }, implied, func(column string) string { return j.impliedBy(r, column, metrics) })
		if !known[of] {
			found.wrong("%s has no row like %s", name, strings.ReplaceAll(strings.ReplaceAll(of, null, "NULL"), "\x1f", ", "))
			continue
		}
		found.compared += len(shared)
	}
}

// series compares the values of fields with labels: one series among others, by its labels and the time. Where a series has no value,
// the view may have no row.
func (j *judge) series(found *verdict, rows []row, frame *data.Frame, metrics map[*data.Field]bool, name string, view *table) {
	times := fieldOf(frame, "time")
	if times == nil || !view.has("time") {
		return
	}
	for _, f := range frame.Fields {
		if !shares(view, f, metrics) || len(f.Labels) == 0 {
			continue
		}
		labels := slices.Sorted(maps.Keys(f.Labels))
		known := view.index([]*data.Field{times, f}, labels)
		for _, r := range rows {
			of := signature([]*data.Field{times, f}, func(f *data.Field) string { return cell(f, r.at) }, labels, func(label string) string { return f.Labels[label] })
			if cell(f, r.at) != null && !known[of] {
				found.wrong("%s has no row like %s", name, strings.ReplaceAll(of, "\x1f", ", "))
				continue
			}
			found.compared++
		}
	}
}

// index has the rows of a table by some of its columns.
func (t *table) index(shared []*data.Field, implied []string) map[string]bool {
	columns := strings.Join(implied, ",")
	for _, f := range shared {
		columns += " " + f.Name
	}
	if t.indexes[columns] == nil {
		known := map[string]bool{}
		for _, row := range t.rows {
			known[signature(shared, func(f *data.Field) string { return t.at(row, f.Name) }, implied, func(column string) string { return t.at(row, column) })] = true
		}
		t.indexes[columns] = known
	}
	return t.indexes[columns]
}

// shares says whether a field is compared with a view's column: not a figure, which has its own comparison, nor what is counted
// from now on. The labels of a series must be columns too.
func shares(view *table, f *data.Field, metrics map[*data.Field]bool) bool {
	for label := range f.Labels {
		if !view.has(label) || !view.has("time") {
			return false
		}
	}
	return view.has(f.Name) && !metrics[f] && f.Name != "hours_ago"
}

// uncovered notes the fields that were compared with nothing.
func (j *judge) uncovered(found *verdict, frame *data.Frame, metrics map[*data.Field]bool, views ...*table) {
	for _, f := range frame.Fields {
		isMonth := (f.Name == "time" || f.Name == "month") && f.Type().Time()
		if metrics[f] || len(metrics) > 0 && (isMonth || isKey(f.Name)) {
			continue
		}
		if !slices.ContainsFunc(views, func(view *table) bool { return shares(view, f, metrics) }) {
			found.nothing[f.Name] = true
		}
	}
}

// reference is what a panel is compared with that shows neither figures nor rows of a view as they are: a statement of its own in
// testdata/reference, written anew and not taken from the dashboard.
func (j *judge) reference(v *dashboard.View, s dashboard.Shown) *table {
	title := strings.Trim(regexp.MustCompile("[^a-z0-9]+").ReplaceAllString(strings.ToLower(s.Title), "-"), "-")
	if title == "" {
		title = "as-of"
	}
	file := title + "." + s.Type + ".sql"
	content, err := os.ReadFile(filepath.Join("testdata", "reference", file))
	if err != nil {
		return nil
	}
	j.used[file] = true
	whose := chosen(v, s)
	months, _ := v.Values("month")
	month := dated(moment(newest)) + "-01"
	if len(months) == 1 {
		month = months[0]
	}
	return readWith(j.t, j.warehouse, string(content), map[string]string{
		"month": month, "scope": whose.scope, "program": whose.program, "org": v.Value(s, "org"), "segment": v.Value(s, "segment"),
	})
}

func isKey(name string) bool {
	return slices.Contains(keys, name) || name == "month" || name == "population"
}

func viewsOf(frame *data.Frame) []string {
	var all []string
	for _, match := range fromView.FindAllStringSubmatch(source.Statement(frame), -1) {
		if !slices.Contains(all, match[1]) {
			all = append(all, match[1])
		}
	}
	return all
}

// implied are the columns of a view that a row of a frame fixes without having them as fields.
func (j *judge) implied(view *table, frame *data.Frame, metrics map[*data.Field]bool, shared []*data.Field) []string {
	var columns []string
	for _, column := range append(slices.Clone(keys), "month", "metric", "population") {
		if !view.has(column) || slices.ContainsFunc(shared, func(f *data.Field) bool { return f.Name == column }) {
			continue
		}
		if (column == "metric" || column == "population") && len(metrics) != 1 {
			continue
		}
		if column == "month" && fieldOf(frame, "time") == nil {
			continue
		}
		if column == "org_id" && !view.has("scope") || column == "segment" && !view.has("scope") {
			continue // a member's own
		}
		columns = append(columns, column)
	}
	return columns
}

func (j *judge) impliedBy(r row, column string, metrics map[*data.Field]bool) string {
	whose := r.scopeOf(nil)
	switch column {
	case "scope":
		return whose.scope
	case "program_id":
		return whose.program
	case "org_id":
		return whose.org
	case "segment":
		return whose.segment
	case "month":
		return r.month
	}
	for f := range metrics {
		metric, _, _ := j.figures.metricOf(f.Name, populationOf(r.frame, r.at))
		if column == "metric" {
			return metric[1]
		}
		return metric[0]
	}
	return ""
}

func signature(fields []*data.Field, of func(*data.Field) string, implied []string, ofColumn func(string) string) string {
	parts := make([]string, 0, len(fields)+len(implied))
	for _, f := range fields {
		parts = append(parts, f.Name+"="+of(f))
	}
	for _, column := range implied {
		parts = append(parts, column+"="+ofColumn(column))
	}
	return strings.Join(parts, "\x1f")
}

var differs = regexp.MustCompile(`'[^']*'|AS \w+`)

// alike is a statement without its texts and names.
func alike(statement string) string { return differs.ReplaceAllString(statement, "?") }

// exact looks whether figures, and what is a decimal in its view, come as decimals: what went through a float may happen to be the
// nearest one, or not.
func (j *judge) exact(frame *data.Frame) (problems []string) {
	shape := alike(source.Statement(frame))
	if j.described[shape] {
		return nil
	}
	j.described[shape] = true
	described := readWith(j.t, j.warehouse, "DESCRIBE TABLE ("+source.Statement(frame)+")", nil)
	for _, row := range described.rows {
		name := described.at(row, "name")
		if !strings.Contains(described.at(row, "type"), "Float") {
			continue
		}
		_, _, exact := j.figures.metricOf(name, populationOf(frame, 0))
		for _, view := range viewsOf(frame) {
			if of := j.view(view); of.has(name) {
				exact = strings.Contains(of.types[of.columns[name]], "Decimal")
			}
		}
		if exact {
			problems = append(problems, name+" went through a float")
		}
	}
	return problems
}
