package schedules_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerplus/warehouse/schedules"
	"github.com/partnerplus/warehouse/schedules/schedulestest"
)

func TestAfter(t *testing.T) {
	jobs := []schedules.Job{
		{Name: "month-end", Cron: "0 4 1 * *", After: []string{"nightly"}, WaitFor: 2 * time.Hour},
		{Name: "nightly", Cron: "0 2 * * *", Retries: 1, RetryWait: 3 * time.Hour},
	}
	const waits = "for a good run of job nightly, due at 2000-01-01 02:00 UTC"
	tests := []struct {
		name    string
		nightly func(attempt int) (status string, err error)
		hand    bool // nightly is run by hand at 05:30
		runs    []string
		told    []string // of the month-end
	}{
		{"done", func(int) (string, error) { return schedules.StatusDone, nil }, false,
			[]string{"nightly 01 02:00", "month-end 01 04:00"}, []string{"month-end 01 04:00/1 done"}},
		{"done, but a check failed", func(int) (string, error) { return schedules.StatusChecks, nil }, false,
			[]string{"nightly 01 02:00", "month-end 01 04:00"}, []string{"month-end 01 04:00/1 done"}},
		{"failed once", func(attempt int) (string, error) {
			if attempt == 1 {
				return "", errors.New("no disk")
			}
			return schedules.StatusRejects, nil
		}, false, []string{"nightly 01 02:00", "nightly 01 05:00", "month-end 01 05:00"}, []string{"month-end 01 04:00/1 done"}},
		{"failed", func(int) (string, error) { return "", errors.New("no disk") }, false,
			[]string{"nightly 01 02:00", "nightly 01 05:00"},
			[]string{"month-end 01 04:00/1 skipped: waited 2h0m0s in vain: " + waits + ": it is failed: no disk"}},
		{"made up for by hand", func(int) (string, error) { return "", errors.New("no disk") }, true,
			[]string{"nightly 01 02:00", "nightly 01 05:00", "month-end 01 05:31"}, []string{"month-end 01 04:00/1 done"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempt := 0
				runner := &recorder{}
				ledger := upToDate(jobs...)
				run := func(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
					result, err := runner.RunJob(ctx, job, o)
					if job.Name == "nightly" {
						attempt++
						result.Status, err = tt.nightly(attempt)
					}
					return result, err
				}
				s, _, stop := started(t, time.UTC, ledger, runnerFunc(run), jobs...)
				pass(4*time.Hour + time.Minute)
				if p := s.Next(time.Now())[0]; len(tt.runs) > 2 && (p.State != schedules.Waiting || p.Reason != waits+": it is failed: no disk" || !p.Begins.IsZero()) {
					t.Errorf("it is %s %q", p.State, p.Reason)
				}
				if err := stop(); err != nil { // its patience outlasts a restart
					t.Error(err)
				}
				_, _, stop = started(t, time.UTC, ledger, runnerFunc(run), jobs...)
				pass(90*time.Minute - 30*time.Second)
				if tt.hand {
					if _, err := schedules.ByHand(t.Context(), jobs[1], ledger, &recorder{}); err != nil {
						t.Error(err)
					}
				}
				pass(31 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				expect(t, "runs", runner.runs, tt.runs...)
				expect(t, "the ledger", told(ledger, "month-end")[1:], tt.told...)
			})
		})
	}
}

// A job that waits for another runs for what is due by then, and what it waited for before is made up for.
func TestWhatComesDueWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := []schedules.Job{{Name: "report", Cron: "*/30 * * * *", After: []string{"loads"}}, {Name: "loads", Cron: "0 0 * * *"}}
		ledger := upToDate(jobs[0])
		runner := &recorder{run: func(_ context.Context, job schedules.Job) error {
			if job.Name == "loads" {
				return errors.New("no disk")
			}
			return nil
		}}
		s, _, stop := started(t, time.UTC, ledger, runner, jobs...)
		pass(95 * time.Minute)
		if p := s.Next(time.Now())[0]; p.State != schedules.Waiting || p.Missed != 2 || p.Open.Format("15:04") != "00:30" {
			t.Errorf("it is %s, open since %s, missed %d", p.State, p.Open, p.Missed)
		}
		if _, err := schedules.ByHand(t.Context(), jobs[1], ledger, runnerFunc(done)); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "the ledger", told(ledger, "report"), "report 01 00:00/1 done",
			"report 01 00:30/1 skipped: what was due at 2000-01-01 01:30 UTC made up for it", "report 01 01:30/1 done missed 2")
	})
}

func TestBlackoutOfRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		job := schedules.Job{Name: "hourly", Cron: "0 * * * *", Blackout: []schedules.Window{{From: "02:30", To: "06:15"}}, Retries: 1, RetryWait: 30 * time.Minute}
		ledger := upToDate(job)
		runs := 0
		runner := &recorder{run: func(context.Context, schedules.Job) error {
			if runs++; runs == 2 {
				return errors.New("no disk")
			}
			return nil
		}}
		s, _, stop := started(t, time.UTC, ledger, runner, job)
		pass(2*time.Hour + 45*time.Minute)
		if p := s.Next(time.Now())[0]; p.State != schedules.Waiting || p.Begins.Format("15:04") != "06:15" ||
			p.Reason != "until 2000-01-01 06:15 UTC for attempt 2, after: no disk" {
			t.Errorf("it is %s %q, and begins at %s", p.State, p.Reason, p.Begins)
		}
		pass(time.Hour)
		if p := s.Next(time.Now())[0]; p.State != schedules.Waiting || p.Reason != "for the end of a blackout at 2000-01-01 06:15 UTC" {
			t.Errorf("it is %s %q", p.State, p.Reason)
		}
		pass(3*time.Hour + 20*time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		expect(t, "runs", runner.runs, "hourly 01 01:00", "hourly 01 02:00", "hourly 01 06:15", "hourly 01 07:00")
		expect(t, "the ledger", told(ledger, "hourly")[1:], "hourly 01 01:00/1 done", "hourly 01 02:00/1 failed: no disk",
			"hourly 01 03:00/1 skipped: what was due at 2000-01-01 06:00 UTC made up for it", "hourly 01 06:00/1 done missed 3", "hourly 01 07:00/1 done")
	})
}

// Jitter is the same for every due time of a job.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := []schedules.Job{{Name: "a", Cron: "0 * * * *", Jitter: 20 * time.Minute}, {Name: "b", Cron: "0 * * * *", Jitter: 20 * time.Minute}}
		runner, ledger := &recorder{}, upToDate(jobs...)
		s, _, stop := started(t, time.UTC, ledger, runner, jobs...)
		begins := s.Next(time.Now())[0].Begins
		pass(3*time.Hour + 30*time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		var delays []time.Duration
		for _, name := range []string{"a", "b"} {
			records := ledger.Records(name)[1:]
			for _, r := range records {
				if delay := r.Started.Sub(r.Due); delay < 0 || delay >= 20*time.Minute || delay != records[0].Started.Sub(records[0].Due) {
					t.Errorf("%s, due at %s, began at %s", name, r.Due, r.Started)
				}
			}
			if len(records) != 3 {
				t.Errorf("%s ran %d times", name, len(records))
			}
			delays = append(delays, records[0].Started.Sub(records[0].Due))
		}
		if first := ledger.Records("a")[1].Started; !begins.Equal(first) {
			t.Errorf("planned for %s, began at %s", begins, first)
		}
		if delays[0] == delays[1] {
			t.Errorf("two jobs with one jitter: %s", delays[0])
		}
	})
}

