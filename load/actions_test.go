package load_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/load"
)

// planReady brings the review of a month so far that its plan takes actions, and gives the validation that it stands on.
func planReady(t *testing.T, w *load.Warehouse, month string) string {
	t.Helper()
	checks, err := w.Check(t.Context(), at(month), "restatement")
	must(t, err)
	_, err = w.OpenReview(t.Context(), load.ReviewOpening{Month: at(month), By: "r", CheckID: checks[0].CheckID})
	must(t, err)
	for _, step := range []string{load.StepAssess, load.StepRisks} {
		_, err := w.RecordStep(t.Context(), load.ReviewStep{Month: at(month), Step: step, By: "r"})
		must(t, err)
	}
	return checks[0].CheckID
}

// addAction adds an action for programme p, to January 2024.
func addAction(t *testing.T, w *load.Warehouse, text, due string) load.Action {
	t.Helper()
	a, added, err := w.AddAction(t.Context(), "r", load.NewAction{Month: at("2024-01-01"), Program: "p", Owner: "O", Action: text, Due: due})
	must(t, err)
	if !added {
		t.Errorf("%q was there already", text)
	}
	return a
}

// actionLife: an action is added once, changed, and carried over; the plan of a closed review keeps what it was.
func actionLife(t *testing.T, w *load.Warehouse) {
	goodData(t, w)
	january, february := at("2024-01-01"), at("2024-02-01")
	n := load.NewAction{Month: january, Program: "p", Owner: "  Zoë O'Neil 🦉 ", Action: `Ask "them" \ now`, Due: "2024-02-10", Finding: "rising_unspent", Note: "n"}
	var early *load.OutOfSequenceError
	if _, _, err := w.AddAction(t.Context(), "r", n); !errors.As(err, &early) || early.Next != load.StepOpen {
		t.Errorf("added before the review: %v", err)
	}
	checkID := planReady(t, w, "2024-01-01")
	actionProblems(t, w)
	actionImport(t, w)
	change(t, w, "TRUNCATE TABLE etl.review_actions")
	a, added, err := w.AddAction(t.Context(), "r", n)
	must(t, err)
	if !added || len(a.ID) != 7 || a.Owner != "Zoë O'Neil 🦉" || a.Status != load.ActionOpen || a.AddedBy != "r" || !a.IsOpen || !a.IsOverdue {
		t.Errorf("added %v %+v", added, a)
	}
	// The same once more, by whomever, is the same action; even at once.
	n.Owner, n.Due = "Other", "2024-03-01"
	var several sync.WaitGroup
	for range 3 {
		several.Go(func() {
			again, added, err := w.AddAction(t.Context(), "s", n)
			if err != nil || added || again.ID != a.ID || again.Owner != a.Owner {
				t.Errorf("again: %v %+v %v", added, again, err)
			}
		})
	}
	several.Wait()
	const states = "SELECT change, by, month, owner, due, status, note FROM etl.review_actions ORDER BY at"
	expect(t, w, states, `add|r|2024-01-01|Zoë O\'Neil 🦉|2024-02-10|open|n`)

	// Two change different things at once: neither is lost.
	several.Go(func() { _, _, err := w.AssignAction(t.Context(), "x", a.ID, "X"); complainOf(t, err) })
	started := load.ActionStarted
	several.Go(func() {
		_, _, err := w.UpdateAction(t.Context(), "y", a.ID, load.ActionChange{Status: &started})
		complainOf(t, err)
	})
	several.Wait()
	if got, _, err := w.UpdateAction(t.Context(), "z", a.ID, load.ActionChange{Status: &started}); err != nil || got.Owner != "X" || got.Status != "started" {
		t.Errorf("after two changes at once: %+v %v", got, err)
	}
	expect(t, w, "SELECT count(), uniqExact(at) FROM etl.review_actions", "3|3") // the third changed nothing
	dropped := addAction(t, w, "Never mind", "2024-01-31")
	drop, done := load.ActionDropped, load.ActionDone
	_, _, err = w.UpdateAction(t.Context(), "r", dropped.ID, load.ActionChange{Status: &drop})
	must(t, err)

	// Closed: no new actions, but changes of those there are.
	_, err = w.CloseReview(t.Context(), load.ReviewClosing{Month: january, By: "r", CheckID: checkID})
	must(t, err)
	if _, _, err := w.AddAction(t.Context(), "r", load.NewAction{Month: january, Owner: "O", Action: "late", Due: "2024-03-01"}); !errors.As(err, &early) || early.Next != load.StepReopen {
		t.Errorf("added to a closed plan: %v", err)
	}
	const plan = "SELECT month, kind, action, owner, status, is_overdue, carried_to, owner_at_close, status_at_close, overdue_at_close, status_now FROM kpi.review_plan ORDER BY month, kind, action"
	expect(t, w, plan,
		`2024-01-01|plan|Ask "them" \\ now|X|started|1|~|X|started|1|started`,
		"2024-01-01|plan|Never mind|O|dropped|0|~|O|dropped|0|dropped")
	_, _, err = w.AssignAction(t.Context(), "r", a.ID, "Y")
	must(t, err)

	// It is overdue: the next review shows it by itself, until it is carried over or done.
	planReady(t, w, "2024-02-01")
	expect(t, w, plan+" LIMIT 2, 9", `2024-02-01|earlier|Ask "them" \\ now|Y|started|1|~|~|~|~|started`)
	for _, month := range []string{"2024-03-01", "2024-01-01"} {
		if _, err := w.CarryActions(t.Context(), "r", at(month), a.ID); !errors.As(err, &early) {
			t.Errorf("carried into %s: %v", month, err)
		}
	}
	if _, err := w.CarryActions(t.Context(), "r", february, dropped.ID); !errors.As(err, new(*load.ActionDoneError)) {
		t.Errorf("carried what was dropped: %v", err)
	}
	for _, ids := range [][]string{{a.ID}, nil} {
		carried, err := w.CarryActions(t.Context(), "r", february, ids...)
		must(t, err)
		if ids != nil && (len(carried) != 1 || carried[0].ID != a.ID || !carried[0].Carried) || ids == nil && carried != nil {
			t.Errorf("carried %+v", carried)
		}
	}
	_, _, err = w.UpdateAction(t.Context(), "r", a.ID, load.ActionChange{Status: &done})
	must(t, err)
	expect(t, w, plan,
		`2024-01-01|plan|Ask "them" \\ now|Y|started|0|2024-02-01|X|started|1|done`,
		"2024-01-01|plan|Never mind|O|dropped|0|~|O|dropped|0|dropped",
		`2024-02-01|plan|Ask "them" \\ now|Y|done|0|~|~|~|~|done`)
	expect(t, w, "SELECT month, first_month, owner, note, added_by, changed_by, is_open, is_overdue, carried FROM kpi.review_actions WHERE action_id = '"+a.ID+"'",
		"2024-02-01|2024-01-01|Y|n|r|r|0|0|1")
	if _, err := w.DecideNoAction(t.Context(), "r", february, "calm"); !errors.As(err, new(*load.PlanNotEmptyError)) {
		t.Errorf("decided against a plan: %v", err)
	}
	_, _, err = w.UpdateAction(t.Context(), "r", a.ID, load.ActionChange{Status: &drop})
	must(t, err)
	r, err := w.DecideNoAction(t.Context(), "Z", february, "calm")
	must(t, err)
	if r.Decision != "calm" || r.DecidedBy != "Z" || r.NextStep != load.StepClose {
		t.Errorf("decided: %+v", r)
	}
}

