package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/schedules"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// What prolongs or repeats TestServeKilled.
const (
	envKills      = "PARTNERPLUS_KILLED_KILLS"
	envKilledSeed = "PARTNERPLUS_KILLED_SEED"
)

// TestServeKilled kills the daemon, and with it its engine, in the midst of jobs, again and again, while more is delivered. The
// killed ones keep their leases, so that each start runs others; they are run anew once the leases have expired. It ends in
// the tables of one undisturbed run.
func TestServeKilled(t *testing.T) {
	t.Parallel()
	kills, seed := 3, rand.Uint64()>>32
	for name, read := range map[string]func(string) error{
		envKills:      func(text string) (err error) { kills, err = strconv.Atoi(text); return err },
		envKilledSeed: func(text string) (err error) { seed, err = strconv.ParseUint(text, 10, 64); return err },
	} {
		if text := os.Getenv(name); text != "" {
			if err := read(text); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	t.Logf("repeat it with %s=%d", envKilledSeed, seed)
	dice := rand.New(rand.NewPCG(seed, 0))

	data, configured := shared(t)
	lone := configured(t)
	warehousetest.CopySchema(t, filepath.Join(lone, "warehouse"))
	running(t, lone)
	began := time.Now()
	command(t, lone, exitWarnings, "run")
	took := time.Since(began)

	later := deliveries(t, data)
	dir := configured(t)
	warehousetest.CopySchema(t, filepath.Join(dir, "warehouse"))
	jobs := map[string]string{}
	for n := range 2*kills + 1 { // a start ends in its second job at the latest
		jobs[fmt.Sprintf("jobs/%03d.yaml", n)] = fmt.Sprintf("name: job-%03d\ncron: \"@yearly\"\n", n)
	}
	if err := os.Remove(filepath.Join(dir, "jobs/yearly.yaml")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, jobs)
	killed := map[string]bool{} // the jobs
	for n := range kills {
		later()
		span := took * time.Duration(n) / time.Duration(kills) // the first comes at once, when there is surely a job to hit
		if job := kill(t, dir, time.Duration(dice.Int64N(int64(span)+1))); job != "" {
			killed[job] = true
		}
	}
	for later() {
	}

	running(t, dir)
	left := names(t, dir, "SELECT job FROM etl.job_runs FINAL WHERE status = 'running' ORDER BY job")
	if len(killed) == 0 {
		t.Errorf("of %d kills, none hit a job", kills)
	}
	t.Logf("%d jobs were killed, %d of them have no end in the ledger", len(killed), len(left))
	for _, job := range left {
		if !killed[job] {
			t.Errorf("%s has no end in the ledger, though it was not killed", job)
		}
	}
	command(t, dir, exitDone, "query", "--write", expire)
	due := 0
	for job, listed := range listing(t, dir) {
		if listed.State == string(schedules.Queued) {
			due++
		}
		if slices.Contains(left, job) && (listed.State != string(schedules.Queued) || listed.Last.Status != schedules.StatusInterrupted) {
			t.Errorf("%s was killed, and is told to be %s after it was %s", job, listed.State, listed.Last.Status)
		}
	}
	daemon := start(t, dir, "serve", "--listen", "127.0.0.1:0", "--log-format", "json")
	for n := range due {
		within(t, "another job is done", func() bool { return len(daemon.jobs("job done")) > n })
	}
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	daemon.ends(t, exitDone)
	// Each was done once, after as many interruptions as it was killed.
	for line := range strings.Lines(value(t, dir, `
		SELECT job, groupArray((status, reason)) FROM (SELECT * FROM etl.job_runs FINAL ORDER BY job, due_at, attempt) GROUP BY job
		HAVING countIf(status IN ('done', 'rejects')) != 1 OR countIf(status = 'interrupted' AND reason = 'its process ended without a word') != count() - 1`)) {
		t.Errorf("what became of a job: %s", line)
	}
	interrupted := names(t, dir, "SELECT DISTINCT job FROM etl.job_runs FINAL WHERE status = 'interrupted' ORDER BY job")
	for _, job := range left {
		if !slices.Contains(interrupted, job) {
			t.Errorf("%s was killed, and the ledger does not tell that it was interrupted: %s", job, interrupted)
		}
	}

	wentWell(t, start(t, dir, "run"))
	want, got := everything(t, lone), everything(t, dir)
	differ(t, fmt.Sprintf("after %d kills", kills), want, got)
}

// expire does what a minute does to the leases of killed processes.
const expire = `INSERT INTO etl.leases (name, claim, renewals, holder, claimed_at, expires_at)
	SELECT name, claim, renewals + 1, holder, claimed_at, now64(6) FROM etl.leases FINAL WHERE expires_at > now64(6)`

// names asks the warehouse for names.
func names(t *testing.T, dir, statement string) []string {
	t.Helper()
	return strings.Fields(strings.ReplaceAll(value(t, dir, statement), `"`, ""))
}

// deliveries takes all files of a folder away, and gives a function that brings one back, as old as it was; it tells whether
// there was one.
func deliveries(t *testing.T, data string) (next func() bool) {
	t.Helper()
	hidden := t.TempDir()
	var files []string
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files = append(files, path)
		return os.Rename(path, filepath.Join(hidden, strconv.Itoa(len(files)-1)))
	})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	return func() bool {
		if n == len(files) {
			return false
		}
		if err := os.Rename(filepath.Join(hidden, strconv.Itoa(n)), files[n]); err != nil {
			t.Fatal(err)
		}
		n++
		return true
	}
}

// kill starts the daemon and kills it so long after its first job began, or once that has ended. It gives the job that was
// under way, empty if there was none.
func kill(t *testing.T, dir string, after time.Duration) (job string) {
	t.Helper()
	daemon := start(t, dir, "serve", "--listen", "127.0.0.1:0", "--log-format", "json")
	within(t, "a job begins", func() bool { return daemon.over() || len(daemon.jobs("job started")) > 0 })
	began := time.Now()
	within(t, "its end is near", func() bool { return time.Since(began) >= after || len(daemon.jobs("job done")) > 0 })
	if daemon.over() {
		t.Fatalf("it ended by itself\n%s", daemon.err)
	}
	if err := daemon.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-daemon.ended
	if started, done := daemon.jobs("job started"), daemon.jobs("job done"); len(started) > len(done) {
		return started[len(started)-1]
	}
	return ""
}

// jobs gives the jobs that entries of the log with that message are about.
func (p *program) jobs(message string) (jobs []string) {
	for line := range strings.Lines(p.err.String()) {
		var entry struct{ Msg, Job string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == message {
			jobs = append(jobs, entry.Job)
		}
	}
	return jobs
}

// listing gives what schedule list tells, by job.
func listing(t *testing.T, dir string) map[string]listedJob {
	t.Helper()
	var listed []listedJob
	command(t, dir, exitDone, "schedule", "list", "-o", "json").json(t, &listed)
	jobs := map[string]listedJob{}
	for _, job := range listed {
		jobs[job.Job] = job
	}
	return jobs
}
