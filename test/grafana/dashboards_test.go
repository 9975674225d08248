package grafana

import (
	"fmt"
	"path/filepath"
	"slices"
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
var unfilled = map[string]string{}

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
	j := &judge{t: t, warehouse: p.Warehouse, figures: readFigures(t, p.Warehouse), views: map[string]*table{}, used: map[string]bool{}, excused: map[string]bool{}, described: map[string]bool{}}
	for _, d := range all {
		t.Run(d.UID, func(t *testing.T) {
			j.t = t
			for _, err := range d.CheckLinks(all) {
				t.Error(err)
			}
			for _, problem := range j.dashboard(t, p, d, dashboard.Visit{Now: now(d), Zone: "America/Los_Angeles"}) {
				t.Error(problem)
			}
		})
	}
	for field := range nothing {
		if !j.excused[field] {
			t.Errorf("%s is compared, or not there: it needs no excuse", field)
		}
	}
	j.t = t
	t.Run("alerts", func(t *testing.T) { testAlerts(t, p) })
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
	if _, err := p.Pipeline.Validate(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Pipeline.OpenReview(t.Context(), load.ReviewOpening{Month: newest, By: "Ada"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Warehouse.CloseMonth(t.Context(), firstMonth, "Ada", ""); err != nil {
		t.Fatal(err)
	}
}

// dashboard opens one and looks at all of it.
func (j *judge) dashboard(t *testing.T, p *place.Place, d *dashboard.Dashboard, visit dashboard.Visit) (problems []string) {
	t.Helper()
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	v, err := d.Open(t.Context(), p.Source, visit)
	if err != nil {
		return []string{err.Error()}
	}
	panels, err := v.Shown()
	if err != nil {
		return []string{err.Error()}
	}
	if _, err := v.Annotate(t.Context()); err != nil {
		wrong("%v", err)
	}
	for _, s := range panels {
		name := d.UID + "/" + s.Title
		if s.Type == "row" || s.Type == "text" {
			continue
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
		if rows == 0 {
			wrong("%s: it is empty", name)
		}
		if rows == 0 {
			continue
		}
		for _, problem := range shape(s, frames) {
			wrong("%s: %s", name, problem)
		}
		_, broken := links(v, s, frames)
		for _, problem := range broken {
			wrong("%s: %s", name, problem)
		}
		t.Logf("%s: %d rows, %d values compared (%s)", name, rows, compared, strings.TrimSpace(s.Type))
	}
	return problems
}
