package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

func (a *app) retentionCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "retention",
		Short: "Drop what is old and no figure needs",
		Long: `retention drops what the section retention of the config says is old: raw rows of rejects (the rejects stay, with their
reasons, but cannot be replayed any more), rejects of loads that came to nothing, runs, and results of checks. Facts, figures,
closed months and the ledger of units are never dropped, and every account still adds up. Jobs of the schedules do it once a
day.`,
		Example: `  partnerplus retention --dry-run   # what would go
  partnerplus retention
  partnerplus retention -o json`,
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
			warehouse, err := a.openMigrated(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			drop := warehouse.Drop
			if dryRun {
				drop = warehouse.Old
			}
			dropped, err := drop(cmd.Context(), pipeline.Kept(c.Retention))
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.out, dropped)
			}
			rows := [][]string{{"WHAT", "OLDER THAN", "ROWS", "AS TEXT"}}
			for _, d := range dropped {
				rows = append(rows, []string{d.What, d.Before.In(c.Reporting.Zone()).Format("2006-01-02 15:04"), thousands(d.Rows), bytes(int64(d.Bytes))})
			}
			printRows(a.out, rows)
			if dryRun {
				_, _ = fmt.Fprintln(a.out, "dry run: nothing was dropped")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be dropped; change nothing")
	a.outputFlag(cmd)
	return cmd
}
