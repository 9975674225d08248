package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
	"github.com/partnerplus/warehouse/load"
)

func (a *app) reviewAction() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "action",
		Short: "The action plan: what is to be done, by whom and by when",
		Long: `Every action stands in the plan of a month's review, with programme (or portfolio), owner, due date and status: open, started,
done or dropped. One that is open after its due date is overdue, and appears in the plan of each later review until it is done, dropped or
carried over. What becomes of actions is recorded whether their review is closed or not; a closed review's plan takes no new ones.`,
		Example: `  partnerplus review action add --month 2026-09 --program acme --owner "A. Owner" --action "Write to dormant members" --due 2026-10-31
  partnerplus review action list
  partnerplus review action update kx7m2pq --status done`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("review action add, list, assign, update, carry, none, export or import; see partnerplus review action --help")}
		},
	}
	cmd.AddCommand(a.actionAdd(), a.actionList(), a.actionAssign(), a.actionUpdate(), a.actionCarry(), a.actionNone(), a.actionExport(), a.actionImport())
	return cmd
}

func (a *app) actionAdd() *cobra.Command {
	var month, by string
	var portfolio bool
	var n load.NewAction
	cmd := &cobra.Command{
		Use:   "add --program P --owner NAME --action TEXT --due DAY",
		Short: "Add an action to the plan of a month's review",
		Long: `add adds an action to the plan of a month's review, once the risks were looked at. An action of the same month, programme and text
is the same one: adding it again, by whomever, changes nothing and says so. Its id stays the same for as long as it lives.`,
		Example: `  partnerplus review action add --month 2026-09 --program acme --owner "A. Owner" --action "Write to dormant members" --due 2026-10-31 --finding rising_unspent
  partnerplus review action add --month 2026-09 --portfolio --owner Finance --action "Review allocations" --due 2026-11-15`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if err := needs(cmd, "owner", "action", "due"); err != nil {
				return err
			}
			if portfolio == (n.Program != "") {
				return &usageError{errors.New("add needs either --program or --portfolio")}
			}
			r, err := a.beginReview(cmd, month)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.warehouse.Close()) }()
			n.Month = r.month
			action, added, err := r.warehouse.AddAction(cmd.Context(), orUser(by), n)
			if err != nil {
				return suggesting(err)
			}
			if asJSON {
				return printJSON(a.out, struct {
					Added bool `json:"added"`
					load.Action
				}{added, action})
			}
			if !added {
				_, err = fmt.Fprintf(a.out, "action %s is there already, and stays as it is: %s\n", action.ID, actionLine(action))
				return err
			}
			_, err = fmt.Fprintf(a.out, "added action %s to the plan of %s: %s\n", action.ID, action.Month, actionLine(action))
			return err
		},
	}
	anyMonthFlag(cmd, &month)
	cmd.Flags().StringVar(&n.Program, "program", "", "programme that it is about")
	cmd.Flags().BoolVar(&portfolio, "portfolio", false, "it is about all programmes")
	cmd.Flags().StringVar(&n.Owner, "owner", "", "who sees to it")
	cmd.Flags().StringVar(&n.Action, "action", "", "what is to be done")
	cmd.Flags().StringVar(&n.Due, "due", "", "by when, such as 2026-10-31")
	cmd.Flags().StringVar(&n.Finding, "finding", "", "topic of the risk or opportunity that it answers, such as rising_unspent")
	cmd.Flags().StringVar(&n.Note, "note", "", "what else there is to say")
	byFlag(cmd, &by, "who adds it")
	a.outputFlag(cmd)
	return cmd
}

