package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// planLease is of those who change actions: one reads and writes at a time, so that no change undoes another that came in
// between. Who was killed keeps others from it for no longer than planLasts; who finds it held waits for planPatience.
const (
	planLease    = "the actions of the reviews"
	planLasts    = 30 * time.Second
	planPatience = 10 * time.Second
)

// planning is a change of actions under way.
type planning struct {
	w        *Warehouse
	by       string
	actions  []Action
	programs []string
	topics   []string
	today    string            // in the reporting zone
	reviews  map[string]Review // into whose plans actions go, by month; nobody closes these meanwhile
	written  []planned
}

// planned is a state that an action is to have.
type planned struct {
	Action
	change string
}

// planActions changes actions: what do leaves in written is recorded at once, as one block, or nothing where it fails. Nobody else changes
// actions, nor does a step in the reviews of those months, meanwhile.
func (w *Warehouse) planActions(ctx context.Context, by string, months []time.Time, do func(*planning) error) error {
	if err := checkText("by", by, mostName, true); err != nil {
		return err
	}
	p := &planning{w: w, by: by, reviews: map[string]Review{}}
	var hold func(months []time.Time) error
	hold = func(months []time.Time) error {
		if len(months) == 0 {
			return w.planAlone(ctx, by, func() error { return p.run(ctx, do) })
		}
		return w.alone(ctx, months[0], by, func() error {
			r, err := w.Review(ctx, months[0])
			if err != nil {
				return err
			}
			p.reviews[r.Month] = r
			return hold(months[1:])
		})
	}
	months = slices.Clone(months)
	slices.SortFunc(months, time.Time.Compare) // always in the same order
	return hold(slices.CompactFunc(months, time.Time.Equal))
}

func (w *Warehouse) planAlone(ctx context.Context, by string, do func() error) error {
	begun := time.Now()
	for {
		lease, err := w.Lease(ctx, planLease, by, planLasts)
		if err == nil {
			return errors.Join(do(), lease.Release(context.WithoutCancel(ctx)))
		}
		if !errors.As(err, new(*LeaseHeldError)) || time.Since(begun) > planPatience {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(longestRetreat / 4):
		}
	}
}

func (p *planning) run(ctx context.Context, do func(*planning) error) error {
	var err error
	if p.actions, err = p.w.Actions(ctx); err != nil {
		return err
	}
	if err := p.readNames(ctx); err != nil {
		return err
	}
	if err := do(p); err != nil || len(p.written) == 0 {
		return err
	}
	rows := given{columns: []givenColumn{
		{"action_id", "String"}, {"at", "Int64"}, {"by", "String"}, {"change", "String"}, {"month", "String"}, {"program_id", "String"}, {"owner", "String"},
		{"action", "String"}, {"due", "String"}, {"status", "String"}, {"finding", "String"}, {"note", "String"},
	}}
	for _, s := range p.written {
		rows.add(s.ID, s.ChangedAt.UnixMicro(), p.by, s.change, s.Month, s.Program, s.Owner, s.Action.Action, s.Due, s.Status, s.Finding, s.Note)
	}
	return p.w.execGiven(ctx, "record actions", "verdicts/record_actions.sql", nil, rows)
}

func (p *planning) readNames(ctx context.Context) error {
	var rows []struct {
		Kind string `ch:"kind"`
		Name string `ch:"name"`
	}
	err := p.w.selectInto(ctx, "read programmes, topics and the day", sql.Text("verdicts/action_names.sql"), nil, &rows)
	for _, row := range rows {
		switch row.Kind {
		case "program":
			p.programs = append(p.programs, row.Name)
		case "topic":
			p.topics = append(p.topics, row.Name)
		case "today":
			p.today = row.Name
		}
	}
	return err
}

