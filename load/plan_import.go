package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ActionRow is an action as a file has it. One without an id is to be added; else the action of that id is to be so.
type ActionRow struct {
	ID        string
	Month     string // such as 2026-09; of an action that there is: in whose plan it stands, or empty
	Program   string
	Owner     string
	Action    string
	Due       string
	Status    string // empty: ActionOpen, of one to be added
	Finding   string
	Note      string
	ChangedAt string // when the action was changed last, as Action has it; empty: that does not matter
}

// ActionRowError is what is wrong with a row.
type ActionRowError struct {
	Row int // from 0
	Err error
}

// SameActionError says that an earlier row has the same action.
type SameActionError struct {
	Row int // from 0
	ID  string
}

func (e *SameActionError) Error() string {
	return fmt.Sprintf("id: this is the same action as row %d: %s", e.Row+1, e.ID)
}

// ImportError says what is wrong with rows of a file, all of it. Nothing was imported.
type ImportError struct{ Rows []ActionRowError }

func (e *ImportError) Error() string {
	texts := make([]string, len(e.Rows))
	for i, row := range e.Rows {
		texts[i] = fmt.Sprintf("row %d: %s", row.Row+1, row.Err)
	}
	return strings.Join(texts, "\n")
}

// Imported is what became of a row.
type Imported struct {
	Action  Action
	Added   bool
	Changed bool
	Differs bool // it was to be added, but is there already, and says something else, which stays
}

// ImportActions adds and changes actions as the rows say: all of them, or none and an *ImportError. The same rows once more change
// nothing.
func (w *Warehouse) ImportActions(ctx context.Context, by string, rows []ActionRow) (imported []Imported, err error) {
	wrong := new(ImportError)
	var fail func(row int, err error)
	fail = func(row int, err error) {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, err := range joined.Unwrap() {
				fail(row, err)
			}
			return
		}
		wrong.Rows = append(wrong.Rows, ActionRowError{row, err})
	}
	var months []time.Time // into whose plans actions go
	starts := make([]time.Time, len(rows))
	for i, row := range rows {
		if starts[i], err = time.Parse("2006-01", row.Month); err != nil && (row.ID == "" || row.Month != "") {
			fail(i, &ActionFieldError{Field: "month", Value: row.Month, Problem: fmt.Sprintf("%q is not a month such as 2026-09", row.Month)})
		} else if row.ID == "" && !slices.Contains(months, starts[i]) {
			months = append(months, starts[i])
		}
	}
	err = w.planActions(ctx, by, months, func(p *planning) error {
		seen := map[string]int{}
		for i, row := range rows {
			if row.ID == "" && starts[i].IsZero() {
				continue // told above
			}
			done, err := p.take(row, starts[i])
			if err != nil {
				fail(i, err)
				continue
			}
			if first, twice := seen[done.Action.ID]; twice {
				fail(i, &SameActionError{Row: first, ID: done.Action.ID})
				continue
			}
			seen[done.Action.ID] = i
			imported = append(imported, done)
		}
		if len(wrong.Rows) > 0 {
			slices.SortStableFunc(wrong.Rows, func(a, b ActionRowError) int { return a.Row - b.Row })
			return wrong
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return imported, nil
}

// take adds or changes an action as a row says.
func (p *planning) take(row ActionRow, month time.Time) (done Imported, err error) {
	if row.ID == "" {
		asked, err := NewAction{
			Month: month, Program: row.Program, Owner: row.Owner, Action: row.Action, Due: row.Due, Status: row.Status, Finding: row.Finding, Note: row.Note,
		}.asAction()
		if err != nil {
			return done, errors.Join(p.checkNames(asked), err)
		}
		done.Action, done.Added, err = p.add(asked)
		done.Differs = err == nil && !done.Added && !sameState(done.Action, row.over(done.Action))
		return done, err
	}
	before, err := p.find(row.ID)
	if err != nil {
		return done, err
	}
	if row.Month != "" && row.Month != before.Month {
		err = &ActionFieldError{Field: "month", Value: row.Month, Problem: fmt.Sprintf("the action stands in the plan of %s; carrying it over moves it", before.Month)}
	}
	if row.Program != before.Program {
		err = errors.Join(err, &ActionFieldError{Field: "program", Value: row.Program, Problem: fmt.Sprintf("the action is about %q, and stays so: drop it, and add another", before.Program)})
	}
	after := row.over(before)
	if row.ChangedAt != "" && !sameState(before, after) {
		switch at, parsed := time.Parse(time.RFC3339Nano, row.ChangedAt); {
		case parsed != nil:
			err = errors.Join(err, &ActionFieldError{Field: "changed_at", Value: row.ChangedAt, Problem: fmt.Sprintf("%q is not a time as it is exported; leave it empty", row.ChangedAt)})
		case !at.Equal(before.ChangedAt):
			err = errors.Join(err, &ActionChangedError{before.ID, before.ChangedBy, before.ChangedAt})
		}
	}
	if err != nil {
		return done, err
	}
	done.Action, done.Changed, err = p.change("update", row.ID, ActionChange{
		Owner: &row.Owner, Action: &row.Action, Due: &row.Due, Status: &row.Status, Finding: &row.Finding, Note: &row.Note,
	})
	return done, err
}

// over gives an action as the row says.
func (row ActionRow) over(a Action) Action {
	if row.ID == "" && row.Status == "" {
		row.Status = ActionOpen
	}
	return ActionChange{Owner: &row.Owner, Action: &row.Action, Due: &row.Due, Status: &row.Status, Finding: &row.Finding, Note: &row.Note}.of(a)
}
