package main

import (
	"errors"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) reviewClose() *cobra.Command {
	var month, by, note string
	cmd := &cobra.Command{
		Use:   "close --month M",
		Short: "Close a month: keep its figures, so that later changes show",
		Long: `close ends the review of a month that is over. It validates the month's data first, and refuses (exit code 4) while a
check fails; warnings do not keep it from closing. It keeps every figure as it is now: the check restatement lists what has
changed since. A month may be closed again, with the figures as they are then.`,
		Example: `  partnerplus review close --month 2026-09
  partnerplus review close --month 2026-09 --by "A. Reviewer" --note "two late files accepted"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if month == "" {
				return &usageError{errors.New("close needs --month")}
			}
			of, err := firstDay(month)
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			if by == "" {
				by = userName()
			}
			warehouse, err := a.openMigrated(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			results, err := validateData(cmd.Context(), c, warehouse, of)
			if err != nil {
				return err
			}
			if bad := load.Failed(results); len(bad) > 0 {
				a.printChecks(results)
				_, _ = fmt.Fprintf(a.errOut, "%s is not closed: %d of its checks fail\n", month, len(bad))
				return errChecks
			}
			err = warehouse.CloseMonth(cmd.Context(), of, by, note)
			if errors.Is(err, load.ErrNotReviewable) {
				return &usageError{err}
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s is closed, by %s; partnerplus check tells when its figures change\n", month, by)
			return err
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "month such as 2026-09")
	cmd.Flags().StringVar(&by, "by", "", "who closes it (default: the name of the system's user)")
	cmd.Flags().StringVar(&note, "note", "", "what they have to say")
	return cmd
}

// userName is who runs this program, as the system knows them.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