// find gives the action of an id, with what is to be written of it.
func (p *planning) find(id string) (Action, error) {
	known := make([]string, len(p.actions))
	for i, a := range p.actions {
		if a.ID == id {
			return a, nil
		}
		known[i] = a.ID
	}
	return Action{}, &UnknownActionError{ID: id, Known: known}
}

// write lets an action have a state, and tells whether that is another than it has.
func (p *planning) write(change string, a Action) (Action, bool) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	i := slices.IndexFunc(p.actions, func(b Action) bool { return b.ID == a.ID })
	switch {
	case i < 0:
		a.AddedAt, a.AddedBy = now, p.by
		p.actions = append(p.actions, a)
		i = len(p.actions) - 1
	case sameState(p.actions[i], a):
		return p.actions[i], false
	case !now.After(p.actions[i].ChangedAt): // another machine's clock is ahead
		now = p.actions[i].ChangedAt.Add(time.Microsecond)
	}
	a.ChangedAt, a.ChangedBy = now, p.by
	a.IsOpen = a.Status == ActionOpen || a.Status == ActionStarted
	a.IsOverdue = a.IsOpen && a.Due < p.today
	a.Carried = a.Month > a.FirstMonth
	p.actions[i] = a
	p.written = append(p.written, planned{a, change})
	return a, true
}

// asAction gives the action that is to be added, without an id. The error is an *ActionFieldError.
func (n NewAction) asAction() (Action, error) {
	month := n.Month.Format("2006-01")
	a := ActionChange{Owner: &n.Owner, Action: &n.Action, Due: &n.Due, Status: &n.Status, Finding: &n.Finding, Note: &n.Note}.of(
		Action{Month: month, FirstMonth: month, Program: n.Program})
	if a.Status == "" {
		a.Status = ActionOpen
	}
	a.FirstAction = a.Action
	return a, checkAction(a)
}

// add adds an action, or finds the one that it is the same as.
func (p *planning) add(a Action) (Action, bool, error) {
	if err := p.checkNames(a); err != nil {
		return a, false, err
	}
	for _, b := range p.actions {
		added := b.FirstMonth == a.Month && b.FirstAction == a.Action
		if b.Program == a.Program && (added || b.Month == a.Month && b.Action == a.Action) {
			return b, false, nil
		}
	}
	if err := p.reviews[a.Month].Allows(StepAction); err != nil {
		return a, false, err
	}
	for n := uint32(0); ; n++ {
		a.ID = actionID(a.Month, a.Program, a.Action, n)
		if !slices.ContainsFunc(p.actions, func(b Action) bool { return b.ID == a.ID }) {
			break
		}
	}
	a, _ = p.write("add", a)
	return a, true, nil
}

// checkNames says whether there are the programme and the topic of an action.
func (p *planning) checkNames(a Action) error {
	if a.Program != "" && !slices.Contains(p.programs, a.Program) {
		return &ActionFieldError{Field: "program", Value: a.Program, Problem: fmt.Sprintf("no programme %q has figures", a.Program), Known: p.programs}
	}
	if a.Finding != "" && !slices.Contains(p.topics, a.Finding) {
		return &ActionFieldError{Field: "finding", Value: a.Finding, Problem: fmt.Sprintf("there is no topic %q of findings", a.Finding), Known: p.topics}
	}
	return nil
}

// CheckProgram says whether a programme has figures. Its error is an *ActionFieldError.
func (w *Warehouse) CheckProgram(ctx context.Context, program string) error {
	p := &planning{w: w}
	if err := p.readNames(ctx); err != nil {
		return err
	}
	return p.checkNames(Action{Program: program})
}

// change changes an action, and tells whether it was not so already.
func (p *planning) change(name, id string, c ActionChange) (Action, bool, error) {
	before, err := p.find(id)
	if err != nil {
		return before, false, err
	}
	after := c.of(before)
	if after.Due == before.Due {
		err = checkAction(Action{Owner: after.Owner, Action: after.Action, Due: after.Due, Status: after.Status, Note: after.Note})
	} else {
		err = checkAction(after)
	}
	if after.Finding != before.Finding {
		err = errors.Join(err, p.checkNames(after))
	}
	if err != nil {
		return before, false, err
	}
	after, changed := p.write(name, after)
	return after, changed, nil
}

