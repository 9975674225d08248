package pipeline

import (
	"sync"
	"time"
)

// Progress counts what a run does, for whoever watches. It is safe for concurrent use.
type Progress struct {
	mu      sync.Mutex
	current Snapshot
}

// Snapshot is how far a run is with its current source.
type Snapshot struct {
	Stage     string    // the source, or "refresh"
	Began     time.Time // the stage
	Units     int       // to be loaded
	UnitsDone int
	Bytes     int64 // to be read, 0 where unknown
	BytesDone int64
	Rows      uint64
}

// Begin starts counting for a stage.
func (p *Progress) Begin(stage string, units int, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = Snapshot{Stage: stage, Began: time.Now(), Units: units, Bytes: bytes}
}

// Add counts rows and bytes that were read.
func (p *Progress) Add(rows uint64, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current.Rows += rows
	p.current.BytesDone += bytes
}

// Done counts a unit that is finished.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current.UnitsDone++
}

// Now gives the state.
func (p *Progress) Now() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current
}

// Left estimates the time to the end of the stage, by bytes where they are known, else by units; 0 where nothing tells.
func (s Snapshot) Left() time.Duration {
	done, all := float64(s.BytesDone), float64(s.Bytes)
	if s.Bytes == 0 {
		done, all = float64(s.UnitsDone), float64(s.Units)
	}
	if done <= 0 || all <= done {
		return 0
	}
	return time.Duration(float64(time.Since(s.Began)) * (all - done) / done)
}
