//go:build failpoint

package failpoint

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Here says that a step is done, and what it was about.
func Here(name Name, about ...string) { armed().pass(name, about) }

// armed reads the environment once. What cannot be read there is a mistake of the test: it must not pass for a calm run.
var armed = sync.OnceValue(func() *points {
	p := &points{engine: os.Getenv(EnvEngine)}
	for text := range strings.SplitSeq(os.Getenv(Env), ",") {
		if text == "" {
			continue
		}
		one, err := parse(text)
		if err != nil {
			panic(fmt.Errorf("%s: %w", Env, err))
		}
		p.waiting = append(p.waiting, one)
	}
	if path := os.Getenv(EnvTrace); path != "" {
		var err error
		if p.trace, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			panic(fmt.Errorf("%s: %w", EnvTrace, err))
		}
	}
	return p
})

// points are those of this process.
type points struct {
	mu      sync.Mutex
	waiting []*point
	engine  string
	trace   *os.File // nil: nobody asks
}

// point is where something dies.
type point struct {
	text      string
	name      Name
	left      int    // times until it is reached
	about     string // empty: any
	self, eng bool
}

func parse(text string) (*point, error) {
	p := &point{text: text, self: true, left: 1}
	step, about, _ := strings.Cut(text, "@")
	p.about = about
	fields := strings.Split(step, ":")
	switch fields[0] {
	case "engine":
		p.self, p.eng, fields = false, true, fields[1:]
	case "both":
		p.eng, fields = true, fields[1:]
	}
	if len(fields) == 2 {
		n, err := strconv.Atoi(fields[1])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: %q is not a number from 1", text, fields[1])
		}
		p.left, fields = n, fields[:1]
	}
	if len(fields) != 1 || !slices.Contains(All, Name(fields[0])) {
		return nil, fmt.Errorf("%s: no such step", text)
	}
	p.name = Name(fields[0])
	return p, nil
}

func (p *points) pass(name Name, about []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(append([]string{string(name)}, about...)...)
	for i, one := range p.waiting {
		if one.name != name || one.about != "" && !slices.Contains(about, one.about) {
			continue
		}
		if one.left--; one.left == 0 {
			p.waiting = slices.Delete(p.waiting, i, i+1)
			p.kill(one)
			return
		}
	}
}

func (p *points) kill(one *point) {
	p.write(Killed, one.text)
	if one.eng {
		if err := p.killEngine(); err != nil {
			panic(fmt.Errorf("%s: kill the engine: %w", one.text, err))
		}
	}
	if one.self {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until it arrives
	}
}

// killEngine kills the engine of the folder; one that is gone already is as dead.
func (p *points) killEngine() error {
	content, err := os.ReadFile(filepath.Join(p.engine, "engine.json"))
	if err != nil {
		return err
	}
	var state struct {
		PID int `json:"engine_pid"`
	}
	if err := json.Unmarshal(content, &state); err != nil || state.PID <= 0 {
		return err
	}
	if err := syscall.Kill(state.PID, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		return err
	}
	return nil
}

func (p *points) write(fields ...string) {
	if p.trace == nil {
		return
	}
	if _, err := p.trace.WriteString(strings.Join(fields, "\t") + "\n"); err != nil {
		panic(fmt.Errorf("%s: %w", EnvTrace, err))
	}
}
