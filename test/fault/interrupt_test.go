package fault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
)

// interrupted is the exit code of a program that was.
const interrupted = 130

// bound is far beyond the five seconds that a program has to end: it tells one that hangs, on a machine that is busy.
const bound = time.Minute

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "partnerplus")
	command := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-w", "-o", program, "github.com/partnerplus/warehouse/cmd/partnerplus")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, output)
	}
	return program
}

// process is the program at work.
type process struct {
	*exec.Cmd
	mu    sync.Mutex
	says  bytes.Buffer
	heard chan struct{} // one for each time that it says something
	ended chan struct{}
}

// Write implements io.Writer.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.heard <- struct{}{}:
	default:
	}
	return p.says.Write(text)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.says.String()
}

func (s *site) start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	p := &process{heard: make(chan struct{}, 1), ended: make(chan struct{})}
	p.Cmd = exec.Command(program, append([]string{"-c", filepath.Join(s.dir, config.FileName)}, args...)...)
	address := s.engine.Address()
	through, err := url.Parse(s.warehouse.URL())
	must(t, err)
	through.User = url.UserPassword(address.WriterUser, address.WriterPassword)
	p.Env = append(os.Environ(), "PARTNERPLUS_DSN="+through.String())
	p.Stdout, p.Stderr, p.Dir = p, p, t.TempDir()
	must(t, p.Start())
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

// await waits for a signal of a fault that the program has come to.
func (p *process) await(t *testing.T, reached <-chan struct{}) {
	t.Helper()
	select {
	case <-reached:
	case <-p.ended:
		t.Fatalf("it has ended before: %s\n%s", p.ProcessState, p.said())
	case <-time.After(bound):
		t.Fatalf("it does not come to where it is to be interrupted\n%s", p.said())
	}
}

// interrupt sends a signal and wants the program to end by itself, in time, and with the exit code for it.
func (p *process) interrupt(t *testing.T, signal os.Signal, secrets []string) {
	t.Helper()
	began := time.Now()
	must(t, p.Process.Signal(signal))
	select {
	case <-p.ended:
	case <-time.After(bound):
		t.Fatalf("it does not end\n%s", p.said())
	}
	t.Logf("ended within %.1f s", time.Since(began).Seconds())
	if code := p.ProcessState.ExitCode(); code != interrupted {
		t.Errorf("exit code %d\n%s", code, p.said())
	}
	for _, secret := range secrets {
		if strings.Contains(p.said(), secret) {
			t.Errorf("a secret is shown: %s", p.said())
		}
	}
}

// held says that a request has come, and does not answer it.
func held(reached chan<- struct{}) fault {
	return func(_ *place, _ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body) // else nobody would see that the client goes away
		tell(reached)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// stalled swallows the rest of what a place sends.
func stalled(reached chan<- struct{}) fault {
	return func(p *place, _ http.ResponseWriter, _ *http.Request) bool {
		if _, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(`{"type": "timeout", "attributes": {"timeout": 0}}`)); err != nil {
			panic(err)
		}
		tell(reached)
		return false
	}
}

// long has the server do something endless under the statement's name, and says so once it does.
func long(s *site, reached chan<- struct{}) fault {
	return func(p *place, _ http.ResponseWriter, r *http.Request) bool {
		id := sleep(r)
		ended := make(chan struct{})
		go func() {
			p.answer(r)
			close(ended)
		}()
		for !s.runs(id) {
			select {
			case <-ended:
				panic(http.ErrAbortHandler)
			default:
			}
		}
		tell(reached)
		<-ended // by whoever gives it up; that its client is gone, the server does not see
		panic(http.ErrAbortHandler)
	}
}

func tell(reached chan<- struct{}) {
	select {
	case reached <- struct{}{}:
	default: // it was told before
	}
}

// runs tells whether a statement goes on.
func (s *site) runs(id string) bool {
	rows, err := s.query("SELECT count() FROM system.processes WHERE query_id = '" + id + "'")
	return err == nil && rows[0][0] != "0"
}

