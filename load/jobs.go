package load

import (
	"context"
	"strconv"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// JobRun is a row of etl.job_runs: what became of a due time of a job, one attempt.
type JobRun struct {
	Job      string
	Due      time.Time
	Attempt  int
	Status   string
	Reason   string
	Missed   int       // earlier due times that it makes up for
	Since    time.Time // since when it waited; zero where it did not
	Started  time.Time // zero where it did not begin
	Finished time.Time // zero until it ends
	RunID    string
	Holder   string
	ByHand   bool
}

// RecordJobRun writes the row, in the place of one of the same job, due time and attempt.
func (w *Warehouse) RecordJobRun(ctx context.Context, r JobRun) error {
	byHand := "0"
	if r.ByHand {
		byHand = "1"
	}
	return w.exec(ctx, "record the run of job "+r.Job, sql.Text("jobs/record.sql"), Params{
		"job": r.Job, "due": instant(r.Due), "attempt": strconv.Itoa(r.Attempt), "status": r.Status, "reason": r.Reason,
		"missed": strconv.Itoa(r.Missed), "since": instantOrNull(r.Since), "started": instantOrNull(r.Started), "finished": instantOrNull(r.Finished),
		"run": r.RunID, "holder": r.Holder, "by_hand": byHand,
	})
}

// JobHistory is what the ledger knows of a job.
type JobHistory struct {
	Job          string
	Last, Newest *JobRun   // the newest attempt that was due, and the newest of any kind; nil where there is none
	Settled      time.Time // newest due time that does not wait any more, zero if there is none
	Good         time.Time // newest due time, by hand or not, whose run ended well, zero if there is none
	Failures     int       // attempts of Last's due time that failed
}

// JobHistories reads the history of every job that has one. A warehouse without a schema has none.
func (w *Warehouse) JobHistories(ctx context.Context) ([]JobHistory, error) {
	var rows []struct {
		Job      string     `ch:"job"`
		Settled  time.Time  `ch:"settled_at"`
		Good     time.Time  `ch:"good_at"`
		Failures uint64     `ch:"last_failures"`
		Due      time.Time  `ch:"due_at"`
		ByHand   uint8      `ch:"by_hand"`
		Attempt  uint16     `ch:"attempt"`
		Status   string     `ch:"status"`
		Reason   string     `ch:"reason"`
		Missed   uint32     `ch:"missed"`
		Since    *time.Time `ch:"waiting_since"`
		Started  *time.Time `ch:"started_at"`
		Finished *time.Time `ch:"finished_at"`
		RunID    string     `ch:"run_id"`
		Holder   string     `ch:"holder"`
	}
	err := w.selectInto(ctx, "read the ledger of jobs", sql.Text("jobs/histories.sql"), nil, &rows)
	if isUnmigrated(err) {
		return nil, nil // for those who only look
	}
	var histories []JobHistory
	for _, row := range rows {
		run := &JobRun{
			Job: row.Job, Due: row.Due, Attempt: int(row.Attempt), Status: row.Status, Reason: row.Reason, Missed: int(row.Missed),
			Since: orZero(row.Since), Started: orZero(row.Started), Finished: orZero(row.Finished),
			RunID: row.RunID, Holder: row.Holder, ByHand: row.ByHand == 1,
		}
		if len(histories) == 0 || histories[len(histories)-1].Job != row.Job {
			histories = append(histories, JobHistory{Job: row.Job, Settled: sinceEpoch(row.Settled), Good: sinceEpoch(row.Good), Failures: int(row.Failures)})
		}
		h := &histories[len(histories)-1]
		h.Newest = run // by hand comes last, and is there only where it is the newest
		if !run.ByHand {
			h.Last = run
		}
	}
	return histories, err
}

func instantOrNull(t time.Time) string {
	if t.IsZero() {
		return null
	}
	return instant(t)
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// sinceEpoch gives zero for the time that an aggregate of no rows gives.
func sinceEpoch(t time.Time) time.Time {
	if t.Unix() == 0 {
		return time.Time{}
	}
	return t
}
