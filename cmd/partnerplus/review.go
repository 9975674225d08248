package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func (a *app) reviewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "The monthly review",
		Example: `  partnerplus review pack --help
  partnerplus review open --help
  partnerplus review close --help`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("review open, review pack or review close; see partnerplus review --help")}
		},
	}
	cmd.AddCommand(a.reviewList(), a.reviewOpen(), a.reviewWaive(), a.reviewAssess(), a.reviewRisks(), a.reviewAction(), a.reviewClose(), a.reviewReopen(), a.reviewPack())
	return cmd
}
