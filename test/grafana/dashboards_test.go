package grafana

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/grafana/dashboard"
	"github.com/partnerplus/warehouse/test/grafana/place"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) {
	backend.Logger = log.NewNullLogger()
	warehousetest.Main(m)
}

const deploy = "../../deploy"

// nothing has the fields that are compared with nothing, by dashboard, panel and field, and why. TestGrafana fails for one that is
// not here, and for one here that is compared.
var nothing = map[string]string{
	"partnerplus-quality/Sources/hours_ago": "it is counted from now on, and now is another time in each query",
}

// unfilled has the panels that are empty for this company, and why. TestGrafana fails for one that is not.
var unfilled = map[string]string{
	"partnerplus-quality/Sources that were not complete when a review was opened": "all had delivered the month",
	"partnerplus-quality/Restated figures of closed months":                       "nothing is delivered late after its one closed month",
}

// TestGrafana is what takes an engine: one for all of it.
func TestGrafana(t *testing.T) {
	p, err := place.Open(t.Context(), warehousetest.Dir(t), deploy, company(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	review(t, p)
	if err := p.Source.Health(t.Context()); err != nil {
		t.Errorf("the data source is not healthy: %v", err)
	}
	all, err := dashboard.Load(filepath.Join(deploy, "grafana", "dashboards"))
	if err != nil {
		t.Fatal(err)
	}
	j := &judge{t: t, warehouse: p.Warehouse, figures: readFigures(t, p.Warehouse), views: map[string]*table{}, used: map[string]bool{}, excused: map[string]bool{}, described: map[string]bool{}, source: p.Datasource, seen: map[string]bool{}, all: all}
	for _, d := range all {
		t.Run(d.UID, func(t *testing.T) {
			j.t = t
			for _, err := range d.CheckLinks(all) {
				t.Error(err)
			}
			for _, v := range visits(d) {
				for _, problem := range j.dashboard(t, p, d, v) {
					t.Errorf("%s: %s", v.name, problem)
				}
			}
		})
	}
	for field := range nothing {
		if !j.excused[field] {
			t.Errorf("%s is compared, or not there: it needs no excuse", field)
		}
	}
	j.t = t
	if references, err := os.ReadDir(filepath.Join("testdata", "reference")); err != nil || len(references) != len(j.used) {
		t.Errorf("of %d references %d are used: %v", len(references), len(j.used), err)
	}
	t.Run("wrong", func(t *testing.T) {
		j.t = t
		testWrong(t, j, p)
	})
	t.Run("alerts", func(t *testing.T) { testAlerts(t, p) })
}

// visit is how a dashboard is opened, and what is expected of it.
type visit struct {
	dashboard.Visit
	name   string
	sparse bool // panels may be empty, and of those that differ in texts only, such as a metric's id, one is looked at
}

// visits are the ways that a dashboard is opened. Browsers are west of UTC, where the first of a month is still the last of another.
func visits(d *dashboard.Dashboard) []visit {
	const west = "America/Los_Angeles"
	chosen := func(values map[string]string) map[string][]string {
		of := map[string][]string{}
		for _, v := range d.Templating.List {
			if value, ok := values[v.Name]; ok {
				of[v.Name] = []string{value}
			}
			if v.IncludeAll && values[v.Name] == "" {
				of[v.Name] = []string{dashboard.Every}
			}
		}
		return of
	}
	return []visit{
		{name: "as it opens", Visit: dashboard.Visit{Now: now(d), Zone: west}},
		// Of the first year: nothing has a figure of the year before.
		{name: "odd names, the open month, the first year", sparse: true, Visit: dashboard.Visit{
			Now: today, Zone: west, From: "2024-07-31T17:00:00-07:00", To: "2025-06-15T12:00:00-07:00",
			Variables: chosen(map[string]string{"program": odd, "org": oddOrg, "segment": oddTier, "month": openMonth.Format(time.DateOnly)}),
		}},
		{name: "all programmes, the first month, a range before all", sparse: true, Visit: dashboard.Visit{
			Now: today, Zone: west, From: "1999-01-01T00:00:00Z", To: "1999-12-31T00:00:00Z",
			Variables: chosen(map[string]string{"month": firstMonth.Format(time.DateOnly)}),
		}},
	}
}

// now is when a dashboard is looked at: the company's present; of runs, which are of today, today.
func now(d *dashboard.Dashboard) time.Time {
	if d.UID == "partnerplus-quality" {
		return time.Now()
	}
	return today
}

func testAlerts(t *testing.T, p *place.Place) {
	files, err := filepath.Glob(filepath.Join(deploy, "grafana", "provisioning", "alerting", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no alert rules", err)
	}
	for _, file := range files {
		rules, err := dashboard.LoadRules(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range rules {
			outcomes, _, err := rule.Evaluate(t.Context(), p.Source, time.Now())
			if err != nil {
				t.Errorf("%s: %v", rule.Title, err)
				continue
			}
			for _, o := range outcomes {
				t.Logf("%s {%s}: %v, fires: %t", rule.Title, o.Labels, o.Value, o.Fires)
			}
		}
	}
}

// review does what happens beside a nightly load: a job that was due, reviews, a closed month.
func review(t *testing.T, p *place.Place) {
	t.Helper()
	due := today.Add(-12 * time.Hour)
	for _, run := range []load.JobRun{
		{Job: "nightly", Due: due, Attempt: 1, Status: "failed", Reason: "a source was away", Started: due, Finished: due.Add(time.Minute)},
		{Job: "nightly", Due: due, Attempt: 2, Status: "done", Started: due.Add(5 * time.Minute), Finished: due.Add(9 * time.Minute)},
	} {
		if err := p.Warehouse.RecordJobRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Pipeline.OpenReview(t.Context(), load.ReviewOpening{Month: newest, By: "Ada"}); err != nil {
		t.Fatal(err)
	}
	warehousetest.CloseMonth(t, p.Warehouse, firstMonth, "Ada", "")
}

// dashboard opens one and looks at all of it.
func (j *judge) dashboard(t *testing.T, p *place.Place, d *dashboard.Dashboard, visit visit) (problems []string) {
	t.Helper()
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if d.Timezone != "utc" {
		return []string{"its months depend on where the browser is: its time zone is " + strconv.Quote(d.Timezone)}
	}
	v, err := d.Open(t.Context(), p.Source, visit.Visit)
	if err != nil {
		return []string{err.Error()}
	}
	panels, err := v.Shown()
	if err != nil {
		return []string{err.Error()}
	}
	for _, variable := range d.Templating.List {
		if variable.Type == "query" && len(v.Options(variable.Name)) == 0 {
			wrong("$%s has no values", variable.Name)
		}
	}
	if _, err := v.Annotate(t.Context()); err != nil {
		wrong("%v", err)
	}
	for _, s := range panels {
		name := d.UID + "/" + s.Title
		if s.Type == "row" || s.Type == "text" {
			continue
		}
		once := visit.name + shapeOf(s)
		if visit.sparse && j.seen[once] {
			continue
		}
		j.seen[once] = true
		for _, target := range s.Targets {
			if target.Datasource != j.source {
				wrong("%s: it asks %s, which is not provisioned", name, target.Datasource.UID)
			}
		}
		frames, err := v.Run(t.Context(), s)
		if err != nil {
			wrong("%s: %v", name, err)
			continue
		}
		rows := 0
		compared := 0
		for _, frame := range frames {
			n, _ := frame.RowLen()
			rows += n
			found := j.compare(v, s, frame)
			compared += found.compared
			for _, problem := range slices.Compact(found.problems) {
				wrong("%s: %s", name, problem)
			}
			for field := range found.nothing {
				j.excused[name+"/"+field] = true
				if nothing[name+"/"+field] == "" {
					wrong("%s: the field %s is compared with nothing", name, field)
				}
			}
			for _, problem := range j.exact(frame) {
				wrong("%s: %s", name, problem)
			}
		}
		switch {
		case visit.sparse:
		case rows == 0 && unfilled[name] == "":
			wrong("%s: it is empty", name)
		case rows > 0 && unfilled[name] != "":
			wrong("%s: it is not empty: it needs no excuse", name)
		}
		if rows == 0 {
			continue
		}
		for _, problem := range shape(s, frames) {
			wrong("%s: %s", name, problem)
		}
		followed, broken := links(v, s, frames)
		for _, to := range followed {
			if err := j.follow(t, p, to); err != nil {
				wrong("%s: %v", name, err)
			}
		}
		for _, problem := range broken {
			wrong("%s: %s", name, problem)
		}
		t.Logf("%s: %d rows, %d values compared (%s)", name, rows, compared, strings.TrimSpace(s.Type))
	}
	return problems
}

// follow opens the dashboard that a link leads to, once with odd names for each kind of link: a variable takes no value that it
// does not have.
func (j *judge) follow(t *testing.T, p *place.Place, to dashboard.Followed) error {
	t.Helper()
	kind := fmt.Sprint("link ", to.UID, slices.Sorted(maps.Keys(to.Variables)))
	at := slices.IndexFunc(j.all, func(d *dashboard.Dashboard) bool { return d.UID == to.UID })
	if j.seen[kind] || at < 0 || !slices.Contains(to.Variables["program"], odd) {
		return nil
	}
	j.seen[kind] = true
	_, err := j.all[at].Open(t.Context(), p.Source, dashboard.Visit{Now: today, Zone: "UTC", Variables: to.Variables})
	if err != nil {
		return fmt.Errorf("the link to %s: %w", to.UID, err)
	}
	return nil
}

// shapeOf is the same of panels that differ in their metric alone.
func shapeOf(s dashboard.Shown) string {
	shape := s.Type
	for _, target := range s.Targets {
		shape += " " + alike(target.RawSQL)
	}
	return shape
}
