package schedules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

const (
	// LeaseTime is how long a lease lasts from when it was acquired or renewed.
	LeaseTime = time.Minute
	// renewal is how often it is renewed.
	renewal = LeaseTime / 4
	// lastRenewal is how long after a renewal the run is cancelled that has had no other. What is left is for ending it.
	lastRenewal = LeaseTime * 3 / 4
)

const (
	// closing is how long the ledger is waited for once a run has ended.
	closing = 30 * time.Second
	// hurried is the same for one that was cancelled: the program has seconds to end.
	hurried = time.Second
)

// turn runs jobs under leases, and keeps the ledger.
type turn struct {
	ledger Ledger
	runner Runner
	holder string
}

// ByHand runs a job now, because somebody asked for it. The error is a *HeldError where it is being run already.
func ByHand(ctx context.Context, job Job, ledger Ledger, runner Runner) (Result, error) {
	t := turn{ledger, runner, self()}
	asked := time.Now()
	lease, err := ledger.Acquire(ctx, job.Name, t.holder)
	if err != nil {
		return Result{Status: StatusFailed}, err
	}
	r, err := t.run(ctx, job, lease, asked, Occurrence{Due: asked, Attempt: 1, ByHand: true}, nil)
	return r.Result, err
}

// self names this process for people.
func self() string { return fmt.Sprintf("%s (process %d)", hostname(), os.Getpid()) }

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "a machine without a name" // which is no reason not to run
	}
	return name
}

// run runs the job for the occurrence under the lease that was asked for at an instant, and gives it back. Once the ledger
// has that it began, it is told of the one that this run makes up for, if there is one. The record is that of the ledger; the
// error is the run's, or tells that the ledger could not be told.
func (t turn) run(ctx context.Context, job Job, lease Lease, asked time.Time, o Occurrence, madeUpFor *Record) (Record, error) {
	r := Record{Job: job.Name, Occurrence: o, Result: Result{Status: StatusRunning}, Started: time.Now(), Holder: t.holder}
	err := t.ledger.Record(ctx, r)
	if err == nil && madeUpFor != nil {
		err = t.ledger.Record(ctx, *madeUpFor)
	}
	if err != nil {
		r.Status = StatusFailed
		err = fmt.Errorf("job %s cannot begin: %w", job.Name, err)
	} else {
		r.Result, err = t.attempt(ctx, job, lease, asked, o)
		r.Finished = time.Now()
	}
	limit := closing
	if ctx.Err() != nil {
		limit = hurried
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if !r.Finished.IsZero() {
		if told := t.ledger.Record(ctx, r); told != nil {
			err = errors.Join(err, fmt.Errorf("job %s is %s, but the ledger could not be told, so that it will be run again: %w", job.Name, r.Status, told))
		}
	}
	_ = lease.Release(ctx) // where that fails, it expires
	return r, err
}

// attempt runs the job within its timeout, for as long as the lease is its own.
func (t turn) attempt(ctx context.Context, job Job, lease Lease, asked time.Time, o Occurrence) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := fmt.Errorf("the run is over its timeout, %s; raise the job's timeout if it needs longer", job.Timeout)
	if job.Timeout > 0 {
		timer := time.AfterFunc(job.Timeout, func() { cancel(late) })
		defer timer.Stop()
	}
	kept := make(chan struct{})
	keeping, stop := context.WithCancel(ctx)
	go func() {
		defer close(kept)
		keep(keeping, lease, job.Name, asked, cancel)
	}()
	result, err := call(ctx, t.runner, job, o)
	stop()
	<-kept
	if err == nil {
		result.Status = cmp.Or(result.Status, StatusDone)
		return result, nil
	}
	result.Status = StatusFailed
	if cause := context.Cause(ctx); cause != nil {
		result.Reason = cause.Error()
		if !errors.Is(cause, late) {
			result.Status = StatusInterrupted
		}
		if !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", cause, err)
		}
	}
	if result.Reason == "" {
		result.Reason, _, _ = strings.Cut(err.Error(), "\ngoroutine ") // a panic's stack is for the log
	}
	return result, err
}

// keep renews the lease until ctx is done, and cancels the run where that cannot be done in time.
func keep(ctx context.Context, lease Lease, job string, renewed time.Time, cancel context.CancelCauseFunc) {
	last := renewed.Add(lastRenewal)
	timer := time.NewTimer(renewal)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		began := time.Now()
		within, done := context.WithDeadline(ctx, last)
		err := lease.Renew(within)
		done()
		wait := renewal / 3
		switch lost := new(LeaseLostError); {
		case ctx.Err() != nil:
			return
		case err == nil:
			last = began.Add(lastRenewal)
			wait = time.Until(began.Add(renewal))
		case errors.As(err, &lost):
			cancel(lost)
			return
		case !time.Now().Before(last):
			cancel(&LeaseLostError{Job: job, Err: err})
			return
		}
		timer.Reset(min(wait, time.Until(last)))
	}
}

// call turns a panic of the job into an error.
func call(ctx context.Context, runner Runner, job Job, o Occurrence) (result Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return runner.RunJob(ctx, job, o)
}
