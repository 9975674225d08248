package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

func (a *app) reviewClose() *cobra.Command {
	var month, by, note string
	var withPack bool
	cmd := &cobra.Command{
		Use:   "close --month M",
		Short: "Close a month: keep its figures as reported, so that later changes show",
		Long: `close is the last step of the review of a month. It refuses unless the review was opened, assessed and its risks looked at,
on the figures as they are now, and its plan has an action or a recorded decision that none is needed (exit code 2). It
validates the month's data anew, and refuses while a check fails that was not waived with what it finds (exit
code 4); warnings do not keep it from closing.

It keeps every figure as it is now: kpi.reported_monthly has them for ever, and the check restatement lists what has changed since.
The review pack as of the closing is written into the folder reports of the config, in all forms, where month-end wrote that of the
opening; --pack=false leaves it. The month stays closed where the pack fails: review pack writes it anew.

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
			if _, err := fmt.Fprintf(a.out, "%s is closed, by %s; partnerplus check tells when its figures change\n", month, orUser(by)); err != nil || !withPack {
				return err
			}
			return a.closingPack(cmd.Context(), r)
		},
	}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&by, "by", "", "who closes it (default: the name of the system's user)")
	cmd.Flags().StringVar(&note, "note", "", "what they have to say")
	cmd.Flags().BoolVar(&withPack, "pack", true, "write the review pack into the folder reports of the config")
	return cmd
}

// closingPack writes the pack of a month that was closed, where jobs write theirs.
func (a *app) closingPack(ctx context.Context, r reviewing) error {
	month := review.MonthOf(r.month)
	page := filepath.Join(r.config.Reports, review.FileName(month))
	written, err := a.writePack(ctx, r.warehouse, month, page, review.Forms()...)
	if err != nil {
		return fmt.Errorf("%s is closed, but its pack is not written (partnerplus review pack --month %[1]s --file %s writes it): %w", month, page, err)
	}
	return a.printPack(written)
}
