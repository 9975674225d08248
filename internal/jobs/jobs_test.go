package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/chromium"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
	"github.com/partnerplus/warehouse/schedules"
)

// The tests run in synctest's bubble, whose clock starts at 2000-01-01 00:00 UTC and moves on only when everything in it
// waits.

// notes is work that only notes what it is asked for, and when.
type notes struct {
	did  []string
	runs int

	fails      map[string]error // by the beginning of what is noted
	report     pipeline.Report  // of each run
	failed     []string         // checks
	completeAt time.Time        // when the source late has delivered
	state      string           // of the opening
	noPDF      error
}

func (n *notes) note(what string) error {
	n.did = append(n.did, time.Now().UTC().Format("15:04 ")+what)
	for begin, err := range n.fails {
		if strings.HasPrefix(what, begin) {
			return err
		}
	}
	return nil
}

func (n *notes) Run(_ context.Context, request pipeline.Request) (pipeline.Report, error) {
	n.runs++
	what := "run of " + request.Job
	for name, is := range map[string]bool{" full": request.Full, " without refresh": request.NoRefresh, " without load": request.NoLoad} {
		if is {
			what += name
		}
	}
	if len(request.Sources) > 0 {
		what += fmt.Sprint(" ", request.Sources)
	}
	report := n.report
	report.RunID = fmt.Sprint("run-", n.runs)
	return report, n.note(what)
}

func (n *notes) results() []load.CheckResult {
	results := []load.CheckResult{{CheckID: "validation", Check: "conservation", Verdict: load.VerdictPass}}
	for _, name := range n.failed {
		results = append(results, load.CheckResult{CheckID: "validation", Check: name, Verdict: load.VerdictFail})
	}
	return results
}

func (n *notes) Validate(_ context.Context, month time.Time, _ ...string) ([]load.CheckResult, error) {
	of := "everything"
	if !month.IsZero() {
		of = month.Format(time.DateOnly)
	}
	return n.results(), n.note("check of " + of)
}

func (n *notes) IncompleteSources(_ context.Context, month time.Time, _ ...string) ([]load.IncompleteSource, error) {
	err := n.note("look at " + month.Format("2006-01"))
	if err != nil || !time.Now().Before(n.completeAt) {
		return nil, err
	}
	return []load.IncompleteSource{{Source: "late", Lacks: "never delivered a row"}}, nil
}

func (n *notes) OpenReview(_ context.Context, asked load.ReviewOpening) (load.Opening, error) {
	err := n.note(strings.TrimSpace("open " + asked.Month.Format("2006-01") + " by " + asked.By + " " + asked.CheckID))
	opening := load.Opening{Month: asked.Month.Format("2006-01"), State: n.state, Checks: n.results()}
	if time.Now().Before(n.completeAt) {
		opening.Incomplete = []load.IncompleteSource{{Source: "late", Lacks: "never delivered a row"}}
	}
	return opening, err
}

func (n *notes) WritePack(_ context.Context, month review.Month, page string) (review.Written, error) {
	return review.Written{Files: []string{page, "others"}, NoPDF: n.noPDF}, n.note("pack of " + month.String() + " in " + filepath.Base(page))
}

// runner runs jobs on the notes, reporting in the zone.
func runner(n *notes, zone string) *Runner {
	c := config.Default()
	c.Reporting.Timezone = zone
	return &Runner{Every: defaultEvery, config: c, log: zap.NewNop(), progress: new(pipeline.Progress), work: n}
}

var monthEnd = []schedules.Step{schedules.StepLoad, schedules.StepComplete, schedules.StepRefresh, schedules.StepCheck, schedules.StepReview, schedules.StepReport}

