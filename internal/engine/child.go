package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/ebitengine/purego"
	"github.com/gofrs/flock"
)

// Environment of the child process. They say what to run; nothing secret is in them.
const (
	envChild   = "PARTNERPLUS_ENGINE_CHILD"   // the data folder: its presence makes this process an engine
	envLibrary = "PARTNERPLUS_ENGINE_LIBRARY" // path of libchdb.so
	envPort    = "PARTNERPLUS_ENGINE_PORT"    // HTTP port on 127.0.0.1
)

// lockTimeout is how long the child tries to get the folder.
const lockTimeout = time.Second

// exitTaken is the child's exit code when another engine holds the folder.
const exitTaken = 75

// ChildMain turns this process into the engine when its parent asked for that, and does not
// return then. Every program (and every TestMain) that calls Start calls ChildMain first.
func ChildMain() {
	dir := os.Getenv(envChild)
	if dir == "" {
		return
	}
	os.Exit(runChild(dir))
}

func runChild(dir string) int {
	// The lock is held by the process that has the files open, so that it is free exactly when they are.
	lock := flock.New(filepath.Join(dir, lockFile))
	defer runtime.KeepAlive(lock) // a file that is collected is closed, and a closed lock is free
	// Who asks whether it is held (isHeld) holds it for an instant.
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	held, err := lock.TryLockContext(ctx, lockTimeout/100)
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "lock:", err)
		return 1
	}
	if !held {
		return exitTaken
	}
	port, err := strconv.Atoi(os.Getenv(envPort))
	if err != nil {
		fmt.Fprintln(os.Stderr, "port:", err)
		return 1
	}
	// A terminal's Ctrl-C reaches the whole process group; the parent decides when the engine ends.
	ignoreTerminalSignals()
	if err := serve(os.Getenv(envLibrary), dir, port); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// serve loads the library and runs it with clickhouse-local's arguments until standard input closes.
func serve(library, dir string, port int) error {
	lib, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return fmt.Errorf("load %s: %w", library, err)
	}
	var query func(argc int32, argv **byte) uintptr
	purego.RegisterLibFunc(&query, lib, "chdb_query_cmdline")
	var errorOf func(result uintptr) string
	purego.RegisterLibFunc(&errorOf, lib, "chdb_result_error")

	// The last query never ends: that keeps the engine alive, and needs no right to read files. What ends it is the end
	// of standard input, which comes when the parent closes it or dies. The tables are made for a sudden end.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	args := []string{
		"clickhouse-local",
		"--path=" + filepath.Join(dir, dataDir),
		"--config-file=" + filepath.Join(dir, configFile),
		"--http_port=" + strconv.Itoa(port),
		"--listen_host=127.0.0.1",
		"--query", "SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM system.numbers SETTINGS max_block_size = 1 FORMAT Null",
	}
	argv := make([]*byte, len(args)+1)
	for i, arg := range args {
		bytes, err := syscall.BytePtrFromString(arg)
		if err != nil {
			return fmt.Errorf("engine argument %q: %w", arg, err)
		}
		argv[i] = bytes
	}
	runtime.LockOSThread() // the library's threads descend from this one, and are as confined as it
	if err := confine(dir); err != nil {
		fmt.Fprintln(os.Stderr, "warning: whoever gets into the engine can read the files of its user:", err)
	}
	result := query(int32(len(args)), &argv[0])
	runtime.KeepAlive(argv)
	if result == 0 {
		return errors.New("the engine ended without a result")
	}
	if message := errorOf(result); message != "" {
		return errors.New(message)
	}
	return nil
}
