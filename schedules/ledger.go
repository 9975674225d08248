package schedules

import (
	"context"
	"fmt"
	"time"
)

// Runner does the work of jobs.
type Runner interface {
	// RunJob runs the job once for the occurrence. It honours the context, and may be called again for an occurrence that
	// was cut off. With an error, the result's status is StatusFailed or StatusInterrupted.
	RunJob(ctx context.Context, job Job, o Occurrence) (Result, error)
}

// Record is what became of an occurrence: one attempt to run its job, or why there was none.
type Record struct {
	Job string
	Occurrence
	Result
	Since    time.Time // since when it waited; zero where it did not
	Started  time.Time // zero where it did not begin
	Finished time.Time // zero until it ends, and for ever if it was killed
	Holder   string    // host and process that ran it
}

// Ledger keeps what became of each due time of each job, and who runs a job. Schedulers on one ledger share the work.
type Ledger interface {
	// Histories gives the history of every job that has one, by its name.
	Histories(ctx context.Context) (map[string]History, error)
	// Record writes the record in the place of one of the same job, due time and attempt.
	Record(ctx context.Context, r Record) error
	// Acquire takes the lease of a job for the holder. The error is a *HeldError where another has it.
	Acquire(ctx context.Context, job, holder string) (Lease, error)
}

// Lease is the right to run a job, for a while from when Acquire or Renew was called.
type Lease interface {
	// Renew lets it last anew. The error is a *LeaseLostError where it had expired.
	Renew(ctx context.Context) error
	// Release gives it back.
	Release(ctx context.Context) error
}

// History is what a ledger knows of a job.
type History struct {
	// Last is the newest attempt that was due, Newest the newest of any kind; nil where there is none.
	Last, Newest *Record
	// Settled is the newest due time that does not wait any more: one that began, or was skipped.
	Settled time.Time
	// Good is when the newest occurrence of any kind that ended well was due.
	Good time.Time
	// Failures is how many attempts of Last's due time failed.
	Failures int
	// Holder runs the job at this moment, HeldSince since then; empty where nobody does.
	Holder    string
	HeldSince time.Time
}

// HeldError says that a job is being run by another.
type HeldError struct {
	Job    string
	Holder string
	Since  time.Time
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("job %s is being run by %s since %s; wait until it has ended, or end it there",
		e.Job, e.Holder, e.Since.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// LeaseLostError is the cause with which a run is cancelled whose lease could not be renewed in time.
type LeaseLostError struct {
	Job string
	Err error // why, nil where the lease was found expired
}

func (e *LeaseLostError) Error() string {
	text := fmt.Sprintf("the lease of job %s could not be renewed in time, so that another may run it", e.Job)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *LeaseLostError) Unwrap() error { return e.Err }
