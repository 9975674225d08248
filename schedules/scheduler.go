package schedules

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

// Runner runs one job now. It honours the context, and may be called again for a job that was cut off.
type Runner interface {
	RunJob(ctx context.Context, job Job) error
}

// Ledger is what a Runner may know besides: when jobs ran. With it, due times that passed while no scheduler
// ran are caught up.
type Ledger interface {
	// LastDue gives the instant up to which the job's due times are done with: when its last run that succeeded began.
	// Zero if there is none.
	LastDue(ctx context.Context, job string) (time.Time, error)
}

// State is what a job is doing.
type State string

// The states of a job.
const (
	Idle    State = "idle"    // waiting for its due time
	Queued  State = "queued"  // due, waiting for another job's run to end
	Running State = "running" // being run
)

// Planned is a job with its next due time.
type Planned struct {
	Job   Job
	Due   time.Time
	State State
}

// ErrShutdown is the cause with which a run is cancelled that outlasts the grace period.
var ErrShutdown = errors.New("the scheduler is shutting down; what was not finished is done by the next run")

const (
	// DefaultGrace is how long a running job may go on after shutdown began: less than the 30 seconds that
	// Kubernetes waits.
	DefaultGrace = 20 * time.Second
	// unwinding is how long a cancelled run may take to return.
	unwinding = 5 * time.Second
	// nap is the longest wait without a look at the clock, which may be set, or stand still with its machine.
	nap = time.Minute
)

// Scheduler runs jobs when they are due, one at a time: they write to one warehouse. A job whose
// time comes while it is queued or running is skipped, since that run sees the same data.
type Scheduler struct {
	// Grace is how long a running job may go on after Run's context is done.
	Grace time.Duration

	zone   *time.Location
	runner Runner
	log    *zap.Logger
	queue  chan *entry // holds every job at most once, so that sending never blocks

	*retirement

	mu      sync.Mutex // guards the entries' states
	entries []*entry
}

type entry struct {
	job   Job
	seen  time.Time // due times up to here are done with; used by Run alone
	state State
}

// New makes a scheduler of valid jobs with different names. Their cron expressions count in the zone.
//
// It follows cron's expressions, but not with cron's own runner: that takes no note of due times that
// passed while it was not running, or while its machine stood still.
func New(jobs []Job, zone *time.Location, runner Runner, log *zap.Logger) (*Scheduler, error) {
	s := &Scheduler{Grace: DefaultGrace, zone: zone, runner: runner, log: log, queue: make(chan *entry, len(jobs)), retirement: newRetirement()}
	for i, j := range jobs {
		if err := j.Validate(); err != nil {
			return nil, fmt.Errorf("job %q: %w", j.Name, err)
		}
		if slices.ContainsFunc(jobs[:i], func(other Job) bool { return other.Name == j.Name }) {
			return nil, fmt.Errorf("job %q is there twice; give each job its own name", j.Name)
		}
		s.entries = append(s.entries, &entry{job: j, state: Idle})
	}
	return s, nil
}

// Next tells for every job what it is doing, and when it is due next after now.
func (s *Scheduler) Next(now time.Time) []Planned {
	s.mu.Lock()
	defer s.mu.Unlock()
	planned := make([]Planned, len(s.entries))
	for i, e := range s.entries {
		planned[i] = Planned{Job: e.job, Due: e.job.Next(now, s.zone), State: e.state}
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
		s.work(ctx, runs)
	}()

	s.recall(ctx)
	for ctx.Err() == nil && !s.isRetired() {
		now := s.look()
		for _, e := range s.entries {
			if due := e.job.latest(e.seen, now, s.zone); !due.IsZero() {
				s.enqueue(e, due)
			}
			e.seen = now
		}
		timer := time.NewTimer(s.wait(now))
		select {
		case <-ctx.Done():
		case <-s.retired:
		case <-timer.C:
		}
		timer.Stop()
	}
	if s.outlast(ctx, idle) {
		return nil
	}
	return s.drain(idle, cancel)
}

// recall finds out up to when each job's due times are done with. A job of which nothing is known, or
// that never ran, is due at once, as far as it ever was; without a Ledger there is nothing to catch up.
func (s *Scheduler) recall(ctx context.Context) {
	ledger, ok := s.runner.(Ledger)
	for _, e := range s.entries {
		if !ok {
			e.seen = time.Now()
			continue
		}
		s.look()
		last, err := ledger.LastDue(ctx, e.job.Name)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("cannot tell when the job last ran; running it now", zap.String("job", e.job.Name), zap.Error(err))
		}
		e.seen = last
	}
}

// wait gives the time until the next job is due, but no more than a nap.
func (s *Scheduler) wait(now time.Time) time.Duration {
	wait := nap
	for _, e := range s.entries {
		if next := e.job.Next(now, s.zone); !next.IsZero() {
			wait = min(wait, next.Sub(now))
		}
	}
	return wait
}

func (s *Scheduler) enqueue(e *entry, due time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.state != Idle {
		s.log.Info("job skipped", zap.String("job", e.job.Name), zap.Time("due", due),
			zap.String("reason", "its run before is still "+string(e.state)))
		return
	}
	e.state = Queued
	s.queue <- e
	s.log.Debug("job queued", zap.String("job", e.job.Name), zap.Time("due", due))
}

// work runs what is queued, one after another, until ctx is done.
func (s *Scheduler) work(ctx, runs context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.retired:
			return
		case e := <-s.queue:
			if ctx.Err() != nil || s.isRetired() {
				return
			}
			s.setState(e, Running)
			s.run(runs, e.job)
			s.setState(e, Idle)
		}
	}
}

func (s *Scheduler) setState(e *entry, state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.state = state
}

// run runs the job within its timeout, and logs how it ended.
func (s *Scheduler) run(ctx context.Context, job Job) {
	log := s.log.With(zap.String("job", job.Name))
	if job.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, job.Timeout,
			fmt.Errorf("the run is over its timeout, %s; raise the job's timeout if it needs longer", job.Timeout))
		defer cancel()
	}
	start := time.Now()
	log.Info("job started")
	err := call(ctx, s.runner, job)
	took := zap.Duration("took", time.Since(start))
	switch {
	case err == nil:
		log.Info("job done", took)
	case ctx.Err() != nil:
		log.Error("job cancelled", took, zap.NamedError("reason", context.Cause(ctx)), zap.Error(err))
	default:
		log.Error("job failed", took, zap.Error(err))
	}
}

// call turns a panic of the job into an error.
func call(ctx context.Context, runner Runner, job Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return runner.RunJob(ctx, job)
}

// drain waits for the running job, first kindly.
func (s *Scheduler) drain(idle <-chan struct{}, cancel context.CancelCauseFunc) error {
	if ended(idle, s.Grace) {
		return nil
	}
	name := s.running()
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

func (s *Scheduler) running() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.state == Running {
			return e.job.Name
		}
	}
	return ""
}
