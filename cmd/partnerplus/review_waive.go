package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) reviewWaive() *cobra.Command {
	var month, by, reason string
	cmd := &cobra.Command{
		Use:   "waive CHECK… --month M --by NAME --reason TEXT",
		Short: "Let a review go on although checks failed",
		Long: `waive records that the owner of a month's review lets it go on although checks failed in the newest validation, and for
which reason. The review, and its pack, show that. A waiver holds for what the check found: one
that finds something else, even as much of it, has to be waived anew.`,
		Example:   `  partnerplus review waive freshness --month 2026-09 --by "A. Owner" --reason "the partner closes for the month"`,
		ValidArgs: load.CheckNames(),
		Args:      cobra.MatchAll(cobra.MinimumNArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, checks []string) (err error) {
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
			checks = slices.DeleteFunc(slices.Clone(load.CheckNames()), func(name string) bool { return !slices.Contains(checks, name) }) // each once
			state, err := r.warehouse.WaiveChecks(cmd.Context(), r.month, by, reason, checks...)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.out, state)
			}
			_, _ = fmt.Fprintf(a.out, "waived for %s, by %s: %s\n", state.Month, by, strings.Join(checks, ", "))
			if len(state.OpenChecks) > 0 {
				_, _ = fmt.Fprintf(a.out, "not waived yet: %s\n", strings.Join(state.OpenChecks, ", "))
			}
			a.printNext(state)
			return nil
		},
	}
	monthFlag(cmd, &month)
	cmd.Flags().StringVar(&by, "by", "", "who waives them")
	cmd.Flags().StringVar(&reason, "reason", "", "why")
	a.outputFlag(cmd)
	return cmd
}
