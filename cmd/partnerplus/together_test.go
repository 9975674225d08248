package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/test/warehousetest"
)

// envTogether names the environment variable with the seed of TestTogether to repeat.
const envTogether = "PARTNERPLUS_TOGETHER_SEED"

// TestTogether has two pipelines at once on the same sources and warehouse: they end in the tables of a lone run, whenever
// the second begins, whether one of them is the daemon, and whoever owns the engine.
func TestTogether(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv(envTogether); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", envTogether, err)
		}
	}
	t.Logf("repeat it with %s=%d", envTogether, seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	_, configured := shared(t)

	lone := configured(t)
	warehousetest.CopySchema(t, filepath.Join(lone, "warehouse"))
	running(t, lone)
	command(t, lone, exitWarnings, "run")
	want := everything(t, lone)
	inserts := insertsOf(t, lone)

	dir := configured(t)
	running(t, dir)
	both(t, start(t, dir, "migrate"), start(t, dir, "migrate"))
	// The schema of the lone one is that of a migration alone.
	const schema = "SELECT database, name, create_table_query FROM system.tables WHERE database IN ('warehouse', 'etl', 'kpi_core', 'kpi', 'kpi_engagement', 'kpi_support') ORDER BY ALL"
	if diff := cmp.Diff(value(t, lone, schema), value(t, dir, schema)); diff != "" {
		t.Errorf("migrated by two at once (-lone +together):\n%s", diff)
	}
	command(t, dir, exitDone, "migrate").says(t, "up to date")

	both(t, start(t, dir, "run"), start(t, dir, "run"))
	differ(t, "two at once", want, everything(t, dir))

	forget(t, dir)
	offset, before := 1+dice.IntN(inserts/2), insertsOf(t, dir)
	daemon := start(t, dir, "serve", "--listen", "127.0.0.1:0") // its job is due at once
	within(t, "the daemon's job is at work", func() bool { return insertsOf(t, dir) >= before+offset })
	wentWell(t, start(t, dir, "run"))
	within(t, "the daemon's job is done", func() bool {
		return value(t, dir, "SELECT count() FROM etl.runs FINAL WHERE job = 'yearly' AND status NOT IN ('running')") == "1"
	})
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	daemon.ends(t, exitDone)
	differ(t, fmt.Sprintf("the daemon, and a run after %d INSERTs", offset), want, everything(t, dir))

	// The first runs on a new warehouse, whose engine goes away with its owner: one run is at work, the other begins.
	dir = configured(t)
	owner := start(t, dir, "engine", "start", "--foreground")
	within(t, "the engine listens", func() bool { return strings.Contains(owner.out.String(), "listening") })
	offset = 1 + dice.IntN(inserts)
	first := start(t, dir, "run")
	within(t, "the first run is at work", func() bool { return first.over() || insertsOf(t, dir) >= offset })
	if err := owner.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	both(t, first, start(t, dir, "run"))
	owner.ends(t, exitDone)
	running(t, dir)
	differ(t, fmt.Sprintf("the engine's owner ended after %d INSERTs", offset), want, everything(t, dir))
}