func TestJobs(t *testing.T) {
	t.Parallel()
	const s1, look = "00:00 run of j", "00:00 look at 1999-12"
	review := []string{"00:00 check of 1999-12-01", "00:00 open 1999-12 by job j validation", "00:00 pack of 1999-12 in review-1999-12.html"}
	disk := errors.New("the disk is full")
	tests := []struct {
		name   string
		job    schedules.Job
		notes  notes
		did    []string
		want   schedules.Result
		failed schedules.Step
	}{
		{name: "load and refresh by default", did: []string{s1}, want: schedules.Result{Status: "done", RunID: "run-1"}},
		{name: "sources and full", job: schedules.Job{Sources: []string{"b", "a"}, Full: true}, did: []string{s1 + " full [b a]"}, want: schedules.Result{Status: "done", RunID: "run-1"}},
		{name: "load alone", job: schedules.Job{Steps: monthEnd[:1]}, did: []string{s1 + " without refresh"}, want: schedules.Result{Status: "done", RunID: "run-1"}},
		{name: "refresh alone", job: schedules.Job{Steps: monthEnd[2:3]}, did: []string{s1 + " without load"}, want: schedules.Result{Status: "done", RunID: "run-1"}},
		{name: "check alone", job: schedules.Job{Steps: monthEnd[3:4]}, did: []string{"00:00 check of everything"}, want: schedules.Result{Status: "done"}},
		{name: "a check that fails", job: schedules.Job{Steps: monthEnd[3:4]}, notes: notes{failed: []string{"freshness", "rejects"}}, did: []string{"00:00 check of everything"},
			want: schedules.Result{Status: "checks", Reason: "checks failed: freshness, rejects"}},
		{name: "in their order, whatever the file's", job: schedules.Job{Steps: []schedules.Step{"check", "load", "refresh"}}, did: []string{s1, "00:00 check of everything"}, want: schedules.Result{Status: "done", RunID: "run-1"}},
		{name: "month-end", job: schedules.Job{Steps: monthEnd}, notes: notes{state: load.ReviewOpened}, did: slices.Concat([]string{s1, look}, review), want: schedules.Result{Status: "done", RunID: "run-1"}},
		{name: "month-end with a check that fails", job: schedules.Job{Steps: monthEnd}, notes: notes{failed: []string{"orphans"}}, did: slices.Concat([]string{s1, look}, review),
			want: schedules.Result{Status: "checks", RunID: "run-1", Reason: "checks failed: orphans"}},
		{name: "review without check", job: schedules.Job{Steps: monthEnd[4:5]}, notes: notes{failed: []string{"orphans"}}, did: []string{"00:00 open 1999-12 by job j"},
			want: schedules.Result{Status: "checks", Reason: "checks failed: orphans"}},
		{name: "a review that is closed", job: schedules.Job{Steps: monthEnd[4:5]}, notes: notes{failed: []string{"orphans"}, state: load.ReviewClosed}, did: []string{"00:00 open 1999-12 by job j"},
			want: schedules.Result{Status: "done"}},
		{name: "rejects and warnings", notes: notes{report: pipeline.Report{Sources: []pipeline.SourceReport{{Rejected: 7}}, Warnings: []string{"one", "two"}}}, did: []string{s1},
			want: schedules.Result{Status: "rejects", RunID: "run-1", Reason: "7 rows were rejected; one; two"}},
		{name: "few rows", notes: notes{report: pipeline.Report{Sources: []pipeline.SourceReport{{Rejected: 7}}, Checks: []string{"source s: 0 rows"}}}, did: []string{s1},
			want: schedules.Result{Status: "checks", RunID: "run-1", Reason: "source s: 0 rows"}},
		{name: "a load that fails", job: schedules.Job{Steps: monthEnd}, notes: notes{fails: map[string]error{"run": disk}}, did: []string{s1}, failed: "load",
			want: schedules.Result{Status: "failed", RunID: "run-1", Reason: "step load: the disk is full"}},
		{name: "a refresh that fails", job: schedules.Job{Steps: monthEnd[2:]}, notes: notes{fails: map[string]error{"run": disk}}, did: []string{s1 + " without load"}, failed: "refresh",
			want: schedules.Result{Status: "failed", RunID: "run-1", Reason: "step refresh: the disk is full"}},
		{name: "a validation that fails", job: schedules.Job{Steps: monthEnd}, notes: notes{fails: map[string]error{"check": disk}}, did: []string{s1, look, review[0]}, failed: "check",
			want: schedules.Result{Status: "failed", RunID: "run-1", Reason: "step check: the disk is full"}},
		{name: "an opening that fails", job: schedules.Job{Steps: monthEnd}, notes: notes{fails: map[string]error{"open": disk}}, did: slices.Concat([]string{s1, look}, review[:2]), failed: "review",
			want: schedules.Result{Status: "failed", RunID: "run-1", Reason: "step review: the disk is full"}},
		{name: "a month without figures", job: schedules.Job{Steps: monthEnd}, notes: notes{fails: map[string]error{"open": fmt.Errorf("%w: 1999-12 has no figures", load.ErrNotReviewable)}},
			did: slices.Concat([]string{s1, look}, review[:2]), want: schedules.Result{Status: "checks", RunID: "run-1", Reason: "the month cannot be reviewed: 1999-12 has no figures"}},
		{name: "a PDF that fails", job: schedules.Job{Steps: monthEnd[5:]}, notes: notes{noPDF: disk}, did: review[2:],
			want: schedules.Result{Status: "rejects", Reason: "the review pack has no PDF: the disk is full"}},
		{name: "no browser for a PDF", job: schedules.Job{Steps: monthEnd[5:]}, notes: notes{noPDF: fmt.Errorf("none: %w", chromium.ErrNone)}, did: review[2:],
			want: schedules.Result{Status: "done"}},
		{name: "a pack that fails", job: schedules.Job{Steps: monthEnd[5:]}, notes: notes{fails: map[string]error{"pack": disk}}, did: review[2:], failed: "report",
			want: schedules.Result{Status: "failed", Reason: "step report: the disk is full"}},
		{name: "a look that fails", job: schedules.Job{Steps: monthEnd}, notes: notes{fails: map[string]error{"look": disk}}, did: []string{s1, look}, failed: "complete",
			want: schedules.Result{Status: "failed", RunID: "run-1", Reason: "step complete: the disk is full"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tt.job.Name = "j"
				got, err := runner(&tt.notes, "UTC").RunJob(t.Context(), tt.job, schedules.Occurrence{Due: time.Now(), Attempt: 1})
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("result:\n%s", diff)
				}
				if diff := cmp.Diff(tt.did, tt.notes.did); diff != "" {
					t.Errorf("it did:\n%s", diff)
				}
				step := new(StepError)
				if errors.As(err, &step); step.Step != tt.failed || (err != nil) != (tt.failed != "") {
					t.Errorf("the error is %v, want one of step %q", err, tt.failed)
				}
				if err != nil && !errors.Is(err, disk) {
					t.Errorf("the error %v has lost its cause", err)
				}
			})
		})
	}
}

