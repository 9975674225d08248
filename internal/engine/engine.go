package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startTimeout = 60 * time.Second // a large warehouse reads its parts before it listens
	stopTimeout  = 20 * time.Second
	pingTimeout  = 5 * time.Second
	pollEvery    = 25 * time.Millisecond
)

// TakenError says that another process holds the folder and does not answer where it should.
type TakenError struct {
	Dir   string
	Owner int // process id of the program that started the engine, 0 if unknown
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("the warehouse folder %s is in use by another process (pid %d) that does not answer; "+
		"end it, choose another folder (warehouse.path in the config), or use a ClickHouse server: set warehouse.dsn", e.Dir, e.Owner)
}

// Engine is a running embedded warehouse, started here or found.
type Engine struct {
	dir     string
	library string

	mu     sync.Mutex
	state  state
	child  *child // nil where another process owns the engine
	closed bool
}

// child is one life of the engine process.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
	done  chan struct{} // closed when the process has ended
	err   error         // how it ended, valid after done
}

// Options say where the engine keeps its data and where it listens.
type Options struct {
	Dir  string // folder of the warehouse, made when missing
	Port int    // HTTP port on 127.0.0.1; 0 for the one used last, or any free one
}

// Open finds the engine that runs in the folder, or starts one. Close ends it only if it was started here.
// Errors: UnsupportedPlatformError, MissingLibraryError, TakenError.
func Open(ctx context.Context, o Options) (*Engine, error) {
	if found, err := Find(ctx, o.Dir); err == nil {
		return found, nil
	}
	e := &Engine{dir: o.Dir}
	var err error
	if e.library, err = Library(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.start(ctx, o.Port); err != nil {
		// Two commands may start at once: the one that lost uses the winner's engine.
		if taken := new(TakenError); errors.As(err, &taken) {
			if found, ok := findWithin(ctx, o.Dir, startTimeout); ok {
				return found, nil
			}
		}
		return nil, err
	}
	return e, nil
}

// ErrNotRunning says that no engine answers for the folder.
var ErrNotRunning = errors.New("no embedded warehouse is running in this folder; start one with `partnerplus engine start`")

// Find attaches to the engine that runs in the folder. It returns ErrNotRunning if none answers.
func Find(ctx context.Context, dir string) (*Engine, error) {
	s, err := readState(dir)
	if err != nil || s.Port == 0 {
		return nil, ErrNotRunning
	}
	if err := ping(ctx, s); err != nil {
		return nil, ErrNotRunning
	}
	return &Engine{dir: dir, state: s}, nil
}

func findWithin(ctx context.Context, dir string, limit time.Duration) (*Engine, bool) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for ctx.Err() == nil {
		if found, err := Find(ctx, dir); err == nil {
			return found, true
		}
		if !isHeld(dir) {
			return nil, false
		}
		pause(ctx)
	}
	return nil, false
}

// start runs a child and waits until it answers. The caller holds e.mu.
func (e *Engine) start(ctx context.Context, port int) error {
	if isHeld(e.dir) {
		s, _ := readState(e.dir)
		return &TakenError{Dir: e.dir, Owner: s.Owner}
	}
	s, err := prepare(e.dir, port)
	if err != nil {
		return err
	}
	c, err := spawn(e.dir, e.library, s.Port)
	if err != nil {
		return err
	}
	s.Owner, s.Engine = os.Getpid(), c.cmd.Process.Pid
	if err := waitUntilAnswers(ctx, s, c, e.dir); err != nil {
		c.end()
		return err
	}
	if err := s.write(e.dir); err != nil {
		c.end()
		return err
	}
	e.state, e.child = s, c
	go e.watch(c)
	return nil
}

// watch restarts the engine when it dies without having been asked to.
func (e *Engine) watch(c *child) {
	<-c.done
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.child != c {
		return
	}
	e.child = nil
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	// A failure shows itself to the next caller of Ensure, which tries again and returns the error.
	_ = e.start(ctx, e.state.Port)
}

