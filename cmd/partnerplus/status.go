package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) statusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [RUN]",
		Short: "Show the last runs, how fresh each source is, and what was rejected",
		Example: `  partnerplus status
  partnerplus status 0198c0de-…   # one run
  partnerplus status -o json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			warehouse, err := a.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			run := ""
			if len(args) == 1 {
				run = args[0]
			}
			status, err := warehouse.Status(cmd.Context(), run, 10)
			if err != nil {
				return err
			}
			if run != "" && len(status.Runs) == 0 {
				return &usageError{fmt.Errorf("there is no run %s; partnerplus status lists them", run)}
			}
			if asJSON {
				return printJSON(a.out, status)
			}
			a.printStatus(status)
			return nil
		},
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) printStatus(s load.Status) {
	const layout = "2006-01-02 15:04:05"
	rows := [][]string{{"RUN", "JOB", "STARTED (UTC)", "STATUS", "UNITS", "ROWS READ", "LOADED", "REJECTED", "ERROR"}}
	for _, r := range s.Runs {
		rows = append(rows, []string{r.RunID, r.Job, r.Started.UTC().Format(layout), r.Status, thousands(r.UnitsLoaded), thousands(r.RowsRead),
			thousands(r.RowsLoaded), thousands(r.RowsRejected), r.Error})
	}
	printRows(a.out, rows)
	rows = [][]string{{"SOURCE", "UNITS", "FAILED", "ROWS", "REJECTS", "NEWEST DELIVERY (UTC)", "LAST LOAD (UTC)"}}
	for _, r := range s.Sources {
		rows = append(rows, []string{r.Source, thousands(r.Units), thousands(r.Failed), thousands(r.Rows), thousands(r.Rejects),
			r.Delivered.UTC().Format(layout), r.Loaded.UTC().Format(layout)})
	}
	_, _ = fmt.Fprintln(a.out)
	printRows(a.out, rows)
	if s.Unrated > 0 {
		_, _ = fmt.Fprintf(a.out, "\n%s entries count nowhere, because their currency has no rate at or before their day: see kpi_core.unrated\n", thousands(s.Unrated))
	}
}
