package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

func (a *app) reviewAssess() *cobra.Command {
	var month, by, note, program string
	cmd := &cobra.Command{
		Use:   "assess",
		Short: "Assess a month: every KPI against the month and the year before, shifts, liability, programmes",
		Long: `assess is the second step of a review, once all checks pass or are waived. It shows every KPI of the portfolio against the
month before and the same month of the year before; shifts in how dollars are redeemed; where the liability grows
without redemptions, by the thresholds of kpi.thresholds and under them; and how the programmes compare. It records that
these figures were assessed: once they change, the review has to assess them again. -o json has all programmes too.

With --program it only shows those of a programme; of a month that is closed, it only shows all as it is now.`,
		Example: `  partnerplus review assess                   # the newest month under review
  partnerplus review assess --month 2026-09 --by "A. Reviewer"
  partnerplus review assess --month 2026-09 --program acme
  partnerplus review assess --month 2026-09 -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			r, err := a.beginReview(cmd, month)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.warehouse.Close()) }()
			state, err := r.warehouse.Review(cmd.Context(), r.month)
			if err != nil {
				return err
			}
			records := program == "" && state.State != load.ReviewClosed
			if records {
				if err := state.Allows(load.StepAssess); err != nil {
					return err
				}
			}
			assessed, err := review.Assess(cmd.Context(), r.warehouse, review.Month{Year: r.month.Year(), Month: r.month.Month()})
			if err != nil {
				return err
			}
			shown, found := assessed, true
			if program != "" {
				shown, found = assessed.Of(program)
			}
			if records {
				state, err = r.warehouse.RecordStep(cmd.Context(), load.ReviewStep{Month: r.month, Step: load.StepAssess, By: orUser(by), Note: note, Figures: assessed.State})
			}
			if err != nil {
				return err
			}
			if !found {
				return &usageError{fmt.Errorf("--program: %q has no figures in %s; there are %s", program, state.Month, strings.Join(assessed.Programs(), ", "))}
			}
			if program == "" && !records {
				a.printShownOnly(state)
			}
			if asJSON {
				return printJSON(a.out, shown)
			}
			if err := printAssessment(a.out, shown, assessed); err != nil {
				return err
			}
			if records {
				_, _ = fmt.Fprintln(a.out)
				a.printNext(state)
			}
			return nil
		},
	}
	anyMonthFlag(cmd, &month)
	cmd.Flags().StringVar(&program, "program", "", "only show this programme")
	cmd.Flags().StringVar(&by, "by", "", "who assesses it (default: the name of the system's user)")
	cmd.Flags().StringVar(&note, "note", "", "what they have to say")
	a.outputFlag(cmd)
	return cmd
}
