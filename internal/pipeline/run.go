package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/load"
)

// Pipeline runs what a config declares against a warehouse.
type Pipeline struct {
	Config    *config.Config
	Warehouse *load.Warehouse
	Log       *zap.Logger
	Progress  *Progress    // counts what goes on; nil for nobody watching
	Observer  Observer     // is told what goes on; nil for nobody
	Tracer    trace.Tracer // of what goes on; nil for none
}

// Request says what one run is for.
type Request struct {
	Job     string        // name in the ledger; "manual" by default
	Sources []string      // all, where empty
	Within  extract.Range // only units that overlap it
	Full    bool          // load all units again, whatever the ledger says
	DryRun  bool          // list only; nothing is written

	// NoLoad reads no source: it only brings the figures up to date.
	NoLoad bool
	// NoRefresh loads, but leaves the figures as they are. What was touched stays open in the ledger: the next run with a
	// refresh settles it.
	NoRefresh bool
}

// jobManual is the job of a run that somebody asked for.
const jobManual = "manual"

// Statuses of a run in the ledger.
const (
	StatusRunning     = "running"
	StatusDone        = "done"
	StatusRejects     = "rejects" // done, with rejects or warnings
	StatusChecks      = "checks"  // done, but a source brought too few rows
	StatusFailed      = "failed"
	StatusInterrupted = "interrupted"
)

// Report is what a run did.
type Report struct {
	RunID   string  `json:"run_id"`
	Job     string  `json:"job"`
	Status  string  `json:"status"`
	Seconds float64 `json:"seconds"`
	// RefreshSeconds is how long the refresh took, 0 where there was none.
	RefreshSeconds float64        `json:"refresh_seconds"`
	Months         int            `json:"months_refreshed"`
	Sources        []SourceReport `json:"sources"`
	// Warnings are what somebody should look at, though the run is done.
	Warnings []string `json:"warnings,omitempty"`
	// Checks are what sources brought too few rows for. What they brought is loaded.
	Checks []string `json:"checks_failed,omitempty"`
	// Errors are what made units, sources or the run fail.
	Errors []string `json:"errors,omitempty"`

	err error
}

// SourceReport is what a run did with one source.
type SourceReport struct {
	Name       string `json:"source"`
	Listed     int    `json:"units_listed"`    // units that the source offers
	New        int    `json:"units_new"`       // of these: not in the ledger yet
	Loaded     int    `json:"units_loaded"`    // of these: loaded
	Unchanged  int    `json:"units_unchanged"` // read, but the same as before
	PutOff     int    `json:"units_put_off"`   // changed while they were read
	Failed     int    `json:"units_failed"`
	Stale      int    `json:"units_stale"` // loaded under an earlier mapping
	Rows       uint64 `json:"rows_read"`
	Canonical  uint64 `json:"rows_loaded"`
	Superseded uint64 `json:"rows_superseded"`
	Filtered   uint64 `json:"rows_filtered"`
	Rejected   uint64 `json:"rows_rejected"`
	Unrouted   uint64 `json:"rows_unrouted"` // that no mapping took; rejected too, where the source's config says so
	Bytes      int64  `json:"bytes"`
	// Seconds is from the start of the listing until the last unit is in the facts and the ledger.
	Seconds float64 `json:"seconds"`

	seen   uint64 // rows of units that were loaded or found unchanged
	goesOn bool   // it was listed from where an earlier run ended: nothing new is nothing odd
}

// Err is why the run failed, nil if it did not.
func (r Report) Err() error { return r.err }

// Total adds the sources up.
func (r Report) Total() SourceReport {
	total := SourceReport{Name: "total"}
	for _, s := range r.Sources {
		total.add(s)
	}
	return total
}

// tried counts the units that were read, or could not be.
func (s *SourceReport) tried() int { return s.Loaded + s.Unchanged + s.PutOff + s.Failed }

func (s *SourceReport) add(o SourceReport) {
	s.Listed += o.Listed
	s.New += o.New
	s.Loaded += o.Loaded
	s.Unchanged += o.Unchanged
	s.PutOff += o.PutOff
	s.Failed += o.Failed
	s.Stale += o.Stale
	s.Rows += o.Rows
	s.Canonical += o.Canonical
	s.Superseded += o.Superseded
	s.Filtered += o.Filtered
	s.Rejected += o.Rejected
	s.Unrouted += o.Unrouted
	s.seen += o.seen
	s.Bytes += o.Bytes
	s.Seconds += o.Seconds
}

