package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

// showProgress draws a run's progress on standard error, if that is a terminal, until the returned function is called.
func (a *app) showProgress(progress *pipeline.Progress) (stop func()) {
	if !isTerminal(a.errOut) {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(200 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				_, _ = fmt.Fprint(a.errOut, "\r\x1b[K")
				return
			case <-ticker.C:
				_, _ = fmt.Fprint(a.errOut, "\r\x1b[K"+progressLine(progress.Now(), time.Now()))
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

func progressLine(s pipeline.Snapshot, now time.Time) string {
	if s.Stage == "" {
		return ""
	}
	parts := []string{s.Stage}
	if s.Units > 0 {
		parts = append(parts, fmt.Sprintf("%d/%d units", s.UnitsDone, s.Units))
	}
	if s.Rows > 0 {
		seconds := max(now.Sub(s.Began).Seconds(), 0.001)
		parts = append(parts, fmt.Sprintf("%s rows, %s rows/s", thousands(s.Rows), thousands(uint64(float64(s.Rows)/seconds))))
	}
	if s.BytesDone > 0 {
		parts = append(parts, bytes(s.BytesDone))
	}
	if left := s.Left(); left > 0 {
		parts = append(parts, "ETA "+left.Round(time.Second).String())
	}
	return strings.Join(parts, "  ")
}
