package load_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// TestStepsComeInSequence: what has been done may be done again, what comes later may not be done yet.
func TestStepsComeInSequence(t *testing.T) {
	t.Parallel()
	all := []string{load.StepOpen, load.StepWaive, load.StepAssess, load.StepRisks, load.StepAction, load.StepDecide, load.StepClose, load.StepReopen}
	tests := []struct {
		state, next string
		allowed     string // apart by spaces
		says        string // of the first that is not
	}{
		{load.ReviewNone, load.StepOpen, "open", "the review of 2024-01 is not open: partnerplus review open --month 2024-01"},
		{load.ReviewOpen, load.StepOpen, "open", "the review of 2024-01 is not open"},
		{load.ReviewOpen, load.StepWaive, "open waive", "checks of 2024-01 fail: freshness, orphans; mend the data and open the review again, or have an owner waive them: partnerplus review waive freshness orphans --month 2024-01"},
		{load.ReviewOpen, load.StepAssess, "open waive assess", "risks comes too early in the review of 2024-01: next is partnerplus review assess --month 2024-01"},
		{load.ReviewOpen, load.StepRisks, "open waive assess risks", "action comes too early in the review of 2024-01: next is partnerplus review risks"},
		{load.ReviewOpen, load.StepAction, "open waive assess risks action decide", "the plan of 2024-01 has no action"},
		{load.ReviewOpen, load.StepClose, "open waive assess risks action decide close", "the review of 2024-01 is not closed"},
		{load.ReviewClosed, "", "reopen", "the review of 2024-01 is closed: partnerplus review reopen --month 2024-01"},
	}
	for _, test := range tests {
		review := load.Review{Month: "2024-01", State: test.state, NextStep: test.next, OpenChecks: []string{"freshness", "orphans"}}
		var allowed []string
		said := ""
		for _, step := range all {
			early := new(load.OutOfSequenceError)
			switch err := review.Allows(step); {
			case err == nil:
				allowed = append(allowed, step)
			case !errors.As(err, &early) || early.Step != step:
				t.Errorf("%s: %s is refused by %v", test.next, step, err)
			case said == "":
				said = err.Error()
			}
		}
		if got := strings.Join(allowed, " "); got != test.allowed || !strings.HasPrefix(said, test.says) {
			t.Errorf("%s, next %q: allowed is %q, want %q; it says %q", test.state, test.next, got, test.allowed, said)
		}
	}
}

