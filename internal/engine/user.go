package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// OtherUserError says that the folder holds a warehouse of another user. Files that this one leaves in it, root's too, would keep
// the engine of that user from starting.
type OtherUserError struct {
	Dir   string
	Owner string // name of the user, or the number of one that /etc/passwd lacks
}

func (e *OtherUserError) Error() string {
	return fmt.Sprintf("the warehouse in %s belongs to the user %s: run this as that user (for the one of the systemd unit, deploy/README.md "+
		"has a line with systemd-run), or give the folder and all in it to the user who is to run it, by chown -R", e.Dir, e.Owner)
}

// CheckUser returns an OtherUserError where an engine of another user made the folder's files. A folder without any is
// anybody's.
func CheckUser(dir string) error {
	// The folder itself may be the mount point of a volume, which is root's.
	info, err := os.Stat(filepath.Join(dir, dataDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("engine folder: %w", err)
	}
	made, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(made.Uid) == os.Geteuid() {
		return nil
	}
	owner := strconv.Itoa(int(made.Uid))
	if known, err := user.LookupId(owner); err == nil {
		owner = known.Username
	}
	return &OtherUserError{Dir: dir, Owner: owner}
}
