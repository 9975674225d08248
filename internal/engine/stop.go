package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// isHeld reports whether an engine has the folder's files open.
func isHeld(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, lockFile)); err != nil {
		return false
	}
	lock := flock.New(filepath.Join(dir, lockFile))
	free, err := lock.TryLock()
	if err != nil || !free {
		return true
	}
	return lock.Unlock() != nil
}

// Stop asks the process that owns the folder's engine to end, and waits until the folder is free.
// It returns ErrNotRunning if there is none.
func Stop(ctx context.Context, dir string) error {
	if !isHeld(dir) {
		return ErrNotRunning
	}
	s, err := readState(dir)
	if err != nil {
		return fmt.Errorf("an engine runs in %s, but its owner is unknown: %w", dir, err)
	}
	if err := syscall.Kill(s.Owner, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the embedded warehouse of process %d: %w", s.Owner, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*stopTimeout)
	defer cancel()
	for isHeld(dir) {
		if ctx.Err() != nil {
			return fmt.Errorf("process %d has not ended its embedded warehouse within %s", s.Owner, 2*stopTimeout)
		}
		time.Sleep(pollEvery)
	}
	return nil
}