// Of two schedulers on one ledger, one runs what is due, and neither runs it again.
func TestTwoSchedulers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := []schedules.Job{{Name: "hourly", Cron: "0 * * * *"}, {Name: "other", Cron: "0 * * * *"}}
		ledger := upToDate(jobs...)
		var running sync.Map
		runner := &recorder{run: func(ctx context.Context, job schedules.Job) error {
			if _, is := running.LoadOrStore(job.Name, true); is {
				t.Errorf("two of %s at once", job.Name)
			}
			defer running.Delete(job.Name)
			return lasting(10*time.Minute)(ctx, job)
		}}
		_, _, stop := started(t, time.UTC, ledger, runner, jobs...)
		pass(time.Second)
		_, _, stopOther := started(t, time.UTC, ledger, runner, jobs...)
		pass(65 * time.Minute)
		if p, err := schedules.Survey(t.Context(), jobs, time.UTC, ledger, time.Now()); err != nil || p[0].State != schedules.Running || p[1].State != schedules.Running {
			t.Errorf("they are %s and %s, %v", p[0].State, p[1].State, err)
		}
		pass(100 * time.Minute)
		if err := errors.Join(stop(), stopOther()); err != nil {
			t.Error(err)
		}
		if len(runner.runs) != 4 {
			t.Errorf("ran %v", runner.runs)
		}
		for _, job := range []string{"hourly", "other"} {
			expect(t, "the ledger", told(ledger, job), job+" 01 00:00/1 done", job+" 01 01:00/1 done", job+" 01 02:00/1 done")
		}
	})
}

// unreachable is a ledger that goes away.
type unreachable struct {
	*schedulestest.Memory
	isAway bool
}

var errAway = errors.New("no answer")

func (u *unreachable) Histories(ctx context.Context) (map[string]schedules.History, error) {
	if u.isAway {
		return nil, errAway
	}
	return u.Memory.Histories(ctx)
}

func (u *unreachable) Acquire(ctx context.Context, job, holder string) (schedules.Lease, error) {
	l, err := u.Memory.Acquire(ctx, job, holder)
	return &unreachableLease{l, u}, err
}

type unreachableLease struct {
	schedules.Lease
	ledger *unreachable
}

func (l *unreachableLease) Renew(ctx context.Context) error {
	if l.ledger.isAway {
		return errAway
	}
	return l.Lease.Renew(ctx)
}

// Without its ledger a scheduler begins nothing, and a run that cannot renew its lease is ended before another may begin.
func TestLedgerGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		job := schedules.Job{Name: "hourly", Cron: "0 * * * *"}
		ledger := &unreachable{Memory: upToDate(job)}
		var cause error
		var took, lasts time.Duration = 0, 50 * time.Minute
		runner := &recorder{run: func(ctx context.Context, job schedules.Job) error {
			began := time.Now()
			err := lasting(lasts)(ctx, job)
			cause, took, lasts = context.Cause(ctx), time.Since(began), 0
			return err
		}}
		s, logs, stop := started(t, time.UTC, ledger, runner, job)
		pass(70 * time.Minute) // the lease is renewed while the ledger is there
		ledger.isAway = true
		pass(time.Minute)
		lost := new(schedules.LeaseLostError)
		if !errors.As(cause, &lost) || !errors.Is(cause, errAway) || took < 10*time.Minute+30*time.Second || took >= 10*time.Minute+schedules.LeaseTime {
			t.Errorf("the run was ended after %s by: %v", took, cause)
		}
		pass(20 * time.Minute)
		if len(runner.runs) != 1 || logs.FilterMessageSnippet("cannot be read").Len() != 1 {
			t.Errorf("ran %v, and logged %v", runner.runs, logs.All())
		}
		if p := s.Next(time.Now())[0]; p.State != schedules.Waiting || p.Reason != "for the warehouse" {
			t.Errorf("it is %s %q", p.State, p.Reason)
		}
		ledger.isAway = false
		pass(time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		records := ledger.Records("hourly")
		if len(records) < 3 || records[1].Status != schedules.StatusInterrupted || !strings.Contains(records[1].Reason, "could not be renewed in time") || records[2].Status != schedules.StatusDone {
			t.Errorf("the ledger has %q", told(ledger.Memory, "hourly"))
		}
	})
}

// A lease that was lost to another ends the run at once.
func TestLeaseLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger, runner := schedulestest.NewMemory(), &recorder{}
		runner.run = func(ctx context.Context, job schedules.Job) error {
			ledger.Expire()
			return lasting(time.Hour)(ctx, job)
		}
		began := time.Now()
		result, err := schedules.ByHand(t.Context(), schedules.Job{Name: "a", Cron: "@daily"}, ledger, runner)
		if !errors.As(err, new(*schedules.LeaseLostError)) || result.Status != schedules.StatusInterrupted || time.Since(began) > schedules.LeaseTime/2 {
			t.Errorf("after %s: %+v, %v", time.Since(began), result, err)
		}
	})
}

func TestByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		job := schedules.Job{Name: "a", Cron: "@daily", Timeout: time.Hour}
		ledger := schedulestest.NewMemory()
		held := new(schedules.HeldError)
		result, err := schedules.ByHand(t.Context(), job, ledger, runnerFunc(func(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
			if !o.ByHand || o.Attempt != 1 {
				t.Errorf("it is told %+v", o)
			}
			if _, err := schedules.ByHand(ctx, job, ledger, runnerFunc(done)); !errors.As(err, &held) || !strings.Contains(err.Error(), "job a is being run by ") {
				t.Errorf("a second one at the same time: %v", err)
			}
			return schedules.Result{Status: schedules.StatusChecks, Reason: "freshness"}, nil
		}))
		if err != nil || result.Status != schedules.StatusChecks {
			t.Errorf("%+v, %v", result, err)
		}
		pass(time.Minute)
		if _, err := schedules.ByHand(t.Context(), job, ledger, &recorder{run: lasting(2 * time.Hour)}); err == nil || !strings.Contains(err.Error(), "over its timeout, 1h0m0s") {
			t.Errorf("beyond its timeout: %v", err)
		}
		pass(time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		result, err = schedules.ByHand(ctx, job, ledger, &recorder{run: lasting(2 * time.Hour)})
		if !errors.Is(err, context.Canceled) || result.Status != schedules.StatusInterrupted {
			t.Errorf("cancelled: %+v, %v", result, err)
		}
		expect(t, "the ledger", told(ledger, "a"), "a 01 00:00/1 checks: freshness",
			"a 01 00:01/1 failed: the run is over its timeout, 1h0m0s; raise the job's timeout if it needs longer", "a 01 01:02/1 interrupted: context canceled")
	})
}

func TestRetire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		job := schedules.Job{Name: "live", Cron: "10 * * * *"}
		ledger, runner := upToDate(job), &recorder{run: lasting(3 * time.Hour)}
		s, err := schedules.New([]schedules.Job{job}, time.UTC, ledger, runner, nop)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- s.Run(t.Context()) }()
		pass(20 * time.Minute)
		s.Retire()
		s.Retire()
		pass(2 * time.Hour) // much longer than its grace
		select {
		case err := <-ended:
			t.Fatalf("it ended before its job: %v", err)
		default:
		}
		if since := time.Since(s.Looked()); since > time.Minute {
			t.Errorf("it looked %s ago", since)
		}
		pass(time.Hour)
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Fatal("it goes on")
		}
		expect(t, "the ledger", told(ledger, "live"), "live 01 00:00/1 done", "live 01 00:10/1 done")
	})
}

func TestSurvey(t *testing.T) {
	now := time.Date(2024, 3, 5, 12, 0, 0, 0, time.UTC)
	killed := ended("nightly", now.Add(-10*time.Hour))
	killed.Status, killed.Finished = schedules.StatusRunning, time.Time{}
	jobs := []schedules.Job{{Name: "nightly", Cron: "0 2 * * *"}, {Name: "month-end", Cron: "0 4 1 * *", After: []string{"nightly"}}}
	planned, err := schedules.Survey(t.Context(), jobs, time.UTC, schedulestest.NewMemory(killed), now)
	if err != nil {
		t.Fatal(err)
	}
	if p := planned[0]; p.State != schedules.Queued || p.Last == nil || p.Last.Status != schedules.StatusInterrupted || p.Last.Reason == "" || !p.Due.Equal(now.Add(14*time.Hour)) {
		t.Errorf("nightly is %s, last %+v", p.State, p.Last)
	}
	if p := planned[1]; p.State != schedules.Waiting || p.Last != nil || !strings.Contains(p.Reason, "nightly, due at 2024-03-01 02:00 UTC") {
		t.Errorf("month-end is %s %q, last %+v", p.State, p.Reason, p.Last)
	}
	if _, err := schedules.Survey(t.Context(), jobs, time.UTC, &unreachable{isAway: true}, now); !errors.Is(err, errAway) {
		t.Errorf("without an answer: %v", err)
	}
}
