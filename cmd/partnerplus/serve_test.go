package main

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/collector"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// listens waits until a daemon that logs JSON serves, and gives its address.
func listens(t *testing.T, p *program) (address string) {
	t.Helper()
	within(t, "it serves", func() bool {
		for line := range strings.Lines(p.err.String()) {
			var entry struct{ Msg, Listen string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "serving" {
				address = entry.Listen
			}
		}
		return address != ""
	})
	return address
}

// A daemon reads its config anew without cutting a run, shows what it does, and sends traces.
func TestServeIsWatched(t *testing.T) {
	t.Parallel()
	api, spans := newHeld(t), collector.New(t)
	dir := migrated(t)
	const token = "a-token-of-traces"
	configured := "schedules: jobs\ntelemetry: {traces: {endpoint: \"" + spans.URL + "\", headers: {Authorization: \"${file:token}\"}}}\n" + header
	write(t, dir, map[string]string{
		"partnerplus.yaml": configured + awardSource, "token": token,
		"jobs/first.yaml":         "name: first\ncron: \"@yearly\"\n",
		"data/awards/2024-01.csv": januaryAwards, "data/awards/2024-02.csv": februaryAwards,
	})
	p := start(t, dir, "serve", "--listen", "127.0.0.1:0") // its log is JSON: standard error is no terminal
	address := listens(t, p)
	shows := func(lines ...string) {
		t.Helper()
		var text string
		holds := func() bool {
			_, text = get(t, address+"/metrics")
			for _, line := range lines {
				if !strings.Contains(text, "\n"+line) {
					return false
				}
			}
			return true
		}
		within(t, "the metrics show "+strings.Join(lines, ", "), holds)
	}
	hangup := func(files map[string]string) {
		t.Helper()
		write(t, dir, files)
		if err := p.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	const reloaded = "partnerplus_config_last_reload_successful "
	shows(reloaded+"1", "partnerplus_warehouse_up 1", "partnerplus_schema_current 1", `partnerplus_runs_total{job_name="first",status="rejects"} 1`,
		`partnerplus_rows_read_total{source="awards"} 4`, `partnerplus_rows_loaded_total{source="awards"} 3`, `partnerplus_rows_rejected_total{source="awards"} 1`,
		`partnerplus_units_total{source="awards",status="loaded"} 2`, "partnerplus_refresh_duration_seconds_count 1", `partnerplus_job_next_due_timestamp_seconds{job_name="first"} `,
		`partnerplus_build_info{commit=`)
	if tool, err := exec.LookPath("promtool"); err == nil {
		_, text := get(t, address+"/metrics")
		cmd := exec.CommandContext(t.Context(), tool, "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("promtool check metrics: %v\n%s", err, out)
		}
	}

	// A bad config changes nothing.
	for _, bad := range []map[string]string{
		{"partnerplus.yaml": configured + awardSource + "  nonsense: {}\n"},
		{"partnerplus.yaml": configured + awardSource, "jobs/second.yaml": "name: second\ncron: never\n"},
	} {
		hangup(bad)
		shows(reloaded+"0", `partnerplus_job_running{job_name="first"} 0`)
		pageTells(t, address, true)
		hangup(map[string]string{"partnerplus.yaml": configured + awardSource, "jobs/second.yaml": "name: second\ncron: \"@yearly\"\nsources: [awards]\n"})
		shows(reloaded+"1", `partnerplus_runs_total{job_name="second",status=`)
		pageTells(t, address, false)
	}

	// What is read anew while a job runs waits for its end.
	hangup(map[string]string{"partnerplus.yaml": configured + awardSource + api.source(), "jobs/third.yaml": "name: third\ncron: \"@yearly\"\nsources: [held]\n"})
	<-api.asked
	hangup(map[string]string{"jobs/fourth.yaml": "name: fourth\ncron: \"@yearly\"\nsources: [awards]\n"})
	within(t, "it was read", func() bool { return strings.Count(p.err.String(), "the config was read anew") == 4 })
	shows(`partnerplus_job_running{job_name="third"} 1`)
	if _, text := get(t, address+"/metrics"); strings.Contains(text, `job_name="fourth"`) {
		t.Error("another config is in force while a job of the one before runs")
	}
	if status, body := get(t, address+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: %d %s", status, body)
	}
	close(api.release)
	shows(`partnerplus_runs_total{job_name="fourth",status=`, `partnerplus_runs_total{job_name="third",status="done"} 1`)
	if got := value(t, dir, "SELECT job, count(), countIf(status IN ('done', 'rejects')) FROM etl.runs FINAL GROUP BY job ORDER BY min(started_at)"); got != "\"first\",1,1\n\"second\",1,1\n\"third\",1,1\n\"fourth\",1,1" {
		t.Errorf("runs:\n%s", got)
	}

	// A warehouse that is not reached makes it not ready, but alive.
	found, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(found.Address().EnginePID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	within(t, "it is not ready", func() bool {
		status, body := get(t, address+"/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "the warehouse does not answer")
	})
	shows("partnerplus_warehouse_up 0")
	if err := syscall.Kill(found.Address().EnginePID, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	within(t, "it is ready again", func() bool {
		status, _ := get(t, address+"/readyz")
		return status == http.StatusOK
	})

	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.ends(t, exitDone)
	outcome{err: p.err.String()}.hides(t, token)
	if got := spans.Header("Authorization"); got != token {
		t.Errorf("traces came with %q", got)
	}
	first := map[string]collector.Span{}
	for _, span := range spans.Spans() {
		if key := span.Parent + "/" + span.Name; first[key].Name == "" {
			first[key] = span
		}
	}
	for _, want := range []string{"/job", "job/run", "run/source", "source/unit", "source/load", "run/refresh"} {
		if first[want].Name == "" {
			t.Errorf("no span %s: %v", want, spans.Spans())
		}
	}
	if run := first["job/run"].Attributes; run["run_id"] == "" || run["job"] != "first" || !strings.Contains(run["rows_read"], "4") {
		t.Errorf("the run's span says %v", run)
	}
	logged := false
	for line := range strings.Lines(p.err.String()) {
		var entry struct{ Msg, Run_ID, Job, Source string } //nolint:revive // as in the log
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("the log has %q", line)
		}
		logged = logged || entry.Msg == "source read" && entry.Run_ID != "" && entry.Job == "third" && entry.Source == "held"
	}
	if !logged {
		t.Errorf("the log does not tell of the source:\n%s", p.err)
	}
}

// pageTells looks whether the status page says that the config could not be read anew.
func pageTells(t *testing.T, address string, want bool) {
	t.Helper()
	if _, page := get(t, address+"/"); strings.Contains(page, "the one before is in force") != want {
		t.Errorf("the page says that a config was refused: %t, want %t\n%s", !want, want, page)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	dir := warehousetest.Dir(t)
	pager := newPager(t)
	write(t, dir, map[string]string{
		"partnerplus.yaml":        "schedules: jobs\n" + pager.config("late_source") + header + awardSource + ghostSource,
		"jobs/yearly.yaml":        "name: yearly\ncron: \"@yearly\"\nsources: [awards]\n",
		"data/awards/2024-01.csv": januaryAwards,
	})
	p := start(t, dir, "serve", "--listen", "127.0.0.1:0", "--log-format", "json")
	address := ""
	within(t, "it serves", func() bool {
		for line := range strings.Lines(p.err.String()) {
			var entry struct{ Msg, Listen string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "serving" {
				address = entry.Listen
			}
		}
		return address != ""
	})
	if status, body := get(t, address+"/healthz"); status != http.StatusOK || body != "alive\n" {
		t.Errorf("/healthz: %d %s", status, body)
	}
	if status, body := get(t, address+"/readyz"); status != http.StatusOK || body != "ready\n" {
		t.Errorf("/readyz: %d %s", status, body)
	}
	if status, body := get(t, address+"/"); status != http.StatusOK || !strings.Contains(body, "<h2 id=\"jobs-title\">Jobs</h2>") || !strings.Contains(body, "yearly") {
		t.Errorf("/: %d %s", status, body)
	}
	// A job that never ran is due at once.
	within(t, "the job is run", func() bool {
		var answer struct {
			Warehouse load.Status
			Jobs      []listedJob
		}
		status, body := get(t, address+"/status")
		if status != http.StatusOK {
			t.Fatalf("/status: %d %s", status, body)
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err)
		}
		if len(answer.Jobs) != 1 || answer.Jobs[0].Job != "yearly" || answer.Jobs[0].NextDue == nil {
			t.Fatalf("/status has the jobs %+v", answer.Jobs)
		}
		runs := answer.Warehouse.Runs
		return len(runs) == 1 && runs[0].Job == "yearly" && runs[0].Status == pipeline.StatusDone
	})
	// After it, what stands is told.
	var told []string
	within(t, "the missing source is told", func() bool {
		told = append(told, pager.told()...)
		return len(told) > 0
	})
	if told[0] != "opened late_source:ghost" {
		t.Errorf("it was told %q", told)
	}
	// The daemon's engine comes back by itself.
	found, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(found.Address().EnginePID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	within(t, "it is ready again", func() bool {
		status, _ := get(t, address+"/readyz")
		return status == http.StatusOK
	})
	if got := value(t, dir, "SELECT count() FROM warehouse.awards FINAL"); got != "2" {
		t.Errorf("%s awards", got)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if took := p.ends(t, exitDone); took > 20*time.Second {
		t.Errorf("it took %s to end", took)
	}
	if _, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse")); err == nil {
		t.Error("the engine outlives the daemon")
	}
}

// The daemon does not wait for a running job: what is cut off is done by the next run.
func TestServeEndsWithoutItsJob(t *testing.T) {
	t.Parallel()
	api := newHeld(t)
	dir := migrated(t)
	write(t, dir, map[string]string{
		"partnerplus.yaml": "schedules: jobs\n" + header + api.source(),
		"jobs/yearly.yaml": "name: yearly\ncron: \"@yearly\"\n",
	})
	p := start(t, dir, "serve", "--listen", "127.0.0.1:0")
	<-api.asked
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if took := p.ends(t, exitInterrupted); took > 10*time.Second {
		t.Errorf("it took %s to end", took)
	}
	running(t, dir)
	if got := value(t, dir, "SELECT status FROM etl.runs FINAL"); got != `"interrupted"` {
		t.Errorf("the run's status is %s", got)
	}
	// The job's ledger says so too, and its lease was given back.
	if got := value(t, dir, "SELECT status, reason, (SELECT count() FROM etl.leases FINAL WHERE expires_at > now64(6)) FROM etl.job_runs FINAL"); !strings.HasPrefix(got, `"interrupted","the scheduler is shutting down`) || !strings.HasSuffix(got, ",0") {
		t.Errorf("the job's ledger has %s", got)
	}
}
