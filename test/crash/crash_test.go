// Package crash kills runs of the real program, and their engines, at points drawn from a seed, and checks that the
// warehouse ends up as if nothing had happened.
package crash_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/demo"
	"github.com/partnerplus/warehouse/internal/engine"
)

// EnvSeed names the environment variable with the seed of a test to repeat.
const EnvSeed = "PARTNERPLUS_CRASH_SEED"

const (
	companySeed = 11
	kills       = 8
	patience    = 3 * time.Minute
)

// sources are those of the sample company that bring every format and both kinds of place; the others would only add rows.
var sources = []string{
	"programs", "organisations", "members", "fx-rates", "acme-awards", "borealis-awards", "cobalt-awards", "delta-ledger", "ember-awards", "redemptions",
}

// generate writes the company's last months.
func generate(dir string) (*demo.Company, error) {
	company, err := demo.Generate(dir, companySeed)
	if err != nil {
		return nil, err
	}
	for _, year := range []string{"2024", "2025"} {
		old, err := filepath.Glob(filepath.Join(dir, "sources", "*", "*", year+"-*"))
		if err != nil {
			return nil, err
		}
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				return nil, err
			}
		}
	}
	path := filepath.Join(dir, demo.ConfigFile)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return company, os.WriteFile(path, bytes.ReplaceAll(content, []byte("start: 2024-09-01"), []byte("start: 2026-01-01")), 0o600)
}

func TestMain(m *testing.M) {
	engine.ChildMain()
	code := m.Run()
	if shared.root != "" {
		_ = os.RemoveAll(shared.root)
	}
	os.Exit(code)
}

// shared is what all tests use: the program, the company's API, and an undisturbed run.
var shared struct {
	once        sync.Once
	err         error
	root        string
	program     string
	undisturbed map[string]string
	inserts     int // INSERT statements of an undisturbed run
}

func setup(t *testing.T) {
	t.Helper()
	shared.once.Do(func() { shared.err = prepare(t) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
}

func prepare(t *testing.T) error {
	var err error
	if shared.root, err = os.MkdirTemp("", "partnerplus-crash"); err != nil {
		return err
	}
	shared.program = filepath.Join(shared.root, "partnerplus")
	build := exec.Command("go", "build", "-o", shared.program, "github.com/partnerplus/warehouse/cmd/partnerplus")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, output)
	}
	dir := filepath.Join(shared.root, "undisturbed")
	company, err := generate(dir)
	if err != nil {
		return err
	}
	api, err := demo.Serve(context.Background(), company, "127.0.0.1:0") // ends with this program
	if err != nil {
		return err
	}
	err = errors.Join(os.Setenv(demo.EnvURL, api.URL), os.Setenv(demo.EnvToken, api.Token))
	if err != nil {
		return err
	}
	e, err := engine.Open(context.Background(), engine.Options{Dir: warehouse(dir)})
	if err != nil {
		return err
	}
	began := time.Now()
	run := exec.Command(shared.program, arguments(dir)...)
	output, _ := run.CombinedOutput()
	if !wentWell(run.ProcessState) {
		return errors.Join(fmt.Errorf("the undisturbed run: %s\n%s", run.ProcessState, output), e.Close())
	}
	shared.inserts, err = inserts(e.Address())
	if err == nil {
		shared.undisturbed, err = contents(e.Address())
	}
	t.Logf("the undisturbed run: %d INSERTs in %.1f s", shared.inserts, time.Since(began).Seconds())
	return errors.Join(err, e.Close())
}

func warehouse(dir string) string { return filepath.Join(dir, "warehouse") }

func arguments(dir string) []string {
	args := []string{"-c", filepath.Join(dir, demo.ConfigFile), "run"}
	for _, name := range sources {
		args = append(args, "--source", name)
	}
	return args
}

// wentWell: exit code 0, or 3 for the rows that were made bad on purpose.
func wentWell(ended *os.ProcessState) bool { return ended.ExitCode() == 0 || ended.ExitCode() == 3 }

// ask has the writer ask for a CSV.
func ask(a engine.Address, statement string) ([][]string, error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/?default_format=CSV&wait_end_of_query=1", a.Port), strings.NewReader(statement))
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(a.WriterUser, a.WriterPassword)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", statement, body)
	}
	return csv.NewReader(strings.NewReader(string(body))).ReadAll()
}

// inserts counts the INSERTs since the engine started: a clock that shows how far a run is.
func inserts(a engine.Address) (int, error) {
	rows, err := ask(a, "SELECT value FROM system.events WHERE event = 'InsertQuery'")
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return strconv.Atoi(rows[0][0])
}

// contents sums up what the warehouse holds, without what names the runs that brought it.
func contents(a engine.Address) (map[string]string, error) {
	const sum = "SELECT count(), sum(cityHash64(toString(tuple(* EXCEPT %s)))) FROM %s"
	queries := map[string]string{
		"kpi.metric_monthly": "SELECT count(), sum(cityHash64(toString(tuple(*)))), sum(value) FROM kpi.metric_monthly",
		"etl.open_rejects":   fmt.Sprintf(sum, "(run_id, load_id, recorded_at)", "etl.open_rejects"),
		"etl.units":          "SELECT count(), sum(cityHash64(source, unit, version, rows_read, status)) FROM etl.units FINAL",
		"etl.unit_entities":  fmt.Sprintf(sum, "(run_id, load_id, updated_at)", "etl.unit_entities FINAL"),
	}
	tables, err := ask(a, "SELECT name FROM system.tables WHERE database = 'warehouse'")
	if err != nil {
		return nil, err
	}
	for _, row := range tables {
		queries["warehouse."+row[0]] = fmt.Sprintf(sum, "run_id", "warehouse."+row[0]+" FINAL")
	}
	found := map[string]string{}
	for name, query := range queries {
		rows, err := ask(a, query)
		if err != nil {
			return nil, err
		}
		found[name] = fmt.Sprint(rows)
	}
	return found, nil
}

