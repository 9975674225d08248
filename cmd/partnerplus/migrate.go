package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) migrateCommand() *cobra.Command {
	var dryRun, check bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the warehouse's schema up to date",
		Long: `migrate creates what is missing, replaces views that changed and sets the reporting zone and currency. run, backfill
and serve do it too. Migrations only go forward: a program that is older than the schema refuses it. One that was cut short is
gone on with by the next.

--dry-run prints all that it would run, in order, and changes nothing. It asks the warehouse what is there, so that one has to
answer; the embedded one is started for it. Where somebody has a client run that instead, migrate has
nothing left to do. --check ends with exit code 4 where something is pending.`,
		Example: `  partnerplus migrate --dry-run   # the SQL that would run
  partnerplus migrate --check
  partnerplus migrate
  partnerplus migrate --dry-run -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			open := a.openPatient
			if dryRun || check {
				open = a.open
			}
			warehouse, err := open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			change := warehouse.Migrate
			if dryRun || check {
				change = warehouse.Pending
			}
			changes, err := change(cmd.Context(), reporting(c))
			if asJSON {
				err = errors.Join(err, printJSON(a.out, append([]load.Change{}, changes...)))
			} else {
				a.printChanges(changes, dryRun, err)
			}
			if err == nil && check && len(changes) > 0 {
				return errChecks
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the SQL; change nothing")
	cmd.Flags().BoolVar(&check, "check", false, "only say what is pending; change nothing")
	a.outputFlag(cmd)
	return cmd
}

// printChanges shows what a migration changed before it failed, if it did, or would change.
func (a *app) printChanges(changes []load.Change, withSQL bool, err error) {
	for _, c := range changes {
		_, _ = fmt.Fprintf(a.out, "-- %s\n", c.Name)
		if withSQL {
			_, _ = fmt.Fprintf(a.out, "%s\n", c.SQL)
		}
	}
	if err == nil && len(changes) == 0 {
		_, _ = fmt.Fprintln(a.out, "the schema is up to date")
	}
}
