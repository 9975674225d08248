package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

func (a *app) rejectsReplay() *cobra.Command {
	var request pipeline.ReplayRequest
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Apply the mappings as they are now to the rejected rows, and load those that pass",
		Long: `replay maps the raw rows of all rejects anew, without reading their sources. Rows that pass are loaded as though they had
never been rejected, and leave the list; the others stay, with their new reason. The figures are refreshed after. It may be
repeated, and interrupted. It ends with exit code 3 where rejects are left.`,
		Example: `  partnerplus rejects replay --dry-run
  partnerplus rejects replay --source acme-awards
  partnerplus rejects replay --source acme-awards --unit 2024/03.csv`,
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
			open := a.openMigrated
			if request.DryRun {
				open = a.open // which changes nothing
			}
			warehouse, err := open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			log, err := a.logger()
			if err != nil {
				return err
			}
			p := &pipeline.Pipeline{Config: c, Warehouse: warehouse.Warehouse, Log: log, Progress: new(pipeline.Progress)}
			stop := a.showProgress(p.Progress)
			report, err := p.Replay(cmd.Context(), request)
			stop()
			if report.RunID == "" {
				return err
			}
			if asJSON {
				err = errors.Join(err, printJSON(a.out, report))
			} else {
				a.printReplay(report)
			}
			if err == nil && (report.Left() > 0 || len(report.Warnings) > 0) {
				return errWarnings
			}
			return err
		},
	}
	cmd.Flags().StringArrayVar(&request.Sources, "source", nil, "only this source; may be repeated")
	cmd.Flags().StringVar(&request.Unit, "unit", "", "only of this unit")
	cmd.Flags().BoolVar(&request.DryRun, "dry-run", false, "say what would become of them; write nothing")
	a.outputFlag(cmd)
	return cmd
}

func (a *app) printReplay(report pipeline.ReplayReport) {
	rows := [][]string{{"SOURCE", "UNITS", "REJECTS", "LOADED", "FILTERED", "REJECTED AGAIN", "NOT REPLAYED"}}
	for _, s := range report.Sources {
		rows = append(rows, []string{s.Name, thousands(uint64(s.Units)), thousands(s.Rejects), thousands(s.Loaded), thousands(s.Filtered), thousands(s.Rejected), thousands(s.Kept)})
	}
	printRows(a.out, rows)
	for _, k := range report.Kept {
		_, _ = fmt.Fprintf(a.out, "not replayed: source %s, unit %s, %s rows: %s\n", k.Source, k.Unit, thousands(k.Rows), k.Why)
	}
	for _, warning := range report.Warnings {
		_, _ = fmt.Fprintln(a.out, "warning:", warning)
	}
	if report.Unrated > 0 {
		_, _ = fmt.Fprintf(a.out, "%s entries count nowhere for want of an exchange rate: load fx_rates, or mend the currency and load them again with run --full; see partnerplus rejects list --rule rate\n", thousands(report.Unrated))
	}
	if report.DryRun {
		_, _ = fmt.Fprintln(a.out, "dry run: nothing was written")
		return
	}
	_, _ = fmt.Fprintf(a.out, "replay %s in %.1f s: %d months refreshed\n", report.RunID, report.Seconds, report.Months)
}
