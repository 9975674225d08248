package crash_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/failpoint"
)

// Exit codes of the program that end a command well.
const (
	exitDone     = 0
	exitFailed   = 1 // of a run, where only units failed that have to
	exitWarnings = 3
)

// patience is how long a command may take before the test gives it up.
const patience = 3 * time.Minute

// envDSN names the warehouse where it is not the config's folder.
const envDSN = "PARTNERPLUS_DSN"

// build builds the real program, with its failpoints.
func build(t *testing.T, root string) string {
	t.Helper()
	program := filepath.Join(root, "partnerplus")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-w", "-tags", "failpoint", "-o", program, "github.com/partnerplus/warehouse/cmd/partnerplus")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, output)
	}
	return program
}

// process is the program at work.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	trace          string
	ended          chan struct{}
}

// start starts a command with more environment.
func (w *world) start(t *testing.T, c *command, environment ...string) *process {
	t.Helper()
	w.started++
	p := &process{
		Cmd:   exec.Command(w.program, append([]string{"-c", c.config}, c.args...)...),
		trace: filepath.Join(w.root, fmt.Sprintf("trace-%d", w.started)),
		ended: make(chan struct{}),
	}
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	p.Env = slices.Concat(os.Environ(), w.places.environment(), []string{envDSN + "=", failpoint.EnvEngine + "=" + w.dir, failpoint.EnvTrace + "=" + p.trace}, environment)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.Wait() // how it ended is in ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		<-p.ended
	})
	return p
}

// wait waits for the end.
func (p *process) wait(t *testing.T) {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-p.ended:
	case <-late.C:
		t.Fatalf("%v does not end:\n%s", p.Args, &p.stderr)
	}
}

// wasKilled tells whether the process ended by SIGKILL.
func (p *process) wasKilled() bool {
	status, ok := p.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// outcome is how a command ended.
type outcome struct {
	code   int
	errors []string // that the report names
}

func (p *process) outcome() outcome {
	o := outcome{code: p.ProcessState.ExitCode()}
	var report struct {
		Errors []string `json:"errors"`
	}
	if err := json.Unmarshal(p.stdout.Bytes(), &report); err == nil {
		o.errors = report.Errors
	}
	return o
}

// isAsGood tells whether a command did all that the undisturbed one did. Where that one had rejects, another may have
// nothing left to load.
func (o outcome) isAsGood(undisturbed outcome) bool {
	if undisturbed.code == exitFailed {
		return o.code == exitFailed && slices.Equal(o.errors, undisturbed.errors)
	}
	return o.code == exitDone || o.code == exitWarnings
}

// steps reads the trace: the steps done, and the points at which something was killed.
func (p *process) steps(t *testing.T) (done []step, killed []string) {
	t.Helper()
	text, err := os.ReadFile(p.trace)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if fields[0] == failpoint.Killed {
			killed = append(killed, fields[1])
			continue
		}
		done = append(done, step{failpoint.Name(fields[0]), fields[1:]})
	}
	return done, killed
}

// step is a step that the program did.
type step struct {
	name  failpoint.Name
	about []string
}

// subject is what the step was about first of all; empty where it is about nothing.
func (s step) subject() string {
	if len(s.about) == 0 {
		return ""
	}
	return s.about[0]
}
