package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) migrateCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the warehouse's schema up to date",
		Long: `migrate creates what is missing, replaces views that changed and sets the reporting zone and currency. run, backfill
and serve do it too.`,
		Example: `  partnerplus migrate --dry-run   # the SQL that would run
  partnerplus migrate`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			c, err := a.load()
			if err != nil {
				return err
			}
			warehouse, err := a.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			change := warehouse.Migrate
			if dryRun {
				change = warehouse.Pending
			}
			changes, err := change(cmd.Context(), reporting(c))
			for _, c := range changes {
				_, _ = fmt.Fprintf(a.out, "-- %s\n", c.Name)
				if dryRun && c.SQL != "" {
					_, _ = fmt.Fprintf(a.out, "%s\n", c.SQL)
				}
			}
			if err == nil && len(changes) == 0 {
				_, _ = fmt.Fprintln(a.out, "the schema is up to date")
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the SQL; change nothing")
	return cmd
}
