package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

// actionFilter chooses actions.
type actionFilter struct {
	month, owner, program, status string
	overdue                       bool
}

func (f *actionFilter) flags(cmd *cobra.Command, status string) {
	cmd.Flags().StringVar(&f.month, "month", "", "only of the plan of this month's review, with what was carried from it, and the overdue ones of earlier plans")
	cmd.Flags().StringVar(&f.owner, "owner", "", "only of this owner")
	cmd.Flags().StringVar(&f.program, "program", "", "only about this programme")
	cmd.Flags().StringVar(&f.status, "status", status, "open (or started), started, done, dropped or all")
	cmd.Flags().BoolVar(&f.overdue, "overdue", false, "only overdue ones")
}

func (f actionFilter) check() error {
	if statuses := []string{"all", load.ActionOpen, load.ActionStarted, load.ActionDone, load.ActionDropped}; !slices.Contains(statuses, f.status) {
		return &usageError{fmt.Errorf("--status %s: it is one of %s", f.status, strings.Join(statuses, ", "))}
	}
	if f.month != "" {
		_, err := firstDay(f.month)
		return err
	}
	return nil
}

// takes tells whether an action is chosen, whatever plan it stands in.
func (f actionFilter) takes(a load.Action) bool {
	return (f.owner == "" || strings.EqualFold(a.Owner, f.owner)) &&
		(f.program == "" || a.Program == f.program) &&
		(f.status == "all" || a.Status == f.status || f.status == load.ActionOpen && a.IsOpen) &&
		(!f.overdue || a.IsOverdue)
}

// listedAction is an action as it is now, and whereto it was carried from the plan that was asked for.
type listedAction struct {
	load.Action
	CarriedTo string `json:"carried_to,omitempty"`
}

// actions reads the chosen actions.
func (f actionFilter) actions(ctx context.Context, w *load.Warehouse) ([]listedAction, error) {
	all, err := w.Actions(ctx)
	if err != nil {
		return nil, err
	}
	if f.program != "" && !slices.ContainsFunc(all, func(a load.Action) bool { return a.Program == f.program }) {
		if err := w.CheckProgram(ctx, f.program); err != nil {
			return nil, suggesting(err)
		}
	}
	carried, err := f.plan(ctx, w)
	if err != nil {
		return nil, err
	}
	var chosen []listedAction
	for _, a := range all {
		to, planned := carried[a.ID]
		if (planned || f.month == "") && f.takes(a) {
			chosen = append(chosen, listedAction{a, to})
		}
	}
	return chosen, nil
}

// plan gives the ids of the actions that the plan of the filter's month shows, each with the month that it was carried to from there.
func (f actionFilter) plan(ctx context.Context, w *load.Warehouse) (map[string]string, error) {
	if f.month == "" {
		return nil, nil
	}
	month, err := firstDay(f.month)
	if err != nil {
		return nil, err
	}
	plan, err := review.Plan(ctx, w, review.MonthOf(month))
	if err != nil {
		return nil, err
	}
	carried := map[string]string{}
	for _, a := range slices.Concat(plan.Actions, plan.Earlier) {
		carried[a.ID] = a.CarriedTo
	}
	return carried, nil
}

func (a *app) actionList() *cobra.Command {
	var f actionFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List actions: what is open, whose, and what is overdue",
		Long: `list shows the actions that are open or started, the overdue ones first, then by when they are due. With --month it shows those
of that review's plan, those too that were carried from it into a later one, and the overdue ones of earlier plans (of a closed review: those that
were overdue at its closing), all as they are now.`,
		Example: `  partnerplus review action list
  partnerplus review action list --month 2026-10 --status all
  partnerplus review action list --overdue --owner "A. Owner" -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			return a.onWarehouse(cmd.Context(), func(warehouse *opened) error {
				actions, err := f.actions(cmd.Context(), warehouse.Warehouse)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.out, notNull(actions))
				}
				rows := [][]string{{"ID", "PLAN", "CARRIED TO", "PROGRAMME", "OWNER", "ACTION", "DUE", "STATUS", "FINDING", "NOTE", "CHANGED"}}
				for _, x := range actions {
					status := x.Status
					if x.IsOverdue {
						status += " (overdue)"
					}
					plan := x.Month
					if x.CarriedTo != "" {
						plan = f.month
					}
					rows = append(rows, []string{x.ID, plan, x.CarriedTo, about(x.Program), x.Owner, x.Action.Action, x.Due, status, x.Finding, x.Note, x.ChangedAt.UTC().Format(time.DateOnly)})
				}
				printRows(a.out, rows)
				return nil
			})
		},
	}
	f.flags(cmd, load.ActionOpen)
	a.outputFlag(cmd)
	return cmd
}