// reviewing goes through the whole review of January 2024, twice, and all that may get in its way.
func reviewing(t *testing.T, w *load.Warehouse) {
	january := at("2024-01-01")
	goodData(t, w)
	early := func(next string, err error) {
		t.Helper()
		refused := new(load.OutOfSequenceError)
		if !errors.As(err, &refused) || refused.Next != next {
			t.Errorf("it is %v, want that %s comes first", err, next)
		}
	}
	changed := func(err error) {
		t.Helper()
		found := new(load.FiguresChangedError)
		if !errors.As(err, &found) || found.Changed == 0 || found.Of < 80 || !strings.Contains(err.Error(), "review assess --month 2024-01") {
			t.Errorf("it is %v, want that figures changed", err)
		}
	}
	record := func(step string) (load.Review, error) {
		return w.RecordStep(t.Context(), load.ReviewStep{Month: january, Step: step, By: "A", Note: "why"})
	}
	next := func(step, want string) {
		t.Helper()
		review, err := record(step)
		must(t, err)
		if review.NextStep != want {
			t.Errorf("after %s comes %q, want %q", step, review.NextStep, want)
		}
	}
	// One check is enough of a validation here.
	validate := func() string {
		t.Helper()
		results, err := w.Check(t.Context(), january, "freshness")
		must(t, err)
		return results[0].CheckID
	}
	open := func() {
		t.Helper()
		_, err := w.OpenReview(t.Context(), load.ReviewOpening{Month: january, By: "A", CheckID: validate()})
		must(t, err)
	}
	end := func() error {
		t.Helper()
		_, err := w.CloseReview(t.Context(), load.ReviewClosing{Month: january, By: "A", CheckID: validate()})
		return err
	}
	waive := func(checks ...string) error {
		_, err := w.WaiveChecks(t.Context(), january, "Owner", `it's "late"`, checks...)
		return err
	}
	state := func(want string) {
		t.Helper()
		expect(t, w, "SELECT state, round, next_step, failed_checks, waived_checks, open_checks, closings FROM kpi.reviews", want)
	}

	// Each step before its predecessor.
	tooEarly := func(step, next string) {
		t.Helper()
		_, err := record(step)
		early(next, err)
	}
	tooEarly(load.StepAssess, load.StepOpen)
	tooEarly(load.StepReopen, "")
	early(load.StepOpen, waive("freshness"))
	early(load.StepOpen, end())
	if _, err := w.RecordStep(t.Context(), load.ReviewStep{Month: at("2030-01-01"), Step: load.StepAssess, By: "A"}); !errors.Is(err, load.ErrNotReviewable) {
		t.Errorf("a month without figures: %v", err)
	}
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 0.1}, load.SourceLimits{Name: "other"})
	open()
	state("open|1|waive|['freshness']|[]|['freshness']|0")
	tooEarly(load.StepAssess, load.StepWaive)
	if err := waive("freshness", "orphans"); !errors.As(err, new(*load.NotWaivableError)) {
		t.Errorf("a check that did not fail is waived: %v", err)
	}
	for _, blank := range [][2]string{{"Owner", ""}, {"Owner", " \t"}, {" ", "why"}} {
		if _, err := w.WaiveChecks(t.Context(), january, blank[0], blank[1], "freshness"); err == nil {
			t.Errorf("waived by %q for the reason %q", blank[0], blank[1])
		}
	}
	must(t, waive("freshness"))
	tooEarly(load.StepRisks, load.StepAssess)
	next(load.StepAssess, load.StepRisks)
	tooEarly(load.StepDecide, load.StepRisks)
	next(load.StepRisks, load.StepAction)
	early(load.StepAction, end())
	next(load.StepDecide, load.StepClose)

	// A late correction: what was assessed is no longer so.
	corrected := entry("r1", "redemption", 31, "2024-01-20")
	corrected.Version = 2
	deliver(t, w, "corrected", noon, corrected)
	refresh(t, w)
	changed(end())
	_, err := record(load.StepRisks)
	changed(err)
	if _, err := w.RecordStep(t.Context(), load.ReviewStep{Month: january, Step: load.StepAssess, By: "A", Figures: "those of before"}); !errors.As(err, new(*load.FiguresChangedError)) {
		t.Errorf("figures that nobody looked at are assessed: %v", err)
	}
	next(load.StepAssess, load.StepRisks)
	next(load.StepRisks, load.StepClose)

	// A check that finds as much, and something else.
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 0.1}, load.SourceLimits{Name: "another"})
	early(load.StepWaive, end())
	state("open|1|waive|['freshness']|[]|['freshness']|0")
	must(t, waive("freshness"))

	// A check that fails with another figure.
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 0.1}, load.SourceLimits{Name: "other"}, load.SourceLimits{Name: "third"})
	early(load.StepWaive, end())
	state("open|1|waive|['freshness']|[]|['freshness']|0")
	must(t, waive("freshness"))

	// A closing that was cut short, and two at once.
	change(t, w, `INSERT INTO etl.closed_figures (month, closed_at, scope, program_id, org_id, segment, population, metric, value)
		SELECT month, now64(6), scope, program_id, org_id, segment, population, metric, 1 FROM kpi.metric_monthly WHERE month = '2024-01-01'`)
	expect(t, w, "SELECT count() FROM kpi.reported_monthly", "0")
	id := validate()
	errs := make([]error, 2)
	var both sync.WaitGroup
	for i := range errs {
		both.Go(func() {
			_, errs[i] = w.CloseReview(t.Context(), load.ReviewClosing{Month: january, By: "A", Note: "n", CheckID: id})
		})
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("two closed it at once: %v", errs)
	}
	for _, err := range errs {
		if err != nil && !errors.As(err, new(*load.LeaseHeldError)) {
			early(load.StepReopen, err)
		}
	}
	state("closed|1||['freshness']|['freshness']|[]|1")
	const same = `
		SELECT count() > 0, countIf(r.value IS DISTINCT FROM CAST(m.value AS Nullable(Decimal(38, 12)))), uniqExact(r.closing), min(r.is_latest)
		FROM kpi.reported_monthly AS r
		FULL JOIN (SELECT * FROM kpi.metric_monthly WHERE month = '2024-01-01') AS m
			ON r.month = m.month AND r.scope = m.scope AND r.program_id = m.program_id AND r.org_id = m.org_id AND r.segment = m.segment AND r.population = m.population AND r.metric = m.metric`
	expect(t, w, same, "1|0|1|1")
	tooEarly(load.StepAssess, load.StepReopen)

	// What comes later is a restatement, until the month is closed again. All steps are done again, and the waiver holds.
	corrected.Amount, corrected.Version = 32*dollar, 3
	deliver(t, w, "again", noon, corrected)
	refresh(t, w)
	const restated = "SELECT closed, now FROM kpi.restatements WHERE scope = 'portfolio' AND metric = 'dollars_redeemed'"
	expect(t, w, restated, "31|32")
	reviews, err := w.Reviews(t.Context())
	must(t, err)
	if len(reviews) != 3 || reviews[0].Month != "2024-02" || reviews[0].State != load.ReviewNone || reviews[1].State != load.ReviewClosed || reviews[1].Restated == 0 {
		t.Errorf("the reviews are %+v", reviews)
	}
	next(load.StepReopen, load.StepOpen)
	state("open|2|open|[]|[]|[]|1")
	tooEarly(load.StepAssess, load.StepOpen)
	open()
	state("open|2|assess|['freshness']|['freshness']|[]|1")
	next(load.StepAssess, load.StepRisks)
	next(load.StepRisks, load.StepAction)
	change(t, w, "INSERT INTO etl.review_actions (action_id, at, month, status) VALUES ('a', '2024-02-02 00:00:00', '2024-01-01', 'open'), ('b', '2024-02-02 00:00:00', '2024-02-01', 'open')")
	expect(t, w, "SELECT next_step, actions FROM kpi.reviews", "close|1")
	change(t, w, "INSERT INTO etl.review_actions (action_id, at, month, status) VALUES ('a', '2024-02-03 00:00:00', '2024-01-01', 'dropped')")
	early(load.StepAction, end())
	change(t, w, "INSERT INTO etl.review_actions (action_id, at, month, status) VALUES ('a', '2024-02-04 00:00:00', '2024-01-01', 'done')")
	next(load.StepDecide, load.StepClose)
	expect(t, w, "SELECT decision, isNull(decided_at) FROM kpi.reviews", "|1") // there is an action
	must(t, end())
	state("closed|2||['freshness']|['freshness']|[]|2")
	expect(t, w, "SELECT closing, is_latest, value FROM kpi.reported_monthly WHERE scope = 'portfolio' AND metric = 'dollars_redeemed' ORDER BY closing", "1|0|31", "2|1|32")
	expect(t, w, restated)
	steps, err := w.ReviewSteps(t.Context(), january)
	must(t, err)
	var done []string
	for _, s := range steps {
		done = append(done, s.Step)
		if s.Step == load.StepWaive && s.Note != `it's "late"` || s.At.After(time.Now().Add(time.Minute)) {
			t.Errorf("a step is %+v", s)
		}
	}
	if got, want := strings.Join(done, " "), "open waive assess risks decide assess risks open waive open waive close reopen open assess risks decide close"; got != want {
		t.Errorf("done was\n%s, want\n%s", got, want)
	}
	expect(t, w, "SELECT max(length(details)) FROM kpi.review_steps WHERE step IN ('assess', 'risks', 'close')", "1")
}