// AddAction adds an action to the plan of a month's review, where its turn has come (else the error is an *OutOfSequenceError), and
// tells whether it was not there already: an action of the same month, programme and text is the same, whoever owns it, and stays as it is.
// A value that an action cannot have is an *ActionFieldError.
func (w *Warehouse) AddAction(ctx context.Context, by string, n NewAction) (a Action, added bool, err error) {
	if a, err = n.asAction(); err != nil {
		return a, false, err
	}
	err = w.planActions(ctx, by, []time.Time{n.Month}, func(p *planning) (err error) {
		a, added, err = p.add(a)
		return err
	})
	return a, added, err
}

// AssignAction gives an action another owner, and tells whether it was not theirs already.
func (w *Warehouse) AssignAction(ctx context.Context, by, id, owner string) (a Action, changed bool, err error) {
	return w.changeAction(ctx, "assign", by, id, ActionChange{Owner: &owner})
}

// UpdateAction changes an action, whether its review is closed or not, and tells whether it was not so already.
func (w *Warehouse) UpdateAction(ctx context.Context, by, id string, c ActionChange) (a Action, changed bool, err error) {
	return w.changeAction(ctx, "update", by, id, c)
}

func (w *Warehouse) changeAction(ctx context.Context, name, by, id string, c ActionChange) (a Action, changed bool, err error) {
	err = w.planActions(ctx, by, nil, func(p *planning) (err error) {
		a, changed, err = p.change(name, id, c)
		return err
	})
	return a, changed, err
}

// CarryActions carries actions into the plan of a later month's review that is under way, all that are open in earlier plans where
// it names none, and gives those that were not there already. The plans that they leave keep showing them.
func (w *Warehouse) CarryActions(ctx context.Context, by string, month time.Time, ids ...string) (carried []Action, err error) {
	to := month.Format("2006-01")
	err = w.planActions(ctx, by, []time.Time{month}, func(p *planning) error {
		if r := p.reviews[to]; r.State != ReviewOpen {
			return r.Allows(StepAction)
		}
		if len(ids) == 0 {
			for _, a := range p.actions {
				if a.IsOpen && a.Month < to {
					ids = append(ids, a.ID)
				}
			}
		}
		for _, id := range ids {
			a, err := p.find(id)
			switch {
			case err != nil:
				return err
			case a.Month == to:
				continue
			case a.Month > to:
				return &ActionFieldError{Field: "month", Value: to, Problem: fmt.Sprintf("action %s stands in the plan of a later review, %s", a.ID, a.Month)}
			case !a.IsOpen:
				return &ActionDoneError{a.ID, a.Status}
			}
			a.Month = to
			a, _ = p.write("carry", a)
			carried = append(carried, a)
		}
		return nil
	})
	return carried, err
}

// DecideNoAction records the decision that a month needs no action, and for which reason. The error is a *PlanNotEmptyError where its
// plan has some, and an *OutOfSequenceError where another step comes first.
func (w *Warehouse) DecideNoAction(ctx context.Context, by string, month time.Time, reason string) (r Review, err error) {
	if err := errors.Join(checkText("by", by, mostName, true), checkText("reason", reason, mostNote, true)); err != nil {
		return r, err
	}
	r, err = w.Review(ctx, month)
	if err != nil {
		return r, err
	}
	if err := r.Allows(StepDecide); err != nil {
		return r, err
	}
	if r.Actions > 0 {
		return r, &PlanNotEmptyError{r.Month, r.Actions}
	}
	return w.RecordStep(ctx, ReviewStep{Month: month, Step: StepDecide, By: by, Note: strings.TrimSpace(reason)})
}
