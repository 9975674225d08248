package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) reviewClose() *cobra.Command {
	var month, by, note string
	cmd := &cobra.Command{
		Use:   "close --month M",
		Short: "Close a month: keep its figures as reported, so that later changes show",
		Long: `close is the last step of the review of a month. It refuses unless the review was opened, assessed and its risks looked at,
on the figures as they are now, and its plan has an action or a recorded decision that none is needed (exit code 2). It
validates the month's data anew, and refuses while a check fails that was not waived with the figure that it has (exit
code 4); warnings do not keep it from closing.

It keeps every figure as it is now: kpi.reported_monthly has them for ever, and the check restatement lists what has changed since.
A closed month is reopened by review reopen, which begins all steps anew.`,
		Example: `  partnerplus review close --month 2026-09
  partnerplus review close --month 2026-09 --by "A. Reviewer" --note "two late files accepted"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := needs(cmd, "month"); err != nil {
				return err
			}
			r, err := a.beginReview(cmd, month)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.warehouse.Close()) }()
			results, err := r.pipeline().CloseReview(cmd.Context(), load.ReviewClosing{Month: r.month, By: orUser(by), Note: note})
			if isUnwaived(err) && len(results) > 0 {
				a.printChecks(results)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s is closed, by %s; partnerplus check tells when its figures change\n", month, orUser(by))
			return err
		},
	}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&by, "by", "", "who closes it (default: the name of the system's user)")
	cmd.Flags().StringVar(&note, "note", "", "what they have to say")
	return cmd
}
