package grafana

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/test/grafana/dashboard"
	"github.com/partnerplus/warehouse/test/grafana/source"
)

var limited = regexp.MustCompile(`(?i)\bLIMIT\s+(\d+)\s*$`)

// complete looks for what is missing: months of a trend, scopes of a table, rows of a view.
func (j *judge) complete(found *verdict, v *dashboard.View, s dashboard.Shown, rows []row, frame *data.Frame, metrics map[*data.Field]bool) {
	if limit := limited.FindStringSubmatch(source.Statement(frame)); limit != nil && limit[1] == strconv.Itoa(len(rows)) {
		return
	}
	time, month := fieldOf(frame, "time"), fieldOf(frame, "month")
	shown, _ := v.Values("month")
	switch {
	case len(metrics) > 0 && time != nil:
		for f := range metrics {
			j.trend(found, v, rows, f)
		}
	case len(metrics) > 0 && month != nil && len(shown) == 1:
		j.tableOf(found, rows, instant(j.t, "2006-01-02", shown[0]))
	case len(metrics) == 0:
		j.whole(found, v, s, rows, frame, shown)
	}
}

// trend wants every month of the range that the scope has.
func (j *judge) trend(found *verdict, v *dashboard.View, rows []row, f *data.Field) {
	got := map[string]bool{}
	var whose scope
	for _, r := range rows {
		got[r.month] = true
		whose = r.scopeOf(f.Labels)
	}
	for _, month := range j.figures.months(whose) {
		if within(v, month) && !got[month] {
			found.wrong("%s of %v lacks %s", f.Name, whose, dated(month))
		}
	}
}

// within says whether a month is in the range, by whole days of UTC.
func within(v *dashboard.View, month string) bool {
	day := func(at time.Time) int64 { return at.UTC().Truncate(24 * time.Hour).UnixMilli() }
	milliseconds, _ := strconv.ParseInt(month, 10, 64)
	at := day(time.UnixMilli(milliseconds))
	return at >= day(v.Range.From) && at <= day(v.Range.To)
}

// tableOf wants the month that is chosen, or up to thirteen up to it; and with one scope of a kind in a programme all of them.
func (j *judge) tableOf(found *verdict, rows []row, month string) {
	months, scopes := map[string]bool{}, map[scope]bool{}
	for _, r := range rows {
		months[r.month] = true
		scopes[r.scopeOf(nil)] = true
	}
	if !months[month] && len(rows) > 0 {
		found.wrong("it lacks the chosen month, %s", dated(month))
	}
	for whose := range scopes {
		if len(months) > 1 {
			all := slices.DeleteFunc(j.figures.months(whose), func(m string) bool { return compareNumbers(m, month) > 0 })
			for _, m := range all[max(len(all)-13, 0):] {
				if !months[m] {
					found.wrong("%v lacks %s", whose, dated(m))
				}
			}
		}
	}
	if len(scopes) < 2 {
		return
	}
	kinds := map[[2]string]bool{}
	for whose := range scopes {
		program := whose.program
		if whose.scope == "program" {
			program = ""
		}
		kinds[[2]string{whose.scope, program}] = true
	}
	for whose := range j.figures.of {
		of := [2]string{whose.scope, whose.program}
		if whose.scope == "program" {
			of[1] = ""
		}
		if kinds[of] && j.figures.of[whose][month] != nil && !scopes[whose] {
			found.wrong("%v is missing", whose)
		}
	}
}

// whole wants as many rows as the view has of the chosen month, programme and kinds of scope.
func (j *judge) whole(found *verdict, v *dashboard.View, s dashboard.Shown, rows []row, frame *data.Frame, shown []string) {
	views := viewsOf(frame)
	if len(views) == 0 || len(found.nothing) > 0 {
		return
	}
	view, org, segment := j.view(views[0]), v.Value(s, "org"), v.Value(s, "segment")
	scopes, programs := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		whose := r.scopeOf(nil)
		scopes[whose.scope], programs[whose.program] = true, true
	}
	month := fieldOf(frame, "month")
	if month != nil && len(shown) == 1 && slices.ContainsFunc(rows, func(r row) bool { return r.month != instant(j.t, "2006-01-02", shown[0]) }) {
		month = nil // of all months
	}
	count := 0
	for _, row := range view.rows {
		if view.has("member_id") && (org != "" && view.at(row, "org_id") != org || segment != "" && view.at(row, "segment") != segment) {
			continue
		}
		if view.has("scope") && !scopes[view.at(row, "scope")] ||
			view.has("program_id") && !programs[view.at(row, "program_id")] ||
			month != nil && view.has("month") && view.at(row, "month") != instant(j.t, "2006-01-02", shown[0]) {
			continue
		}
		count++
	}
	if count > len(rows) {
		found.wrong("it has %d rows of %d in %s", len(rows), count, views[0])
	}
}
