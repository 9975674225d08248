package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
)

// Report is what a run of a job did: its first run of the pipeline, and what came of the other steps.
type Report struct {
	pipeline.Report

	// Status is how the job ended, Reason says in words why where that is not StatusDone.
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
	// Again are later runs of the pipeline that found something new.
	Again []pipeline.Report `json:"loaded_again,omitempty"`
	// Month is the month that ended, such as 2026-09, of a job that is about one.
	Month string `json:"month,omitempty"`
	// Incomplete are the sources that have not delivered all of it: of the job's, or of all where its review is open.
	Incomplete []load.IncompleteSource `json:"incomplete,omitempty"`
	// Checks are the results of step check, or those that the review is open on.
	Checks []load.CheckResult `json:"checks,omitempty"`
	// Review is the opening of the month's review, but for what stands in Incomplete and Checks.
	Review *load.Opening `json:"review,omitempty"`
	// Unreviewable says why the month cannot be reviewed, such as for want of figures.
	Unreviewable string `json:"unreviewable,omitempty"`
	// Pack is the page of the review pack, PackFiles are all that it was written into: a folder, for CSV.
	Pack      string   `json:"pack,omitempty"`
	PackFiles []string `json:"pack_files,omitempty"`
	// PackKept tells that the pack is the one that the month's closing wrote, and was left as it is.
	PackKept bool `json:"pack_kept,omitempty"`
	// NoPDF says why the pack's PDF failed; empty too where no browser is there to print it.
	NoPDF string `json:"no_pdf,omitempty"`

	runs []outcome // of the pipeline
}

// outcome is what is told of a run of the pipeline.
type outcome struct {
	status   string
	rejected uint64
	checks   []string
	warnings []string
}

// Result is what the ledger of the schedules keeps of it.
func (r *Report) Result() schedules.Result {
	return schedules.Result{Status: r.Status, RunID: r.RunID, Reason: r.Reason}
}

func (r *Report) add(report pipeline.Report) {
	total := report.Total()
	r.runs = append(r.runs, outcome{report.Status, total.Rejected, report.Checks, report.Warnings})
	switch {
	case len(r.runs) == 1:
		report.Job = r.Job
		r.Report = report
	case total.New > 0:
		r.Again = append(r.Again, report)
	}
}

// conclude says how the job ended.
func (r *Report) conclude(ctx context.Context, err error) {
	if err != nil {
		r.Status, r.Reason = schedules.StatusFailed, err.Error()
		if ctx.Err() != nil {
			r.Status = schedules.StatusInterrupted
		}
		return
	}
	if failed := r.failedChecks(); len(failed) > 0 {
		r.Status, r.Reason = schedules.StatusChecks, strings.Join(failed, "; ")
		return
	}
	var rejected uint64
	var told []string
	for _, run := range r.runs {
		rejected += run.rejected
		told = appendNew(told, run.warnings...)
	}
	if rejected > 0 {
		told = slices.Insert(told, 0, fmt.Sprintf("%d rows were rejected", rejected))
	}
	if r.NoPDF != "" {
		told = append(told, "the review pack has no PDF: "+r.NoPDF)
	}
	r.Status, r.Reason = schedules.StatusDone, strings.Join(told, "; ")
	if len(told) > 0 {
		r.Status = schedules.StatusRejects
	}
}

// failedChecks tells of all that was checked and did not pass: rows that sources brought, months that they delivered, and data.
func (r *Report) failedChecks() []string {
	var told []string
	for _, run := range r.runs {
		told = appendNew(told, run.checks...)
	}
	if len(r.Incomplete) > 0 {
		told = append(told, r.Month+" is not complete: "+strings.Join(texts(r.Incomplete), ", "))
	}
	if r.Unreviewable != "" {
		told = append(told, r.Unreviewable)
	}
	var names []string
	for _, result := range load.Failed(r.Checks) {
		names = append(names, result.Check)
	}
	if len(names) > 0 {
		told = append(told, "checks failed: "+strings.Join(names, ", "))
	}
	return told
}

// texts says what each source lacks.
func texts(incomplete []load.IncompleteSource) []string {
	all := make([]string, len(incomplete))
	for i, s := range incomplete {
		all[i] = s.Source + " " + s.Lacks
	}
	return all
}

// appendNew appends texts that are not there yet.
func appendNew(to []string, all ...string) []string {
	for _, text := range all {
		if !slices.Contains(to, text) {
			to = append(to, text)
		}
	}
	return to
}