// Run is one run: every source's new units into the facts, then the figures, or one of the two alone. A unit or a source that fails does not
// keep the others from being loaded; the report tells, and its Err. The error returned is the same.
func (p *Pipeline) Run(ctx context.Context, request Request) (Report, error) {
	run, err := p.begin(ctx, request)
	if err != nil {
		return Report{Status: StatusFailed}, err
	}
	ctx = run.trace(ctx)
	if !request.DryRun {
		if err := run.declareSources(ctx); err != nil {
			run.fail(err)
		}
		failpoint.Here(failpoint.SourcesDeclared)
		// A mistake in the metrics file keeps nobody's rows out: the settings of before stay in force.
		if err := run.ApplySettings(ctx); err != nil {
			run.fail(err)
		}
		failpoint.Here(failpoint.SettingsApplied)
	}
	for _, source := range run.sources {
		if run.stopped(ctx) {
			break
		}
		run.read(ctx, source)
	}
	if !request.DryRun && !request.NoRefresh && !run.stopped(ctx) {
		run.refresh(ctx)
		run.warnUnrated(ctx)
		run.warnUnknownPrograms(ctx)
		run.retain(ctx)
	}
	return run.end(ctx)
}

// read lists a source and loads what is new, within the source's deadline.
func (r *run) read(ctx context.Context, s *source) {
	began := time.Now()
	ctx, span := r.span(ctx, "source", attribute.String(keySource, s.declared.Name))
	s.span = span
	within := ctx
	if limit := s.declared.Deadline; limit > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	units, err := r.list(within, s)
	failpoint.Here(failpoint.Listed, s.declared.Name)
	if err == nil && !r.request.DryRun {
		r.load(within, s, units)
	}
	if ctx.Err() == nil && within.Err() != nil {
		err = fmt.Errorf("source %s: its deadline, %s, has passed with %d of %d new units loaded: the next run goes on from there; raise deadline if it needs longer",
			s.declared.Name, s.declared.Deadline, s.report.Loaded+s.report.Unchanged, s.report.New)
	}
	if err != nil {
		r.fail(err)
	}
	took := time.Since(began)
	s.report.Seconds = took.Seconds()
	r.observer().SourceDone(s.declared.Name, took)
	if err == nil && s.report.Failed > 0 {
		err = fmt.Errorf("%d of its units failed", s.report.Failed)
	}
	span.end(err, s.report.attributes()...)
	level := zap.DebugLevel
	if s.report.tried() > 0 {
		level = zap.InfoLevel
	}
	s.log.Log(level, "source read", append(s.report.fields(), zap.Duration("took", took))...)
}

// run is a run under way.
type run struct {
	*Pipeline
	request Request
	id      string
	started time.Time
	sources []*source
	report  Report
	errs    []error
	root    spanned

	replayed bool // it listed nothing: it replayed rejects
}

// newRun gives a run that has not begun.
func (p *Pipeline) newRun(request Request) (*run, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a run id: %w", err)
	}
	own := *p
	own.Log = p.Log.With(zap.String(keyRun, id.String()), zap.String(keyJob, request.Job))
	if own.Progress == nil {
		own.Progress = new(Progress)
	}
	r := &run{Pipeline: &own, request: request, id: id.String(), started: time.Now(), root: noSpan}
	r.report = Report{RunID: r.id, Job: request.Job, Status: StatusRunning}
	return r, nil
}

func (p *Pipeline) begin(ctx context.Context, request Request) (*run, error) {
	if request.Job == "" {
		request.Job = jobManual
	}
	r, err := p.newRun(request)
	if err != nil {
		return nil, err
	}
	if !request.NoLoad {
		if r.sources, err = r.open(ctx, request.Sources); err != nil {
			return nil, err
		}
	}
	for _, s := range r.sources {
		s.log = r.Log.With(zap.String(keySource, s.declared.Name))
	}
	r.Log.Info("run begins", zap.Int("sources", len(r.sources)))
	if request.DryRun {
		return r, nil
	}
	if err := p.Warehouse.Sweep(ctx); err != nil {
		return nil, errors.Join(err, r.closeSources())
	}
	err = p.Warehouse.RecordRun(ctx, r.row())
	failpoint.Here(failpoint.RunBegun)
	return r, err
}

// trace begins the run's own span, which its end ends.
func (r *run) trace(ctx context.Context) context.Context {
	ctx, r.root = r.span(ctx, "run", attribute.String(keyRun, r.id), attribute.String(keyJob, r.request.Job))
	return ctx
}

// stopped reports whether nothing more can be done: the run was interrupted, or the warehouse is lost for good.
func (r *run) stopped(ctx context.Context) bool {
	return ctx.Err() != nil || slices.ContainsFunc(r.errs, func(err error) bool {
		return errors.As(err, new(*lostError))
	})
}

// lostError says that the warehouse did not come back.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

func (r *run) fail(err error) { r.errs = append(r.errs, err) }

func (r *run) refresh(ctx context.Context) {
	r.Progress.Begin("refresh", 0, 0)
	began := time.Now()
	ctx, span := r.span(ctx, "refresh")
	months, err := r.Warehouse.Refresh(ctx, r.id)
	span.end(err, attribute.Int("months", months))
	took := time.Since(began)
	r.report.RefreshSeconds, r.report.Months = took.Seconds(), months
	failpoint.Here(failpoint.Refreshed)
	switch {
	case errors.Is(err, load.ErrOvertaken):
		r.report.Warnings = append(r.report.Warnings, load.ErrOvertaken.Error())
	case err != nil:
		r.fail(err)
	default:
		r.observer().Refreshed(took, months)
	}
}