// compare checks that the folder's warehouse holds what that of the undisturbed run does.
func compare(t *testing.T, dir string) {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Dir: warehouse(dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	found, err := contents(e.Address())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range shared.undisturbed {
		if found[name] != want {
			t.Errorf("%s: %s, undisturbed %s", name, found[name], want)
		}
	}
	if shared.undisturbed["kpi.metric_monthly"] == "" || strings.HasPrefix(shared.undisturbed["kpi.metric_monthly"], "[[0 ") {
		t.Error("the undisturbed run has no figures")
	}
}

// process is a run of the real program.
type process struct {
	*exec.Cmd
	output strings.Builder
	ended  chan struct{}
}

func start(t *testing.T, dir string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(shared.program, arguments(dir)...), ended: make(chan struct{})}
	p.Stdout, p.Stderr = &p.output, &p.output
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.Wait() // the exit code is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		<-p.ended
	})
	return p
}

// ends waits for the end of a run that has to go well.
func (p *process) ends(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatal("the run does not end")
	}
	if !wentWell(p.ProcessState) {
		t.Fatalf("the run: %s\n%s", p.ProcessState, &p.output)
	}
}

// moment tells whether a run has come to where it is disturbed. An error means that its engine does not answer now.
type moment func(engine.Address) (bool, error)

// after is when an engine has done so many INSERTs since it started.
func after(target int) moment {
	return func(a engine.Address) (bool, error) {
		done, err := inserts(a)
		return done >= target, err
	}
}

// computed is once rows of a table of figures are there, which nobody sees yet on an empty warehouse.
func computed(table string) moment {
	return func(a engine.Address) (bool, error) {
		rows, err := ask(a, "SELECT count() FROM system.parts WHERE active AND database = 'kpi_core' AND table = '"+table+"'")
		return err == nil && rows[0][0] != "0", err
	}
}

// await waits for a moment of a run; it gives false where the run ended.
func (p *process) await(t *testing.T, dir string, comes moment) (engine.Address, bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for {
		if e, err := engine.Find(t.Context(), warehouse(dir)); err == nil && e.Address().OwnerPID == p.Process.Pid {
			if now, err := comes(e.Address()); err == nil && now {
				return e.Address(), true
			}
		}
		select {
		case <-p.ended:
			return engine.Address{}, false
		case <-deadline.C:
			t.Fatal("the run does not come to where it is to be disturbed")
		case <-poll.C:
		}
	}
}

func seed(t *testing.T) *rand.Rand {
	t.Helper()
	n := rand.Uint64()
	if text := os.Getenv(EnvSeed); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", EnvSeed, err)
		}
	}
	t.Logf("repeat it with %s=%d", EnvSeed, n)
	return rand.New(rand.NewPCG(n, 0))
}

func TestKills(t *testing.T) {
	setup(t)
	dice := seed(t)
	dir := t.TempDir()
	if _, err := generate(dir); err != nil {
		t.Fatal(err)
	}
	p := start(t, dir)
	for n := range kills {
		target, killEngine := 1+dice.IntN(shared.inserts/4), dice.IntN(2) == 0
		address, alive := p.await(t, dir, after(target))
		if !alive { // it was done before its time
			p.ends(t)
			t.Logf("kill %d: the run was done", n+1)
			p = start(t, dir)
			continue
		}
		if killEngine {
			t.Logf("kill %d: the engine, after %d INSERTs", n+1, target)
			kill(t, address.EnginePID)
			continue // the run goes on
		}
		t.Logf("kill %d: the run, after %d INSERTs", n+1, target)
		kill(t, p.Process.Pid)
		<-p.ended
		p = start(t, dir)
	}
	p.ends(t)
	again := start(t, dir)
	again.ends(t)
	if !strings.Contains(again.output.String(), " 0 new rows in 0 units") {
		t.Errorf("there was something left to load:\n%s", &again.output)
	}
	compare(t, dir)
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
}

// A run survives the death of its engine, whatever it is doing.
func TestEngineDiesUnderARun(t *testing.T) {
	setup(t)
	dice := seed(t)
	dir := t.TempDir()
	if _, err := generate(dir); err != nil {
		t.Fatal(err)
	}
	p := start(t, dir)
	target := 1 + dice.IntN(shared.inserts/2)
	for _, m := range []struct {
		when string
		moment
	}{{fmt.Sprintf("after %d INSERTs", target), after(target)}, {"while members are computed", computed("member_month")}, {"while figures are computed", computed("metric_month")}} {
		address, alive := p.await(t, dir, m.moment)
		if !alive {
			t.Fatalf("the run: %s\n%s", p.ProcessState, &p.output)
		}
		t.Logf("the engine is killed %s", m.when)
		kill(t, address.EnginePID)
	}
	p.ends(t)
	compare(t, dir)
}

func TestTwoRunsAtOnce(t *testing.T) {
	setup(t)
	dir := t.TempDir()
	if _, err := generate(dir); err != nil {
		t.Fatal(err)
	}
	first, second := start(t, dir), start(t, dir)
	first.ends(t)
	second.ends(t)
	compare(t, dir)
}