// Ensure makes the engine answer: it waits for a restart under way, and starts the engine if its owner
// has gone. Callers use it after a broken connection, before they retry.
func (e *Engine) Ensure(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return errors.New("the embedded warehouse has been closed")
	}
	if e.child != nil {
		select {
		case <-e.child.done:
			e.child = nil
		default:
		}
	}
	if ping(ctx, e.state) == nil {
		return nil
	}
	if e.child != nil { // alive, but not answering: end it and start anew
		e.child.end()
		e.child = nil
	}
	if e.library == "" {
		var err error
		if e.library, err = Library(); err != nil {
			return err
		}
	}
	err := e.start(ctx, e.state.Port)
	if taken := new(TakenError); errors.As(err, &taken) {
		if found, ok := findWithin(ctx, e.dir, startTimeout); ok {
			e.state = found.state
			return nil
		}
	}
	return err
}

// Close ends the engine if it was started here, and waits until its files are closed.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.child != nil {
		e.child.end()
		e.child = nil
	}
	return nil
}

// Owned reports whether this process started the engine.
func (e *Engine) Owned() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.child != nil
}

// DSN is the address for clickhouse-go, with the writer's password in it: not for logs.
func (e *Engine) DSN() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state.url(writerUser, e.state.Password).String()
}

// Address is where the engine listens and as whom to read it.
type Address struct {
	Host, ReaderUser, ReaderPassword, WriterUser, WriterPassword string
	Port, OwnerPID, EnginePID                                    int
}

// Address gives what a client other than this program needs.
func (e *Engine) Address() Address {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Address{
		Host: "127.0.0.1", Port: e.state.Port, OwnerPID: e.state.Owner, EnginePID: e.state.Engine,
		ReaderUser: readerUser, ReaderPassword: e.state.ReaderPassword,
		WriterUser: writerUser, WriterPassword: e.state.Password,
	}
}

func (s state) url(user, password string) *url.URL {
	return &url.URL{Scheme: "http", Host: "127.0.0.1:" + strconv.Itoa(s.Port), User: url.UserPassword(user, password), Path: "/default"}
}

func spawn(dir, library string, port int) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, privateFile)
	if err != nil {
		return nil, fmt.Errorf("engine log: %w", err)
	}
	defer func() { _ = log.Close() }() // the child has its own copy
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), envChild+"="+dir, envLibrary+"="+library, envPort+"="+strconv.Itoa(port))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // out of reach of the terminal's Ctrl-C
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded warehouse: %w", err)
	}
	c := &child{cmd: cmd, stdin: stdin, done: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// end closes the child's standard input, which ends it, and kills it if that takes too long.
func (c *child) end() {
	_ = c.stdin.Close()
	select {
	case <-c.done:
	case <-time.After(stopTimeout):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

func waitUntilAnswers(ctx context.Context, s state, c *child, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if ping(ctx, s) == nil {
			return nil
		}
		select {
		case <-c.done:
			if c.cmd.ProcessState.ExitCode() == exitTaken {
				owner, _ := readState(dir)
				return &TakenError{Dir: dir, Owner: owner.Owner}
			}
			return fmt.Errorf("the embedded warehouse ended while it started (%w): %s", errOf(c), lastLines(filepath.Join(dir, logFile)))
		case <-ctx.Done():
			return fmt.Errorf("the embedded warehouse did not answer on port %d: %w; see %s", s.Port, ctx.Err(), filepath.Join(dir, logFile))
		case <-time.After(pollEvery):
		}
	}
}

func errOf(c *child) error {
	if c.err != nil {
		return c.err
	}
	return errors.New("exit code 0")
}

func ping(ctx context.Context, s state) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	target := s.url(writerUser, s.Password)
	target.Path, target.RawQuery = "/", url.Values{"query": {"SELECT 1"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ping: %s", response.Status)
	}
	return nil
}

func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(pollEvery):
	}
}

func lastLines(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	const most = 600
	if len(content) > most {
		content = content[len(content)-most:]
	}
	return strings.TrimSpace(string(content))
}
