package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// envOwner makes the test binary a program that owns an engine: it opens that folder, says so and waits to be ended.
const envOwner = "PARTNERPLUS_ENGINE_TEST_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(envChild) != "" {
		go collectGarbage()
	}
	ChildMain()
	if dir := os.Getenv(envOwner); dir != "" {
		os.Exit(ownEngine(dir))
	}
	os.Exit(m.Run())
}

// collectGarbage does to an engine at once what the runtime does to it after minutes. It says so in the engine's log.
func collectGarbage() {
	for range 5 {
		time.Sleep(10 * time.Millisecond) // the engine's own doings, not a wait for something
		runtime.GC()
	}
	fmt.Println(collected)
}

const collected = "garbage collected"

func ownEngine(dir string) int {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	e, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("open")
	<-ended
	if err := e.Close(); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// startOwner runs the test binary as an engine's owner, until the test ends. The channel is closed when it has ended.
func startOwner(t *testing.T, dir string) (*os.Process, <-chan struct{}) {
	t.Helper()
	owner := exec.CommandContext(t.Context(), os.Args[0])
	owner.Env = append(os.Environ(), envOwner+"="+dir)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, len("open\n"))
	_, err = io.ReadFull(out, said)
	if err != nil || string(said) != "open\n" {
		rest, _ := io.ReadAll(out)
		_ = owner.Process.Kill()
		_ = owner.Wait()
		t.Fatalf("the owner said %s%s", said, rest)
	}
	ended := make(chan struct{})
	go func() {
		_ = owner.Wait() // how it ends is not the test's concern
		close(ended)
	}()
	t.Cleanup(func() {
		_ = owner.Process.Kill()
		<-ended
		within(t, "the engine ends", func() bool { return !isHeld(dir) })
	})
	return owner.Process, ended
}

func open(t *testing.T, dir string) *Engine {
	t.Helper()
	e, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// within waits for a condition, and fails the test where it does not come about.
func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("in vain: %s", what)
		case <-poll.C:
		}
	}
}

// ask sends a statement over HTTP, as anybody on this machine could.
func ask(t *testing.T, port int, user, password, statement string) (status int, answer string) {
	t.Helper()
	target := fmt.Sprintf("http://127.0.0.1:%d/?wait_end_of_query=1", port)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(statement))
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true // who stays connected holds up the engine's end
	if user != "" {
		request.SetBasicAuth(user, password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, strings.TrimSpace(string(body))
}

// do has the writer run statements.
func do(t *testing.T, e *Engine, statements ...string) (answer string) {
	t.Helper()
	a := e.Address()
	for _, statement := range statements {
		status, text := ask(t, a.Port, a.WriterUser, a.WriterPassword, statement)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", statement, status, text)
		}
		answer = text
	}
	return answer
}

var fill = []string{
	"CREATE DATABASE kpi", "CREATE TABLE kpi.t (n UInt8) ENGINE = MergeTree ORDER BY n", "INSERT INTO kpi.t VALUES (1), (2)",
	"CREATE DATABASE warehouse", "CREATE TABLE warehouse.t (n UInt8) ENGINE = MergeTree ORDER BY n",
}

