package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// cost is what a piece of work took.
type cost struct {
	wall      time.Duration
	engineCPU time.Duration
	clientCPU time.Duration
	peak      uint64 // bytes: the most memory that the engine had
	since     string // where the kernel does not tell the peak of this piece alone: since when it counts
}

func (c cost) String() string {
	return fmt.Sprintf("%7.1f s  engine %.1f CPU s, peak %d MB%s; client %.1f CPU s",
		c.wall.Seconds(), c.engineCPU.Seconds(), c.peak>>20, c.since, c.clientCPU.Seconds())
}

// measure tells what work costs this process and the engine's.
func (b *bench) measure(ctx context.Context, work func() error) (cost, error) {
	var c cost
	pid := b.engine.Address().EnginePID
	b.purge(ctx)
	if resetPeak(pid) != nil {
		c.since = " since its start"
	}
	engineBefore, err := cpuTime(strconv.Itoa(pid))
	if err != nil {
		return c, err
	}
	clientBefore, err := cpuTime("self")
	if err != nil {
		return c, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return c, err
	}
	c.wall = time.Since(began)
	if now := b.engine.Address().EnginePID; now != pid {
		return c, fmt.Errorf("the engine died and was started again (process %d, now %d): nothing is measured", pid, now)
	}
	engineAfter, err := cpuTime(strconv.Itoa(pid))
	if err != nil {
		return c, err
	}
	clientAfter, err := cpuTime("self")
	if err != nil {
		return c, err
	}
	c.engineCPU, c.clientCPU = engineAfter-engineBefore, clientAfter-clientBefore
	c.peak, err = peakMemory(pid)
	return c, err
}

// purge has the engine give back memory that it keeps, but does not use: it would count for the next work. An engine that
// cannot do that only shows higher peaks.
func (b *bench) purge(ctx context.Context) {
	answer, err := b.warehouse.Ask(ctx, "Null", "SYSTEM JEMALLOC PURGE", true, false)
	if err == nil {
		_ = answer.Close()
	}
}

// resetPeak makes the kernel forget the most memory that a process had.
func resetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

// peakMemory is the most memory that a process had, in bytes.
func peakMemory(pid int) (uint64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if value, found := strings.CutPrefix(line, "VmHWM:"); found {
			kilobytes, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell VmHWM")
}

// tick is the unit of /proc/PID/stat on Linux.
const tick = 10 * time.Millisecond

// cpuTime is the processor time that a process has used.
func cpuTime(pid string) (time.Duration, error) {
	content, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, err
	}
	// The process's name, in brackets, may hold anything; utime and stime are the 12th and 13th field behind it.
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	const utime, stime = 11, 12
	var sum time.Duration
	for _, field := range []int{utime, stime} {
		ticks, err := strconv.ParseInt(fields[field], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/%s/stat: %w", pid, err)
		}
		sum += time.Duration(ticks) * tick
	}
	return sum, nil
}
