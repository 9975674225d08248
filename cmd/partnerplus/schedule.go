package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/jobledger"
	"github.com/partnerplus/warehouse/schedules"
)

func (a *app) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "When jobs ran, when they are due, and why one waits or was skipped",
		Example: `  partnerplus schedule list
  partnerplus schedule next month-end -n 12`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("schedule list or schedule next; see partnerplus schedule --help")}
		},
	}
	cmd.AddCommand(a.scheduleList(), a.scheduleNext())
	return cmd
}

func (a *app) scheduleList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the jobs: what each does now, its last run, and when it is due next",
		Long: `list tells of every job what it is doing, how its last run ended and how long it took, when it is due next, and why it waits,
was skipped or failed. It reads the job files and the ledger in the warehouse, so that it needs no serve. A job that is
queued is due: serve begins it as soon as no other job runs. Times are in each job's zone.`,
		Example: `  partnerplus schedule list
  partnerplus schedule list -o json | jq -r '.[] | select(.last.status == "failed") | .job'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			planned, err := a.survey(cmd.Context(), c, time.Now())
			if err != nil {
				return err
			}
			listed := listJobs(planned, c)
			if asJSON {
				return printJSON(a.out, listed)
			}
			a.printJobs(listed)
			return nil
		},
	}
	a.outputFlag(cmd)
	return cmd
}

// survey reads what all jobs are doing.
func (a *app) survey(ctx context.Context, c *config.Config, now time.Time) (planned []schedules.Planned, err error) {
	jobs, err := a.jobs(c)
	if err != nil {
		return nil, err
	}
	warehouse, err := a.open(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	return schedules.Survey(ctx, jobs, c.Reporting.Zone(), jobledger.New(warehouse.Warehouse, c.Redact), now)
}

// listJobs gives jobs as schedule list shows them.
func listJobs(planned []schedules.Planned, c *config.Config) []listedJob {
	listed := make([]listedJob, len(planned))
	for i, p := range planned {
		listed[i] = list(p, c.Reporting.Zone())
	}
	return listed
}

// listedJob is a job as schedule list and /status show it. Times are in the job's zone; those that there are not are null.
type listedJob struct {
	Job      string     `json:"job"`
	State    string     `json:"state"`
	Timezone string     `json:"timezone"`
	NextDue  *time.Time `json:"next_due"`
	Begins   *time.Time `json:"begins"`     // at the earliest; null where it waits for another job
	OpenFrom *time.Time `json:"open_since"` // oldest due time that no run has begun for
	Missed   int        `json:"missed"`     // due times that its next run makes up for
	Last     *lastRun   `json:"last"`
	Reason   string     `json:"reason"` // why it waits, or else why its last run was skipped or did not end well
}

type lastRun struct {
	Due      time.Time  `json:"due"`
	Started  *time.Time `json:"started"`
	Finished *time.Time `json:"finished"`
	Seconds  float64    `json:"seconds"`
	Status   string     `json:"status"`
	Attempt  int        `json:"attempt"`
	Missed   int        `json:"missed"`
	ByHand   bool       `json:"by_hand"`
	RunID    string     `json:"run_id"`
	Holder   string     `json:"holder"`
	Reason   string     `json:"reason"`
}

func list(p schedules.Planned, reporting *time.Location) listedJob {
	zone := p.Job.Zone(reporting)
	in := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.In(zone)
		return &t
	}
	listed := listedJob{
		Job: p.Job.Name, State: string(p.State), Timezone: zone.String(), NextDue: in(p.Due), Begins: in(p.Begins),
		OpenFrom: in(p.Open), Missed: p.Missed, Reason: p.Reason,
	}
	if last := p.Last; last != nil {
		listed.Last = &lastRun{
			Due: last.Due.In(zone), Started: in(last.Started), Finished: in(last.Finished), Status: last.Status, Attempt: last.Attempt,
			Missed: last.Missed, ByHand: last.ByHand, RunID: last.RunID, Holder: last.Holder, Reason: last.Reason,
		}
		if !last.Finished.IsZero() {
			listed.Last.Seconds = last.Finished.Sub(last.Started).Seconds()
		}
		if listed.Reason == "" {
			listed.Reason = last.Reason
		}
	}
	return listed
}

// clock is how times are shown to people, in the zone that stands beside them.
const clock = "2006-01-02 15:04"

func (a *app) printJobs(listed []listedJob) {
	rows := [][]string{{"JOB", "STATE", "ZONE", "LAST DUE", "STARTED", "STATUS", "TOOK", "NEXT DUE", "REASON"}}
	shown := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.Format(clock)
	}
	for _, j := range listed {
		last := []string{"", "", "never ran", ""}
		if l := j.Last; l != nil {
			last = []string{l.Due.Format(clock), shown(l.Started), l.Status, ""}
			if l.ByHand {
				last[0] = "by hand"
			}
			if l.Finished != nil {
				last[3] = seconds(l.Seconds) + " s"
			}
		}
		rows = append(rows, []string{j.Job, j.State, j.Timezone, last[0], last[1], last[2], last[3], shown(j.NextDue), j.Reason})
	}
	printRows(a.out, rows)
}

func (a *app) scheduleNext() *cobra.Command {
	count := 10
	cmd := &cobra.Command{
		Use:   "next JOB",
		Short: "List the next due times of a job, and when each run begins",
		Long: `next lists the next due times of a job, in its zone, and when a run for each begins at the earliest: later than it is due
with jitter or in a blackout. Due times for which one run makes up show the same begin. It reads the job files alone.`,
		Example: `  partnerplus schedule next nightly
  partnerplus schedule next month-end -n 12 -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if count < 1 || count > 10_000 {
				return &usageError{errors.New("-n must be from 1 to 10000")}
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			job, err := a.job(c, args[0])
			if err != nil {
				return err
			}
			return a.printComing(job.Coming(time.Now(), count, c.Reporting.Zone()), asJSON)
		},
	}
	cmd.Flags().IntVarP(&count, "number", "n", count, "how many")
	a.outputFlag(cmd)
	return cmd
}

func (a *app) printComing(coming []schedules.Coming, asJSON bool) error {
	if asJSON {
		type row struct {
			Due    time.Time `json:"due"`
			Begins time.Time `json:"begins"`
			Note   string    `json:"note"`
		}
		rows := make([]row, len(coming))
		for i, c := range coming {
			rows[i] = row(c)
		}
		return printJSON(a.out, rows)
	}
	rows := [][]string{{"", "DUE", "BEGINS", "NOTE"}}
	for i, c := range coming {
		rows = append(rows, []string{strconv.Itoa(i + 1), c.Due.Format("Mon " + clock + " MST"), c.Begins.Format("Mon " + clock + ":05 MST"), c.Note})
	}
	printRows(a.out, rows)
	return nil
}
