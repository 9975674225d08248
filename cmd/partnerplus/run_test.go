package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/internal/demo"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestRunTwice(t *testing.T) {
	t.Parallel()
	dir := bare(t)
	command(t, dir, exitDone, "backup", "list").says(t, "BUILDS ON")
	if got := value(t, dir, "SELECT count() FROM system.databases WHERE name = 'etl'"); got != "0" {
		t.Error("listing backups made a schema")
	}
	command(t, dir, exitWarnings, "run").says(t, "3 new rows in 2 units", "1 rows were rejected", "rejects list")
	second := command(t, dir, exitDone, "run")
	second.says(t, " 0 new rows in 0 units")
	if second.err != "" {
		t.Errorf("a run without news says something: %s", second.err)
	}
	if got := value(t, dir, "SELECT sum(amount) FROM warehouse.awards FINAL"); got != "35.75" {
		t.Errorf("awards of %s", got)
	}
}

func TestRunJSON(t *testing.T) {
	t.Parallel()
	dir := small(t)
	var report pipeline.Report
	command(t, dir, exitWarnings, "run", "-o", "json").json(t, &report)
	if report.Status != pipeline.StatusRejects || report.Total().Canonical != 3 || report.Total().Rejected != 1 {
		t.Errorf("report %+v", report)
	}
	var status load.Status
	command(t, dir, exitDone, "status", "-o", "json").json(t, &status)
	if len(status.Runs) != 1 || status.Runs[0].RunID != report.RunID || len(status.Sources) != 1 || status.Sources[0].Rejects != 1 {
		t.Errorf("status %+v", status)
	}
	command(t, dir, exitDone, "status", report.RunID).says(t, report.RunID, "rejects", "awards")
	command(t, dir, exitUsage, "status", "nosuch").says(t, "no run nosuch")
	var rejects []load.Reject
	command(t, dir, exitDone, "rejects", "list", "-o", "json").json(t, &rejects)
	if len(rejects) != 1 || rejects[0].Column != "amount" || rejects[0].Position != 2 || !strings.Contains(rejects[0].Raw, "ten") {
		t.Errorf("rejects %+v", rejects)
	}
	command(t, dir, exitDone, "rejects", "list").says(t, "ten", "amount", "data/awards/2024-02.csv"[len("data/"):])
	if o := command(t, dir, exitDone, "rejects", "list", "--source", "other", "-o", "json"); strings.TrimSpace(o.out) != "[]" {
		t.Errorf("no rejects are %s", o.out)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	dir := bare(t)
	tables := "SELECT count() FROM system.tables WHERE database IN ('etl', 'warehouse', 'kpi', 'kpi_core')"
	command(t, dir, exitDone, "run", "--dry-run").says(t, "2 units would be loaded", "nothing was written")
	if got := value(t, dir, tables); got != "0" {
		t.Errorf("a dry run made %s tables", got)
	}
	command(t, dir, exitDone, "migrate", "--dry-run").says(t, "-- bootstrap/01_database_etl.sql", "CREATE TABLE", "INSERT INTO etl.settings SELECT now64(6), 'UTC', 'USD';")
	command(t, dir, exitChecks, "migrate", "--check").says(t, "-- migrations/0010_etl_settings.sql")
	if got := value(t, dir, tables); got != "0" {
		t.Errorf("a dry migration made %s tables", got)
	}
	command(t, dir, exitDone, "migrate")
	command(t, dir, exitDone, "run", "--dry-run", "-o", "json").json(t, new(pipeline.Report))
	if got := value(t, dir, "SELECT (SELECT count() FROM etl.runs) + (SELECT count() FROM etl.units) + (SELECT count() FROM warehouse.awards)"); got != "0" {
		t.Errorf("a dry run wrote %s rows", got)
	}
	command(t, dir, exitDone, "migrate").says(t, "up to date")
}

func TestRunWithoutRefresh(t *testing.T) {
	t.Parallel()
	dir := small(t)
	command(t, dir, exitWarnings, "run", "--no-refresh").says(t, "3 new rows in 2 units; the figures are left to a run without --no-refresh")
	months := "SELECT (SELECT count() FROM kpi.as_of), (SELECT uniqExact(month) FROM kpi.portfolio_financial_monthly WHERE dollars_awarded > 0)"
	if got := value(t, dir, "SELECT sum(amount) FROM warehouse.awards FINAL"); got != "35.75" {
		t.Errorf("awards of %s", got)
	}
	if got := value(t, dir, months); got != "0,0" {
		t.Errorf("figures after --no-refresh: %s", got)
	}
	var report pipeline.Report
	command(t, dir, exitDone, "run", "-o", "json").json(t, &report)
	if report.Total().Canonical != 0 || report.Months != 2 || report.RefreshSeconds <= 0 || report.Total().Seconds <= 0 || report.Seconds < report.RefreshSeconds+report.Total().Seconds {
		t.Errorf("the run behind it: %+v", report)
	}
	if got := value(t, dir, months); got != "1,2" {
		t.Errorf("figures after the run behind it: %s", got)
	}
}

func TestBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	dir := bare(t)
	for _, args := range []string{"status", "rejects list", "query SELECT+1+FROM+kpi.as_of"} {
		command(t, dir, exitFailed, strings.Fields(strings.ReplaceAll(args, "query SELECT+1+FROM+kpi.as_of", "query SELECT*FROM(kpi.as_of)"))...).says(t, "error: ")
	}
	command(t, dir, exitFailed, "status").says(t, "partnerplus migrate")
}

