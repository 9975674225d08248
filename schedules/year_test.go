package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/partnerplus/warehouse/schedules"
	"github.com/partnerplus/warehouse/schedules/schedulestest"
)

// envYear names the environment variable with the seed of TestYear to repeat.
const envYear = "PARTNERPLUS_YEAR_SEED"

// yearly are the jobs of TestYear: due in the hours that two zones leave out and repeat, in each hour, after one another, and
// in blackouts.
var yearly = []schedules.Job{
	{Name: "nightly", Cron: "30 2 * * *", Retries: 2, RetryWait: 20 * time.Minute, Timeout: 4 * time.Hour},
	{Name: "repeated", Cron: "30 1 * * *"},
	{Name: "hourly", Cron: "0 * * * sat,sun"}, // clocks change on Sundays
	{Name: "month-end", Cron: "0 4 1 * *", After: []string{"nightly"}, WaitFor: 3 * time.Hour, Retries: 1},
	{Name: "weekly", Cron: "0 0 * * sun", After: []string{"nightly", "island"}, WaitFor: 30 * time.Minute},
	{Name: "island", Cron: "15 2 * * *", Timezone: "Australia/Lord_Howe", Jitter: 20 * time.Minute, Retries: 1},
	{Name: "office", Cron: "0 9,12,15 * * *", Timezone: "Australia/Lord_Howe", Blackout: []schedules.Window{{From: "08:00", To: "17:30", Days: []string{"mon-fri"}}}},
}

// daily are the times of day of those that are due once a day.
var daily = map[string]string{"nightly": "02:30", "repeated": "01:30", "island": "02:15"}

// process is a scheduler's way to a ledger. Once it was killed, nothing of it reaches the ledger.
type process struct {
	*schedulestest.Memory
	isDead bool
}

var errDead = errors.New("killed")

func (p *process) Histories(ctx context.Context) (map[string]schedules.History, error) {
	if p.isDead {
		return nil, errDead
	}
	return p.Memory.Histories(ctx)
}

func (p *process) Record(ctx context.Context, r schedules.Record) error {
	if p.isDead {
		return errDead
	}
	return p.Memory.Record(ctx, r)
}

func (p *process) Acquire(ctx context.Context, job, holder string) (schedules.Lease, error) {
	if p.isDead {
		return nil, errDead
	}
	l, err := p.Memory.Acquire(ctx, job, holder)
	return &processLease{l, p}, err
}

type processLease struct {
	schedules.Lease
	process *process
}

func (l *processLease) Renew(ctx context.Context) error {
	if l.process.isDead {
		return errDead
	}
	return l.Lease.Renew(ctx)
}

func (l *processLease) Release(ctx context.Context) error {
	if l.process.isDead {
		return errDead
	}
	return l.Lease.Release(ctx)
}

// world is what the jobs of TestYear run in.
type world struct {
	t       *testing.T
	zone    *time.Location // the reporting one
	island  *time.Location
	dice    *rand.Rand
	ledger  *schedulestest.Memory
	running string
	runs    map[string]int // by job, due time and attempt
}

// RunJob lasts a few minutes or, now and then, hours, and fails now and then.
func (w *world) RunJob(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
	if w.running != "" {
		w.t.Errorf("%s and %s run at once", job.Name, w.running)
	}
	w.running = job.Name
	defer func() { w.running = "" }()
	w.runs[key(job.Name, o)]++
	now := time.Now()
	if local := now.In(w.island); job.Name == "office" && local.Weekday() != time.Saturday && local.Weekday() != time.Sunday {
		if clock := local.Format("15:04"); clock >= "08:00" && clock < "17:30" {
			w.t.Errorf("%s began in its blackout: %s", job.Name, local)
		}
	}
	if now.Before(o.Due) {
		w.t.Errorf("%s, due at %s, began at %s", job.Name, o.Due, now)
	}
	for _, name := range job.After {
		w.checkAfter(job, name, o)
	}
	lasts := time.Duration(w.dice.IntN(8*60)) * time.Second
	if w.dice.IntN(100) == 0 {
		lasts = time.Duration(w.dice.IntN(8*60)) * time.Minute
	}
	timer := time.NewTimer(lasts)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return schedules.Result{}, ctx.Err()
	case <-timer.C:
	}
	switch w.dice.IntN(40) {
	case 0, 1, 2, 3:
		return schedules.Result{}, errors.New("no disk")
	case 4:
		panic("nil map")
	case 5:
		return schedules.Result{Status: schedules.StatusChecks}, nil
	}
	return schedules.Result{Status: schedules.StatusDone}, nil
}

// checkAfter looks for the good run that the job must come after.
func (w *world) checkAfter(job schedules.Job, name string, o schedules.Occurrence) {
	other := yearly[slices.IndexFunc(yearly, func(j schedules.Job) bool { return j.Name == name })]
	due := other.Due(o.Due.AddDate(0, 0, -2), o.Due, w.zone)
	of := due[len(due)-1]
	if !slices.ContainsFunc(w.ledger.Records(name), func(r schedules.Record) bool { return isGood(r) && !r.Due.Before(of) }) {
		w.t.Errorf("%s, due at %s, began without a good run of %s for %s", job.Name, o.Due, name, of)
	}
}

func isGood(r schedules.Record) bool {
	return r.Status == schedules.StatusDone || r.Status == schedules.StatusChecks
}

func key(job string, o schedules.Occurrence) string {
	return fmt.Sprintf("%s %s/%d", job, o.Due.UTC().Format(time.RFC3339), o.Attempt)
}

