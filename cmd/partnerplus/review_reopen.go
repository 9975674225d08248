package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) reviewReopen() *cobra.Command {
	var month, by, reason string
	cmd := &cobra.Command{
		Use:   "reopen --month M --by NAME --reason TEXT",
		Short: "Begin the review of a closed month anew",
		Long: `reopen begins a new round of the review of a closed month, for a reason that is recorded and shown: all steps are done again,
from open on. Actions stay, and so do waivers of checks that find the same. The figures as they were reported stay in
kpi.reported_monthly, beside those of the next closing.`,
		Example: `  partnerplus review reopen --month 2026-09 --by "A. Owner" --reason "a partner delivered late"`,
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
			state, err := r.warehouse.RecordStep(cmd.Context(), load.ReviewStep{Month: r.month, Step: load.StepReopen, By: by, Note: reason})
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.out, state)
			}
			_, _ = fmt.Fprintf(a.out, "the review of %s is open again, by %s: round %d\n", state.Month, by, state.Round)
			a.printNext(state)
			return nil
		},
	}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&by, "by", "", "who reopens it")
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	a.outputFlag(cmd)
	return cmd
}
