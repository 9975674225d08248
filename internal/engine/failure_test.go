package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

func TestEngineEndsWithItsParent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner, ended := startOwner(t, dir)
	found, err := Find(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	do(t, found, fill...)
	if got := found.Address().OwnerPID; got != owner.Pid {
		t.Errorf("the owner is process %d, not %d", got, owner.Pid)
	}
	kill(t, owner.Pid)
	<-ended
	within(t, "the engine ends with its parent", func() bool { return !isHeld(dir) })
	if text := do(t, open(t, dir), count); text != "2" {
		t.Errorf("%s rows after the parent was killed", text)
	}
}

// What is asked at the very moment at which the owner dies gets an engine nevertheless.
func TestOpenRightAfterTheOwnerDied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner, ended := startOwner(t, dir)
	kill(t, owner.Pid)
	<-ended
	e := open(t, dir)
	within(t, "the engine answers", func() bool { return e.Ensure(t.Context()) == nil && e.Owned() })
}

func TestStop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Stop(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Stop where none runs: %v", err)
	}
	_, ended := startOwner(t, dir)
	if err := Stop(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	<-ended
	if _, err := Find(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Find after Stop: %v", err)
	}
}

func TestTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock := flock.New(filepath.Join(dir, lockFile))
	if held, err := lock.TryLock(); err != nil || !held {
		t.Fatal(held, err)
	}
	t.Cleanup(func() { _ = lock.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := Open(ctx, Options{Dir: dir})
	taken := new(TakenError)
	if !errors.As(err, &taken) || taken.Dir != dir {
		t.Fatalf("Open of a taken folder: %v", err)
	}
	for _, says := range []string{dir, "warehouse.path", "warehouse.dsn"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q does not say %s", err, says)
		}
	}
}

// Not even root starts an engine on the files of another user.
func TestOtherUser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, dataDir)
	if err := CheckUser(dir); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := CheckUser(dir); err != nil {
		t.Errorf("one's own: %v", err)
	}
	var err error
	if os.Geteuid() == 0 {
		err = os.Chown(data, 54321, -1)
	} else if err = os.Remove(data); err == nil {
		err = os.Symlink("/", data)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), Options{Dir: dir})
	other := new(OtherUserError)
	if !errors.As(err, &other) || other.Dir != dir || !strings.Contains(err.Error(), "belongs to the user "+other.Owner) {
		t.Errorf("Open of another user's: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("it left files: %v, %v", left, err)
	}
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	port := listener.Addr().(*net.TCPAddr).Port
	dir := t.TempDir()
	_, err = Open(t.Context(), Options{Dir: dir, Port: port})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(port)) || !strings.Contains(err.Error(), "--port") {
		t.Fatalf("Open on a port that is taken: %v", err)
	}
	if isHeld(dir) {
		t.Error("an engine runs nevertheless")
	}
	// The port of the last start is only a wish.
	if err := (state{Port: port, Password: "p", ReaderPassword: "r"}).write(dir); err != nil {
		t.Fatal(err)
	}
	if e := open(t, dir); e.Address().Port == port {
		t.Error("the port is said to be the taken one")
	}
}

// An engine that ends lets go of its port a moment after its lock: who follows it listens there, where its clients are.
func TestPortComesFree(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := make(chan bool)
	go func() { free <- portComesFree(listener.Addr().(*net.TCPAddr).Port) }()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if !<-free {
		t.Error("a port that came free is called taken")
	}
}

func TestChosenPort(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	e, err := Open(t.Context(), Options{Dir: t.TempDir(), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Address().Port; got != port {
		t.Errorf("port %d, want %d", got, port)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// Names that people give to folders; config.xml quotes them.
func TestFolderNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space", "Größe-東京", `R&D <"2026"> 'q'`, "a{{dir}}b", "percent%20", "--path=x"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			e := open(t, dir)
			do(t, e, fill...)
			kill(t, e.Address().EnginePID)
			if err := e.Ensure(t.Context()); err != nil {
				t.Fatal(err)
			}
			if text := do(t, e, count); text != "2" {
				t.Errorf("%s rows", text)
			}
		})
	}
}

func TestRelativeFolder(t *testing.T) {
	root := t.TempDir()
	t.Setenv(EnvLibchdb, installed(t)) // it would not be found from there
	t.Chdir(root)
	e := open(t, "ware house")
	do(t, e, fill...)
	before := e.Address().EnginePID
	t.Chdir(t.TempDir())
	kill(t, before)
	within(t, "the engine is started again", func() bool { return e.Address().EnginePID != before })
	if text := do(t, e, count); text != "2" {
		t.Errorf("%s rows after the working folder changed", text)
	}
	if _, err := Find(t.Context(), filepath.Join(root, "ware house")); err != nil {
		t.Error(err)
	}
}

func installed(t *testing.T) string {
	t.Helper()
	path, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDamagedState(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"garbage": "\x00\x01garbage", "empty": "", "another type": `{"port": "8123"}`, "a list": "[]"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, stateFile)
			if err := os.WriteFile(path, []byte(content), privateFile); err != nil {
				t.Fatal(err)
			}
			_, err := Open(t.Context(), Options{Dir: dir})
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "delete it") {
				t.Errorf("Open: %v", err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			do(t, open(t, dir), "SELECT 1")
		})
	}
}

// A state that a crash left behind names a port where another program listens now, or nobody.
func TestStaleState(t *testing.T) {
	t.Parallel()
	other := open(t, t.TempDir())
	dir := t.TempDir()
	stale := state{Port: other.Address().Port, Password: "stale", ReaderPassword: "stale", Owner: os.Getpid(), Engine: 1}
	if err := stale.write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Find took another's engine for its own: %v", err)
	}
	if err := Stop(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Stop: %v", err)
	}
	e := open(t, dir)
	if e.Address().Port == stale.Port || e.Address().WriterPassword != "stale" {
		t.Error("it takes a free port, and keeps its passwords")
	}
}

func TestUnusableFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, privateFile); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/nowhere"} {
		_, err := Open(t.Context(), Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), "engine folder") {
			t.Errorf("Open %s: %v", dir, err)
		}
	}
}

func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || errors.As(err, new(*TakenError)) {
		t.Errorf("Open: %v", err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	e := open(t, dir)
	for _, name := range []string{stateFile, configFile, usersFile, logFile, dataDir} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may use %s: %s", name, info.Mode())
		}
	}
	users, err := os.ReadFile(filepath.Join(dir, usersFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{e.Address().WriterPassword, e.Address().ReaderPassword} {
		if strings.Contains(string(users), secret) {
			t.Error("a password is in users.xml")
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.*.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	e := open(t, t.TempDir())
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok || network.IP.IsLoopback() || network.IP.To4() == nil {
			continue
		}
		target := net.JoinHostPort(network.IP.String(), fmt.Sprint(e.Address().Port))
		if connection, err := net.DialTimeout("tcp", target, time.Second); err == nil {
			_ = connection.Close()
			t.Errorf("it listens on %s", target)
		}
	}
}

func TestDSN(t *testing.T) {
	t.Parallel()
	e := &Engine{state: state{Port: 8123, Password: "p@ss"}}
	u, err := url.Parse(e.DSN())
	if err != nil {
		t.Fatal(err)
	}
	if password, _ := u.User.Password(); password != "p@ss" || u.Host != "127.0.0.1:8123" || u.User.Username() != writerUser {
		t.Errorf("DSN %s", u.Redacted())
	}
}
