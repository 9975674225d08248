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

	"github.com/gofrs/flock"
)

const (
	startTimeout = 60 * time.Second // a large warehouse reads its parts before it listens
	stopTimeout  = 20 * time.Second
	pingTimeout  = 5 * time.Second
	patience     = 30 * time.Second // with a child that lives, but is too busy to answer
	keepEvery    = time.Second
	pollEvery    = 25 * time.Millisecond
)

// TakenError says that another process holds the folder and does not answer where it should.
type TakenError struct {
	Dir   string
	Owner int // process id of the program that started the engine, 0 if unknown
}

func (e *TakenError) Error() string {
	who := "another process"
	if e.Owner != 0 {
		who += fmt.Sprintf(" (pid %d)", e.Owner)
	}
	return fmt.Sprintf("the warehouse folder %s is in use by %s that does not answer; "+
		"end it, choose another folder (warehouse.path in the config), or use a ClickHouse server: set warehouse.dsn", e.Dir, who)
}

// Engine is a running embedded warehouse, started here or found. It is safe for concurrent use.
type Engine struct {
	dir     string
	more    string          // server settings besides its own
	closing context.Context //nolint:containedctx // its own lifetime, done once Close is called
	close   context.CancelFunc
	turn    chan struct{} // held by whoever starts or ends the engine: one at a time

	mu    sync.Mutex // guards what is below; not held while anything is waited for
	state state
	child *child // nil where another process owns the engine
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
	// Settings are more of the engine's server settings, as elements of its config.xml. Tests have clusters in them.
	Settings string
}

// Open finds the engine that runs in the folder, or starts one. Close ends it only if it was started here.
// Errors: UnsupportedPlatformError, MissingLibraryError, OtherUserError, TakenError.
func Open(ctx context.Context, o Options) (*Engine, error) {
	found, err := Find(ctx, o.Dir)
	if err == nil {
		return found, nil
	}
	if _, err := Library(); err != nil {
		return nil, err
	}
	e, err := newEngine(o.Dir)
	if err != nil {
		return nil, err
	}
	e.more = o.Settings
	if err := e.startOrFind(ctx, o.Port); err != nil {
		return nil, err
	}
	return e, nil
}

// ErrNotRunning says that no engine answers for the folder.
var ErrNotRunning = errors.New("no embedded warehouse is running in this folder; start one with `partnerplus engine start`")

// Find attaches to the engine that runs in the folder. It returns ErrNotRunning if none answers.
func Find(ctx context.Context, dir string) (*Engine, error) {
	e, err := newEngine(dir)
	if err != nil {
		return nil, err
	}
	var answers bool
	if e.state, answers = find(ctx, e.dir); !answers {
		return nil, ErrNotRunning
	}
	return e, nil
}

func newEngine(dir string) (*Engine, error) {
	// The working folder may change, and the child's may be another.
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("engine folder: %w", err)
	}
	e := &Engine{dir: dir, turn: make(chan struct{}, 1)}
	e.closing, e.close = context.WithCancel(context.Background())
	return e, nil
}

// find tells whether an engine answers for the folder.
func find(ctx context.Context, dir string) (state, bool) {
	s, err := readState(dir)
	return s, err == nil && s.Port != 0 && ping(ctx, s) == nil
}

// startOrFind starts the engine, unless another process is quicker: then that one's engine is used. It waits for an
// engine that is ending. The caller has the turn.
func (e *Engine) startOrFind(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := e.start(ctx, port)
		if !errors.As(err, new(*TakenError)) {
			return err
		}
		if s, answers := find(ctx, e.dir); answers {
			e.set(s, nil)
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		pause(ctx)
	}
}

// start runs a child and waits until it answers. The caller has the turn.
func (e *Engine) start(ctx context.Context, port int) error {
	library, err := Library()
	if err != nil {
		return err
	}
	if err := CheckUser(e.dir); err != nil {
		return err
	}
	for _, folder := range []string{dataDir, backupDir} {
		if err := os.MkdirAll(filepath.Join(e.dir, folder), 0o700); err != nil {
			return fmt.Errorf("engine folder: %w", err)
		}
	}
	// Two that prepare the folder at once would write different passwords.
	preparing := flock.New(filepath.Join(e.dir, startLockFile))
	alone, err := preparing.TryLock()
	if err != nil {
		return fmt.Errorf("engine folder: %w", err)
	}
	defer func() { _ = preparing.Close() }() // it is free with this process at the latest
	if !alone || isHeld(e.dir) {
		s, _ := readState(e.dir)
		return &TakenError{Dir: e.dir, Owner: s.Owner}
	}
	s, err := prepare(e.dir, port, e.more)
	if err != nil {
		return err
	}
	s.Owner, s.Engine = os.Getpid(), 0 // before there is a child: Stop must not end whoever was the owner last
	if err := s.write(e.dir); err != nil {
		return err
	}
	c, err := spawn(e.dir, library, s.Port)
	if err != nil {
		return err
	}
	s.Engine = c.cmd.Process.Pid
	if err = waitUntilAnswers(ctx, s, c, e.dir); err == nil {
		err = s.write(e.dir)
	}
	if err != nil {
		c.end()
		return err
	}
	e.set(s, c)
	go e.watch(c)
	return nil
}

