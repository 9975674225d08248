package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"
)

// Landlock, the kernel's way for a program to give rights away (Linux 5.19 for moving files between folders).
const (
	landlockCreateRuleset = 444
	landlockAddRule       = 445
	landlockRestrictSelf  = 446

	landlockVersion     = 1 // flag of landlockCreateRuleset
	landlockPathBeneath = 1 // kind of rule
	landlockWithRefer   = 2 // first version that knows fsRefer

	fsExecute   = 1 << 0
	fsWriteFile = 1 << 1
	fsReadFile  = 1 << 2
	fsReadDir   = 1 << 3
	fsRefer     = 1 << 13
	fsAll       = fsRefer<<1 - 1

	prSetNoNewPrivs = 38
	oPath           = 0x200000
)

type landlockRuleset struct{ handledFS uint64 }

type landlockRule struct {
	allowed uint64
	folder  int32 // the kernel's struct is packed: 12 bytes, of which it reads no more
}

// confine leaves this thread, and every thread that it starts, no files but the engine's data and backups, its configuration
// and what the system's libraries need. ClickHouse's function file() reads any file of this machine for whoever may send a
// query without a table, and no grant or setting keeps a user of an embedded engine from it: among those files are the
// passwords beside the data, and the environments of other processes. The caller has locked the thread.
func confine(dir string) error {
	version, _, errno := syscall.Syscall(landlockCreateRuleset, 0, 0, landlockVersion)
	if errno != 0 || version < landlockWithRefer {
		return errors.New("this kernel has no Landlock")
	}
	handled := landlockRuleset{handledFS: fsAll}
	ruleset, _, errno := syscall.Syscall(landlockCreateRuleset, uintptr(unsafe.Pointer(&handled)), unsafe.Sizeof(handled), 0)
	if errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	defer func() { _ = syscall.Close(int(ruleset)) }()
	for _, folder := range []string{dataDir, backupDir} {
		if err := allow(ruleset, fsAll, filepath.Join(dir, folder)); err != nil {
			return err
		}
	}
	for _, path := range []string{
		filepath.Join(dir, configFile), filepath.Join(dir, usersFile),
		"/proc/cpuinfo", "/proc/diskstats", "/proc/filesystems", "/proc/loadavg", "/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/version", "/proc/vmstat",
		"/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf", "/etc/hosts", "/etc/resolv.conf", "/etc/passwd", "/etc/group",
	} {
		if err := allow(ruleset, fsReadFile, path); err != nil {
			return err
		}
	}
	for _, path := range []string{"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"} {
		if err := allow(ruleset, fsReadFile|fsWriteFile, path); err != nil {
			return err
		}
	}
	for _, folder := range []string{filepath.Join(dir, usersFolder), "/usr", "/lib", "/lib64", "/sys", "/proc/self", "/proc/sys"} {
		if err := allow(ruleset, fsReadFile|fsReadDir|fsExecute, folder); err != nil {
			return err
		}
	}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("landlock: give up privileges: %w", errno)
	}
	if _, _, errno := syscall.RawSyscall(landlockRestrictSelf, ruleset, 0, 0); errno != 0 {
		return fmt.Errorf("landlock: %w", errno)
	}
	return nil
}

// allow adds a file, or a folder with all below it, where it exists.
func allow(ruleset uintptr, rights uint64, path string) error {
	fd, err := syscall.Open(path, oPath|syscall.O_CLOEXEC, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("landlock: %s: %w", path, err)
	}
	defer func() { _ = syscall.Close(fd) }()
	rule := landlockRule{allowed: rights, folder: int32(fd)}
	if _, _, errno := syscall.Syscall6(landlockAddRule, ruleset, landlockPathBeneath, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("landlock: %s: %w", path, errno)
	}
	return nil
}
