// Package e2e runs the whole flow, from sources on real servers to KPI tables, and compares the figures with control
// totals that were added up before anything was written into a file.
package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/extracttest"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/internal/demo"
	"github.com/partnerplus/warehouse/internal/pipeline"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

const seed = 11

// company generates the sample company, serves its API and loads its config.
func company(t *testing.T) (*demo.Company, *config.Config) {
	t.Helper()
	dir := t.TempDir()
	c, err := demo.Generate(dir, seed)
	if err != nil {
		t.Fatal(err)
	}
	api, err := demo.Serve(t.Context(), c, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	t.Setenv(demo.EnvURL, api.URL)
	t.Setenv(demo.EnvToken, api.Token)
	loaded, err := config.Load(filepath.Join(dir, demo.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	return c, loaded
}

func run(t *testing.T, w *load.Warehouse, c *config.Config, request pipeline.Request) pipeline.Report {
	t.Helper()
	p := &pipeline.Pipeline{Config: c, Warehouse: w, Log: zap.NewNop()}
	report, err := p.Run(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func migrated(t *testing.T, c *config.Config) *load.Warehouse {
	t.Helper()
	return warehousetest.Migrated(t, load.Reporting{Timezone: c.Reporting.Timezone, Currency: c.Reporting.Currency})
}

func ask(t *testing.T, w *load.Warehouse, statement string) []map[string]any {
	t.Helper()
	answer, err := w.Ask(t.Context(), "JSONEachRow", statement, false, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Close() }()
	var rows []map[string]any
	lines := bufio.NewScanner(answer)
	for lines.Scan() {
		var row map[string]any
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// tenThousandths writes an amount as a decimal.
func tenThousandths(n int64) string { return big.NewRat(n, 10_000).FloatString(4) }

func sameAmount(a, b string) bool {
	x, ok := new(big.Rat).SetString(a)
	y, okToo := new(big.Rat).SetString(b)
	return ok && okToo && x.Cmp(y) == 0
}

// checkTotals compares each programme's months with what the company was made of.
func checkTotals(t *testing.T, w *load.Warehouse, c *demo.Company) {
	t.Helper()
	got := map[string]map[string]any{}
	for _, row := range ask(t, w, "SELECT program_id, toString(month) AS month, dollars_awarded, dollars_redeemed FROM kpi.program_financial_monthly") {
		got[fmt.Sprint(row["program_id"], " ", row["month"])] = row
	}
	if len(c.Totals) == 0 {
		t.Fatal("the company has no totals")
	}
	for _, total := range c.Totals {
		name := total.Programme + " " + total.Month + "-01"
		row, ok := got[name]
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		for column, want := range map[string]int64{"dollars_awarded": total.AwardedUSD, "dollars_redeemed": total.RedeemedUSD} {
			if !sameAmount(fmt.Sprint(row[column]), tenThousandths(want)) {
				t.Errorf("%s: %s is %v, want %s", name, column, row[column], tenThousandths(want))
			}
		}
	}
}

const everyFigure = `SELECT * FROM kpi.metric_monthly ORDER BY ALL`

func TestSampleCompany(t *testing.T) {
	c, cfg := company(t)
	w := migrated(t, cfg)

	report := run(t, w, cfg, pipeline.Request{})
	total := report.Total()
	if int(total.Rejected) != c.Rejects() {
		t.Errorf("%d rows were rejected, %d were made bad", total.Rejected, c.Rejects())
	}
	if int(total.Rows) != c.Rows() {
		t.Errorf("%d rows were read, %d were written", total.Rows, c.Rows())
	}
	checkTotals(t, w, c)
	for _, row := range ask(t, w, `
		SELECT * FROM etl.unit_entities FINAL
		WHERE rows_in != rows_filtered + rows_loaded + rows_superseded + rows_rejected OR amount_in != amount_loaded + amount_superseded`) {
		t.Errorf("rows or amounts are lost: %v", row)
	}
	if open := ask(t, w, "SELECT * FROM etl.touched_months FINAL WHERE settled = 0"); len(open) > 0 {
		t.Errorf("%d touched months are not settled, such as %v", len(open), open[0])
	}
	if left := ask(t, w, "SELECT name FROM system.tables WHERE database = 'etl' AND startsWith(name, 'stage_')"); len(left) > 0 {
		t.Errorf("%d stages stay behind, such as %v", len(left), left[0])
	}

	first := fmt.Sprint(ask(t, w, everyFigure))
	again := run(t, w, cfg, pipeline.Request{})
	if sum := again.Total(); sum.Canonical != 0 || sum.Loaded != 0 || again.Months != 0 || again.Status != pipeline.StatusDone {
		t.Errorf("the second run is not idle: %+v", again)
	}
	full := run(t, w, cfg, pipeline.Request{Full: true})
	if sum := full.Total(); int(sum.Rows) != c.Rows() {
		t.Errorf("the full run read %d rows of %d", sum.Rows, c.Rows())
	}
	if second := fmt.Sprint(ask(t, w, everyFigure)); second != first {
		t.Error("loading everything again changed figures")
	}
}

// TestSampleCompanyFromS3 puts the same files into a bucket of a real S3 server.
func TestSampleCompanyFromS3(t *testing.T) {
	c, cfg := company(t)
	server := extracttest.Start(t)
	const bucket = "company"
	server.CreateBucket(t, bucket)
	root := filepath.Join(c.Dir, "sources")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		server.Put(t, bucket, "in/"+filepath.ToSlash(name), content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range cfg.Sources {
		if s.File == nil {
			continue
		}
		// Without a version column, of two deliveries of an award the later one wins; objects put one after the other are
		// delivered in the order of their names, as their files were in the order of their times.
		cfg.Sources[i].S3 = &extract.S3Spec{
			Bucket: bucket, Prefix: "in", Glob: strings.TrimPrefix(s.File.Glob, "./"), Endpoint: server.Endpoint, PathStyle: true,
			AccessKeyID: server.AccessKey, SecretAccessKey: server.SecretKey,
		}
		cfg.Sources[i].File = nil
	}
	w := migrated(t, cfg)
	report := run(t, w, cfg, pipeline.Request{})
	if int(report.Total().Rejected) != c.Rejects() {
		t.Errorf("%d rows were rejected, %d were made bad", report.Total().Rejected, c.Rejects())
	}
	checkTotals(t, w, c)
	if again := run(t, w, cfg, pipeline.Request{}); again.Total().Loaded != 0 {
		t.Errorf("the second run is not idle: %+v", again.Total())
	}
}