// shared makes sources of every kind of trouble, and gives the folder of their files, and a function that makes a folder with a
// config of them and a warehouse of its own.
func shared(t *testing.T) (data string, configured func(*testing.T) string) {
	t.Helper()
	data = t.TempDir()
	const header = "id,member,org,kind,amount,at,version\n"
	files := map[string]string{
		"awards/1.csv":  header + "A-1,M-1,O-1,award,10.50,2024-01-05T10:00:00Z,1\nA-2,M-2,O-1,award,20.25,2024-01-06T10:00:00Z,1\nA-3,M-2,O-1,award,ten,2024-01-06T10:00:00Z,1\n",
		"awards/2.csv":  header + "A-1,M-1,O-1,award,10.50,2024-01-05T10:00:00Z,1\nA-4,M-3,O-2,award,400,2024-02-06T10:00:00Z,1\nA-4,M-3,O-2,award,401,2024-02-06T10:00:00Z,1\n", // delivered again; twice in a unit
		"awards/3.csv":  header + "A-2,M-2,O-1,award,22,2024-03-06T10:00:00Z,2\nA-1,M-1,O-1,award,10.75,2024-01-05T10:00:00Z,1\n",                                                // corrected, into another month; the same version with another content
		"awards/4.csv":  header + "A-5,M-1,O-1,reversal,1,2024-03-07T10:00:00Z,1\n,M-1,O-1,award,1,2024-03-07T10:00:00Z,1\n",
		"members/1.csv": "id,org,segment\nM-1,O-1,gold\nM-2,O-1,\n",
		"members/2.csv": "id,org,segment\nM-1,O-2,silver\n", // a later delivery
		"views/1.csv":   "id,member,at\nV-1,M-1,2024-01-31T23:50:00Z\nV-2,M-1,2024-02-01T00:10:00Z\nV-3,M-9,2024-02-03T00:10:00Z\n",
	}
	write(t, data, files)
	delivered := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"awards/1.csv", "awards/2.csv", "awards/3.csv", "awards/4.csv", "members/1.csv", "members/2.csv", "views/1.csv"} {
		delivered = delivered.Add(time.Minute)
		if err := os.Chtimes(filepath.Join(data, name), delivered, delivered); err != nil {
			t.Fatal(err)
		}
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", delivered.Format(http.TimeFormat))
		month := r.URL.Query().Get("from")[:7]
		_, _ = fmt.Fprintf(w, `{"data":[{"id":"R-%[1]s","member":"M-1","amount":"2.5","at":"%[1]s-20T10:00:00Z","v":1},{"id":"R","member":"M-3","amount":"7","at":"%[1]s-21T10:00:00Z","v":%[2]s},{"id":"B-%[1]s","amount":"x","v":1}]}`, month, month[6:])
	}))
	t.Cleanup(api.Close)
	config := fmt.Sprintf(`schedules: jobs
warehouse: {path: warehouse}
reporting: {currency: USD}
sources:
  members:
    file: {path: %[1]q, glob: "members/*.csv"}
    mappings: [{entity: members, columns: {program_id: {value: p}, member_id: id, org_id: org, segment: segment, joined_on: {value: "2024-01-01"}}}]
  awards:
    file: {path: %[1]q, glob: "awards/*.csv"}
    parallel: 2
    rejects: {max_share: 0.5}
    mappings: [{entity: awards, columns: {program_id: {value: p}, award_id: id, member_id: member, org_id: org, kind: kind, amount: amount, currency: {value: USD}, awarded_at: at, version: version}}]
  views:
    file: {path: %[1]q, glob: "views/*.csv"}
    mappings: [{entity: portal_events, columns: {program_id: {value: p}, event_id: id, member_id: member, occurred_at: at}}]
  redemptions:
    http:
      url: %[2]s
      records: data
      window: {every: month, start: 2024-01-01, end: 2024-04-30, from_param: from, to_param: to, format: "2006-01-02"}
    rejects: {max_share: 0.5}
    mappings: [{entity: redemptions, columns: {program_id: {value: p}, redemption_id: id, member_id: member, amount: amount, currency: {value: USD}, redeemed_at: at, version: v}}]
`, data, api.URL)
	return data, func(t *testing.T) string {
		t.Helper()
		dir := warehousetest.Dir(t)
		write(t, dir, map[string]string{"partnerplus.yaml": config, "jobs/yearly.yaml": "name: yearly\ncron: \"@yearly\"\n"})
		return dir
	}
}

