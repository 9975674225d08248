package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

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
