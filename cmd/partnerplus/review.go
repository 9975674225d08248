package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/review"
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
	cmd.AddCommand(a.reviewOpen(), a.reviewWaive(), a.reviewRisks(), a.reviewAction(), a.reviewClose(), a.reviewReopen(), a.reviewPack())
	return cmd
}

func (a *app) reviewPack() *cobra.Command {
	var month, file string
	cmd := &cobra.Command{
		Use:   "pack",
		Short: "Write the review pack of a month: one HTML page to read and print",
		Long: `pack writes what a monthly review talks about into one HTML file: what changed in the portfolio, its last 13 months, every
programme, what was rejected, and an action plan to be filled in. The file needs no network, and prints on A4.`,
		Example: `  partnerplus review pack                    # the newest complete month
  partnerplus review pack --month 2026-09
  partnerplus review pack --month 2026-09 --file september.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var wanted review.Month
			if cmd.Flags().Changed("month") {
				if wanted, err = review.ParseMonth(month); err != nil {
					return &usageError{fmt.Errorf("--month: %w", err)}
				}
			}
			c, err := a.loadOrDefault(cmd)
			if err != nil {
				return err
			}
			warehouse, err := a.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			if wanted == (review.Month{}) {
				data, err := review.Describe(cmd.Context(), warehouse)
				if err != nil {
					return err
				}
				wanted = data.Default()
			}
			if file == "" {
				file = review.FileName(wanted)
			}
			pack, err := writePack(cmd.Context(), warehouse, wanted, file)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s: the review pack of %s, data as of %s\n", file, wanted, pack.Data.NewestEvent)
			return err
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "month such as 2026-09 (default: the newest complete one)")
	cmd.Flags().StringVar(&file, "file", "", "file to write (default: review-MONTH.html)")
	return cmd
}

// writePack writes the review pack of a month into the file.
func writePack(ctx context.Context, from review.Reader, month review.Month, file string) (*review.Pack, error) {
	pack, err := review.Read(ctx, from, month)
	if err != nil {
		return nil, err
	}
	err = pack.WriteFile(file)
	return pack, err
}
