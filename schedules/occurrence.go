package schedules

import "time"

// Step is one thing that a run of a job does.
type Step string

// The steps, in the order in which a run does them.
const (
	StepLoad     Step = "load"     // loads what is new in the job's sources
	StepComplete Step = "complete" // loads again until every source has delivered the month that ended, or WaitFor is over
	StepRefresh  Step = "refresh"  // brings the figures up to date
	StepCheck    Step = "check"    // validates the data
	StepReview   Step = "review"   // opens the review of the month that ended
	StepReport   Step = "report"   // writes the review pack of that month
)

// steps are all steps, in their order.
var steps = []Step{StepLoad, StepComplete, StepRefresh, StepCheck, StepReview, StepReport}

// Occurrence is one time that a job is run for.
type Occurrence struct {
	Due     time.Time // when it was due; of a run by hand, when it was asked for
	Attempt int       // from 1
	Missed  int       // earlier due times that it makes up for
	ByHand  bool
}

// Statuses of an occurrence in the ledger.
const (
	StatusWaiting     = "waiting" // for a job that it comes after, or for the end of a blackout
	StatusRunning     = "running"
	StatusDone        = "done"
	StatusRejects     = "rejects" // done, with rejects or warnings
	StatusChecks      = "checks"  // done, but a check failed
	StatusFailed      = "failed"
	StatusInterrupted = "interrupted"
	StatusSkipped     = "skipped"
)

// Result is how a run of a job ended.
type Result struct {
	Status string // StatusDone, StatusRejects or StatusChecks; of one that ends with an error, StatusFailed or StatusInterrupted
	RunID  string // its first run in etl.runs
	Reason string // in words, where it is not StatusDone
}
