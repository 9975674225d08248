package schedules

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// The tests run in synctest's bubble, whose clock starts at 2000-01-01 00:00 UTC, a Saturday, and moves on only when
// everything in it waits.

// recorder is a Runner that notes what it ran when.
type recorder struct {
	run func(ctx context.Context, job Job) error // nil: done at once

	mu   sync.Mutex
	runs []string
}

func (r *recorder) RunJob(ctx context.Context, job Job) error {
	r.mu.Lock()
	r.runs = append(r.runs, job.Name+" "+time.Now().UTC().Format("02 15:04"))
	r.mu.Unlock()
	if r.run == nil {
		return nil
	}
	return r.run(ctx, job)
}

// remembering is a recorder that is a Ledger too.
type remembering struct {
	recorder
	last map[string]time.Time
	err  error
}

func (r *remembering) LastDue(_ context.Context, job string) (time.Time, error) {
	return r.last[job], r.err
}

// started runs a scheduler in the bubble. The function that it gives stops it and gives Run's error.
func started(t *testing.T, zone *time.Location, runner Runner, jobs ...Job) (s *Scheduler, logs *observer.ObservedLogs, stop func() error) {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	s, err := New(jobs, zone, runner, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	synctest.Wait()
	return s, logs, func() error {
		cancel()
		return <-ended
	}
}

// pass lets the bubble's clock move on.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// lasting is a job that takes its time and heeds its context.
func lasting(d time.Duration) func(context.Context, Job) error {
	return func(ctx context.Context, _ Job) error {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(d):
			return nil
		}
	}
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestJobsRunWhenDue(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	synctest.Test(t, func(t *testing.T) {
		runner := &recorder{}
		s, _, stop := started(t, berlin, runner,
			Job{Name: "nightly", Cron: "0 2 * * *"}, Job{Name: "sixth", Cron: "0 */6 * * *"}, Job{Name: "monthly", Cron: "0 4 1 * *"})
		next := s.Next(time.Now())
		if got := next[2].Due.UTC().Format(time.RFC3339); got != "2000-01-01T03:00:00Z" || next[2].State != Idle {
			t.Errorf("monthly is planned for %s, %s", got, next[2].State)
		}
		pass(25*time.Hour + time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "runs", runner.runs, "nightly 01 01:00", "monthly 01 03:00", "sixth 01 05:00", "sixth 01 11:00",
			"sixth 01 17:00", "sixth 01 23:00", "nightly 02 01:00")
	})
}

func TestCatchUp(t *testing.T) {
	day := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		last time.Time
		err  error
		want []string
	}{
		{"missed by downtime", day.Add(time.Hour), nil, []string{"nightly 01 00:00", "nightly 01 02:00"}},
		{"missed many times, caught up once", day.AddDate(0, -3, 0), nil, []string{"nightly 01 00:00", "nightly 01 02:00"}},
		{"not missed", day.Add(2*time.Hour + time.Second), nil, []string{"nightly 01 02:00"}},
		{"never ran", time.Time{}, nil, []string{"nightly 01 00:00", "nightly 01 02:00"}},
		{"not known", day.Add(3 * time.Hour), errors.New("no answer"), []string{"nightly 01 00:00", "nightly 01 02:00"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runner := &remembering{last: map[string]time.Time{"nightly": tt.last}, err: tt.err}
				if tt.err != nil {
					runner.last = nil
				}
				_, logs, stop := started(t, time.UTC, runner, Job{Name: "nightly", Cron: "0 2 * * *"})
				pass(3 * time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				expect(t, "runs", runner.runs, tt.want...)
				if warned := logs.FilterMessageSnippet("cannot tell").Len(); warned != 0 != (tt.err != nil) {
					t.Errorf("%d warnings about the ledger", warned)
				}
			})
		})
	}
}

func TestOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running := 0
		runner := &recorder{}
		runner.run = func(ctx context.Context, job Job) error {
			running++
			defer func() { running-- }()
			if running > 1 {
				t.Error("two jobs run at once")
			}
			if job.Name == "slow" {
				return lasting(27*time.Minute)(ctx, job)
			}
			return nil
		}
		s, logs, stop := started(t, time.UTC, runner, Job{Name: "live", Cron: "*/10 * * * *"}, Job{Name: "slow", Cron: "5 * * * *"})
		pass(15 * time.Minute)
		var states []string
		for _, p := range s.Next(time.Now()) {
			states = append(states, fmt.Sprint(p.Job.Name, " ", p.State, " ", p.Due.Format("15:04")))
		}
		expect(t, "states", states, "live queued 00:20", "slow running 01:05")
		pass(26 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "runs", runner.runs, "slow 01 00:05", "live 01 00:32", "live 01 00:40")
		var skipped []string
		for _, entry := range logs.FilterMessage("job skipped").All() {
			fields := entry.ContextMap()
			skipped = append(skipped, fmt.Sprint(fields["job"], " ", fields["due"].(time.Time).Format("15:04"), ": ", fields["reason"]))
		}
		expect(t, "skipped", skipped, "live 00:20: its run before is still queued", "live 00:30: its run before is still queued")
	})
}

