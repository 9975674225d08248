package load

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/partnerplus/warehouse/sql"
)

// Action is an action of the reviews' plans as it is now.
type Action struct {
	ID         string    `ch:"action_id" json:"id"`
	Month      string    `ch:"month" json:"month"` // in whose review's plan it stands, such as 2026-09
	FirstMonth string    `ch:"first_month" json:"first_month"`
	Program    string    `ch:"program_id" json:"program_id"` // empty: the portfolio
	Owner      string    `ch:"owner" json:"owner"`
	Action     string    `ch:"action" json:"action"`
	Due        string    `ch:"due" json:"due"` // such as 2026-10-31
	Status     string    `ch:"status" json:"status"`
	Finding    string    `ch:"finding" json:"finding"` // topic of kpi.findings, or empty
	Note       string    `ch:"note" json:"note"`
	AddedAt    time.Time `ch:"added_at" json:"added_at"`
	AddedBy    string    `ch:"added_by" json:"added_by"`
	ChangedAt  time.Time `ch:"changed_at" json:"changed_at"`
	ChangedBy  string    `ch:"changed_by" json:"changed_by"`
	IsOpen     bool      `ch:"is_open" json:"is_open"`       // or started
	IsOverdue  bool      `ch:"is_overdue" json:"is_overdue"` // open, and due before today
	Carried    bool      `ch:"carried" json:"carried"`       // over from the plan of an earlier review

	FirstAction string `ch:"first_action" json:"-"` // what it said when it was added
}

// States of an action.
const (
	ActionOpen    = "open"
	ActionStarted = "started"
	ActionDone    = "done"
	ActionDropped = "dropped"
)

var actionStates = []string{ActionOpen, ActionStarted, ActionDone, ActionDropped}

// Lengths of an action's texts, in characters.
const (
	mostName   = 200
	mostAction = 1000
	mostNote   = 2000
)

// ActionFieldError says that an action cannot have a value.
type ActionFieldError struct {
	Field   string // as the columns of etl.review_actions are called; month and program without _id
	Value   string
	Problem string
	Known   []string // values that there are, where they are few
}

func (e *ActionFieldError) Error() string { return e.Field + ": " + e.Problem }

// UnknownActionError says that there is no action of an id.
type UnknownActionError struct {
	ID    string
	Known []string
}

func (e *UnknownActionError) Error() string {
	return fmt.Sprintf("there is no action %q; partnerplus review action list --status all lists them", e.ID)
}

// ActionChangedError says that somebody changed an action after it was read, so that what was made of it would undo that.
type ActionChangedError struct {
	ID string
	By string
	At time.Time
}

