package pipeline

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/load"
)

// since is a source that goes on, over one that lists everything.
type since struct {
	extract.Source
	asked []string // cursors
}

func (s *since) UnitsSince(ctx context.Context, cursor string) (units []extract.Unit, next string, err error) {
	s.asked = append(s.asked, cursor)
	all, err := s.Units(ctx, extract.Range{})
	for _, unit := range all {
		if cursor == "" || strings.Contains(cursor, unit.Name) {
			unit.Version = "" // the place cannot tell
			units = append(units, unit)
		}
	}
	return units, "after " + cursor + fmt.Sprint(len(units)), err
}

const programs = `
  programs:
    file: {path: %s}
    rejects: {max_share: 0.5}
    parallel: 2
    mappings: [{entity: programs, columns: {program_id: id, name: name}}]
`

// Open opens the unit as the source under it lists it.
func (s *since) Open(ctx context.Context, unit extract.Unit) (extract.Reader, error) {
	all, err := s.Units(ctx, extract.Range{})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(u extract.Unit) bool { return u.Name == unit.Name })
	return s.Source.Open(ctx, all[i])
}

// lots makes a csv with so many programmes.
func lots(n int, header, rest string) string {
	text := header + "\n"
	for i := range n {
		text += fmt.Sprintf("p%d,n%s\n", i, rest)
	}
	return text
}