func complainOf(t *testing.T, err error) {
	if err != nil {
		t.Error(err)
	}
}

// actionProblems: what an action cannot be is named with the field.
func actionProblems(t *testing.T, w *load.Warehouse) {
	t.Helper()
	good := load.NewAction{Month: at("2024-01-01"), Program: "p", Owner: "O", Action: "A", Due: "2024-01-01"}
	for _, tt := range []struct {
		change func(*load.NewAction)
		want   string
	}{
		{func(n *load.NewAction) { n.Program = "P" }, `program: no programme "P" has figures`},
		{func(n *load.NewAction) { n.Owner = " " }, "owner: there is none"},
		{func(n *load.NewAction) { n.Owner = strings.Repeat("é", 201) }, "owner: it has 201 characters, of at most 200"},
		{func(n *load.NewAction) { n.Action = "a\nb" }, `action: "a\nb" has a line break or another control character; write one line`},
		{func(n *load.NewAction) { n.Note = "\xff" }, `note: "\xff" is not valid UTF-8`},
		{func(n *load.NewAction) { n.Due = "" }, "due: there is none; it needs a date such as 2026-10-31"},
		{func(n *load.NewAction) { n.Due = "2024-02-30" }, `due: "2024-02-30" is not a date such as 2026-10-31`},
		{func(n *load.NewAction) { n.Due = "2023-12-31" }, "due: 2023-12-31 is before the month under review, 2024-01"},
		{func(n *load.NewAction) { n.Due = "2300-01-01" }, "due: 2300-01-01 is after 2299-12-31"},
		{func(n *load.NewAction) { n.Status = "closed" }, `status: "closed" is none of open, started, done, dropped`},
		{func(n *load.NewAction) { n.Finding = "rising" }, `finding: there is no topic "rising" of findings`},
	} {
		n := good
		tt.change(&n)
		_, _, err := w.AddAction(t.Context(), "r", n)
		if field := new(load.ActionFieldError); !errors.As(err, &field) || err.Error() != tt.want {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	if _, _, err := w.AddAction(t.Context(), "", good); err == nil {
		t.Error("added by nobody")
	}
	if _, _, err := w.AssignAction(t.Context(), "r", "nosuch", "O"); !errors.As(err, new(*load.UnknownActionError)) {
		t.Errorf("assigned: %v", err)
	}
	expect(t, w, "SELECT count() FROM etl.review_actions", "0")
}

// actionImport: a file is imported whole or not at all, and once more changes nothing.
func actionImport(t *testing.T, w *load.Warehouse) {
	t.Helper()
	a := addAction(t, w, "First", "2024-03-01")
	row := func(of load.Action) load.ActionRow {
		return load.ActionRow{ID: of.ID, Month: of.Month, Program: of.Program, Owner: of.Owner, Action: of.Action, Due: of.Due, Status: of.Status,
			Finding: of.Finding, Note: of.Note, ChangedAt: of.ChangedAt.Format(time.RFC3339Nano)}
	}
	changed := row(a)
	changed.Owner, changed.Status = "New", "started"
	fresh := load.ActionRow{Month: "2024-01", Owner: "P", Action: "=second", Due: "2024-04-01"}
	rows := []load.ActionRow{changed, fresh}
	results := func() (all []string) {
		t.Helper()
		imported, err := w.ImportActions(t.Context(), "i", rows)
		must(t, err)
		for _, done := range imported {
			all = append(all, strings.Join(slices.Compact([]string{
				map[bool]string{true: "added"}[done.Added], map[bool]string{true: "changed"}[done.Changed], map[bool]string{true: "differs"}[done.Differs],
			}), "")+" "+done.Action.Owner)
		}
		return all
	}
	for _, want := range [][]string{{"changed New", "added P"}, {" New", " P"}} {
		if diff := cmp.Diff(want, results()); diff != "" {
			t.Error(diff)
		}
	}
	expect(t, w, "SELECT change, by, owner, status, program_id FROM etl.review_actions ORDER BY at, owner", "add|r|O|open|p", "update|i|New|started|p", "add|i|P|open|")

	// Somebody changes it: what the file says of it does not undo that, and nothing else is done either.
	_, _, err := w.AssignAction(t.Context(), "b", a.ID, "Newer")
	must(t, err)
	rows[1].Owner = "Q"
	rows = append(rows,
		load.ActionRow{ID: "nosuch", Owner: "O", Action: "A", Due: "2024-02-01", Status: "open"},
		load.ActionRow{Month: "2024-02", Owner: "O", Action: "A", Due: "2024-02-01"},
		load.ActionRow{Month: "Jan 24", Owner: "O", Action: "A", Due: "2024-02-01"},
		load.ActionRow{Month: "2024-01", Program: "nosuch", Owner: "O", Action: "A", Due: "1/2/2024"},
		load.ActionRow{ID: a.ID, Month: "2024-02", Program: "q", Owner: "O", Action: "A", Due: "2024-02-01", Status: "open"},
		load.ActionRow{Month: "2024-01", Owner: "O", Action: "new", Due: "2024-02-01"},
		load.ActionRow{Month: "2024-01", Owner: "O", Action: "new", Due: "2024-02-01"})
	_, err = w.ImportActions(t.Context(), "i", rows)
	wrong := new(load.ImportError)
	if !errors.As(err, &wrong) {
		t.Fatalf("imported: %v", err)
	}
	got := strings.Split(wrong.Error(), "\n")
	for i, want := range []string{
		"row 1: action " + a.ID + " was changed by b at ",
		`row 3: there is no action "nosuch"`,
		"row 4: the review of 2024-02 is not open",
		`row 5: month: "Jan 24" is not a month such as 2026-09`,
		`row 6: program: no programme "nosuch" has figures`,
		`row 6: due: "1/2/2024" is not a date such as 2026-10-31`,
		"row 7: month: the action stands in the plan of 2024-01",
		`row 7: program: the action is about "p", and stays so`,
		"row 9: id: this is the same action as row 8",
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Errorf("problem %d of %q is not %s", i, got, want)
		}
	}
	if len(got) != 9 {
		t.Errorf("%d problems: %q", len(got), got)
	}
	expect(t, w, "SELECT count() FROM etl.review_actions", "4")

	// Without when it was read, what the file says counts; what is to be added, but is there with something else, stays.
	rows = rows[:2]
	rows[0].ChangedAt = ""
	if diff := cmp.Diff([]string{"changed New", "differs P"}, results()); diff != "" {
		t.Error(diff)
	}
}
