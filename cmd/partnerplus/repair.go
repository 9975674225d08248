package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
)

func (a *app) repairCommand() *cobra.Command {
	var month string
	var check bool
	cmd := &cobra.Command{
		Use:   "repair",
		Short: "Compute all figures anew from the facts, whatever has become of them",
		Long: `repair computes everything that follows from the facts (warehouse.*): all tables of kpi_core, and so all of kpi.*. It takes
nothing from what was computed before, publishes the result at once, and lists the rows that are other ones now. Where
nothing was damaged, no figure changes. A run does not need it: it is for tables that somebody or something changed.

With --month, it computes that month and every later one, for members and stocks are carried from month to month; it
builds on the month before, and leaves earlier ones as they are. With --check, it only compares: what it finds are rows
of that month alone.

It may run beside other runs, and be interrupted: the next run goes on with it. Facts it does not touch: damaged ones are
mended by loading them again (run --full). It ends with exit code 4 where --check finds something, and with 3 where
other runs kept loading: they finish it.`,
		Example: `  partnerplus repair --check
  partnerplus repair
  partnerplus repair --month 2026-03   # March and all later months
  partnerplus repair -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			of, err := flagMonth(cmd, month)
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
			log, err := a.logger()
			if err != nil {
				return err
			}
			p := &pipeline.Pipeline{Config: c, Warehouse: warehouse.Warehouse, Log: log, Progress: new(pipeline.Progress)}
			repair := p.Repair
			if check {
				repair = p.CheckRepair
			}
			stop := a.showProgress(p.Progress)
			report, err := repair(cmd.Context(), of)
			stop()
			if errors.Is(err, load.ErrNoSuchMonth) {
				return &usageError{err}
			}
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(a.out, report)
			} else {
				a.printRepair(report)
			}
			switch {
			case err != nil:
				return err
			case check && report.Rows > 0:
				return errChecks
			case len(report.Warnings) > 0:
				return errWarnings
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "month such as 2026-09, with all later ones (default: everything)")
	cmd.Flags().BoolVar(&check, "check", false, "only say what differs from the facts; change nothing")
	a.outputFlag(cmd)
	return cmd
}

// differencesShown is how many rows of a table and month are printed; -o json has more of them.
const differencesShown = 5

func (a *app) printRepair(report pipeline.RepairReport) {
	found, expected := "BEFORE", "NOW"
	if report.Check {
		found, expected = "FOUND", "FACTS GIVE"
	}
	rows := [][]string{{"MONTH", "TABLE", "ROW", found, expected}}
	type place struct{ table, month string }
	shown := map[place]int{}
	for _, d := range report.Differences {
		at := place{d.Table, d.Month}
		switch shown[at]++; {
		case shown[at] <= differencesShown:
			rows = append(rows, []string{d.Month, d.Table, d.Key, cells(d.Found), cells(d.Expected)})
		case shown[at] == differencesShown+1:
			rows = append(rows, []string{d.Month, d.Table, fmt.Sprintf("… %s rows in all", thousands(d.Among)), "", ""})
		}
	}
	if len(rows) > 1 {
		printRows(a.out, rows)
	}
	for _, warning := range report.Warnings {
		_, _ = fmt.Fprintln(a.out, "warning:", warning)
	}
	switch {
	case !report.Check:
		_, _ = fmt.Fprintf(a.out, "repair %s in %.1f s: %d months of events computed anew; %s rows changed\n", report.RunID, report.Seconds, report.Months, thousands(report.Rows))
	case report.Rows == 0:
		_, _ = fmt.Fprintf(a.out, "nothing differs from what the facts give, in %.1f s\n", report.Seconds)
	default:
		_, _ = fmt.Fprintf(a.out, "%s rows are not what the facts give, in %.1f s: partnerplus %srepair computes them anew\n", thousands(report.Rows), report.Seconds, a.configFlag())
	}
}

// cells writes columns and their values; a row that is not there has none.
func cells(row map[string]string) string {
	if len(row) == 0 {
		return "no such row"
	}
	var written []string
	for _, column := range slices.Sorted(maps.Keys(row)) {
		written = append(written, column+" "+row[column])
	}
	return strings.Join(written, ", ")
}