// TestThePackOfAClosingStays: a job that runs after its month was closed leaves the pack as it is.
func TestThePackOfAClosingStays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		state string
		there []string
		wrote bool
	}{
		{load.ReviewOpen, []string{"review-1999-12.html"}, true},
		{load.ReviewClosed, []string{"review-1999-12.html", "review-1999-12.pdf"}, false},
		{load.ReviewClosed, []string{"review-1999-12.pdf"}, true},
	} {
		reports := t.TempDir()
		for _, name := range test.there {
			if err := os.WriteFile(filepath.Join(reports, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			n := &notes{state: test.state}
			r := runner(n, "UTC")
			r.config.Reports = reports
			report, err := r.Run(t.Context(), schedules.Job{Name: "j", Steps: monthEnd[4:]}, schedules.Occurrence{Due: time.Now(), Attempt: 1})
			if wrote := len(n.did) == 2; err != nil || wrote != test.wrote || report.Pack != filepath.Join(reports, "review-1999-12.html") || len(report.PackFiles) != 2 || report.PackKept == test.wrote {
				t.Errorf("%s with %q: it did %q, and names %q: %v", test.state, test.there, n.did, report.PackFiles, err)
			}
		})
	}
}

// TestComplete: sources are waited for, loading again, until they have delivered or the time since the due time is over.
func TestComplete(t *testing.T) {
	t.Parallel()
	down := errors.New("the API is down")
	const late = "1999-12 is not complete: late never delivered a row"
	tests := []struct {
		name     string
		job      schedules.Job
		late     time.Duration // the source's delivery, after the due time
		start    time.Duration // the run's, after the due time
		every    time.Duration
		down     time.Duration // the API, after the due time
		loads    string
		finished time.Duration
		want     schedules.Result
	}{
		{name: "late", late: 25 * time.Minute, loads: "00:00 00:10 00:20 00:30", finished: 30 * time.Minute, want: schedules.Result{Status: "done"}},
		{name: "too late", job: schedules.Job{WaitFor: 25 * time.Minute}, late: time.Hour, loads: "00:00 00:10 00:20 00:25", finished: 25 * time.Minute,
			want: schedules.Result{Status: "checks", Reason: late}},
		{name: "six hours by default", late: 7 * time.Hour, every: 2 * time.Hour, loads: "00:00 02:00 04:00 06:00", finished: 6 * time.Hour, want: schedules.Result{Status: "checks", Reason: late}},
		{name: "caught up within the time", late: time.Hour, start: 5*time.Hour + 50*time.Minute, loads: "05:50", finished: 5*time.Hour + 50*time.Minute, want: schedules.Result{Status: "done"}},
		{name: "caught up after it", late: 10 * time.Hour, start: 7 * time.Hour, loads: "07:00", finished: 7 * time.Hour, want: schedules.Result{Status: "checks", Reason: late}},
		{name: "without load", job: schedules.Job{Steps: monthEnd[1:2]}, late: 15 * time.Minute, loads: "00:10 00:20", finished: 20 * time.Minute, want: schedules.Result{Status: "done"}},
		{name: "a load that fails meanwhile", late: time.Hour, down: 20 * time.Minute, loads: "00:00 00:10 00:20", finished: 20 * time.Minute,
			want: schedules.Result{Status: "failed", Reason: "step complete: load again: the API is down"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				due := time.Now()
				n := &notes{completeAt: due.Add(tt.late), state: load.ReviewOpened}
				r := runner(n, "UTC")
				if tt.every > 0 {
					r.Every = tt.every
				}
				if tt.down > 0 {
					time.AfterFunc(tt.down-time.Second, func() { n.fails = map[string]error{"run": down} })
				}
				time.Sleep(tt.start)
				tt.job.Name = "j"
				if tt.job.Steps == nil {
					tt.job.Steps = monthEnd
				}
				got, err := r.RunJob(t.Context(), tt.job, schedules.Occurrence{Due: due, Attempt: 1})
				if tt.want.RunID = "run-1"; got != tt.want || errors.Is(err, down) != (tt.down > 0) {
					t.Errorf("result is %+v, want %+v: %v", got, tt.want, err)
				}
				if took := time.Since(due); took != tt.finished {
					t.Errorf("finished after %s, want %s", took, tt.finished)
				}
				var loads []string
				for _, what := range n.did {
					if at, what, _ := strings.Cut(what, " "); strings.HasPrefix(what, "run of j") {
						loads = append(loads, at)
					}
				}
				if got := strings.Join(loads, " "); got != tt.loads {
					t.Errorf("loads at %s, want %s", got, tt.loads)
				}
			})
		})
	}
}

