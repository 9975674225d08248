package load_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// lacking gives what the sources lack of January 2024, a line each.
func lacking(t *testing.T, w *load.Warehouse, names ...string) []string {
	t.Helper()
	incomplete, err := w.IncompleteSources(t.Context(), at("2024-01-01"), names...)
	must(t, err)
	var found []string
	for _, s := range incomplete {
		found = append(found, s.Source+" "+s.Lacks)
	}
	return found
}

// incompleteUnheard: a source has all of a month once it was heard after its end.
func incompleteUnheard(t *testing.T, w *load.Warehouse) {
	const day = 24 * time.Hour
	end := at("2024-02-01")
	// A unit of the source, delivered so long after the month's end, whose span ends so long after it where it has one.
	unit := func(source string, delivered time.Duration, rows uint64, span ...time.Duration) {
		record := load.UnitRecord{Rows: rows, Unit: load.Unit{Source: source, Name: fmt.Sprint(delivered, span), Version: "v", RunID: newID(), LoadID: newID(), Delivered: end.Add(delivered)}}
		for _, to := range span {
			record.WindowTo = end.Add(to)
		}
		must(t, w.Record(t.Context(), record))
	}
	// A run that asked the source, begun so long after the month's end.
	ask := func(source string, began time.Duration, usual bool) {
		id := newID()
		must(t, w.RecordRun(t.Context(), load.Run{ID: id, Started: end.Add(began), Status: "done"}))
		must(t, w.RecordSourceRun(t.Context(), load.SourceRun{Source: source, Job: "j", RunID: id, Rows: 1, Usual: usual}))
	}
	file := func(name string) load.SourceLimits { return load.SourceLimits{Name: name, FreshWithin: day} }
	api := func(name string) load.SourceLimits { return load.SourceLimits{Name: name, Asked: true} }
	ignored, lateFile, lateAPI := file("ignored"), file("late-file"), api("late-api")
	ignored.Unawaited, lateFile.MonthAfter, lateAPI.MonthAfter = true, 6*time.Hour, 6*time.Hour
	declare(t, w, ignored, file("never"), file("file"), file("empty-file"), lateFile, load.SourceLimits{Name: "list"},
		api("api"), api("answered"), api("unchanged"), api("old-span"), api("replayed"), api("watermark"), lateAPI)
	for _, source := range []string{"file", "empty-file", "list", "api", "answered", "unchanged"} {
		unit(source, -time.Hour, 1)
	}
	unit("late-file", 5*time.Hour, 1)
	unit("late-api", 5*time.Hour, 1)
	unit("empty-file", time.Hour, 0)
	unit("answered", time.Hour, 0)
	ask("api", -time.Second, true)
	ask("unchanged", 0, true)
	unit("old-span", time.Hour, 1, -day) // a backfill
	unit("old-span", -time.Hour, 1, 0)
	ask("replayed", time.Hour, false)
	unit("replayed", -time.Hour, 1, 0)
	unit("watermark", -time.Hour, 1, -2*time.Hour)
	ask("watermark", time.Hour, true) // it keeps a distance from now
	want := []string{
		"api was not asked since 2024-02-01 00:00",
		"empty-file delivered nothing since 2024-02-01 00:00: the last on 2024-01-31 23:00",
		"file delivered nothing since 2024-02-01 00:00: the last on 2024-01-31 23:00",
		"late-api was not asked since 2024-02-01 06:00",
		"late-file delivered nothing since 2024-02-01 06:00: the last on 2024-02-01 05:00",
		"never never delivered a row",
		"old-span was not asked since 2024-02-01 00:00",
		"replayed was not asked since 2024-02-01 00:00",
		"watermark was asked only up to 2024-01-31 22:00",
	}
	if got := lacking(t, w); !slices.Equal(got, want) {
		t.Errorf("incomplete are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := lacking(t, w, "list", "never"); !slices.Equal(got, []string{"never never delivered a row"}) {
		t.Errorf("of two, incomplete are %q", got)
	}
	unit("empty-file", 2*time.Hour, 1)
	unit("file", 0, 1)
	unit("never", day, 1)
	unit("late-file", 6*time.Hour, 1)
	unit("watermark", time.Hour, 0, 0)
	for _, source := range []string{"api", "late-api", "old-span", "replayed"} {
		ask(source, 7*time.Hour, true)
	}
	if got := lacking(t, w); got != nil {
		t.Errorf("incomplete are still %q", got)
	}
	// The month ends where figures are reported: five hours later than in UTC.
	declare(t, w, file("file"))
	change(t, w, "INSERT INTO etl.settings SELECT * REPLACE (now64(6) AS changed_at, 'America/New_York' AS timezone) FROM etl.settings ORDER BY changed_at DESC LIMIT 1")
	defer change(t, w, "INSERT INTO etl.settings SELECT * REPLACE (now64(6) AS changed_at, 'UTC' AS timezone) FROM etl.settings ORDER BY changed_at DESC LIMIT 1")
	if got := lacking(t, w); !slices.Equal(got, []string{"file delivered nothing since 2024-02-01 00:00: the last on 2024-01-31 19:00"}) {
		t.Errorf("in New York, incomplete are %q", got)
	}
}

// incompleteDays: a source has all of a month once it has events of the last of its usual days.
func incompleteDays(t *testing.T, w *load.Warehouse) {
	declare(t, w, load.SourceLimits{Name: "s"})
	deliver(t, w, "known", noon, known...)
	if got := lacking(t, w); got != nil {
		t.Errorf("without events, incomplete are %q", got)
	}
	// January 2024 ends on a Wednesday; this goes to the Sunday before.
	deliver(t, w, "u", noon, everyDay("2023-12-01", "2024-01-28", isWeekday)...)
	want := []string{"s has no event of 2024-01-31, though it usually has some on a Wednesday; the last before are of 2024-01-26"}
	if got := lacking(t, w); !slices.Equal(got, want) {
		t.Errorf("incomplete are %q", got)
	}
	// The next month has begun, and still the day is not there.
	deliver(t, w, "on", noon, entry("n", "award", 1, "2024-01-30"), entry("o", "award", 1, "2024-02-01"))
	want[0] = strings.Replace(want[0], "01-26", "01-30", 1)
	if got := lacking(t, w); !slices.Equal(got, want) {
		t.Errorf("incomplete are %q", got)
	}
	deliver(t, w, "last", noon, entry("l", "award", 1, "2024-01-31"))
	if got := lacking(t, w); got != nil {
		t.Errorf("incomplete are still %q", got)
	}
	// What has ended is no longer waited for.
	for month, want := range map[string]int{"2024-03-01": 1, "2024-04-01": 0} {
		incomplete, err := w.IncompleteSources(t.Context(), at(month))
		must(t, err)
		if len(incomplete) != want {
			t.Errorf("of %s, incomplete are %v", month, incomplete)
		}
	}
}

// openReview opens the review of January 2024 and wants it in that state.
func openReview(t *testing.T, w *load.Warehouse, state string, asked load.ReviewOpening) load.Opening {
	t.Helper()
	asked.Month = at("2024-01-01")
	opening, err := w.OpenReview(t.Context(), asked)
	must(t, err)
	if opening.State != state || opening.Month != "2024-01" || opening.At.IsZero() || len(opening.Checks) == 0 || opening.Checks[0].CheckID != opening.CheckID {
		t.Errorf("the opening is %+v, want %s", opening, state)
	}
	return opening
}

// reviewOpening: opening a review validates the month, once for the data as they are.
func reviewOpening(t *testing.T, w *load.Warehouse) {
	_, err := w.OpenReview(t.Context(), load.ReviewOpening{Month: at("2024-01-01"), By: "a"})
	if !errors.Is(err, load.ErrNotReviewable) {
		t.Errorf("opened without figures: %v", err)
	}
	goodData(t, w)
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 0.1}, load.SourceLimits{Name: "other"})
	first := openReview(t, w, load.ReviewOpened, load.ReviewOpening{By: "O'Neil", Note: `a \ note`})
	if first.Verdict != load.VerdictFail || len(first.Checks) != len(checkNames) || len(load.Failed(first.Checks)) != 1 || len(first.Incomplete) != 1 {
		t.Errorf("the first is %+v", first)
	}
	const reviews = "SELECT month, state, opened_by, note, verdict, failed_checks, incomplete, isNull(closed_at) FROM kpi.reviews"
	expect(t, w, reviews, `2024-01-01|open|O\'Neil|a \\ note|fail|['freshness']|{'other':'never delivered a row'}|1`)
	again := openReview(t, w, load.ReviewOpen, load.ReviewOpening{By: "b"})
	if again.CheckID != first.CheckID || again.By != "O'Neil" || again.Note != `a \ note` || again.At.UnixMicro() != first.At.UnixMicro() || !slices.Equal(again.Incomplete, first.Incomplete) {
		t.Errorf("again it is %+v, first %+v", again, first)
	}
	expect(t, w, "SELECT count(), (SELECT uniqExact(check_id) FROM etl.checks) FROM etl.review_steps", "1|1")

	// Other limits and new rows are other data. A validation of just now is not repeated.
	validated := func() string {
		results, err := w.Check(t.Context(), at("2024-01-01"), "freshness", "orphans")
		must(t, err)
		return results[0].CheckID
	}
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 0.1})
	id := validated()
	second := openReview(t, w, load.ReviewOpened, load.ReviewOpening{By: "b", CheckID: id})
	if second.CheckID != id || second.Verdict != load.VerdictPass || second.Incomplete != nil {
		t.Errorf("the second is %+v", second)
	}
	expect(t, w, reviews, `2024-01-01|open|b||pass|[]|{}|1`)
	openReview(t, w, load.ReviewOpen, load.ReviewOpening{By: "c"})
	deliver(t, w, "late", noon, fact{Entity: "awards", Program: "q", ID: "late", Member: "m", Amount: dollar, At: at("2024-01-11"), Version: 1})
	if third := openReview(t, w, load.ReviewOpened, load.ReviewOpening{By: "d", CheckID: validated()}); third.Verdict != load.VerdictWarn {
		t.Errorf("the third is %+v", third)
	}
	expect(t, w, "SELECT step, by FROM etl.review_steps ORDER BY at", `open|O\'Neil`, "open|b", "open|d")
	if _, err := w.OpenReview(t.Context(), load.ReviewOpening{Month: at("2024-02-01"), CheckID: "nosuch"}); err == nil || !strings.Contains(err.Error(), `no validation "nosuch"`) {
		t.Errorf("opened on no validation: %v", err)
	}

	closeMonth(t, w, "2024-01")
	deliver(t, w, "later", noon, entry("later", "award", 1, "2024-01-12"))
	openReview(t, w, load.ReviewClosed, load.ReviewOpening{By: "e"})
	expect(t, w, reviews, `2024-01-01|closed|d||pass|[]|{}|0`)
	// A month that was closed before reviews had steps.
	change(t, w, "INSERT INTO etl.closed_months (month, closed_at, closed_by, note) VALUES ('2024-02-01', now64(6), 'reviewer', '')")
	expect(t, w, "SELECT month, state, next_step, isNull(opened_at), closed_by, round, closings FROM kpi.reviews WHERE month = '2024-02-01'", "2024-02-01|closed||1|reviewer|1|1")
}