func TestRunJobAndBackfill(t *testing.T) {
	t.Parallel()
	dir := small(t)
	command(t, dir, exitWarnings, "run", "nightly")
	if got := value(t, dir, "SELECT job FROM etl.runs FINAL"); got != `"nightly"` {
		t.Errorf("the run's job is %s", got)
	}
	if got := value(t, dir, "SELECT count() > 0 FROM etl.retention"); got != "1" {
		t.Error("a job looks for nothing that is old")
	}
	// Both files were delivered now.
	today := time.Now().UTC().Format(time.DateOnly)
	command(t, dir, exitWarnings, "backfill", "awards", "--from", today, "--to", time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)).says(t, "3 new rows in 2 units")
	command(t, dir, exitDone, "backfill", "awards", "--from", "2001-01-01", "--to", "2001-12-31").says(t, " 0 new rows")
	if got := value(t, dir, "SELECT count(), sum(amount) FROM warehouse.awards FINAL"); got != "3,35.75" {
		t.Errorf("awards after the backfill: %s", got)
	}
	command(t, dir, exitWarnings, "run", "--full", "--source", "awards").says(t, "in 2 units")

	// The whole job was run by hand, and is not run again meanwhile.
	command(t, dir, exitDone, "query", "--write", "INSERT INTO etl.leases VALUES ('job live', 'c', 0, 'elsewhere (process 7)', now64(6) - 5, now64(6) + 600)")
	command(t, dir, exitFailed, "run", "live").says(t, "job live is being run by elsewhere (process 7) since 20", "wait until it has ended")
	command(t, dir, exitDone, "schedule", "list").says(t, "never ran", "by hand", "rejects", "running", "by elsewhere (process 7) since", "queued")
	var listed []listedJob
	command(t, dir, exitDone, "schedule", "list", "-o", "json").json(t, &listed)
	for _, j := range listed {
		if j.Job == "nightly" && (j.State != "idle" || j.Last == nil || !j.Last.ByHand || j.Last.Status != "rejects" || j.Last.Seconds <= 0 || j.Last.RunID == "") {
			t.Errorf("nightly is %+v, last %+v", j, j.Last)
		}
	}
}