// TestYear lets a year pass, with its four changes of the clock, in which schedulers are stopped and killed at random, stay
// away for days, and run jobs that overlap and fail. Each due time is run for, or made up for by exactly one later run, or
// skipped with a reason.
func TestYear(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv(envYear); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", envYear, err)
		}
	}
	t.Logf("repeat it with %s=%d", envYear, seed)
	newYork, lordHowe := zone(t, "America/New_York"), zone(t, "Australia/Lord_Howe")
	synctest.Test(t, func(t *testing.T) {
		dice := rand.New(rand.NewPCG(seed, 0))
		began := time.Now()
		w := &world{t: t, zone: newYork, island: lordHowe, dice: dice, ledger: upToDate(yearly...), runs: map[string]int{}}
		// some gives a span between two, small ones as likely as large ones.
		some := func(least, most time.Duration) time.Duration {
			span := least
			for span < most && dice.IntN(4) > 0 {
				span *= 2
			}
			return min(span, most) + time.Duration(dice.Int64N(int64(least)))
		}
		for time.Since(began) < 366*24*time.Hour {
			w.live(some(2*time.Hour, 10*24*time.Hour), dice.IntN(2) == 0)
			pass(some(time.Second, 4*24*time.Hour))
		}
		w.live(3*24*time.Hour, false) // all is caught up
		zones := map[string]*time.Location{"": newYork, "Australia/Lord_Howe": lordHowe}
		seen := map[string]int{}
		for _, job := range yearly {
			w.check(job, zones[job.Timezone], began, seen)
		}
		t.Logf("%d runs; %v", len(w.runs), seen)
		for _, what := range []string{"done", "checks", "failed", "interrupted", "skipped", "made up for", "caught up", "killed"} {
			if seen[what] == 0 {
				t.Errorf("none was %s: the year was too quiet", what)
			}
		}
	})
}

// live runs a scheduler for a while. Then it is stopped, or killed.
func (w *world) live(lasts time.Duration, killed bool) {
	p := &process{Memory: w.ledger}
	s, err := schedules.New(yearly, w.zone, p, w, nop)
	if err != nil {
		w.t.Fatal(err)
	}
	s.SetNap(24 * time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	pass(lasts)
	for killed && w.running == "" { // in the middle of a run
		pass(time.Minute)
	}
	if p.isDead = killed; killed {
		s.Grace = 0
	}
	cancel()
	<-ended // a run that was cancelled is an error
}

// check holds the ledger against the due times of a job, and counts what it saw.
func (w *world) check(job schedules.Job, zone *time.Location, began time.Time, seen map[string]int) {
	due := job.Due(began, time.Now(), w.zone)
	closed := time.Now().AddDate(0, 0, -1) // what was due by then is done with
	times := make([]int, len(due))         // how often each was begun, made up for or skipped
	at := map[int64]int{}
	for i, d := range due {
		at[d.UnixNano()] = i
	}
	if clock := daily[job.Name]; clock != "" {
		// One due time a day: when the clock on the wall first shows its time, or has gone past it.
		day := due[0].In(zone)
		for _, d := range due {
			first := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
			for first.Format("15:04") < clock {
				first = first.Add(time.Minute)
			}
			if !d.Equal(first) {
				w.t.Errorf("%s is due at %s, not at %s", job.Name, d.In(zone), first)
			}
			day = first.AddDate(0, 0, 1)
		}
		if len(due) < 366 {
			w.t.Errorf("%s is due on %d days", job.Name, len(due))
		}
	}
	var before schedules.Record
	failures := 0
	for _, r := range w.ledger.Records(job.Name) {
		place, ok := at[r.Due.UnixNano()]
		if !ok && r.Due.After(began) {
			w.t.Errorf("%s was never due at %s", job.Name, r.Due)
		}
		seen[r.Status]++
		isNext := r.Due.Equal(before.Due)
		switch {
		case isNext && (r.Attempt != before.Attempt+1 || isGood(before) || before.Status == schedules.StatusSkipped):
			w.t.Errorf("%s: attempt %d follows on attempt %d, which is %s", key(job.Name, r.Occurrence), r.Attempt, before.Attempt, before.Status)
		case !isNext && r.Attempt != 1:
			w.t.Errorf("%s: attempt %d comes first", key(job.Name, r.Occurrence), r.Attempt)
		}
		if !isNext {
			failures = 0
		}
		if r.Status == schedules.StatusFailed {
			failures++
		}
		if failures > job.Retries+1 {
			w.t.Errorf("%s: %d attempts failed, with %d retries", key(job.Name, r.Occurrence), failures, job.Retries)
		}
		runs := w.runs[key(job.Name, r.Occurrence)]
		if hasBegun := !r.Started.IsZero(); r.Due.After(began) && (runs > 1 || runs == 1 && !hasBegun) {
			w.t.Errorf("%s was run %d times, and is %s", key(job.Name, r.Occurrence), runs, r.Status)
		}
		if r.Status == schedules.StatusInterrupted && r.Finished.IsZero() {
			seen["killed"]++
		}
		if ok && !isNext {
			switch {
			case r.Status == schedules.StatusWaiting:
			case r.Status == schedules.StatusSkipped && strings.HasSuffix(r.Reason, "made up for it"):
				seen["made up for"]++
			default:
				for i := max(place-r.Missed, 0); i <= place; i++ {
					times[i]++
				}
				if r.Missed > 0 {
					seen["caught up"]++
				}
			}
		}
		before = r
	}
	for i, n := range times {
		if n != 1 && (n != 0 || !due[i].After(closed)) {
			w.t.Errorf("%s: what was due at %s was begun, made up for or skipped %d times", job.Name, due[i].In(zone), n)
		}
	}
}