func TestFailuresDoNotStopTheScheduler(t *testing.T) {
	tests := []struct {
		name string
		run  func(context.Context, Job) error
		want string // in the log
	}{
		{"error", func(context.Context, Job) error { return errors.New("no disk") }, "no disk"},
		{"panic", func(context.Context, Job) error { panic("nil map") }, "panic: nil map"},
		{"timeout", lasting(time.Hour), "over its timeout, 5m0s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runner := &recorder{run: tt.run}
				_, logs, stop := started(t, time.UTC, runner, Job{Name: "live", Cron: "*/10 * * * *", Timeout: 5 * time.Minute})
				pass(26 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				expect(t, "runs", runner.runs, "live 01 00:10", "live 01 00:20")
				failed := logs.FilterLevelExact(zap.ErrorLevel).All()
				if len(failed) != 2 || !strings.Contains(fmt.Sprint(failed[0].ContextMap()), tt.want) {
					t.Errorf("the log lacks %q: %v", tt.want, failed)
				}
			})
		})
	}
}

func TestShutdown(t *testing.T) {
	tests := []struct {
		name string
		run  func(context.Context, Job) error
		took time.Duration
		want string // in Run's error
	}{
		{"nothing runs", nil, 0, ""},
		{"done within the grace period", lasting(70 * time.Second), 10 * time.Second, ""},
		{"cancelled after it", lasting(time.Hour), DefaultGrace, "job live was cancelled"},
		{"heeds nothing", func(context.Context, Job) error { <-time.After(time.Hour); return nil }, DefaultGrace + unwinding, "job live still runs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runner := &recorder{run: tt.run}
				_, _, stop := started(t, time.UTC, runner, Job{Name: "live", Cron: "10 * * * *"}, Job{Name: "other", Cron: "10 * * * *"})
				if tt.run == nil {
					pass(9 * time.Minute)
				} else {
					pass(11 * time.Minute)
				}
				start := time.Now()
				err := stop()
				if took := time.Since(start); took != tt.took {
					t.Errorf("shutdown took %s, want %s", took, tt.took)
				}
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
				pass(2 * time.Hour) // whatever is left ends
				if tt.run != nil && len(runner.runs) != 1 {
					t.Errorf("ran %v: what is queued must not start during shutdown", runner.runs)
				}
			})
		})
	}
}

func TestShutdownWithoutGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, stop := started(t, time.UTC, &recorder{}, Job{Name: "live", Cron: "@hourly"})
		s.Grace = 0
		if err := stop(); err != nil {
			t.Errorf("nothing ran, but: %v", err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	job := Job{Name: "a", Cron: "@daily"}
	for name, jobs := range map[string][]Job{"two of one name": {job, job}, "not valid": {{Name: "a"}}} {
		if _, err := New(jobs, time.UTC, &recorder{}, zap.NewNop()); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: want an error with the job's name, not: %v", name, err)
		}
	}
}

// A scheduler that retires lets its running job end, however long it takes, begins no other, and loses no due time to the
// one that comes after.
func TestRetire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runner := &remembering{last: map[string]time.Time{"slow": time.Now(), "quick": time.Now()}}
		runner.run = func(ctx context.Context, job Job) error {
			began := time.Now()
			defer func() { runner.last[job.Name] = began }()
			if job.Name == "slow" {
				return lasting(3*time.Hour)(ctx, job)
			}
			return nil
		}
		jobs := []Job{{Name: "slow", Cron: "10 0 * * *"}, {Name: "quick", Cron: "30 0 * * *"}}
		s, _, stop := started(t, time.UTC, runner, jobs...)
		pass(20 * time.Minute)
		s.Retire()
		pass(2 * time.Hour)
		if since := time.Since(s.Looked()); since > nap {
			t.Errorf("it has not looked at the clock for %s", since)
		}
		pass(time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "runs of the first", runner.runs, "slow 01 00:10")
		_, _, stop = started(t, time.UTC, runner, jobs...)
		pass(time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "runs of both", runner.runs, "slow 01 00:10", "quick 01 03:20")
	})
}

func TestShutdownWhileRetiring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, stop := started(t, time.UTC, &recorder{run: lasting(time.Hour)}, Job{Name: "live", Cron: "10 * * * *"})
		pass(11 * time.Minute)
		s.Retire()
		pass(time.Minute)
		start := time.Now()
		if err := stop(); err == nil || !strings.Contains(err.Error(), "job live was cancelled") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(start); took != DefaultGrace {
			t.Errorf("shutdown took %s", took)
		}
	})
}
