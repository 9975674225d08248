package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/schedules"
)

// period is the flags --from and --to.
type period struct{ from, to string }

func (p *period) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.from, "from", "", "first day, such as 2024-01-01")
	cmd.Flags().StringVar(&p.to, "to", "", "last day, included")
}

func (p *period) within(zone *time.Location) (extract.Range, error) {
	var within extract.Range
	var err error
	if p.from != "" {
		if within.From, err = time.ParseInLocation(time.DateOnly, p.from, zone); err != nil {
			return within, &usageError{fmt.Errorf("--from %s is not a day like 2024-01-31", p.from)}
		}
	}
	if p.to != "" {
		if within.To, err = time.ParseInLocation(time.DateOnly, p.to, zone); err != nil {
			return within, &usageError{fmt.Errorf("--to %s is not a day like 2024-01-31", p.to)}
		}
		within.To = within.To.AddDate(0, 0, 1)
	}
	if p.from != "" && p.to != "" && !within.From.Before(within.To) {
		return within, &usageError{fmt.Errorf("--from %s is after --to %s", p.from, p.to)}
	}
	return within, nil
}

func (a *app) runCommand() *cobra.Command {
	var request pipeline.Request
	var days period
	var tell bool
	cmd := &cobra.Command{
		Use:   "run [JOB]",
		Short: "Load what is new and refresh the figures, once",
		Long: `run loads every unit (file, object, window of an API) that the ledger does not have yet, and refreshes the months
that changed. Running it again changes nothing. With JOB, it does all that this job of the schedules does: what it loads, and its
further steps, such as checks and the opening of a review; with a source or days, --no-refresh or --dry-run, only that part of it.

With --no-refresh the rows are in the facts, but the figures stay as they were until the next run without it: for a
backfill by several processes, each with sources of its own, and one run behind them.`,
		Example: `  partnerplus run
  partnerplus run nightly
  partnerplus run month-end
  partnerplus run --source acme-awards --from 2024-01-01 --to 2024-03-31
  partnerplus run --dry-run
  partnerplus run nightly --notify   # from cron, where no partnerplus serve runs
  partnerplus run --source acme-awards --no-refresh && partnerplus run
  partnerplus run -o json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if request.Within, err = days.within(c.Reporting.Zone()); err != nil {
				return err
			}
			if len(args) == 1 {
				job, err := a.job(c, args[0])
				if err != nil {
					return err
				}
				job.Full = job.Full || request.Full
				if !isPartial(cmd) {
					return a.runJob(cmd.Context(), c, job, tell)
				}
				request.Job, request.Full = job.Name, job.Full
				if len(request.Sources) == 0 {
					request.Sources = job.Sources
				}
			}
			return a.runOnce(cmd.Context(), c, request, tell)
		},
	}
	cmd.Flags().StringArrayVar(&request.Sources, "source", nil, "only this source; may be repeated")
	cmd.Flags().BoolVar(&request.DryRun, "dry-run", false, "list what would be loaded; write nothing")
	cmd.Flags().BoolVar(&request.Full, "full", false, "load all units again, not only the new ones")
	cmd.Flags().BoolVar(&request.NoRefresh, "no-refresh", false, "load, but leave the figures to a later run")
	cmd.Flags().BoolVar(&tell, "notify", false, "at the end, tell the receivers of the config's notifications what is wrong, and what is over")
	days.flags(cmd)
	a.outputFlag(cmd)
	return cmd
}

func (a *app) backfillCommand() *cobra.Command {
	var days period
	cmd := &cobra.Command{
		Use:   "backfill SOURCE --from D --to D",
		Short: "Load a source's units of some days again",
		Long: `backfill loads the units of a source that fall into a period again, whether the ledger has them or not. A unit's time
is its window's or that of its delivery. Loading again changes nothing that has not changed at the source.`,
		Example: `  partnerplus backfill redemptions --from 2024-01-01 --to 2024-03-31`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if days.from == "" || days.to == "" {
				return &usageError{errors.New("backfill needs --from and --to")}
			}
			within, err := days.within(c.Reporting.Zone())
			if err != nil {
				return err
			}
			return a.runOnce(cmd.Context(), c, pipeline.Request{Job: "backfill", Sources: args, Within: within, Full: true}, false)
		},
	}
	days.flags(cmd)
	a.outputFlag(cmd)
	return cmd
}

// job finds a job of the schedules.
func (a *app) job(c *config.Config, name string) (schedules.Job, error) {
	jobs, err := a.jobs(c)
	if err != nil {
		return schedules.Job{}, err
	}
	var known []string
	for _, job := range jobs {
		if job.Name == name {
			return job, nil
		}
		known = append(known, job.Name)
	}
	return schedules.Job{}, &usageError{fmt.Errorf("there is no job %q; there are %v", name, known)}
}

func (a *app) jobs(c *config.Config) ([]schedules.Job, error) {
	jobs, err := schedules.Builtin()
	if c.Schedules != "" {
		jobs, err = schedules.LoadDir(c.Schedules)
	}
	if err == nil {
		err = schedules.CheckSources(jobs, c.SourceNames())
	}
	if err != nil {
		return nil, &usageError{err}
	}
	return jobs, nil
}

// isPartial tells whether flags make a run of a job less than the whole of it, or nothing.
func isPartial(cmd *cobra.Command) bool {
	return slices.ContainsFunc([]string{"source", "dry-run", "no-refresh", "from", "to"}, cmd.Flags().Changed)
}

// runOnce runs the pipeline once, prints what it did, and tells receivers of notifications where that is asked for.
func (a *app) runOnce(ctx context.Context, c *config.Config, request pipeline.Request, tell bool) error {
	asJSON, err := a.wantsJSON()
	if err != nil {
		return err
	}
	a.warn(c)
	open := a.openMigrated
	if request.DryRun {
		open = a.open // which changes nothing
	}
	warehouse, err := open(ctx, c)
	if err != nil {
		return err
	}
	report, err := a.runOn(ctx, c, warehouse, request)
	if report.RunID != "" {
		if asJSON {
			err = errors.Join(err, printJSON(a.out, report))
		} else {
			printReport(a.out, report, request)
		}
	}
	if tell && !request.DryRun && ctx.Err() == nil {
		a.tellOnce(ctx, c, warehouse)
	}
	err = errors.Join(err, warehouse.Close())
	switch {
	case err != nil:
		return err
	case report.Status == pipeline.StatusChecks:
		return errChecks
	case report.Status == pipeline.StatusRejects:
		return errWarnings
	}
	return nil
}

// runOn runs the pipeline on an open warehouse, showing its progress.
func (a *app) runOn(ctx context.Context, c *config.Config, warehouse *opened, request pipeline.Request) (pipeline.Report, error) {
	log, err := a.logger()
	if err != nil {
		return pipeline.Report{}, err
	}
	traces, err := a.traces(ctx, c, log)
	if err != nil {
		return pipeline.Report{}, err
	}
	defer traces.Close()
	p := &pipeline.Pipeline{Config: c, Warehouse: warehouse.Warehouse, Log: log, Progress: new(pipeline.Progress), Tracer: traces}
	stop := a.showProgress(p.Progress)
	defer stop()
	return p.Run(ctx, request)
}
