package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

// actionFilter chooses actions.
type actionFilter struct {
	month, owner, program, status string
	overdue                       bool
}

func (f *actionFilter) flags(cmd *cobra.Command, status string) {
	cmd.Flags().StringVar(&f.month, "month", "", "only of the plan of this month's review; while that is under way, the overdue ones of earlier plans too")
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

// takes tells whether an action is chosen; underReview, whether the review of the filter's month is under way.
func (f actionFilter) takes(a load.Action, underReview bool) bool {
	return (f.month == "" || a.Month == f.month || underReview && a.IsOverdue && a.Month < f.month) &&
		(f.owner == "" || strings.EqualFold(a.Owner, f.owner)) &&
		(f.program == "" || a.Program == f.program) &&
		(f.status == "all" || a.Status == f.status || f.status == load.ActionOpen && a.IsOpen) &&
		(!f.overdue || a.IsOverdue)
}

// actions reads the chosen actions.
func (f actionFilter) actions(ctx context.Context, w *load.Warehouse) ([]load.Action, error) {
	underReview := false
	if f.month != "" {
		month, err := firstDay(f.month)
		if err != nil {
			return nil, err
		}
		state, err := w.Review(ctx, month)
		if err != nil {
			return nil, err
		}
		underReview = state.State == load.ReviewOpen
	}
	all, err := w.Actions(ctx)
	return slices.DeleteFunc(all, func(a load.Action) bool { return !f.takes(a, underReview) }), err
}

func (a *app) actionList() *cobra.Command {
	var f actionFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List actions: what is open, whose, and what is overdue",
		Long: `list shows the actions that are open or started, the overdue ones first, then by when they are due. With --month it shows those
of that review's plan, and while the review is under way, the overdue ones of earlier plans.`,
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
				rows := [][]string{{"ID", "PLAN", "PROGRAMME", "OWNER", "ACTION", "DUE", "STATUS", "FINDING", "NOTE", "CHANGED"}}
				for _, x := range actions {
					status := x.Status
					if x.IsOverdue {
						status += " (overdue)"
					}
					rows = append(rows, []string{x.ID, x.Month, about(x.Program), x.Owner, x.Action, x.Due, status, x.Finding, x.Note, x.ChangedAt.UTC().Format(time.DateOnly)})
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
