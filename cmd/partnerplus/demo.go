package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/demo"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
	"github.com/partnerplus/warehouse/sql"
)

// demoSeed is the seed of the sample company, and demoMonths how many of its months are shown.
const (
	demoSeed   = 2026
	demoMonths = "6"
)

func (a *app) demoCommand() *cobra.Command {
	dir := "demo"
	seed := uint64(demoSeed)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "A sample company, from its sources to its KPIs, on the embedded warehouse",
		Long: `demo invents a company with five reward programmes, always the same for the same seed, writes its sources into a folder
(csv in dollars, ndjson in cents, Parquet in local time, …, with bad rows, re-deliveries and corrections), serves the
rest from an HTTP API on this machine, runs the pipeline on all of it, and shows the KPIs. Running it again loads only
what is new: nothing.`,
		Example: `  partnerplus demo
  partnerplus demo --dir /tmp/sample --seed 7`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("demo takes no argument %q; --dir names its folder", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), dir, seed) },
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "folder of the sample company")
	cmd.Flags().Uint64Var(&seed, "seed", seed, "seed of the sample company")
	return cmd
}

func (a *app) demo(ctx context.Context, dir string, seed uint64) (err error) {
	began := time.Now()
	company, err := demo.Generate(dir, seed)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "A sample company in %s: %d programmes, %s rows in %d sources.\n\n", dir, len(company.Programmes), thousands(uint64(company.Rows())), len(company.Feeds))
	api, err := demo.Serve(ctx, company, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, api.Close()) }()
	for name, value := range map[string]string{demo.EnvURL: api.URL, demo.EnvToken: api.Token} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	c, err := config.Load(filepath.Join(dir, demo.ConfigFile))
	if err != nil {
		return err
	}
	a.use(c)
	warehouse, err := a.openMigrated(ctx, a.config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	report, err := a.runOn(ctx, a.config, warehouse, pipeline.Request{Job: "demo"})
	if err != nil {
		return err
	}
	printReport(a.out, report, pipeline.Request{})
	if err := a.showDemo(ctx, company, warehouse); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "\nDone in %.1f s.\n", time.Since(began).Seconds())
	return nil
}

// showDemo prints what a newcomer wants to see first.
func (a *app) showDemo(ctx context.Context, company *demo.Company, warehouse *opened) error {
	_, _ = fmt.Fprintf(a.out, "\nThe portfolio's last %s months, in %s:\n", demoMonths, a.config.Reporting.Currency)
	answer, err := warehouse.Query(ctx, "PrettyCompactMonoBlock", sql.Text("status/portfolio.sql"), map[string]string{"limit": demoMonths})
	if err != nil {
		return err
	}
	if _, err := io.Copy(a.out, answer); err != nil {
		return errors.Join(err, answer.Close())
	}
	if err := answer.Close(); err != nil {
		return err
	}
	reasons, err := warehouse.RejectReasons(ctx, load.RejectFilter{})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(a.out, "\nRows that were rejected (%d were made bad on purpose):\n", company.Rejects())
	rows := [][]string{{"SOURCE", "ENTITY", "COLUMN", "ROWS", "EXAMPLE"}}
	for _, r := range reasons {
		rows = append(rows, []string{r.Source, r.Entity, r.Column, thousands(r.Rejects), r.Example})
	}
	printRows(a.out, rows)
	data, err := review.Describe(ctx, warehouse)
	if err != nil {
		return err
	}
	pack := filepath.Join(company.Dir, review.FileName(data.Newest))
	if _, err := a.writePack(ctx, warehouse, data.Newest, pack, review.HTML); err != nil {
		return err
	}
	path := filepath.Join(company.Dir, demo.ConfigFile)
	_, _ = fmt.Fprintf(a.out, `
Where to look next:
  %[2]s         the review pack of the newest month, for a browser or a printer
  %[1]s            the config that did this
  partnerplus -c %[1]s status
  partnerplus -c %[1]s rejects list -n 5
  partnerplus -c %[1]s query "SELECT month, program_id, dollars_awarded, unspent_dollars FROM kpi.program_financial_monthly ORDER BY month DESC, program_id LIMIT 10"
  partnerplus -c %[1]s engine start      for Grafana, Metabase or a client of your own
  sql/                                   every statement behind these figures
`, path, pack)
	return nil
}
