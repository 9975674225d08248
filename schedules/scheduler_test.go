package schedules_test

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

	"github.com/partnerplus/warehouse/schedules"
	"github.com/partnerplus/warehouse/schedules/schedulestest"
)

// The tests run in synctest's bubble, whose clock starts at 2000-01-01 00:00 UTC, a Saturday, and moves on only when
// everything in it waits.

// recorder is a Runner that notes what it ran when.
type recorder struct {
	run func(ctx context.Context, job schedules.Job) error // nil: done at once

	mu   sync.Mutex
	runs []string
}

func (r *recorder) RunJob(ctx context.Context, job schedules.Job, _ schedules.Occurrence) (schedules.Result, error) {
	r.mu.Lock()
	r.runs = append(r.runs, job.Name+" "+time.Now().UTC().Format("02 15:04"))
	r.mu.Unlock()
	if r.run == nil {
		return schedules.Result{Status: schedules.StatusDone}, nil
	}
	return schedules.Result{Status: schedules.StatusDone}, r.run(ctx, job)
}

// ended is a record of a run at an instant, which ended well.
func ended(job string, due time.Time) schedules.Record {
	return schedules.Record{
		Job: job, Occurrence: schedules.Occurrence{Due: due, Attempt: 1},
		Result: schedules.Result{Status: schedules.StatusDone}, Started: due, Finished: due,
	}
}

// upToDate is a ledger of jobs with nothing to catch up.
func upToDate(jobs ...schedules.Job) *schedulestest.Memory {
	ledger := schedulestest.NewMemory()
	for _, j := range jobs {
		_ = ledger.Record(context.Background(), ended(j.Name, time.Now())) // in memory
	}
	return ledger
}

