package load

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// An owner names a process so that another one can tell whether it is dead: by the boot of the machine and the namespace of
// process ids, which only processes that see each other share; by its id; and by when it started, since ids are used again.
// A machine that is not Linux tells none of it, and a process of another machine or container cannot be looked at: then
// nobody knows, and what it left is swept a day later.

const noOwner = "nobody_knows"

// self is this process as an owner.
var self = sync.OnceValue(func() string { return ownerOf(os.Getpid()) })

// ownerOf names a process that lives.
func ownerOf(pid int) string {
	started := startOf(pid)
	place := processPlace()
	if started == "" || place == "" {
		return noOwner
	}
	return fmt.Sprintf("%s_%d_%s", place, pid, started)
}

// isDead tells whether a process is known to have ended.
func isDead(owner string) bool {
	fields := strings.Split(owner, "_")
	if len(fields) != 3 || fields[0] != processPlace() {
		return false
	}
	pid, err := strconv.Atoi(fields[1])
	return err == nil && startOf(pid) != fields[2]
}

// processPlace stands for the boot and the namespace in which process ids mean something; empty where that is not known.
var processPlace = sync.OnceValue(func() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	digest := sha256.Sum256([]byte(string(boot) + namespace))
	return "p" + hex.EncodeToString(digest[:8])
})

// startOf is when a process started, in ticks since the boot; empty where it has ended.
func startOf(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// The second field is the program's name in brackets, and may hold anything; the start is the 22nd.
	_, after, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	const state, start = 3, 22
	fields := strings.Fields(after)
	if len(fields) <= start-state || fields[0] == "Z" || fields[0] == "X" { // it has ended, and nobody has asked how
		return ""
	}
	return fields[start-state]
}