func TestMissingColumn(t *testing.T) {
	t.Parallel()
	dir := small(t)
	write(t, dir, map[string]string{"data/awards/2024-03.csv": "id,member,org,kind,at\nA-5,M-1,O-1,award,2024-03-05T10:00:00Z\n"})
	o := command(t, dir, exitFailed, "run")
	o.says(t, "awards/2024-03.csv", `"amount"`, "3 new rows in 2 units") // the others are loaded
	command(t, dir, exitDone, "status").says(t, "failed", `"amount"`)
}

func TestTooManyRejects(t *testing.T) {
	t.Parallel()
	dir := small(t)
	write(t, dir, map[string]string{"partnerplus.yaml": header + strings.Replace(awardSource, "0.5", "0.1", 1)})
	command(t, dir, exitFailed, "run").says(t, "awards/2024-02.csv", "rejects.max_share", "rejects list --source awards")
	command(t, dir, exitDone, "rejects", "list", "--source", "awards").says(t, "ten")
	if got := value(t, dir, "SELECT count() FROM warehouse.awards FINAL"); got != "2" {
		t.Errorf("%s awards, of the good file only", got)
	}
}

// Nothing that cannot be reached keeps a command for long.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	mappings := "    mappings: [{entity: awards, columns: " + awardColumns + "}]\n"
	for name, c := range map[string]struct {
		config string
		says   []string
	}{
		"s3": {
			header + "  remote:\n    s3: {bucket: b, endpoint: \"http://127.0.0.1:1\", path_style: true, access_key_id: an-access-key, secret_access_key: hushhush-53c4e7}\n    format: {type: csv}\n" + mappings,
			[]string{"source remote", "connection refused", "s3.endpoint"},
		},
		"http": {
			header + "  remote:\n    http: {url: \"http://127.0.0.1:1/\", bearer_token: hushhush-53c4e7}\n" + mappings,
			[]string{"source remote", "connection refused", "http.url"},
		},
		"postgres": {
			header + "  remote:\n    postgres: {dsn: \"postgres://user:hushhush-53c4e7@127.0.0.1:1/shop\", query: SELECT 1}\n" + mappings,
			[]string{"source remote", "connection refused", "postgres.dsn", "a secret in plain text"},
		},
		"warehouse": {
			strings.Replace(header+awardSource, "path: warehouse", "dsn: \"http://user:hushhush-53c4e7@127.0.0.1:1/\", patience: 1s", 1),
			[]string{"warehouse", "127.0.0.1:1", "connection refused", "trying again for up to 1s"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, map[string]string{"partnerplus.yaml": c.config})
			began := time.Now()
			o := command(t, dir, exitFailed, "run")
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			o.says(t, c.says...)
			o.hides(t, "hushhush", "max_execution_time", "answers 0")
			command(t, dir, exitFailed, "validate", "--connect").says(t, c.says...)
		})
	}
}

const wrongSecret = "wr0ng/secret+53c4e7"

func TestWrongSecrets(t *testing.T) {
	t.Parallel()
	server := extracttest.Start(t)
	server.CreateBucket(t, "bucket")
	server.Put(t, "bucket", "a.csv", []byte(januaryAwards))
	// This one quotes what it was sent.
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "unauthorized: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
	}))
	t.Cleanup(api.Close)
	dir := migrated(t)
	mappings := "    mappings: [{entity: awards, columns: " + awardColumns + "}]\n"
	write(t, dir, map[string]string{
		"partnerplus.yaml": header +
			"  objects:\n    s3: {bucket: bucket, endpoint: \"" + server.Endpoint + "\", path_style: true, access_key_id: " + server.AccessKey + ", secret_access_key: \"" + wrongSecret + "\"}\n" + mappings +
			"  records:\n    http: {url: \"" + api.URL + "/v1?api_key=" + "hushhush-an-api-key" + "\", bearer_token: \"" + wrongSecret + "\"}\n" + mappings,
	})
	running(t, dir)
	secrets := []string{wrongSecret, "wr0ng%2Fsecret", "hushhush"}
	o := command(t, dir, exitFailed, "run", "--log-level", "debug")
	o.says(t, "source objects", "s3.secret_access_key", "source records", "http.bearer_token")
	o.hides(t, secrets...)
	command(t, dir, exitFailed, "run", "--log-level", "debug", "--log-format", "json", "-o", "json").hides(t, secrets...)
	command(t, dir, exitFailed, "validate", "--connect").hides(t, secrets...)
	command(t, dir, exitFailed, "preview", "records").hides(t, secrets...)
	for _, table := range strings.Fields(value(t, dir, "SELECT name FROM system.tables WHERE database = 'etl'")) {
		command(t, dir, exitDone, "query", "-o", "json", "SELECT * FROM etl."+strings.Trim(table, `"`)).hides(t, secrets...)
	}
	if got := value(t, dir, "SELECT count() FROM etl.runs FINAL WHERE status = 'failed' AND error != ''"); got != "2" {
		t.Errorf("%s failed runs in the ledger", got)
	}
}

