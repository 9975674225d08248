package measure

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

// Cost is what a piece of work took.
type Cost struct {
	Wall      time.Duration
	EngineCPU time.Duration
	ClientCPU time.Duration // of this process
	Peak      uint64        // bytes: the most memory that the engine had
	Since     string        // where the kernel does not tell the peak of this piece alone: since when it counts
}

func (c Cost) String() string {
	return fmt.Sprintf("%7.1f s  engine %.1f CPU s, peak %d MB%s; client %.1f CPU s",
		c.Wall.Seconds(), c.EngineCPU.Seconds(), c.Peak>>20, c.Since, c.ClientCPU.Seconds())
}

// Measure tells what work costs this process and the engine's.
func (e *Engine) Measure(ctx context.Context, work func() error) (Cost, error) {
	var c Cost
	pid := e.Process.Address().EnginePID
	e.purge(ctx)
	if resetPeak(pid) != nil {
		c.Since = " since its start"
	}
	engineBefore, err := CPUTime(strconv.Itoa(pid))
	if err != nil {
		return c, err
	}
	clientBefore, err := CPUTime("self")
	if err != nil {
		return c, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return c, err
	}
	c.Wall = time.Since(began)
	if now := e.Process.Address().EnginePID; now != pid {
		return c, fmt.Errorf("the engine died and was started again (process %d, now %d): nothing is measured", pid, now)
	}
	engineAfter, err := CPUTime(strconv.Itoa(pid))
	if err != nil {
		return c, err
	}
	clientAfter, err := CPUTime("self")
	if err != nil {
		return c, err
	}
	c.EngineCPU, c.ClientCPU = engineAfter-engineBefore, clientAfter-clientBefore
	c.Peak, err = peakMemory(pid)
	return c, err
}

// purge has the engine give back memory that it keeps, but does not use: it would count for the next work. An engine that
// cannot do that only shows higher peaks.
func (e *Engine) purge(ctx context.Context) {
	answer, err := e.Warehouse.Ask(ctx, "Null", "SYSTEM JEMALLOC PURGE", true, false)
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

// CPUTime is the processor time that a process, by its number or "self", has used.
func CPUTime(pid string) (time.Duration, error) {
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