// interruptions are where the program is interrupted. Each leaves the tables as they were.
var interruptions = []struct {
	name  string
	args  []string
	spoil func(s *site, reached chan<- struct{})
}{
	{"a slow API", []string{"run", "--source", redemptionsSource}, func(s *site, reached chan<- struct{}) { s.api.spoil(always(page(2), held(reached))) }},
	{"a stalled object", []string{"run", "--source", awardsSource}, func(s *site, reached chan<- struct{}) { s.s3.spoil(always(object, stalled(reached))) }},
	{"a long INSERT", []string{"run", "--source", awardsSource}, func(s *site, reached chan<- struct{}) { s.warehouse.spoil(always(staging, long(s, reached))) }},
	{"a warehouse that does not answer", []string{"run", "--source", awardsSource}, func(s *site, reached chan<- struct{}) {
		s.warehouse.spoil(always(anything, held(reached)))
	}},
	{"a replay", []string{"rejects", "replay"}, func(s *site, reached chan<- struct{}) { s.warehouse.spoil(always(contains("rejects"), held(reached))) }},
	{"a check", []string{"check"}, func(s *site, reached chan<- struct{}) {
		s.warehouse.spoil(always(contains("etl.checks"), long(s, reached)))
	}},
	{"a query", []string{"query", "SELECT 'the question'"}, func(s *site, reached chan<- struct{}) {
		s.warehouse.spoil(always(contains("the question"), long(s, reached)))
	}},
	{"a review pack", []string{"review", "pack", "--month", "2026-02"}, func(s *site, reached chan<- struct{}) { s.warehouse.spoil(always(contains("kpi."), long(s, reached))) }},
	{"a daemon's job", []string{"serve", "--listen", "127.0.0.1:0"}, func(s *site, reached chan<- struct{}) { s.warehouse.spoil(always(staging, held(reached))) }},
}

// interrupts interrupts the program wherever it may be; before is what the warehouse holds, after what it would hold. It
// leaves a warehouse whose figures are not those of its facts yet.
func interrupts(t *testing.T, s *site, before, after state) {
	program := build(t)
	for n, at := range interruptions {
		t.Run(at.name, func(t *testing.T) {
			reached := make(chan struct{}, 1)
			at.spoil(s, reached)
			p := s.start(t, program, at.args...)
			p.await(t, reached)
			p.interrupt(t, []os.Signal{os.Interrupt, syscall.SIGTERM}[n%2], s.secrets)
			s.heal(t)
			s.quiet(t)
			same(t, s.state(t), before)
		})
	}
	t.Run("a warehouse that is away", func(t *testing.T) {
		s.warehouse.spoil(always(contains("INSERT INTO etl.unit_entities"), goesAway))
		p := s.start(t, program, "run", "--source", awardsSource)
		for !strings.Contains(p.said(), "trying again") {
			p.await(t, p.heard)
		}
		p.interrupt(t, os.Interrupt, s.secrets)
		s.heal(t)
		same(t, s.state(t), before)
	})
	t.Run("twice", func(t *testing.T) {
		reached := make(chan struct{}, 1)
		s.warehouse.spoil(always(anything, held(reached)))
		p := s.start(t, program, "run", "--source", awardsSource)
		p.await(t, reached)
		again := time.NewTicker(50 * time.Millisecond)
		defer again.Stop()
		for alive := true; alive; {
			if err := p.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			select {
			case <-p.ended:
				alive = false
			case <-again.C:
			}
		}
		if how, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || how.Signal() != syscall.SIGINT && how.ExitStatus() != interrupted {
			t.Errorf("it ended with %s", p.ProcessState)
		}
		s.heal(t)
		same(t, s.state(t), before)
	})
	t.Run("a refresh", func(t *testing.T) {
		reached := make(chan struct{}, 1)
		s.warehouse.spoil(always(contains("INSERT INTO kpi_core.metric_month"), long(s, reached)))
		p := s.start(t, program, "run")
		p.await(t, reached)
		p.interrupt(t, syscall.SIGTERM, s.secrets)
		s.heal(t)
		s.quiet(t)
		same(t, s.state(t), state{after.awards, after.redemptions, before.figures})
	})
}

// quiet checks that nothing goes on at the engine that nobody waits for.
func (s *site) quiet(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(bound)
	for {
		left := s.ask(t, "SELECT query FROM system.processes WHERE query LIKE '%sleepEachRow(0.1)%' AND query NOT LIKE '%system.processes%'")
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(fmt.Sprint("it goes on at the engine: ", left))
		}
	}
}