func TestWrongWarehousePassword(t *testing.T) {
	t.Parallel()
	dir := warehousetest.Dir(t)
	e := running(t, dir)
	write(t, dir, map[string]string{
		"partnerplus.yaml": strings.Replace(header+awardSource, "path: warehouse", fmt.Sprintf("dsn: \"http://%s:wr0ng-53c4e7@127.0.0.1:%d/\"", e.Address().WriterUser, e.Address().Port), 1),
	})
	for _, args := range []string{"run --log-level debug", "status", "validate --connect", "migrate"} {
		began := time.Now()
		o := command(t, dir, exitFailed, strings.Fields(args)...)
		o.says(t, "AUTHENTICATION_FAILED", "warehouse.dsn")
		o.hides(t, "wr0ng")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: a wrong password is not worth trying again: %s", args, took)
		}
	}
	command(t, dir, exitUsage, "engine", "start").says(t, "warehouse.dsn")
}

func TestPreviewEveryDemoSource(t *testing.T) {
	dir := warehousetest.Dir(t)
	company, err := demo.Generate(dir, demoSeed)
	if err != nil {
		t.Fatal(err)
	}
	api, err := demo.Serve(t.Context(), company, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	t.Setenv(demo.EnvURL, api.URL)
	t.Setenv(demo.EnvToken, api.Token)
	command(t, dir, exitDone, "validate").says(t, "well-formed")
	for _, feed := range company.Feeds {
		command(t, dir, exitDone, "preview", feed.Name, "-n", "3").says(t, feed.Name, "row 1", "←")
		preview := previewed(t, dir, feed.Name, "-n", "3")
		if preview.Source != feed.Name || len(preview.Rows) != 3 || len(preview.Rows[0].Raw) == 0 || len(preview.Rows[0].Rows) == 0 {
			t.Errorf("%s: preview %+v", feed.Name, preview)
		}
	}
	if _, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse")); err == nil {
		t.Error("a preview needs no warehouse")
	}
}

// held is an API of two pages that holds its second page back until it is let go.
type held struct {
	*httptest.Server
	asked, release chan struct{}
}

