package jobs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/chromium"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
	"github.com/partnerplus/warehouse/schedules"
)

// Runner runs jobs.
type Runner struct {
	// Every is how long step complete waits before it loads again; 10m by default.
	Every time.Duration

	config   *config.Config
	log      *zap.Logger
	progress *pipeline.Progress
	tracer   trace.Tracer // nil for none
	work     work
}

var _ schedules.Runner = (*Runner)(nil)

const defaultEvery = 10 * time.Minute

// work is what the steps do.
type work interface {
	Run(ctx context.Context, request pipeline.Request) (pipeline.Report, error)
	Validate(ctx context.Context, month time.Time, checks ...string) ([]load.CheckResult, error)
	IncompleteSources(ctx context.Context, month time.Time, sources ...string) ([]load.IncompleteSource, error)
	OpenReview(ctx context.Context, asked load.ReviewOpening) (load.Opening, error)
	WritePack(ctx context.Context, month review.Month, page string) (review.Written, error)
}

// realWork does them on a warehouse.
type realWork struct{ *pipeline.Pipeline }

func (w realWork) WritePack(ctx context.Context, month review.Month, page string) (review.Written, error) {
	pack, err := review.Read(ctx, w.Warehouse, month)
	if err != nil {
		return review.Written{}, err
	}
	return pack.Write(ctx, page, review.Forms()...)
}

// New makes a Runner whose jobs run the pipeline.
func New(p *pipeline.Pipeline) *Runner {
	if p.Progress == nil {
		p.Progress = new(pipeline.Progress)
	}
	return &Runner{Every: defaultEvery, config: p.Config, log: p.Log, progress: p.Progress, tracer: p.Tracer, work: realWork{p}}
}

// StepError says in which step a job failed.
type StepError struct {
	Step schedules.Step
	Err  error
}

func (e *StepError) Error() string { return fmt.Sprintf("step %s: %v", e.Step, e.Err) }
func (e *StepError) Unwrap() error { return e.Err }

// RunJob implements schedules.Runner.
func (r *Runner) RunJob(ctx context.Context, job schedules.Job, o schedules.Occurrence) (schedules.Result, error) {
	report, err := r.Run(ctx, job, o)
	return report.Result(), err
}

// Run runs the job once for the occurrence, and tells what it did. The error is a *StepError; the report tells of it too,
// without secrets of the config.
func (r *Runner) Run(ctx context.Context, job schedules.Job, o schedules.Occurrence) (Report, error) {
	x := &run{Runner: r, job: job, due: o.Due, month: monthBefore(o.Due, r.config.Reporting.Zone())}
	x.report.Job = job.Name
	ctx, span := r.trace(ctx, job, o)
	defer span.End()
	err := x.steps(ctx)
	x.report.conclude(ctx, err)
	x.report.Reason = r.config.Redact(x.report.Reason)
	span.SetAttributes(attribute.String("status", x.report.Status))
	if err != nil {
		span.SetStatus(codes.Error, x.report.Reason)
	}
	return x.report, err
}

// trace begins the span of the job, which those of its steps are below.
func (r *Runner) trace(ctx context.Context, job schedules.Job, o schedules.Occurrence) (context.Context, trace.Span) {
	tracer := r.tracer
	if tracer == nil {
		tracer = noop.NewTracerProvider().Tracer("")
	}
	return tracer.Start(ctx, "job", trace.WithAttributes(attribute.String("job", job.Name), attribute.Int("attempt", o.Attempt)))
}

// run is a job under way.
type run struct {
	*Runner
	job    schedules.Job
	due    time.Time
	month  time.Time // the first day of the month that ended
	report Report
}

// has tells whether the job has the step.
func (x *run) has(steps ...schedules.Step) bool {
	of := x.job.Steps
	if len(of) == 0 {
		of = []schedules.Step{schedules.StepLoad, schedules.StepRefresh}
	}
	return slices.ContainsFunc(steps, func(step schedules.Step) bool { return slices.Contains(of, step) })
}