// watch restarts the engine when it dies without having been asked to.
func (e *Engine) watch(c *child) {
	<-c.done
	if e.take(e.closing) != nil {
		return
	}
	defer e.release()
	if s, current := e.now(); current == c {
		e.set(s, nil)
		// A failure shows itself to the next caller of Ensure, which tries again and returns the error.
		_ = e.startOrFind(e.closing, s.Port)
	}
}

// errClosed is what Ensure returns after Close.
var errClosed = errors.New("the embedded warehouse has been closed")

// Ensure makes the engine answer: it waits for a restart under way, and starts the engine if its owner
// has gone. Callers use it after a broken connection, before they retry.
func (e *Engine) Ensure(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(e.closing, func() { cancel(errClosed) })()
	if err := e.take(ctx); err != nil {
		return err
	}
	defer e.release()
	s, c := e.now()
	if answers(ctx, s, c) {
		return nil
	}
	if ctx.Err() != nil { // the engine may be well: others may be using it
		return context.Cause(ctx)
	}
	if c != nil { // dead, or alive but not answering: end it and start anew
		c.end()
		e.set(s, nil)
	}
	err := e.startOrFind(ctx, s.Port)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Keep makes sure that the engine answers until the context is done. It is for programs that stay: their engine may have
// been taken over, after it died, by a command that has ended since. What Ensure cannot do it tries again.
func (e *Engine) Keep(ctx context.Context) {
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			_ = e.Ensure(ctx) // whoever uses the engine calls it too, and gets the error
		}
	}
}

// answers tells whether the engine answers; one that lives gets some time, since it may be busy.
func answers(ctx context.Context, s state, c *child) bool {
	if c == nil {
		return ping(ctx, s) == nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		select {
		case <-c.done:
			return false
		default:
		}
		if ping(ctx, s) == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		pause(ctx)
	}
}

// Close ends the engine if it was started here, and waits until its files are closed.
func (e *Engine) Close() error {
	e.close()
	e.turn <- struct{}{}
	defer e.release()
	s, c := e.now()
	if c != nil {
		c.end()
		e.set(s, nil)
	}
	return nil
}

// take waits for the turn to start or end the engine.
func (e *Engine) take(ctx context.Context) error {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if e.closing.Err() != nil {
		e.release()
		return errClosed
	}
	return nil
}

func (e *Engine) release() { <-e.turn }

func (e *Engine) now() (state, *child) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state, e.child
}

func (e *Engine) set(s state, c *child) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state, e.child = s, c
}

// Owned reports whether this process started the engine.
func (e *Engine) Owned() bool {
	_, c := e.now()
	return c != nil
}

// DSN is the address for clickhouse-go, with the writer's password in it: not for logs.
func (e *Engine) DSN() string {
	s, _ := e.now()
	return s.url(writerUser, s.Password).String()
}

// Address is where the engine listens and as whom to read it.
type Address struct {
	Host, ReaderUser, ReaderPassword, WriterUser, WriterPassword string
	Port, OwnerPID, EnginePID                                    int
}

// Address gives what a client other than this program needs.
func (e *Engine) Address() Address {
	s, _ := e.now()
	return Address{
		Host: "127.0.0.1", Port: s.Port, OwnerPID: s.Owner, EnginePID: s.Engine,
		ReaderUser: readerUser, ReaderPassword: s.ReaderPassword,
		WriterUser: writerUser, WriterPassword: s.Password,
	}
}

func (s state) url(user, password string) *url.URL {
	return &url.URL{Scheme: "http", Host: "127.0.0.1:" + strconv.Itoa(s.Port), User: url.UserPassword(user, password), Path: "/default"}
}

// thisProgram is the file that this process runs, even where an update has put another in its place.
const thisProgram = "/proc/self/exe"

func spawn(dir, library string, port int) (*child, error) {
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, privateFile)
	if err != nil {
		return nil, fmt.Errorf("engine log: %w", err)
	}
	defer func() { _ = log.Close() }()        // the child has its own copy
	cmd := exec.Command(thisProgram)          //nolint:noctx // the engine outlives the call that starts it
	cmd.Args = []string{"partnerplus-engine"} // as ps shows it
	cmd.Env = append(environment(), envChild+"="+dir, envLibrary+"="+library, envPort+"="+strconv.Itoa(port))
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

// environment is what of this process's the engine may need. The rest, with its secrets, a query could read.
func environment() []string {
	var kept []string
	for _, name := range []string{"PATH", "HOME", "TZ", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH"} {
		if value, set := os.LookupEnv(name); set {
			kept = append(kept, name+"="+value)
		}
	}
	return kept
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
				return &TakenError{Dir: dir}
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
	busy := response.Header.Get("X-ClickHouse-Exception-Code") == memoryLimitExceeded
	if response.StatusCode != http.StatusOK && !busy {
		return fmt.Errorf("ping: %s", response.Status)
	}
	return nil
}

// memoryLimitExceeded is the code with which an engine refuses even the smallest statement while large ones run.
const memoryLimitExceeded = "241"

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
