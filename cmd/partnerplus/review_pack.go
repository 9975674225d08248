package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/review"
)

func (a *app) reviewPack() *cobra.Command {
	var month, file string
	cmd := &cobra.Command{
		Use:   "pack",
		Short: "Write the review pack of a month: one HTML page to read and print",
		Long: `pack writes what a monthly review talks about into one HTML file. Its first screen says in short what changed, what is at risk
and what is to be decided; below are all metrics of the portfolio and of every programme with their trends, the assessment, risks
and opportunities, exceptions, distribution, the age of the liability, the checks, and the action plan with the decisions taken so far.
Nothing is recorded. The file needs no network, and prints on A4.`,
		Example: `  partnerplus review pack                    # the month under review
  partnerplus review pack --month 2026-09
  partnerplus review pack --month 2026-09 --file september.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			wanted, err := flagMonth(cmd, month)
			if err != nil {
				return err
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
			if wanted.IsZero() {
				if wanted, err = underReview(cmd.Context(), warehouse); err != nil {
					return err
				}
			}
			of := review.MonthOf(wanted)
			if file == "" {
				file = review.FileName(of)
			}
			pack, err := writePack(cmd.Context(), warehouse, of, file)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s: the review pack of %s, data as of %s\n", file, of, pack.Data.NewestEvent)
			return err
		},
	}
	anyMonthFlag(cmd, &month)
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