// started runs a scheduler in the bubble. The function that it gives stops it and gives Run's error.
func started(t *testing.T, zone *time.Location, ledger schedules.Ledger, runner schedules.Runner, jobs ...schedules.Job) (s *schedules.Scheduler, logs *observer.ObservedLogs, stop func() error) {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	s, err := schedules.New(jobs, zone, ledger, runner, zap.New(core))
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

// told is what a ledger has of jobs, a line a record, without the day.
func told(ledger *schedulestest.Memory, jobs ...string) (lines []string) {
	for _, job := range jobs {
		for _, r := range ledger.Records(job) {
			line := fmt.Sprintf("%s %s/%d %s", job, r.Due.UTC().Format("02 15:04"), r.Attempt, r.Status)
			if r.Missed > 0 {
				line += fmt.Sprintf(" missed %d", r.Missed)
			}
			if r.Reason != "" {
				line += ": " + r.Reason
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// pass lets the bubble's clock move on.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// lasting is a job that takes its time and heeds its context.
func lasting(d time.Duration) func(context.Context, schedules.Job) error {
	return func(ctx context.Context, _ schedules.Job) error {
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
	jobs := []schedules.Job{
		{Name: "nightly", Cron: "0 2 * * *"}, {Name: "sixth", Cron: "0 */6 * * *"}, {Name: "monthly", Cron: "0 4 1 * *"},
		{Name: "elsewhere", Cron: "0 2 * * *", Timezone: "Asia/Kolkata"},
	}
	synctest.Test(t, func(t *testing.T) {
		runner, ledger := &recorder{}, upToDate(jobs...)
		s, _, stop := started(t, berlin, ledger, runner, jobs...)
		next := s.Next(time.Now())
		if got := next[2].Due.UTC().Format(time.RFC3339); got != "2000-01-01T03:00:00Z" || next[2].State != schedules.Idle {
			t.Errorf("monthly is planned for %s, %s", got, next[2].State)
		}
		pass(25*time.Hour + time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "runs", runner.runs, "nightly 01 01:00", "monthly 01 03:00", "sixth 01 05:00", "sixth 01 11:00",
			"sixth 01 17:00", "elsewhere 01 20:30", "sixth 01 23:00", "nightly 02 01:00")
		expect(t, "the ledger", told(ledger, "nightly"), "nightly 01 00:00/1 done", "nightly 01 01:00/1 done", "nightly 02 01:00/1 done")
	})
}

func TestCatchUp(t *testing.T) {
	yesterday := time.Date(1999, 12, 31, 2, 0, 0, 0, time.UTC)
	hand := ended("nightly", yesterday.Add(time.Minute))
	hand.ByHand = true
	failed := hand
	failed.Status = schedules.StatusFailed
	tests := []struct {
		name    string
		records []schedules.Record
		want    []string // the runs
		missed  int
	}{
		{"missed by downtime", []schedules.Record{ended("nightly", yesterday.AddDate(0, 0, -1))}, []string{"nightly 01 00:00", "nightly 01 02:00"}, 0},
		{"missed many times, caught up once", []schedules.Record{ended("nightly", yesterday.AddDate(0, 0, -100))}, []string{"nightly 01 00:00", "nightly 01 02:00"}, 99},
		{"not missed", []schedules.Record{ended("nightly", yesterday)}, []string{"nightly 01 02:00"}, 0},
		{"never ran", nil, []string{"nightly 01 00:00", "nightly 01 02:00"}, 0},
		{"made up for by hand", []schedules.Record{ended("nightly", yesterday.AddDate(0, 0, -1)), hand}, []string{"nightly 01 02:00"}, 0},
		{"not so by hand", []schedules.Record{ended("nightly", yesterday.AddDate(0, 0, -1)), failed}, []string{"nightly 01 00:00", "nightly 01 02:00"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runner, ledger := &recorder{}, schedulestest.NewMemory(tt.records...)
				_, _, stop := started(t, time.UTC, ledger, runner, schedules.Job{Name: "nightly", Cron: "0 2 * * *"})
				pass(3 * time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				expect(t, "runs", runner.runs, tt.want...)
				for _, r := range ledger.Records("nightly") {
					if r.Due.Equal(yesterday) && r.Missed != tt.missed {
						t.Errorf("missed %d, want %d", r.Missed, tt.missed)
					}
				}
			})
		})
	}
}

func TestOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running := 0
		runner := &recorder{}
		runner.run = func(ctx context.Context, job schedules.Job) error {
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
		jobs := []schedules.Job{{Name: "live", Cron: "*/10 * * * *"}, {Name: "slow", Cron: "5 * * * *"}}
		ledger := upToDate(jobs...)
		s, _, stop := started(t, time.UTC, ledger, runner, jobs...)
		pass(25 * time.Minute)
		var states []string
		for _, p := range s.Next(time.Now()) {
			states = append(states, fmt.Sprint(p.Job.Name, " ", p.State, " ", p.Due.Format("15:04"), " ", p.Missed, " ", p.Reason))
		}
		expect(t, "states", states, "live queued 00:30 1 until job slow has ended", "slow running 01:05 0 ")
		pass(16 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "runs", runner.runs, "slow 01 00:05", "live 01 00:32", "live 01 00:40")
		expect(t, "the ledger", told(ledger, "live"), "live 01 00:00/1 done", "live 01 00:30/1 done missed 2", "live 01 00:40/1 done")
	})
}

func TestRetries(t *testing.T) {
	tests := []struct {
		name string
		run  func(context.Context, schedules.Job) error
		want string // in the log and the ledger
	}{
		{"error", func(context.Context, schedules.Job) error { return errors.New("no disk") }, "no disk"},
		{"panic", func(context.Context, schedules.Job) error { panic("nil map") }, "panic: nil map"},
		{"timeout", lasting(time.Hour), "the run is over its timeout, 10s; raise the job's timeout if it needs longer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runner := &recorder{run: tt.run}
				job := schedules.Job{Name: "live", Cron: "10,20 * * * *", Timeout: 10 * time.Second, Retries: 3, RetryWait: 2 * time.Minute}
				ledger := upToDate(job)
				_, logs, stop := started(t, time.UTC, ledger, runner, job)
				pass(14 * time.Minute) // a retry survives a restart
				if err := stop(); err != nil {
					t.Error(err)
				}
				runner.runs = append(runner.runs, "restart")
				_, _, stop = started(t, time.UTC, ledger, runner, job)
				pass(45 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				// The next due time ends the retries of the one before.
				expect(t, "runs", runner.runs, "live 01 00:10", "live 01 00:12", "restart", "live 01 00:16", "live 01 00:20",
					"live 01 00:22", "live 01 00:26", "live 01 00:34")
				expect(t, "the ledger", told(ledger, "live"), "live 01 00:00/1 done",
					"live 01 00:10/1 failed: "+tt.want, "live 01 00:10/2 failed: "+tt.want, "live 01 00:10/3 failed: "+tt.want,
					"live 01 00:20/1 failed: "+tt.want, "live 01 00:20/2 failed: "+tt.want, "live 01 00:20/3 failed: "+tt.want, "live 01 00:20/4 failed: "+tt.want)
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
		run  func(context.Context, schedules.Job) error
		took time.Duration
		want string // in Run's error
		told string
	}{
		{"nothing runs", nil, 0, "", ""},
		{"done within the grace period", lasting(70 * time.Second), 10 * time.Second, "", "done"},
		{"cancelled after it", lasting(time.Hour), schedules.DefaultGrace, "job live was cancelled", "interrupted"},
		{"heeds nothing", func(context.Context, schedules.Job) error { <-time.After(time.Hour); return nil },
			schedules.DefaultGrace + schedules.Unwinding, "job live still runs", "done"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runner := &recorder{run: tt.run}
				jobs := []schedules.Job{{Name: "live", Cron: "10 * * * *"}, {Name: "other", Cron: "10 * * * *"}}
				ledger := upToDate(jobs...)
				_, _, stop := started(t, time.UTC, ledger, runner, jobs...)
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
				if tt.run == nil {
					return
				}
				if len(runner.runs) != 1 {
					t.Errorf("ran %v: what is due must not start during shutdown", runner.runs)
				}
				if records := ledger.Records("live"); records[len(records)-1].Status != tt.told {
					t.Errorf("the ledger has it as %s, want %s", records[len(records)-1].Status, tt.told)
				}
			})
		})
	}
}

func TestShutdownWithoutGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		job := schedules.Job{Name: "live", Cron: "@hourly"}
		s, _, stop := started(t, time.UTC, upToDate(job), &recorder{}, job)
		s.Grace = 0
		if err := stop(); err != nil {
			t.Errorf("nothing ran, but: %v", err)
		}
	})
}