func newHeld(t *testing.T) *held {
	h := &held{asked: make(chan struct{}, 100), release: make(chan struct{})}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		if page == "2" {
			h.asked <- struct{}{}
			select {
			case <-h.release:
			case <-r.Context().Done():
				return
			}
		}
		rows := []map[string]string{}
		if page == "1" || page == "2" {
			rows = append(rows, map[string]string{"id": "H-" + page, "member": "M-1", "org": "O-1", "kind": "award", "amount": "1", "at": "2024-03-01T00:00:00Z"})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": rows})
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *held) source() string {
	return "  held:\n    http: {url: \"" + h.URL + "/\", records: data, paging: {type: page, param: page, size_param: size, size: 1, start: 1}}\n" +
		"    mappings: [{entity: awards, columns: " + awardColumns + "}]\n"
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newHeld(t)
			dir := migrated(t)
			write(t, dir, map[string]string{
				"partnerplus.yaml": header + awardSource + api.source(), "data/awards/2024-01.csv": januaryAwards,
			})
			p := start(t, dir, "run", "-o", "json")
			<-api.asked
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if took := p.ends(t, exitInterrupted); took > 5*time.Second {
				t.Errorf("it took %s to end", took)
			}
			outcome{out: p.out.String()}.json(t, new(pipeline.Report))
			if trace := stackTrace.FindString(p.err.String()); trace != "" || !strings.Contains(p.err.String(), "interrupted") {
				t.Errorf("standard error: %s", p.err)
			}
			if _, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse")); err == nil {
				t.Error("the engine outlives its run")
			}
			running(t, dir)
			if got := value(t, dir, "SELECT status FROM etl.runs FINAL"); got != `"interrupted"` {
				t.Errorf("the run's status is %s", got)
			}
			if got := value(t, dir, "SELECT count() FROM system.tables WHERE database = 'etl' AND name LIKE 'stage%'"); got != "0" {
				t.Errorf("%s stages are left", got)
			}
			close(api.release)
			command(t, dir, exitDone, "run").says(t, "2 new rows in 1 units") // the first source was done
			if got := value(t, dir, "SELECT count(), sum(amount) FROM warehouse.awards FINAL"); got != "4,32.75" {
				t.Errorf("awards in the end: %s", got)
			}
			if got := value(t, dir, "SELECT sum(value) FROM kpi.metric_monthly WHERE metric = 'dollars_awarded' AND scope = 'portfolio'"); got != "32.75" {
				t.Errorf("dollars awarded in the end: %s", got)
			}
		})
	}
}

func TestEngineCycle(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource, "data/awards/2024-01.csv": januaryAwards})
	run := func(want int, args ...string) outcome {
		t.Helper()
		p := start(t, dir, args...)
		p.ends(t, want)
		return outcome{out: p.out.String(), err: p.err.String()}
	}
	run(exitFailed, "engine", "stop").says(t, "no embedded warehouse is running")
	run(exitFailed, "engine", "env").says(t, "partnerplus engine start")
	run(exitDone, "engine", "start").says(t, "started", "http://127.0.0.1:", "engine stop")
	t.Cleanup(func() { run(exitFailed, "engine", "stop") }) // it is stopped below; if not, it is now
	run(exitDone, "engine", "start").says(t, "already running")
	run(exitDone, "run").says(t, "2 new rows")
	env := map[string]string{}
	for line := range strings.Lines(run(exitDone, "engine", "env").out) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		env[name] = strings.Trim(value, "'")
	}
	status, body := get(t, env["CLICKHOUSE_URL"]+"?query=SELECT+count()+FROM+kpi.metric_monthly")
	if status != http.StatusOK || strings.TrimSpace(body) == "0" {
		t.Errorf("the address of engine env: %d %s", status, body)
	}
	if status, _ := get(t, env["CLICKHOUSE_URL"]+"?query=SELECT+count()+FROM+warehouse.awards"); status == http.StatusOK {
		t.Error("the reader reads the facts")
	}
	run(exitDone, "engine", "env", "--writer").says(t, "CLICKHOUSE_USER=partnerplus")
	run(exitDone, "engine", "stop").says(t, "stopped")
	run(exitFailed, "engine", "env")
}

// The engine of `engine start` comes back where another command took it over for a while.
func TestEngineInForegroundStays(t *testing.T) {
	t.Parallel()
	dir := migrated(t)
	write(t, dir, map[string]string{"partnerplus.yaml": header + awardSource, "data/awards/2024-01.csv": januaryAwards})
	p := start(t, dir, "engine", "start", "--foreground")
	within(t, "it listens", func() bool { return strings.Contains(p.out.String(), "listening: http://127.0.0.1:") })
	found, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(found.Address().EnginePID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	command(t, dir, exitDone, "run")
	within(t, "it listens again", func() bool {
		e, err := engine.Find(t.Context(), filepath.Join(dir, "warehouse"))
		return err == nil && e.Address().OwnerPID == p.Process.Pid
	})
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.ends(t, exitDone)
}
