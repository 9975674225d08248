package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) reviewOpen() *cobra.Command {
	var month, by, note string
	cmd := &cobra.Command{
		Use:   "open --month M",
		Short: "Open the review of a month: validate its data, and record that",
		Long: `open is the first step of the review of a month that is over. It validates the month's data, and records the verdict and
the sources that have not delivered all of the month. Neither keeps the review from being open, but it ends with exit code 4
where a check fails that was not waived, or a source is missing. The job month-end does the same.

A month that is open stays as it is, unless the data changed since: then it is validated anew. One that is closed stays closed.`,
		Example: `  partnerplus review open --month 2026-09
  partnerplus review open --month 2026-09 --by "A. Reviewer" -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if err := needs(cmd, "month"); err != nil {
				return err
			}
			r, err := a.beginReview(cmd, month)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.warehouse.Close()) }()
			opening, err := r.pipeline().OpenReview(cmd.Context(), load.ReviewOpening{Month: r.month, By: orUser(by), Note: note})
			if err != nil {
				return err
			}
			state, err := r.warehouse.Review(cmd.Context(), r.month)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(a.out, opening)
			} else {
				a.printOpening(opening, state)
				a.printNext(state)
			}
			if err == nil && opening.State != load.ReviewClosed && len(state.OpenChecks)+len(opening.Incomplete) > 0 {
				return errChecks
			}
			return err
		},
	}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&by, "by", "", "who opens it (default: the name of the system's user)")
	cmd.Flags().StringVar(&note, "note", "", "what they have to say")
	a.outputFlag(cmd)
	return cmd
}

// printOpening shows what a review begins with.
func (a *app) printOpening(o load.Opening, r load.Review) {
	since := fmt.Sprintf("since %s, by %s", o.At.UTC().Format("2006-01-02 15:04 UTC"), o.By)
	switch o.State {
	case load.ReviewClosed:
		_, _ = fmt.Fprintf(a.out, "the review of %s is closed; nothing was done\n", o.Month)
		return
	case load.ReviewOpen:
		_, _ = fmt.Fprintf(a.out, "the review of %s is open already, %s; its data have not changed\n", o.Month, since)
	default:
		a.printChecks(o.Checks)
		_, _ = fmt.Fprintf(a.out, "the review of %s is open, %s\n", o.Month, since)
	}
	for _, s := range o.Incomplete {
		_, _ = fmt.Fprintf(a.out, "not complete: %s %s\n", s.Source, s.Lacks)
	}
	if len(r.WaivedChecks) > 0 {
		_, _ = fmt.Fprintf(a.out, "checks failed, and were waived: %s\n", strings.Join(r.WaivedChecks, ", "))
	}
	if len(r.OpenChecks) > 0 {
		_, _ = fmt.Fprintf(a.out, "checks failed: %s\n", strings.Join(r.OpenChecks, ", "))
	}
}