// A run that was cut off, whether its process could say so or not, begins anew, and is no failure.
func TestInterruptedRunsBeginAnew(t *testing.T) {
	for _, status := range []string{schedules.StatusInterrupted, schedules.StatusRunning} {
		t.Run(status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cut := ended("nightly", time.Date(1999, 12, 31, 2, 0, 0, 0, time.UTC))
				cut.Status, cut.Missed, cut.Finished = status, 2, time.Time{}
				ledger, runner := schedulestest.NewMemory(cut), &recorder{}
				if _, err := ledger.Acquire(t.Context(), "nightly", "one that was killed"); err != nil {
					t.Fatal(err)
				}
				s, _, stop := started(t, time.UTC, ledger, runner, schedules.Job{Name: "nightly", Cron: "0 2 * * *"})
				if p := s.Next(time.Now())[0]; p.State != schedules.Running || !strings.Contains(p.Reason, "by one that was killed") {
					t.Errorf("its state is %s %q", p.State, p.Reason)
				}
				pass(2 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				expect(t, "runs", runner.runs, "nightly 01 00:01") // when the lease has expired
				last := "nightly 31 02:00/2 done missed 2"
				if status == schedules.StatusRunning {
					expect(t, "the ledger", told(ledger, "nightly"), "nightly 31 02:00/1 interrupted missed 2: its process ended without a word", last)
				} else {
					expect(t, "the ledger", told(ledger, "nightly"), "nightly 31 02:00/1 interrupted missed 2", last)
				}
			})
		})
	}
}

func TestNewRefuses(t *testing.T) {
	job := schedules.Job{Name: "a", Cron: "@daily"}
	for name, jobs := range map[string][]schedules.Job{
		"two of one name": {job, job}, "not valid": {{Name: "a"}}, "after none": {{Name: "a", Cron: "@daily", After: []string{"b"}}},
	} {
		if _, err := schedules.New(jobs, time.UTC, upToDate(), &recorder{}, zap.NewNop()); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: want an error with the job's name, not: %v", name, err)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