// warnUnrated tells of entries that this run loaded, but that count nowhere until their currency has a rate.
func (r *run) warnUnrated(ctx context.Context) {
	if !slices.ContainsFunc(r.sources, func(s *source) bool { return s.report.Canonical > 0 }) {
		return
	}
	entries, err := r.Warehouse.Unrated(ctx, r.id)
	switch {
	case err != nil:
		r.fail(err)
	case entries > 0:
		r.report.Warnings = append(r.report.Warnings, fmt.Sprintf("%d entries that it loaded count nowhere, for their currency has no rate at or before their day: "+
			"load fx_rates, or mend the currency and load them again with --full; see partnerplus rejects list --rule rate", entries))
	}
}

// warnUnknownPrograms tells of partner managers' programmes that are still unknown after the refresh.
func (r *run) warnUnknownPrograms(ctx context.Context) {
	unknown, err := r.UnknownPrograms(ctx)
	if err != nil {
		r.fail(err)
	}
	r.report.Warnings = append(r.report.Warnings, unknown...)
}

// closing is how long each of the two steps that end an interrupted run may take: to drop what was staged, and to say so in
// the ledger. The program has five seconds for all.
const closing = 2 * time.Second

func (r *run) end(ctx context.Context) (Report, error) {
	interrupted := ctx.Err() != nil
	r.report.Seconds = time.Since(r.started).Seconds()
	for _, s := range r.sources {
		r.report.Sources = append(r.report.Sources, s.report)
	}
	if err := r.closeSources(); err != nil {
		r.errs = append(r.errs, err)
	}
	total := r.report.Total()
	r.warn(total)
	switch {
	case interrupted:
		r.report.Status = StatusInterrupted
		r.errs = append(r.errs, context.Cause(ctx))
	case len(r.errs) > 0:
		r.report.Status = StatusFailed
	case len(r.report.Checks) > 0:
		r.report.Status = StatusChecks
	case total.Rejected > 0 || len(r.report.Warnings) > 0:
		r.report.Status = StatusRejects
	default:
		r.report.Status = StatusDone
	}
	if !r.request.DryRun {
		// An interrupted run still says so in the ledger.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if err := r.Warehouse.RecordRun(ctx, r.row()); err != nil {
			r.errs = append(r.errs, err)
		}
		failpoint.Here(failpoint.RunEnded)
	}
	for _, err := range r.errs {
		r.report.Errors = append(r.report.Errors, r.Config.Redact(err.Error()))
	}
	r.report.err = errors.Join(r.errs...)
	r.observer().RunEnded(r.request.Job, r.report.Status)
	r.root.end(r.report.err, append(total.attributes(), attribute.String("status", r.report.Status))...)
	r.Log.Info("run ends", append(total.fields(), zap.String("status", r.report.Status), zap.Float64("seconds", r.report.Seconds),
		zap.Int("months", r.report.Months))...)
	return r.report, r.report.err
}

// warn notes what is no failure, but should not go unseen.
func (r *run) warn(total SourceReport) {
	for _, s := range r.report.Sources {
		if s.Listed == 0 && s.Failed == 0 && !s.goesOn && !r.replayed && r.request.Within == (extract.Range{}) && len(r.errs) == 0 {
			r.report.Warnings = append(r.report.Warnings, fmt.Sprintf("source %s offers nothing: its place can be read, but no unit matches", s.Name))
		}
	}
	if total.PutOff > 0 {
		r.report.Warnings = append(r.report.Warnings, fmt.Sprintf("%d units changed while they were read: the next run takes them", total.PutOff))
	}
	if total.Stale > 0 {
		r.report.Warnings = append(r.report.Warnings, fmt.Sprintf("%d units were loaded under an earlier mapping: load them again with --full", total.Stale))
	}
}

func (r *run) closeSources() error {
	var errs []error
	for _, s := range r.sources {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// row is the run's row in the ledger, as it stands.
func (r *run) row() load.Run {
	total := r.report.Total()
	row := load.Run{
		ID: r.id, Job: r.request.Job, Started: r.started, Status: r.report.Status, PID: os.Getpid(),
		UnitsListed: uint64(total.Listed), UnitsLoaded: uint64(total.Loaded), UnitsFailed: uint64(total.Failed),
		RowsRead: total.Rows, RowsLoaded: total.Canonical, RowsRejected: total.Rejected, Bytes: uint64(total.Bytes),
	}
	if r.report.Status != StatusRunning {
		row.Finished = time.Now()
	}
	row.Error = strings.Join(r.report.Checks, "\n")
	if err := errors.Join(r.errs...); err != nil {
		row.Error = r.Config.Redact(err.Error())
	}
	row.Host, _ = os.Hostname() // a machine without a name is no reason not to run
	return row
}
