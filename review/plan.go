package review

import "context"

// PlannedAction is an action as a review's plan has it: kpi.review_plan says what each field holds.
type PlannedAction struct {
	Kind       string         `json:"kind"` // plan; or earlier: overdue, of an earlier review
	ID         string         `json:"id"`
	Program    string         `json:"program_id"` // empty: the portfolio
	Owner      string         `json:"owner"`
	Action     string         `json:"action"`
	Due        string         `json:"due"`
	Status     string         `json:"status"`
	Finding    string         `json:"finding"`
	Note       string         `json:"note"`
	IsOverdue  bool           `json:"is_overdue"` // now
	FirstMonth string         `json:"first_month"`
	CarriedTo  string         `json:"carried_to"` // month into whose plan it was carried; empty: it was not
	AtClose    *ActionAtClose `json:"at_close"`   // nil: the review was never closed, or it was not in its plan then
	StatusNow  string         `json:"status_now"`
}

// ActionAtClose is what an action was when its review was closed last.
type ActionAtClose struct {
	Owner   string `json:"owner"`
	Action  string `json:"action"`
	Due     string `json:"due"`
	Status  string `json:"status"`
	Overdue bool   `json:"overdue"`
}

// ActionPlan is the action plan of a month's review.
type ActionPlan struct {
	Month   string          `json:"month"` // such as 2026-09
	Actions []PlannedAction `json:"actions"`
	Earlier []PlannedAction `json:"earlier"` // overdue, of the plans of earlier reviews
}

// Plan reads the action plan of a month's review, the overdue actions first, then by when they are due.
func Plan(ctx context.Context, from Reader, month Month) (ActionPlan, error) {
	plan := ActionPlan{Month: month.String(), Actions: []PlannedAction{}, Earlier: []PlannedAction{}}
	var rows []struct {
		Kind           string `ch:"kind"`
		ID             string `ch:"action_id"`
		Program        string `ch:"program_id"`
		Owner          string `ch:"owner"`
		Action         string `ch:"action"`
		Due            string `ch:"due"`
		Status         string `ch:"status"`
		Finding        string `ch:"finding"`
		Note           string `ch:"note"`
		IsOverdue      bool   `ch:"is_overdue"`
		FirstMonth     string `ch:"first_month"`
		CarriedTo      string `ch:"carried_to"`
		WasClosed      bool   `ch:"was_closed"`
		OwnerAtClose   string `ch:"owner_at_close"`
		ActionAtClose  string `ch:"action_at_close"`
		DueAtClose     string `ch:"due_at_close"`
		StatusAtClose  string `ch:"status_at_close"`
		OverdueAtClose bool   `ch:"overdue_at_close"`
		StatusNow      string `ch:"status_now"`
	}
	if err := from.Select(ctx, "review/plan.sql", map[string]string{"month": month.date()}, &rows); err != nil {
		return plan, err
	}
	for _, r := range rows {
		a := PlannedAction{
			Kind: r.Kind, ID: r.ID, Program: r.Program, Owner: r.Owner, Action: r.Action, Due: r.Due, Status: r.Status, Finding: r.Finding, Note: r.Note,
			IsOverdue: r.IsOverdue, FirstMonth: r.FirstMonth, CarriedTo: r.CarriedTo, StatusNow: r.StatusNow,
		}
		if r.WasClosed {
			a.AtClose = &ActionAtClose{Owner: r.OwnerAtClose, Action: r.ActionAtClose, Due: r.DueAtClose, Status: r.StatusAtClose, Overdue: r.OverdueAtClose}
		}
		if r.Kind == "plan" {
			plan.Actions = append(plan.Actions, a)
		} else {
			plan.Earlier = append(plan.Earlier, a)
		}
	}
	return plan, nil
}
