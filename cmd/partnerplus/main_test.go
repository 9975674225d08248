package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/chromium"
	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// envProgram makes the test binary the program itself, for what only a process of its own shows: signals.
const envProgram = "PARTNERPLUS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(envProgram) != "" {
		main()
	}
	engine.ChildMain()
	_ = os.Setenv(chromium.EnvProgram, "none") // each pack would print its page, which package review tests
	os.Exit(warehousetest.Run(m))
}

// outcome is what a command left.
type outcome struct {
	code     int
	out, err string
}

var stackTrace = regexp.MustCompile(`goroutine \d|panic:|\.go:\d|Stack trace`)

// command runs a command line of the folder's config in this process, and fails the test where it ends in another way.
func command(t *testing.T, dir string, want int, args ...string) outcome {
	t.Helper()
	if dir != "" {
		args = append([]string{"-c", filepath.Join(dir, "partnerplus.yaml")}, args...)
	}
	var out, errOut strings.Builder
	o := outcome{code: execute(args, strings.NewReader(""), &out, &errOut)}
	o.out, o.err = out.String(), errOut.String()
	if o.code != want {
		t.Fatalf("partnerplus %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), o.code, want, o.out, o.err)
	}
	if trace := stackTrace.FindString(o.out + o.err); trace != "" {
		t.Errorf("partnerplus %s shows a stack trace (%s):\n%s%s", strings.Join(args, " "), trace, o.out, o.err)
	}
	return o
}

func (o outcome) says(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(o.out+o.err, text) {
			t.Errorf("not said: %q\n%s%s", text, o.out, o.err)
		}
	}
}

func (o outcome) hides(t *testing.T, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(o.out+o.err, secret) {
			t.Errorf("%q is shown:\n%s%s", secret, o.out, o.err)
		}
	}
}

func (o outcome) json(t *testing.T, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(o.out))
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("standard output is not JSON: %v\n%s", err, o.out)
	}
	if _, err := decoder.Token(); err != io.EOF {
		t.Errorf("standard output has more than one JSON value:\n%s", o.out)
	}
}

// write makes files below a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	header = "warehouse: {path: warehouse}\nreporting: {currency: USD}\nsources:\n"

	awardColumns = `{program_id: {value: p}, award_id: id, member_id: member, org_id: org, kind: kind, amount: amount, currency: {value: USD}, awarded_at: at}`

	awardSource = `
  awards:
    file: {path: data, glob: "awards/*.csv"}
    rejects: {max_share: 0.5}
    mappings: [{entity: awards, columns: ` + awardColumns + `}]
`
	januaryAwards = "id,member,org,kind,amount,at\n" +
		"A-1,M-1,O-1,award,10.50,2024-01-05T10:00:00Z\n" +
		"A-2,M-2,O-1,award,20.25,2024-01-06T10:00:00Z\n"
	februaryAwards = "id,member,org,kind,amount,at\n" +
		"A-3,M-1,O-1,award,5,2024-02-05T10:00:00Z\n" +
		"A-4,M-1,O-1,award,ten,2024-02-06T10:00:00Z\n"
)

// small makes a folder with two files of awards, one row of which is bad, and keeps an engine running in it, whose schema
// is there.
func small(t *testing.T) string {
	t.Helper()
	dir := migrated(t)
	begin(t, dir)
	return dir
}

// migrated gives a folder for a config, with the schema in its warehouse: for tests that are not about migrating.
func migrated(t *testing.T) string {
	t.Helper()
	dir := warehousetest.Dir(t)
	warehousetest.CopySchema(t, filepath.Join(dir, "warehouse"))
	return dir
}

// bare is small before anything was migrated.
func bare(t *testing.T) string {
	t.Helper()
	dir := warehousetest.Dir(t)
	begin(t, dir)
	return dir
}

func begin(t *testing.T, dir string) {
	t.Helper()
	write(t, dir, map[string]string{
		"partnerplus.yaml": header + awardSource, "data/awards/2024-01.csv": januaryAwards, "data/awards/2024-02.csv": februaryAwards,
	})
	running(t, dir)
}

// running keeps an engine in the folder of the config, so that not every command starts one.
func running(t *testing.T, dir string) *engine.Engine {
	t.Helper()
	e, err := engine.Open(t.Context(), engine.Options{Dir: filepath.Join(dir, "warehouse")})
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

// value asks the warehouse for one value.
func value(t *testing.T, dir, statement string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(command(t, dir, exitDone, "query", "-o", "csv", statement).out), "\n")
	return strings.Join(lines[1:], "\n")
}

// program is this program in a process of its own.
type program struct {
	*exec.Cmd
	out, err *watched
	ended    chan struct{}
}

// watched is a stream that can be waited on.
type watched struct {
	mu   sync.Mutex
	text strings.Builder
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// start runs a command line in a process of its own, which ends with the test at the latest.
func start(t *testing.T, dir string, args ...string) *program {
	t.Helper()
	p := &program{exec.Command(os.Args[0], append([]string{"-c", filepath.Join(dir, "partnerplus.yaml")}, args...)...), new(watched), new(watched), make(chan struct{})}
	p.Env = append(os.Environ(), envProgram+"=1")
	p.Stdout, p.Stderr = p.out, p.err
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

// ends waits for the program's end and checks its exit code. It gives how long that took.
func (p *program) ends(t *testing.T, want int) time.Duration {
	t.Helper()
	began := time.Now()
	select {
	case <-p.ended:
	case <-time.After(60 * time.Second):
		t.Fatalf("it does not end\n%s%s", p.out, p.err)
	}
	if code := p.ProcessState.ExitCode(); code != want {
		t.Fatalf("exit code %d, want %d\n%s%s", code, want, p.out, p.err)
	}
	return time.Since(began)
}

// within waits for a condition, and fails the test where it does not come about.
func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for !holds() {
		select {
		case <-deadline.C:
			t.Fatalf("in vain: %s", what)
		case <-poll.C:
		}
	}
}

// get asks a URL, and gives status 0 where nobody answers.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	content, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}
