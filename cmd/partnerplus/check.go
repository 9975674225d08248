package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
)

func (a *app) checkCommand() *cobra.Command {
	var month string
	cmd := &cobra.Command{
		Use:   "check [CHECK…]",
		Short: "Validate the data: what was lost, late, missing, delivered twice, impossible or restated",
		Long: `check does what has to be done before a month may be reviewed: ten checks, each with a verdict, a figure, and a query
that lists the rows behind it. With names, it does only those checks: ` + strings.Join(load.CheckNames(), ", ") + `.
With --month, a check looks only at the rows of that month, where its rows have one. The results are kept in the
warehouse: see kpi.checks. It ends with exit code 4 where a check fails; warnings do not count.

reconciliation takes longest: it computes all figures from the facts and compares them, row by row. What it finds,
partnerplus repair mends.`,
		Example: `  partnerplus check
  partnerplus check --month 2026-09
  partnerplus check reconciliation conservation
  partnerplus check -o json`,
		ValidArgs: load.CheckNames(),
		Args:      cobra.OnlyValidArgs,
		RunE: func(cmd *cobra.Command, names []string) (err error) {
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
			results, err := validateData(cmd.Context(), c, warehouse, of, names...)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(a.out, results)
			} else {
				a.printChecks(results)
			}
			if err == nil && len(load.Failed(results)) > 0 {
				return errChecks
			}
			return err
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "month such as 2026-09 (default: everything)")
	a.outputFlag(cmd)
	return cmd
}

// firstDay reads a month such as 2026-09.
func firstDay(month string) (time.Time, error) {
	day, err := time.Parse("2006-01", month)
	if err != nil {
		return day, &usageError{fmt.Errorf("--month: %q is not a month such as 2026-09", month)}
	}
	return day, nil
}

// validateData checks the data of one month, or of all where it is zero, by the checks of those names, or all.
func validateData(ctx context.Context, c *config.Config, warehouse *opened, month time.Time, checks ...string) ([]load.CheckResult, error) {
	p := &pipeline.Pipeline{Config: c, Warehouse: warehouse.Warehouse, Log: zap.NewNop()}
	return p.Validate(ctx, month, checks...)
}

func (a *app) printChecks(results []load.CheckResult) {
	rows := [][]string{{"CHECK", "VERDICT", "FIGURE", "", "FINDING"}}
	for _, r := range results {
		rows = append(rows, []string{r.Check, r.Verdict, r.Figure, r.Unit, r.Message})
	}
	printRows(a.out, rows)
	for i, r := range withFindings(results) {
		if i == 0 {
			_, _ = fmt.Fprintln(a.out, "\nWhat they found, row by row:")
		}
		_, _ = fmt.Fprintf(a.out, "  partnerplus %squery %q\n", a.configFlag(), r.Query)
	}
}

// configFlag is what a command to paste needs so that it finds the same config.
func (a *app) configFlag() string {
	if a.configPath == config.FileName {
		return ""
	}
	return fmt.Sprintf("-c %q ", a.configPath)
}

// withFindings are the results that have rows to look at.
func withFindings(results []load.CheckResult) []load.CheckResult {
	var all []load.CheckResult
	for _, r := range results {
		if r.Figure != "0" {
			all = append(all, r)
		}
	}
	return all
}

// flagMonth gives the first day of the month that --month names; zero where it is not given.
func flagMonth(cmd *cobra.Command, month string) (time.Time, error) {
	if !cmd.Flags().Changed("month") {
		return time.Time{}, nil
	}
	return firstDay(month)
}