func (e *ActionChangedError) Error() string {
	return fmt.Sprintf("action %s was changed by %s at %s, after it was read: read it anew, and change it then", e.ID, e.By, e.At.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// ActionDoneError says that an action cannot be carried over.
type ActionDoneError struct{ ID, Status string }

func (e *ActionDoneError) Error() string {
	return fmt.Sprintf("action %s is %s: there is nothing to carry over", e.ID, e.Status)
}

// PlanNotEmptyError says that it cannot be decided that a month needs no action: its plan has some.
type PlanNotEmptyError struct {
	Month   string
	Actions uint64
}

func (e *PlanNotEmptyError) Error() string {
	return fmt.Sprintf("the plan of %s has %d actions: drop them first (partnerplus review action update ID --status dropped), or close the review with them", e.Month, e.Actions)
}

// Actions reads all actions, the overdue ones first, then by when they are due.
func (w *Warehouse) Actions(ctx context.Context) ([]Action, error) {
	var actions []Action
	err := w.selectInto(ctx, "read the actions", sql.Text("verdicts/actions.sql"), nil, &actions)
	return actions, err
}

// NewAction is an action to be added to the plan of a month's review.
type NewAction struct {
	Month   time.Time // its first day
	Program string    // empty: the portfolio
	Owner   string
	Action  string
	Due     string
	Status  string // empty: ActionOpen
	Finding string // topic of kpi.findings, or empty
	Note    string
}

// ActionChange is what becomes of an action; what is nil stays.
type ActionChange struct {
	Owner, Action, Due, Status, Finding, Note *string
}

// of gives the action after the change.
func (c ActionChange) of(a Action) Action {
	for _, f := range []struct {
		to   *string
		from *string
	}{{&a.Owner, c.Owner}, {&a.Action, c.Action}, {&a.Due, c.Due}, {&a.Status, c.Status}, {&a.Finding, c.Finding}, {&a.Note, c.Note}} {
		if f.from != nil {
			*f.to = strings.TrimSpace(*f.from)
		}
	}
	return a
}

// sameState tells whether two states of an action say the same.
func sameState(a, b Action) bool {
	return a.Month == b.Month && a.Program == b.Program && a.Owner == b.Owner && a.Action == b.Action && a.Due == b.Due && a.Status == b.Status &&
		a.Finding == b.Finding && a.Note == b.Note
}

// checkAction says all that is wrong with an action by itself. Its error joins *ActionFieldErrors.
func checkAction(a Action) error {
	var wrong []error
	for _, text := range []struct {
		field, value string
		most         int
		needed       bool
	}{{"owner", a.Owner, mostName, true}, {"action", a.Action, mostAction, true}, {"note", a.Note, mostNote, false}} {
		wrong = append(wrong, checkText(text.field, text.value, text.most, text.needed))
	}
	wrong = append(wrong, checkDue(a))
	if !slices.Contains(actionStates, a.Status) {
		wrong = append(wrong, &ActionFieldError{Field: "status", Value: a.Status, Problem: fmt.Sprintf("%q is none of %s", a.Status, strings.Join(actionStates, ", ")), Known: actionStates})
	}
	return errors.Join(wrong...)
}

// lastDue is where the dates of the warehouse end.
const lastDue = "2299-12-31"

func checkDue(a Action) error {
	problem := ""
	switch _, err := time.Parse(time.DateOnly, a.Due); {
	case a.Due == "":
		problem = "there is none; it needs a date such as 2026-10-31"
	case err != nil:
		problem = fmt.Sprintf("%q is not a date such as 2026-10-31", a.Due)
	case a.Due < a.FirstMonth:
		problem = fmt.Sprintf("%s is before the month under review, %s", a.Due, a.FirstMonth)
	case a.Due > lastDue:
		problem = fmt.Sprintf("%s is after %s", a.Due, lastDue)
	default:
		return nil
	}
	return &ActionFieldError{Field: "due", Value: a.Due, Problem: problem}
}

// checkText says what is wrong with a text that somebody wrote.
func checkText(field, text string, most int, needed bool) error {
	problem := ""
	switch {
	case needed && text == "":
		problem = "there is none"
	case !utf8.ValidString(text):
		problem = fmt.Sprintf("%q is not valid UTF-8", text)
	case strings.ContainsFunc(text, unicode.IsControl):
		problem = fmt.Sprintf("%q has a line break or another control character; write one line", text)
	case utf8.RuneCountInString(text) > most:
		problem = fmt.Sprintf("it has %d characters, of at most %d", utf8.RuneCountInString(text), most)
	default:
		return nil
	}
	return &ActionFieldError{Field: field, Value: text, Problem: problem}
}

// Ids of actions begin with a letter and have no vowels, so that no program that shows them takes one for a number, a month or a
// word.
const (
	idLetters = "bcdfghjkmnpqrstvwxz"
	idSigns   = idLetters + "23456789"
	idLength  = 7
)

// actionID is the id of an action: the same for the same month, programme and text, so that an action that is added twice, even at
// once, is one. Of several actions that would have the same id, the nth has another one.
func actionID(month, program, action string, n uint32) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%d", month, program, action, n))
	rest := binary.BigEndian.Uint64(sum[:])
	id := make([]byte, idLength)
	for i := range id {
		signs := uint64(len(idSigns))
		if i == 0 {
			signs = uint64(len(idLetters))
		}
		id[i], rest = idSigns[rest%signs], rest/signs
	}
	return string(id)
}
