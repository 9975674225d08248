package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/jobledger"
	"github.com/partnerplus/warehouse/internal/jobs"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/schedules"
)

// runJob runs a job of the schedules once, all of its steps, under its lease and on its ledger, prints what it did, and tells
// receivers of notifications where that is asked for.
func (a *app) runJob(ctx context.Context, c *config.Config, job schedules.Job, tell bool) error {
	asJSON, err := a.wantsJSON()
	if err != nil {
		return err
	}
	log, err := a.logger()
	if err != nil {
		return err
	}
	a.warn(c)
	traces, err := a.traces(ctx, c, log)
	if err != nil {
		return err
	}
	defer traces.Close()
	warehouse, err := a.openMigrated(ctx, c)
	if err != nil {
		return err
	}
	p := &pipeline.Pipeline{Config: c, Warehouse: warehouse.Warehouse, Log: log, Progress: new(pipeline.Progress), Tracer: traces}
	stop := a.showProgress(p.Progress)
	var report jobs.Report // without a status, the job did not begin: somebody else runs it
	_, err = schedules.ByHand(ctx, job, jobledger.New(warehouse.Warehouse, c.Redact), runnerFunc(
		func(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
			var err error
			report, err = jobs.New(p).Run(ctx, job, o)
			return report.Result(), err
		}))
	stop()
	switch {
	case report.Status == "":
	case asJSON:
		err = errors.Join(err, printJSON(a.out, report))
	default:
		a.printJob(report)
	}
	if tell && ctx.Err() == nil {
		a.tellOnce(ctx, c, warehouse)
	}
	err = errors.Join(err, warehouse.Close())
	switch {
	case err != nil:
		return err
	case report.Status == schedules.StatusChecks:
		return errChecks
	case report.Status == schedules.StatusRejects:
		return errWarnings
	}
	return nil
}

// runnerFunc is a function that runs a job.
type runnerFunc func(context.Context, schedules.Job, schedules.Occurrence) (schedules.Result, error)

// RunJob implements schedules.Runner.
func (f runnerFunc) RunJob(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
	return f(ctx, job, o)
}

// printJob shows what a job did, step by step.
func (a *app) printJob(report jobs.Report) {
	for _, run := range append([]pipeline.Report{report.Report}, report.Again...) {
		if run.RunID != "" { // it began
			printReport(a.out, run, pipeline.Request{})
		}
	}
	for _, s := range report.Incomplete {
		_, _ = fmt.Fprintf(a.out, "%s is not complete: %s %s\n", report.Month, s.Source, s.Lacks)
	}
	if len(report.Checks) > 0 {
		a.printChecks(report.Checks)
	}
	if o := report.Review; o != nil {
		opened := map[string]string{load.ReviewOpened: "is open now", load.ReviewOpen: "is open already", load.ReviewClosed: "is closed"}
		_, _ = fmt.Fprintf(a.out, "the review of %s %s\n", o.Month, opened[o.State])
	}
	if report.Unreviewable != "" {
		_, _ = fmt.Fprintln(a.out, report.Unreviewable)
	}
	kept := ""
	if report.PackKept {
		kept = ", left as its closing wrote it"
	}
	for _, file := range report.PackFiles {
		_, _ = fmt.Fprintf(a.out, "%s: the review pack of %s%s\n", file, report.Month, kept)
	}
	if report.NoPDF != "" {
		_, _ = fmt.Fprintf(a.errOut, "there is no PDF of it: %s\n", report.NoPDF)
	}
	_, _ = fmt.Fprintf(a.out, "job %s %s\n", report.Job, report.Status)
}