func (a *app) actionAssign() *cobra.Command {
	var owner, by string
	cmd := &cobra.Command{
		Use:     "assign ID --owner NAME",
		Short:   "Give an action another owner",
		Example: `  partnerplus review action assign kx7m2pq --owner "B. Owner"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needs(cmd, "owner"); err != nil {
				return err
			}
			return a.changed(cmd, func(ctx context.Context, w *load.Warehouse) (load.Action, bool, error) {
				return w.AssignAction(ctx, orUser(by), actionID(args[0]), owner)
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "who sees to it from now on")
	byFlag(cmd, &by, "who assigns it")
	a.outputFlag(cmd)
	return cmd
}

func (a *app) actionUpdate() *cobra.Command {
	var by, status, due, action, note, finding string
	cmd := &cobra.Command{
		Use:   "update ID [--status S] [--due DAY] [--action TEXT] [--note TEXT]",
		Short: "Say what became of an action, or change it",
		Long: `update changes what is given, whether the action's review is closed or not; the plan of a closed review keeps beside that what
stood there at its closing.`,
		Example: `  partnerplus review action update kx7m2pq --status started
  partnerplus review action update kx7m2pq --status done --note "sent to 1,200 members" --by "A. Owner"`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var change load.ActionChange
			for name, to := range map[string]struct {
				value *string
				field **string
			}{
				"status": {&status, &change.Status}, "due": {&due, &change.Due}, "action": {&action, &change.Action},
				"note": {&note, &change.Note}, "finding": {&finding, &change.Finding},
			} {
				if cmd.Flags().Changed(name) {
					*to.field = to.value
				}
			}
			if change == (load.ActionChange{}) {
				return &usageError{errors.New("update needs something to change: --status, --due, --action, --finding or --note")}
			}
			return a.changed(cmd, func(ctx context.Context, w *load.Warehouse) (load.Action, bool, error) {
				return w.UpdateAction(ctx, orUser(by), actionID(args[0]), change)
			})
		},
	}
	cmd.Flags().StringVar(&status, "status", "", "open, started, done or dropped")
	cmd.Flags().StringVar(&due, "due", "", "by when, such as 2026-10-31")
	cmd.Flags().StringVar(&action, "action", "", "what is to be done")
	cmd.Flags().StringVar(&finding, "finding", "", "topic of the risk or opportunity that it answers")
	cmd.Flags().StringVar(&note, "note", "", "what there is to say of it, in place of the note before")
	byFlag(cmd, &by, "who changes it")
	a.outputFlag(cmd)
	return cmd
}

// changed changes an action, and shows it.
func (a *app) changed(cmd *cobra.Command, change func(context.Context, *load.Warehouse) (load.Action, bool, error)) error {
	asJSON, err := a.wantsJSON()
	if err != nil {
		return err
	}
	return a.onPlan(cmd.Context(), func(w *load.Warehouse) error {
		action, changed, err := change(cmd.Context(), w)
		if err != nil {
			return suggesting(err)
		}
		if asJSON {
			return printJSON(a.out, action)
		}
		was := ""
		if !changed {
			was = " was so already"
		}
		_, err = fmt.Fprintf(a.out, "action %s%s: %s\n", action.ID, was, actionLine(action))
		return err
	})
}

func (a *app) actionCarry() *cobra.Command {
	var month, by string
	var all bool
	cmd := &cobra.Command{
		Use:   "carry ID… --month M",
		Short: "Carry actions over into the plan of a later review that is under way",
		Long: `carry moves actions that are open or started into the plan of a later month's review. They keep their ids, and the plan
that they leave keeps showing them.`,
		Example: `  partnerplus review action carry kx7m2pq b4wnt82 --month 2026-10
  partnerplus review action carry --all-open --month 2026-10`,
		RunE: func(cmd *cobra.Command, ids []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if err := needs(cmd, "month"); err != nil {
				return err
			}
			if all == (len(ids) > 0) {
				return &usageError{errors.New("carry needs either ids of actions or --all-open")}
			}
			for i := range ids {
				ids[i] = actionID(ids[i])
			}
			r, err := a.beginReview(cmd, month)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.warehouse.Close()) }()
			carried, err := r.warehouse.CarryActions(cmd.Context(), orUser(by), r.month, ids...)
			if err != nil {
				return suggesting(err)
			}
			if asJSON {
				return printJSON(a.out, notNull(carried))
			}
			for _, action := range carried {
				_, _ = fmt.Fprintf(a.out, "action %s: %s\n", action.ID, actionLine(action))
			}
			_, err = fmt.Fprintf(a.out, "%d actions were carried into the plan of %s\n", len(carried), month)
			return err
		},
	}
	monthFlag(cmd, &month)
	cmd.Flags().BoolVar(&all, "all-open", false, "all that are open or started in the plans of earlier reviews")
	byFlag(cmd, &by, "who carries them over")
	a.outputFlag(cmd)
	return cmd
}

func (a *app) actionNone() *cobra.Command {
	var month, by, reason string
	cmd := &cobra.Command{
		Use:   "none --month M --by NAME --reason TEXT",
		Short: "Decide that a month needs no action",
		Long: `none records the decision that a month needs no action, and for which reason: the review may then be closed without a plan, and
shows that. While the plan has actions that were not dropped, it is refused.`,
		Example: `  partnerplus review action none --month 2026-09 --by "A. Owner" --reason "all movements are seasonal"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if err := needs(cmd, "month", "by", "reason"); err != nil {
				return err
			}
			r, err := a.beginReview(cmd, month)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.warehouse.Close()) }()
			state, err := r.warehouse.DecideNoAction(cmd.Context(), by, r.month, reason)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.out, state)
			}
			_, _ = fmt.Fprintf(a.out, "decided for %s, by %s: no action is needed\n", state.Month, by)
			a.printNext(state)
			return nil
		},
	}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&by, "by", "", "who decides that")
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	a.outputFlag(cmd)
	return cmd
}

// onPlan does something with the plans of the config's warehouse, whose schema it brings up to date.
func (a *app) onPlan(ctx context.Context, do func(*load.Warehouse) error) (err error) {
	c, err := a.load()
	if err != nil {
		return err
	}
	warehouse, err := a.openMigrated(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	return do(warehouse.Warehouse)
}

func byFlag(cmd *cobra.Command, by *string, usage string) {
	cmd.Flags().StringVar(by, "by", "", usage+" (default: the name of the system's user)")
}

// actionID is an id as it was typed.
func actionID(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// about names the programme of an action.
func about(program string) string {
	if program == "" {
		return "the portfolio"
	}
	return program
}

func actionLine(a load.Action) string {
	overdue := ""
	if a.IsOverdue {
		overdue = ", overdue"
	}
	return fmt.Sprintf("%s, for %s, by %s, due %s: %s%s", a.Action, about(a.Program), a.Owner, a.Due, a.Status, overdue)
}

// suggesting adds to an error about a name that there is not which one may be meant.
func suggesting(err error) error {
	field, id := new(load.ActionFieldError), new(load.UnknownActionError)
	var name string
	var known []string
	switch {
	case errors.As(err, &field):
		name, known = field.Value, field.Known
	case errors.As(err, &id):
		name, known = id.ID, id.Known
	}
	if best := strictyaml.Nearest(name, known); best != "" {
		return fmt.Errorf("%w; did you mean %s?", err, best)
	}
	if field.Field == "finding" && len(known) > 0 {
		return fmt.Errorf("%w; there are: %s", err, strings.Join(known, ", "))
	}
	return err
}
