package schedules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// ErrShutdown is the cause with which a run is cancelled that outlasts the grace period.
var ErrShutdown = errors.New("the scheduler is shutting down; what was not finished is done by the next run")

const (
	// DefaultGrace is how long a running job may go on after shutdown began: less than the 30 seconds that
	// Kubernetes waits.
	DefaultGrace = 20 * time.Second
	// unwinding is how long a cancelled run may take to return.
	unwinding = 5 * time.Second
	// longestNap is the longest wait without a look at the clock, which may be set, or stand still with its machine, and at
	// the ledger, while a job waits.
	longestNap = time.Minute
)

// Scheduler runs jobs when they are due, one at a time: they write to one warehouse.
type Scheduler struct {
	// Grace is how long a running job may go on after Run's context is done.
	Grace time.Duration

	turn
	log     *zap.Logger
	nap     time.Duration
	refused map[string]time.Time // until when jobs are left alone; used by Run alone
	retired chan struct{}        // closed by Retire
	retire  sync.Once
	looked  atomic.Int64 // Unix nanoseconds

	mu      sync.Mutex // guards what is below
	plan    plan
	running string // name of the job that runs here, empty if none does
	isBlind bool   // the ledger could not be read
}

// New makes a scheduler of valid jobs with different names. Their cron expressions count in the zone, where they have none
// of their own.
//
// It follows cron's expressions, but not with cron's own runner: that takes no note of due times that
// passed while it was not running, or while its machine stood still.
func New(jobs []Job, zone *time.Location, ledger Ledger, runner Runner, log *zap.Logger) (*Scheduler, error) {
	p, err := newPlan(jobs, zone)
	if err != nil {
		return nil, err
	}
	s := &Scheduler{
		Grace: DefaultGrace, turn: turn{ledger, runner, self()}, log: log, nap: longestNap,
		refused: map[string]time.Time{}, retired: make(chan struct{}), plan: p,
	}
	s.look()
	return s, nil
}

func newPlan(jobs []Job, zone *time.Location) (plan, error) {
	var p plan
	machine := hostname()
	for i, j := range jobs {
		if err := errors.Join(j.Validate(), checkAfter(j, jobs)); err != nil {
			return plan{}, fmt.Errorf("job %q: %w", j.Name, err)
		}
		if slices.ContainsFunc(jobs[:i], func(other Job) bool { return other.Name == j.Name }) {
			return plan{}, fmt.Errorf("job %q is there twice; give each job its own name", j.Name)
		}
		p.entries = append(p.entries, newEntry(j, zone, machine))
	}
	return p, nil
}

// Survey tells for every job what it is doing, and when it is due next, by the ledger alone: whether or not a scheduler
// runs them.
func Survey(ctx context.Context, jobs []Job, zone *time.Location, ledger Ledger, now time.Time) ([]Planned, error) {
	p, err := newPlan(jobs, zone)
	if err != nil {
		return nil, err
	}
	if p.histories, err = ledger.Histories(ctx); err != nil {
		return nil, err
	}
	return p.all(now), nil
}

func (p *plan) all(now time.Time) []Planned {
	planned := make([]Planned, len(p.entries))
	for i, e := range p.entries {
		planned[i] = p.planned(e, now)
	}
	return planned
}

// Next tells for every job what it is doing, and when it is due next after now, by what the scheduler last read in the ledger.
func (s *Scheduler) Next(now time.Time) []Planned {
	s.mu.Lock()
	defer s.mu.Unlock()
	planned := s.plan.all(now)
	for i := range planned {
		switch p := &planned[i]; {
		case p.Job.Name == s.running:
			p.State, p.Reason, p.Begins = Running, "", time.Time{}
		case p.State == Queued && s.running != "":
			p.Reason = "until job " + s.running + " has ended"
		case p.State == Queued && s.isBlind:
			p.State, p.Reason = Waiting, "for the warehouse"
		}
	}
	return planned
}