// TestInterruption: whatever cuts a job off ends it at once, with its cause.
func TestInterruption(t *testing.T) {
	t.Parallel()
	lost := errors.New("the lease is lost")
	synctest.Test(t, func(t *testing.T) {
		n := &notes{completeAt: time.Now().Add(time.Hour)}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(15*time.Minute, func() { cancel(lost) })
		began := time.Now()
		got, err := runner(n, "UTC").RunJob(ctx, schedules.Job{Name: "j", Steps: monthEnd}, schedules.Occurrence{Due: began})
		if want := (schedules.Result{Status: "interrupted", RunID: "run-1", Reason: "step complete: the lease is lost"}); got != want || !errors.Is(err, lost) {
			t.Errorf("result is %+v: %v", got, err)
		}
		if took := time.Since(began); took != 15*time.Minute {
			t.Errorf("it went on for %s", took)
		}
		// What began is told to have been cut off, whatever it says itself; nothing begins after.
		n = &notes{fails: map[string]error{"run": errors.New("torn")}}
		got, err = runner(n, "UTC").RunJob(ctx, schedules.Job{Name: "j"}, schedules.Occurrence{Due: began})
		if got.Status != "interrupted" || !errors.Is(err, lost) || n.did != nil {
			t.Errorf("result is %+v: %v; it did %q", got, err, n.did)
		}
		ctx, end := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("over its timeout"))
		defer end()
		n = &notes{completeAt: time.Now().Add(time.Hour)}
		got, _ = runner(n, "UTC").RunJob(ctx, schedules.Job{Name: "j", Steps: monthEnd}, schedules.Occurrence{Due: time.Now()})
		if got.Status != "interrupted" || got.Reason != "step complete: over its timeout" {
			t.Errorf("result is %+v", got)
		}
	})
}

// TestMonth: a job is about the month that was over when it was due, in the reporting zone.
func TestMonth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, due, month string }{
		{"UTC", "2024-01-01T04:00:00Z", "2023-12"},
		{"UTC", "2024-03-31T23:59:59Z", "2024-02"},
		{"America/New_York", "2024-03-01T04:59:59Z", "2024-01"},
		{"America/New_York", "2024-03-01T05:00:00Z", "2024-02"},
		{"Pacific/Auckland", "2024-02-29T11:00:00Z", "2024-02"},
	} {
		due, err := time.Parse(time.RFC3339, tt.due)
		if err != nil {
			t.Fatal(err)
		}
		report, err := runner(new(notes), tt.zone).Run(t.Context(), schedules.Job{Name: "j", Steps: monthEnd}, schedules.Occurrence{Due: due})
		if err != nil || report.Month != tt.month || filepath.Base(report.Pack) != "review-"+tt.month+".html" || len(report.PackFiles) != 2 {
			t.Errorf("due at %s in %s, it is about %s (%s), want %s: %v", tt.due, tt.zone, report.Month, report.Pack, tt.month, err)
		}
	}
}
