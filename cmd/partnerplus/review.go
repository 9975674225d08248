package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func (a *app) reviewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "The monthly review",
		Long: `A month that is over is reviewed in steps, each recorded with who did it and when, and none to be skipped: open; waive, where
checks fail; assess; risks; action; close. A step whose turn has not come is refused, with what comes next. reopen begins a
closed month anew. list shows all months, and what was done in one.`,
		Example: `  partnerplus review list
  partnerplus review open --month 2026-09
  partnerplus review assess
  partnerplus review close --help`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("review needs a step, or list or pack; see partnerplus review --help")}
		},
	}
	cmd.AddCommand(a.reviewList(), a.reviewOpen(), a.reviewWaive(), a.reviewAssess(), a.reviewRisks(), a.reviewAction(), a.reviewClose(), a.reviewReopen(), a.reviewPack())
	return cmd
}