// Run runs the jobs until ctx is done. Then it starts no other, gives the running one the grace period,
// and cancels it after that, which is an error. It ends when Retire says so, too. Run is called once.
func (s *Scheduler) Run(ctx context.Context) error {
	runs, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		for ctx.Err() == nil && !s.isRetired() {
			timer := time.NewTimer(s.round(ctx, runs))
			select {
			case <-ctx.Done():
			case <-s.retired:
			case <-timer.C:
			}
			timer.Stop()
		}
	}()
	ticker := time.NewTicker(s.nap)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.drain(idle, cancel)
		case <-idle:
			return nil
		case <-ticker.C:
			if s.runningJob() != "" {
				s.look()
			}
		}
	}
}

// Retire makes Run end as soon as no job is running, however long the running one takes. It begins no other: what is due
// meanwhile is left to the scheduler that comes after, which finds it in the ledger.
func (s *Scheduler) Retire() { s.retire.Do(func() { close(s.retired) }) }

func (s *Scheduler) isRetired() bool {
	select {
	case <-s.retired:
		return true
	default:
		return false
	}
}

// Looked tells when Run last looked at the clock. One that goes round does so every minute, or after a wait for the ledger.
func (s *Scheduler) Looked() time.Time { return time.Unix(0, s.looked.Load()) }

func (s *Scheduler) look() time.Time {
	now := time.Now()
	s.looked.Store(now.UnixNano())
	return now
}

// round does what is to be done now, one run at most, and gives how long nothing will be.
func (s *Scheduler) round(ctx, runs context.Context) (wait time.Duration) {
	now := s.look()
	if s.plan.histories == nil || s.isBlind || slices.ContainsFunc(s.plan.entries, func(e *entry) bool {
		return s.plan.decide(e, now).state != Idle
	}) {
		if !s.read(ctx) {
			return min(s.nap, renewal)
		}
	}
	wait = s.nap
	var first *entry
	var open time.Time
	for _, e := range s.plan.entries {
		if until := s.refused[e.job.Name]; now.Before(until) {
			wait = min(wait, until.Sub(now))
			continue
		}
		d := s.plan.decide(e, now)
		if d.toRecord() {
			s.act(ctx, runs, e)
			return 0
		}
		if d.state == Queued && (first == nil || d.open.Before(open)) {
			first, open = e, d.open
		}
		wait = min(wait, s.until(e, d, now))
	}
	if first != nil {
		s.act(ctx, runs, first)
		return 0
	}
	return wait
}

// until gives how long it is until the job may be decided otherwise.
func (s *Scheduler) until(e *entry, d decision, now time.Time) time.Duration {
	at := d.look
	// With jitter, what is due next may have been due already.
	if next := e.table.next(now.Add(-e.jitter)); !next.IsZero() && (at.IsZero() || next.Add(e.jitter).Before(at)) {
		at = next.Add(e.jitter)
	}
	if at.IsZero() {
		return s.nap
	}
	return max(at.Sub(now), 0)
}