// TestConclude runs sources night after night on one warehouse.
func TestConclude(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	source := fmt.Sprintf(programs, "in")

	// Columns, rows, and units that cannot be read.
	s.write(t, map[string]string{"in/1.csv": lots(30, "id,name,score", ",1")})
	s.run(t, source, StatusDone, Request{})
	s.write(t, map[string]string{"in/2.csv": lots(40, "id,name,score,extra", ",1,x")})
	warned(t, s.run(t, source, StatusRejects, Request{}), `column "extra" is new (text), first in unit 2.csv`)
	s.write(t, map[string]string{"in/3.csv": lots(50, "id,name,score,extra", ",1,x")})
	s.run(t, source, StatusDone, Request{})
	s.write(t, map[string]string{"in/4.csv": lots(1, "id,name,score,extra", ",high,x")})
	report := s.run(t, source, StatusChecks, Request{})
	warned(t, report, `column "score" was integer and is text now`)
	if report.Err() != nil || len(report.Checks) != 1 || !strings.Contains(report.Checks[0], "1 rows, less than rows.usual_share, 0.1, of the 40 rows that its last 3 runs brought") {
		t.Errorf("checks are %v", report.Checks)
	}
	s.expect(t, "SELECT column, event, was, is_now, unit FROM etl.column_changes ORDER BY column", "extra|new||text|2.csv", "score|retyped|integer|text|4.csv")
	s.expect(t, "SELECT count() FROM etl.units FINAL WHERE status = 'loaded'", "4")
	s.write(t, map[string]string{"in/5.csv": "id,score\np,1\n", "in/6.csv.gz": "this is not gzip"})
	if report = s.run(t, source, StatusFailed, Request{}); report.Total().Failed != 2 {
		t.Errorf("report is %+v", report)
	}
	s.expect(t, "SELECT unit, rows_read, error LIKE '%name%' OR error LIKE '%gzip%' FROM etl.units FINAL WHERE status = 'failed' ORDER BY unit", "5.csv|1|1", "6.csv.gz|0|1")
	s.expect(t, "SELECT status, error LIKE '%usual_share%' FROM etl.runs FINAL ORDER BY run_id DESC LIMIT 1 OFFSET 1", "checks|1")

	// Nothing at all, and fewer than the config wants.
	s.write(t, map[string]string{"none/1.csv": "id,name\n"})
	none := fmt.Sprintf(programs, "none")
	none = strings.Replace(none, "programs:", "nothing:", 1)
	warned(t, s.run(t, none, StatusRejects, Request{}), "no row at all")
	s.run(t, none, StatusDone, Request{}) // nothing is new
	s.run(t, none+"    rows: {min: 0}\n", StatusDone, Request{Full: true})
	s.run(t, none+"    rows: {min: 1}\n", StatusChecks, Request{Full: true})

	// A server that never answers keeps a run no longer than the source's deadline.
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	slow := strings.Replace(fmt.Sprintf(programs, "none"), "file: {path: none}", fmt.Sprintf("deadline: 200ms\n    http: {url: %q}", silent.URL), 1)
	report = s.run(t, strings.Replace(slow, "programs:", "slow:", 1), StatusFailed, Request{})
	if len(report.Errors) != 1 || !strings.Contains(report.Errors[0], "source slow: its deadline, 200ms, has passed with 0 of 1 new units loaded") {
		t.Errorf("errors are %q", report.Errors)
	}

	testOver(t, s)

	// A cursor moves once everything that was listed is loaded, and holds for its place only.
	s.write(t, map[string]string{"on/1.csv": "id,name\nc1,x\n", "on/2.csv": "id,nam\nc2,x\n"})
	on := strings.Replace(fmt.Sprintf(programs, "on"), "programs:", "on:", 1)
	cursors := func(sources, status string, request Request) string {
		t.Helper()
		p := s.pipeline(t, sources)
		r, err := p.begin(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		goesOn := &since{Source: r.sources[0].Source}
		r.sources[0].Source = goesOn
		units, err := r.list(t.Context(), r.sources[0])
		if err != nil {
			t.Fatal(err)
		}
		r.load(t.Context(), r.sources[0], units)
		if ended, err := r.end(t.Context()); ended.Status != status {
			t.Errorf("the run is %s, want %s: %v", ended.Status, status, err)
		}
		return fmt.Sprintf("%q %d", goesOn.asked, len(units))
	}
	for i, step := range []struct{ got, want string }{
		{cursors(on, StatusFailed, Request{}), `[""] 2`},
		{cursors(mended(t, s, on), StatusDone, Request{}), `[""] 1`}, // the first one is loaded, and has no other version
		{cursors(on, StatusDone, Request{}), `["after 2"] 0`},
		{cursors(on, StatusDone, Request{}), `["after after 20"] 0`},
		{cursors(on, StatusDone, Request{Full: true}), `[""] 2`},
		{cursors(on, StatusDone, Request{}), `["after 2"] 0`},
		{cursors(strings.Replace(on, "{path: on}", `{path: on, glob: "*.csv"}`, 1), StatusDone, Request{}), `[""] 0`},
	} {
		if step.got != step.want {
			t.Errorf("step %d: cursors and units are %s, want %s", i, step.got, step.want)
		}
	}
}

// testOver lets a unit fail and be found unchanged after that: the failure is over, and what was loaded is as it was.
func testOver(t *testing.T, s site) {
	t.Helper()
	answer := `[{"id": "over", "name": "x"}]`
	place := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if answer == "" {
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, answer)
	}))
	defer place.Close()
	source := strings.Replace(fmt.Sprintf(programs, "none"), "file: {path: none}", fmt.Sprintf("http: {url: %q}", place.URL), 1)
	source = strings.Replace(source, "programs:", "over:", 1)
	failed := func(want uint64) {
		t.Helper()
		status, err := s.Status(t.Context(), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(status.Sources, func(one load.SourceStatus) bool { return one.Source == "over" })
		if got := status.Sources[i].Failed; got != want {
			t.Errorf("%d units failed, want %d", got, want)
		}
		s.expect(t, "SELECT count() FROM etl.open_rejects WHERE source = 'over'", fmt.Sprint(map[bool]int{true: 1}[want > 0 && answer != ""]))
	}
	s.run(t, source, StatusDone, Request{})
	const loaded = "SELECT * FROM etl.units FINAL WHERE source = 'over' AND status = 'loaded'"
	before, good := s.lines(t, loaded), answer
	for _, bad := range []string{"", `[{"name": "x"}]`} { // one that cannot be read, and one with nothing but rejects
		answer = bad
		s.run(t, source, StatusFailed, Request{})
		failed(1)
		answer = good
		if report := s.run(t, source, StatusDone, Request{}); report.Total().Unchanged != 1 {
			t.Errorf("report is %+v", report)
		}
		failed(0)
		if after := s.lines(t, loaded); after != before {
			t.Errorf("what was loaded is\n%s, was\n%s", after, before)
		}
	}
	results, err := s.Check(t.Context(), time.Time{}, "conservation")
	if err != nil || len(results) != 1 || results[0].Verdict != "pass" {
		t.Errorf("conservation: %+v, %v", results, err)
	}
}

// mended writes the file again that could not be loaded.
func mended(t *testing.T, s site, sources string) string {
	t.Helper()
	s.write(t, map[string]string{"on/2.csv": "id,name\nc2,x\n"})
	return sources
}

func warned(t *testing.T, report Report, text string) {
	t.Helper()
	if !strings.Contains(strings.Join(report.Warnings, "\n"), text) {
		t.Errorf("nobody warns %q, only %q", text, report.Warnings)
	}
}