func (x *run) steps(ctx context.Context) error {
	if x.has(schedules.StepComplete, schedules.StepReview, schedules.StepReport) {
		x.report.Month = x.month.Format("2006-01")
	}
	for _, s := range []struct {
		step schedules.Step
		do   func(context.Context) error
	}{
		{schedules.StepLoad, x.load},
		{schedules.StepComplete, x.complete},
		{schedules.StepRefresh, x.refresh},
		{schedules.StepCheck, x.check},
		{schedules.StepReview, x.review},
		{schedules.StepReport, x.pack},
	} {
		if !x.has(s.step) {
			continue
		}
		err := ctx.Err()
		if err == nil {
			x.progress.Begin(string(s.step), 0, 0)
			x.log.Debug("step begins", zap.String("job", x.job.Name), zap.String("step", string(s.step)))
			err = s.do(ctx)
		}
		if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(err, cause) {
			err = errors.Join(cause, err)
		}
		if err != nil {
			return &StepError{Step: s.step, Err: err}
		}
	}
	return nil
}

func (x *run) load(ctx context.Context) error {
	return x.pipeline(ctx, pipeline.Request{Sources: x.job.Sources, Full: x.job.Full, NoRefresh: !x.has(schedules.StepRefresh)})
}

// refresh is part of every load.
func (x *run) refresh(ctx context.Context) error {
	if len(x.report.runs) > 0 {
		return nil
	}
	return x.pipeline(ctx, pipeline.Request{NoLoad: true})
}

func (x *run) pipeline(ctx context.Context, request pipeline.Request) error {
	request.Job = x.job.Name
	report, err := x.work.Run(ctx, request)
	x.report.add(report)
	return err
}

func (x *run) check(ctx context.Context) (err error) {
	var month time.Time
	if x.report.Month != "" {
		month = x.month
	}
	x.report.Checks, err = x.work.Validate(ctx, month)
	return err
}

func (x *run) review(ctx context.Context) error {
	asked := load.ReviewOpening{Month: x.month, By: "job " + x.job.Name}
	if len(x.report.Checks) > 0 {
		asked.CheckID = x.report.Checks[0].CheckID
	}
	opening, err := x.work.OpenReview(ctx, asked)
	if errors.Is(err, load.ErrNotReviewable) { // nor would it be after a retry
		x.report.Unreviewable = err.Error()
		return nil
	}
	if err != nil {
		return err
	}
	if opening.State != load.ReviewClosed {
		x.report.Incomplete = opening.Incomplete
		if len(x.report.Checks) == 0 {
			x.report.Checks = opening.Checks
		}
	}
	opening.Incomplete, opening.Checks = nil, nil
	x.report.Review = &opening
	x.log.Info("review", zap.String("month", opening.Month), zap.String("state", opening.State), zap.String("verdict", opening.Verdict))
	return nil
}

func (x *run) pack(ctx context.Context) error {
	if x.report.Unreviewable != "" {
		return nil
	}
	month := review.MonthOf(x.month)
	page := filepath.Join(x.config.Reports, review.FileName(month))
	if r := x.report.Review; r != nil && r.State == load.ReviewClosed {
		if there := review.Existing(page); slices.Contains(there, page) { // as of the closing
			x.report.Pack, x.report.PackFiles, x.report.PackKept = page, there, true
			return nil
		}
	}
	written, err := x.work.WritePack(ctx, month, page)
	if err != nil {
		return err
	}
	x.report.Pack, x.report.PackFiles = page, written.Files
	switch {
	case errors.Is(written.NoPDF, chromium.ErrNone):
		x.log.Info("the review pack has no PDF", zap.Error(written.NoPDF))
	case written.NoPDF != nil:
		x.report.NoPDF = written.NoPDF.Error()
	}
	return nil
}

// monthBefore gives the first day of the last month that was over at the instant, in the zone.
func monthBefore(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	return time.Date(local.Year(), local.Month()-1, 1, 0, 0, 0, 0, time.UTC)
}