// read reads the ledger, and tells whether it could.
func (s *Scheduler) read(ctx context.Context) bool {
	histories, err := s.ledger.Histories(ctx)
	if err != nil && ctx.Err() == nil && !s.isBlind {
		s.log.Warn("the ledger of jobs cannot be read: none begins until it can", zap.Error(err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isBlind = err != nil; err == nil {
		s.plan.histories = histories
	}
	return err == nil
}

// act does under the job's lease what then is to be done about it.
func (s *Scheduler) act(ctx, runs context.Context, e *entry) {
	log := s.log.With(zap.String("job", e.job.Name))
	asked := time.Now()
	lease, err := s.ledger.Acquire(ctx, e.job.Name, s.holder)
	if err != nil {
		s.refuse(ctx, e, log, err)
		return
	}
	if !s.read(ctx) {
		_ = lease.Release(ctx) // it expires
		return
	}
	s.mu.Lock()
	history := s.plan.histories[e.job.Name]
	history.Holder = "" // it is this one
	s.plan.histories[e.job.Name] = history
	s.mu.Unlock()
	d := s.plan.decide(e, time.Now())
	if err = s.record(ctx, e, log, d); err == nil && d.state == Queued {
		s.begin(runs, e, log, lease, asked, d)
		return
	}
	if err := errors.Join(err, lease.Release(ctx)); err != nil {
		s.refuse(ctx, e, log, err)
	}
	s.read(ctx)
}

// refuse leaves the job alone for a while, since another runs it or the ledger cannot be told of it.
func (s *Scheduler) refuse(ctx context.Context, e *entry, log *zap.Logger, err error) {
	s.refused[e.job.Name] = time.Now().Add(renewal)
	switch held := new(HeldError); {
	case ctx.Err() != nil:
	case errors.As(err, &held):
		log.Info("job waits", zap.String("reason", held.Error()))
	default:
		log.Warn("job cannot begin", zap.Error(err))
	}
}

// record tells the ledger what was decided.
func (s *Scheduler) record(ctx context.Context, e *entry, log *zap.Logger, d decision) error {
	if d.stale != nil {
		if err := s.ledger.Record(ctx, *d.stale); err != nil {
			return err
		}
		log.Warn("job "+d.stale.Status, zap.Time("due", d.stale.Due), zap.String("reason", d.stale.Reason))
	}
	r := Record{Job: e.job.Name, Occurrence: d.at, Result: Result{Reason: d.reason}, Since: d.since, Holder: s.holder}
	switch {
	case d.state == Waiting && !d.since.IsZero():
		if d.noted() {
			return nil
		}
		if d.waited != nil { // what it waits for first, until it may begin or is skipped
			r.Occurrence = d.waited.Occurrence
		}
		r.Status = StatusWaiting
		s.refused[e.job.Name] = time.Now().Add(time.Second) // should the ledger give the reason in other words
		log.Info("job waits", zap.Time("due", r.Due), zap.String("reason", d.reason))
		return s.ledger.Record(ctx, r)
	case d.skip:
		r.Status = StatusSkipped
		log.Warn("job skipped", zap.Time("due", r.Due), zap.String("reason", d.reason))
		if err := s.ledger.Record(ctx, r); err != nil {
			return err
		}
		if made := e.madeUpFor(d); made != nil {
			return s.ledger.Record(ctx, *made)
		}
	}
	return nil
}

// madeUpFor gives how the record ends of an occurrence that waited until a later one, which makes up for it, was begun or
// skipped; nil if there is none.
func (e *entry) madeUpFor(d decision) *Record {
	if d.waited == nil || d.waited.Due.Equal(d.at.Due) {
		return nil
	}
	return d.waited.as(StatusSkipped, "what was due at "+e.clock(d.at.Due)+" made up for it")
}

// begin runs the job, and logs how it ended.
func (s *Scheduler) begin(ctx context.Context, e *entry, log *zap.Logger, lease Lease, asked time.Time, d decision) {
	o := d.at
	s.setRunning(e.job.Name)
	log.Info("job started", zap.Time("due", o.Due), zap.Int("attempt", o.Attempt), zap.Int("missed", o.Missed))
	r, err := s.run(ctx, e.job, lease, asked, o, e.madeUpFor(d))
	took, run := zap.Duration("took", time.Since(asked)), zap.String("run_id", r.RunID)
	switch {
	case err == nil:
		log.Info("job done", took, run, zap.String("status", r.Status), zap.String("reason", r.Reason))
	default:
		log.Error("job failed", took, run, zap.String("status", r.Status), zap.Error(err))
		if r.Finished.IsZero() {
			s.refuse(ctx, e, log, err)
		}
	}
	s.setRunning("")
	s.read(ctx)
}

func (s *Scheduler) runningJob() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

func (s *Scheduler) setRunning(job string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = job
}

// drain waits for the running job, first kindly.
func (s *Scheduler) drain(idle <-chan struct{}, cancel context.CancelCauseFunc) error {
	if ended(idle, s.Grace) {
		return nil
	}
	name := s.runningJob()
	cancel(ErrShutdown)
	switch ended := ended(idle, unwinding); {
	case name == "":
		return nil
	case ended:
		return fmt.Errorf("job %s was cancelled: it still ran %s after shutdown began", name, s.Grace)
	}
	return fmt.Errorf("job %s still runs: it did not heed its cancellation for %s", name, unwinding)
}

func ended(idle <-chan struct{}, within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-idle:
		return true
	case <-timer.C:
		return false
	}
}