// everything is what a warehouse holds, without what names the runs that brought it.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	statements := map[string]string{
		"rejects":           "SELECT * EXCEPT (run_id, load_id) FROM etl.open_rejects",
		"ledger":            "SELECT source, unit, version, status, mapping, delivered_at, rows_read, rows_malformed, rows_unrouted, error FROM etl.units FINAL",
		"ledger's accounts": "SELECT * EXCEPT (run_id, load_id, updated_at) FROM etl.unit_entities FINAL",
		"open months":       "SELECT month, source, unit FROM etl.touched_months FINAL WHERE settled = 0 AND load_id IN (SELECT load_id FROM etl.units FINAL)",
		"stages":            "SELECT name FROM system.tables WHERE database = 'etl' AND startsWith(name, 'stage_')",
		// A unit that two load is delivered again, too, but with the same content.
		"redelivered": "SELECT * EXCEPT run_at FROM etl.redelivered FINAL WHERE (entity, key_1, key_2, version) IN (SELECT entity, key_1, key_2, version FROM etl.redelivered GROUP BY ALL HAVING uniqExact(content) > 1)",
	}
	for _, table := range strings.Split(value(t, dir, "SELECT name FROM system.tables WHERE database = 'warehouse'"), "\n") {
		name := "warehouse." + strings.Trim(table, `"`)
		statements[name] = "SELECT * EXCEPT run_id FROM " + name + " FINAL"
	}
	// The wide views stand on kpi.metric_monthly.
	for _, view := range []string{
		"metric_monthly", "member_monthly", "exceptions", "portfolio_lens", "liability_ageing_monthly", "lorenz_monthly", "overdrafts",
		"duplicates", "orphans", "negative_balances", "unconserved_units",
	} {
		statements["kpi."+view] = "SELECT * FROM kpi." + view
	}
	statements["kpi.orphans"] = "SELECT * EXCEPT run_id FROM kpi.orphans"
	found := map[string]string{}
	for name, statement := range statements {
		found[name] = value(t, dir, statement+" ORDER BY ALL")
	}
	return found
}

func differ(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	for name := range want {
		if diff := cmp.Diff(strings.Split(want[name], "\n"), strings.Split(got[name], "\n")); diff != "" {
			t.Errorf("%s: %s (-lone +together):\n%s", what, name, diff)
		}
	}
	for _, full := range []string{"rejects", "redelivered", "warehouse.awards", "kpi.duplicates", "kpi.exceptions", "kpi.metric_monthly"} {
		if want[full] == "" {
			t.Errorf("a lone run has nothing in %s to compare with", full)
		}
	}
}

// forget takes everything out of a warehouse but its schema and settings.
func forget(t *testing.T, dir string) {
	t.Helper()
	tables := value(t, dir, `SELECT concat(database, '.', name) FROM system.tables
		WHERE database IN ('warehouse', 'etl', 'kpi_core') AND endsWith(engine, 'MergeTree') AND name NOT IN ('schema_migrations', 'schema_objects', 'settings') AND total_rows > 0`)
	for _, table := range strings.Split(tables, "\n") {
		command(t, dir, exitDone, "query", "--write", "TRUNCATE TABLE "+strings.Trim(table, `"`)+" SYNC")
	}
}

// insertsOf counts the INSERTs since the engine started: a clock that shows how far a run is.
func insertsOf(t *testing.T, dir string) int {
	t.Helper()
	inserts, err := strconv.Atoi(value(t, dir, "SELECT sum(value) FROM system.events WHERE event = 'InsertQuery'"))
	if err != nil {
		t.Fatal(err)
	}
	return inserts
}

// over tells whether the program has ended.
func (p *program) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func both(t *testing.T, first, second *program) {
	t.Helper()
	wentWell(t, first)
	wentWell(t, second)
}

// wentWell waits for the end of a program that is done, with or without rejects.
func wentWell(t *testing.T, p *program) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(2 * time.Minute):
		t.Fatalf("it does not end\n%s%s", p.out, p.err)
	}
	if code := p.ProcessState.ExitCode(); code != exitDone && code != exitWarnings {
		t.Fatalf("exit code %d\n%s%s", code, p.out, p.err)
	}
}
