package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// FiguresChangedError says that a month's figures are not those that were assessed any more.
type FiguresChangedError struct {
	Month   string
	Step    string // that was to be done
	Changed int    // metrics with other figures; 0: the figures were computed anew while they were read
	Of      int    // metrics in all
	Example string // one that changed
}

func (e *FiguresChangedError) Error() string {
	if e.Changed == 0 {
		return fmt.Sprintf("the figures of %s were computed anew while they were read: do it again", e.Month)
	}
	return fmt.Sprintf("the figures of %s changed since they were assessed, those of %d of %d metrics, such as %s: partnerplus review assess --month %s comes again before %s",
		e.Month, e.Changed, e.Of, e.Example, e.Month, e.Step)
}

// allFigures names the state of all of a month's figures, beside those of single metrics.
const allFigures = "figures"

// figureStates reads the states of a month's figures, by metric and of all of them, and how many figures there are.
func (w *Warehouse) figureStates(ctx context.Context, month time.Time) (states map[string]string, figures uint64, err error) {
	var rows []struct {
		Name    string `ch:"name"`
		Figures uint64 `ch:"figures"`
		Own     string `ch:"own"`
		Total   string `ch:"total"`
	}
	if err := w.Select(ctx, "verdicts/figure_states.sql", Params{"month": month.Format(time.DateOnly)}, &rows); err != nil {
		return nil, 0, err
	}
	states = map[string]string{}
	for _, r := range rows {
		states[r.Name], states[allFigures] = r.Own, r.Total
		figures += r.Figures
	}
	return states, figures, nil
}

// lookedAt gives what an assessment or a look at the risks is to be recorded with: the state of the figures, which is that of the
// step. The risks are those of the figures that were assessed.
func (w *Warehouse) lookedAt(ctx context.Context, r Review, step ReviewStep) (map[string]string, error) {
	states, _, err := w.figureStates(ctx, step.Month)
	if err != nil {
		return nil, err
	}
	if step.Step == StepRisks {
		if err := w.stillAssessed(ctx, r, step.Month, step.Step, states); err != nil {
			return nil, err
		}
	}
	if step.Figures != "" && step.Figures != states[allFigures] {
		return nil, &FiguresChangedError{Month: r.Month, Step: step.Step}
	}
	if step.Step == StepRisks {
		return map[string]string{allFigures: states[allFigures]}, nil
	}
	return states, nil
}

// stillAssessed looks whether the figures are those that were assessed.
func (w *Warehouse) stillAssessed(ctx context.Context, r Review, month time.Time, step string, now map[string]string) error {
	if now[allFigures] == r.Figures {
		return nil
	}
	then, err := one[struct {
		Details map[string]string `ch:"details"`
	}](ctx, w, "verdicts/assessed.sql", Params{"month": month.Format(time.DateOnly)})
	if err != nil {
		return err
	}
	changed := &FiguresChangedError{Month: r.Month, Step: step}
	names := maps.Clone(now)
	maps.Copy(names, then.Details)
	delete(names, allFigures)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		changed.Of++
		if now[name] != then.Details[name] {
			changed.Changed++
			if changed.Example == "" {
				changed.Example = name
			}
		}
	}
	return changed
}