const count = "SELECT count() FROM kpi.t"

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	e := open(t, t.TempDir())
	do(t, e, fill...)
	a := e.Address()
	reader := func(statement string) (int, string) {
		return ask(t, a.Port, a.ReaderUser, a.ReaderPassword, statement)
	}
	if status, text := reader(count); status != http.StatusOK || text != "2" {
		t.Errorf("the reader reads kpi: %d %s", status, text)
	}
	if status, text := reader("SELECT 1 SETTINGS max_execution_time = 30, session_timezone = 'UTC'"); status != http.StatusOK {
		t.Errorf("the reader, with settings that BI tools send: %d %s", status, text)
	}
	do(t, e, "INSERT INTO warehouse.t VALUES (1)", "CREATE VIEW kpi.v DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT count() AS n FROM warehouse.t")
	if status, text := reader("SELECT n FROM kpi.v SETTINGS additional_table_filters = {'warehouse.t': 'throwIf(n = 1)'}"); status != http.StatusOK || text != "1" {
		t.Errorf("the reader's filter reaches behind a view: %d %s", status, text)
	}
	if status, text := reader("SELECT count() FROM information_schema.tables WHERE table_schema = 'warehouse'"); status != http.StatusOK || text != "0" {
		t.Errorf("the reader asks what there is: %d %s", status, text)
	}
	for _, statement := range []string{
		"SELECT * FROM warehouse.t", "INSERT INTO kpi.t VALUES (3)", "CREATE TABLE kpi.u (n UInt8) ENGINE = Memory",
		"DROP TABLE kpi.t", "ALTER TABLE kpi.t DELETE WHERE 1", "TRUNCATE TABLE kpi.t", "CREATE TEMPORARY TABLE v (n UInt8)",
		"SELECT * FROM file('" + filepath.Join(e.dir, stateFile) + "', 'LineAsString')", "SYSTEM SHUTDOWN", "SET readonly = 0",
		"SELECT count() FROM kpi.t SETTINGS readonly = 0", "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
	} {
		if status, text := reader(statement); status == http.StatusOK || !strings.Contains(text, "DB::Exception") {
			t.Errorf("the reader, %s: %d %s", statement, status, text)
		}
	}
	for name, who := range map[string][2]string{
		"wrong password": {a.WriterUser, "wrong"}, "no password": {a.WriterUser, ""}, "reader's wrong password": {a.ReaderUser, "wrong"},
		"unknown user": {"nobody", a.WriterPassword},
	} {
		status, text := ask(t, a.Port, who[0], who[1], "SELECT 1")
		if status != http.StatusForbidden || !strings.Contains(text, "Code: 516") {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	for _, statement := range []string{
		count, "SELECT * FROM warehouse.t", "SELECT * FROM system.users", "SHOW CREATE TABLE kpi.t", "SHOW DATABASES",
		"INSERT INTO kpi.t VALUES (3)", "DROP TABLE kpi.t", "CREATE TEMPORARY TABLE v (n UInt8)", "SYSTEM STOP LISTEN HTTP",
		"SELECT * FROM file('" + filepath.Join(e.dir, stateFile) + "', 'LineAsString')", "SELECT file('metadata/warehouse.sql')", "SELECT 1",
	} {
		for _, user := range []string{"", "default"} {
			if status, text := ask(t, a.Port, user, "", statement); status == http.StatusOK {
				t.Errorf("user %q without a password, %s: %d %s", user, statement, status, text)
			}
		}
	}
	if text := do(t, e, count); text != "2" {
		t.Errorf("in the end %s rows are left of 2", text)
	}
}

// What is collected is closed: the lock has to survive it.
func TestFolderStaysHeld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	within(t, "the engine's garbage is collected", func() bool {
		log, err := os.ReadFile(filepath.Join(dir, logFile))
		return err == nil && strings.Contains(string(log), collected)
	})
	if !isHeld(dir) {
		t.Error("the folder is free while its engine runs")
	}
}

// A query without a table needs no grant, nor, as `default`, a password. It must not get at files all the same.
func TestFilesAreOutOfReach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("hushhush"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := open(t, dir)
	do(t, e, fill...)
	a := e.Address()
	for _, path := range []string{
		outside, filepath.Join(dir, stateFile), filepath.Join(dir, logFile), fmt.Sprintf("/proc/%d/environ", os.Getpid()), "/etc/hostname",
	} {
		for user, password := range map[string]string{"": "", a.ReaderUser: a.ReaderPassword, a.WriterUser: a.WriterPassword} {
			if status, text := ask(t, a.Port, user, password, "SELECT file('"+path+"')"); status == http.StatusOK {
				t.Errorf("user %q reads %d bytes of %s", user, len(text), path)
			}
		}
		for _, statement := range []string{"SELECT * FROM file('" + path + "', 'LineAsString')", "INSERT INTO FUNCTION file('" + path + ".new', 'CSV', 'a String') SELECT 'x'"} {
			if status, text := ask(t, a.Port, a.WriterUser, a.WriterPassword, statement); status == http.StatusOK {
				t.Errorf("%s: %d bytes", statement, len(text))
			}
		}
	}
	_, text := ask(t, a.Port, a.WriterUser, a.WriterPassword, "SELECT file('/proc/self/environ')")
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "GO") && strings.Contains(text, name) {
			t.Errorf("the engine was given %s", name)
		}
	}
	// The engine itself does with its own files all that it has to.
	do(t, e, "CREATE TABLE kpi.u AS kpi.t", "ALTER TABLE kpi.u ATTACH PARTITION ALL FROM kpi.t", "ALTER TABLE kpi.u REPLACE PARTITION tuple() FROM kpi.t",
		"RENAME TABLE kpi.u TO kpi.v", "OPTIMIZE TABLE kpi.v FINAL", "ALTER TABLE kpi.v DELETE WHERE n = 1 SETTINGS mutations_sync = 2", "DROP TABLE kpi.v SYNC",
		"SELECT count() FROM (SELECT number FROM numbers(2000000) ORDER BY cityHash64(number)) SETTINGS max_bytes_before_external_sort = 1000000, max_bytes_ratio_before_external_sort = 0")
}

func TestDataIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	do(t, first, fill...)
	before := first.Address()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if isHeld(dir) {
		t.Error("the folder is held after Close")
	}
	if _, err := Find(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Find after Close: %v", err)
	}
	if err := first.Ensure(t.Context()); err == nil {
		t.Error("Ensure after Close started it again")
	}
	if err := first.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
	second := open(t, dir)
	after := second.Address()
	if text := do(t, second, count); text != "2" {
		t.Errorf("%s rows after stop and start", text)
	}
	if before.Port != after.Port || before.WriterPassword != after.WriterPassword || before.ReaderPassword != after.ReaderPassword {
		t.Error("port or passwords changed over stop and start")
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	e := open(t, t.TempDir())
	do(t, e, fill...)
	for range 2 {
		before := e.Address()
		kill(t, before.EnginePID)
		within(t, "the engine is started again", func() bool { return e.Address().EnginePID != before.EnginePID })
		if after := e.Address(); after.Port != before.Port {
			t.Errorf("port %d after the restart, %d before", after.Port, before.Port)
		}
		if text := do(t, e, count); text != "2" {
			t.Errorf("%s rows after the kill", text)
		}
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", before.EnginePID)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the killed engine is still among the processes: %v", err)
		}
	}
	kill(t, e.Address().EnginePID)
	if err := e.Ensure(t.Context()); err != nil {
		t.Errorf("Ensure during a restart: %v", err)
	}
	do(t, e, count)
}

func TestCloseDuringRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := open(t, dir)
	kill(t, e.Address().EnginePID)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if isHeld(dir) {
		t.Error("an engine runs after Close")
	}
	if err := e.Ensure(t.Context()); err == nil {
		t.Error("Ensure after Close started it again")
	}
}

func TestEnsureHeedsItsContext(t *testing.T) {
	t.Parallel()
	e := open(t, t.TempDir())
	before := e.Address().EnginePID
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Ensure(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Ensure with a context that is done: %v", err)
	}
	if err := ping(t.Context(), e.state); err != nil || e.Address().EnginePID != before {
		t.Errorf("a healthy engine was ended: %v", err)
	}
}

func TestSecondOpenFindsTheFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner := open(t, dir)
	guest := open(t, dir)
	if !owner.Owned() || guest.Owned() {
		t.Error("the first owns the engine, the second does not")
	}
	if owner.DSN() != guest.DSN() {
		t.Error("they use different engines")
	}
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	do(t, owner, "SELECT 1")
}

func TestTakeover(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner, guest := open(t, dir), open(t, dir)
	do(t, owner, fill...)
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	if err := guest.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !guest.Owned() {
		t.Error("the guest has not taken the engine over")
	}
	if text := do(t, guest, count); text != "2" {
		t.Errorf("%s rows after the takeover", text)
	}
}

// The folder is still held while the owner's engine ends; Ensure waits for that.
func TestTakeoverOfAnEngineThatEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner, _ := startOwner(t, dir)
	guest := open(t, dir)
	kill(t, owner.Pid)
	within(t, "the engine does not answer any more, or is the guest's", func() bool {
		return guest.Ensure(t.Context()) == nil && guest.Owned()
	})
	do(t, guest, "SELECT 1")
}

func TestTwoOpensAtOnce(t *testing.T) {
	t.Parallel()
	for range 3 {
		dir := t.TempDir() // a new one has no passwords yet
		const programs = 4
		type opened struct {
			e   *Engine
			err error
		}
		results := make(chan opened, programs)
		for range programs {
			go func() {
				e, err := Open(t.Context(), Options{Dir: dir})
				results <- opened{e, err}
			}()
		}
		owners := 0
		var all []*Engine
		for range programs {
			r := <-results
			if r.err != nil {
				t.Error(r.err)
				continue
			}
			all = append(all, r.e)
			do(t, r.e, "SELECT 1")
			if r.e.Owned() {
				owners++
			}
		}
		if owners != 1 {
			t.Errorf("%d own the engine", owners)
		}
		for _, e := range all {
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
