package review_test

import (
	"context"
	"errors"
	"html"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// provenance ends every fact: version, is_deleted, source, unit, run_id, delivered_at, source_row.
const provenance = `1, 0, 'test', 'u', 'r', '2025-05-02 00:00:00', 1`

// facts are two programmes, one with a name that is markup and one that only events know, from April 2024 to the last
// half hour of April 2025 in Toronto, which is May in UTC.
var facts = []string{
	`INSERT INTO warehouse.programs VALUES ('gold', '<script>alert(1)</script>', 'Gold & Sons', 'CAD', '2024-04-01', 'active', ` + provenance + `)`,
	`INSERT INTO warehouse.fx_rates VALUES ('CAD', '2024-01-01', 0.73335, ` + provenance + `)`,
	`INSERT INTO warehouse.members SELECT 'gold', concat('m', toString(number)), 'north', '', '2024-04-01', NULL, ` + provenance + ` FROM numbers(12)`,
	// 1,000,000 and a bit in all, unevenly, in a currency whose rate makes odd digits
	`INSERT INTO warehouse.awards SELECT 'gold', concat('a', toString(number)), 'north', concat('m', toString(number)), 'award', toDecimal64('100.1234', 4) * number * number * number + toDecimal64('0.01', 4), 'CAD', '2025-04-10 12:00:00', ` + provenance + ` FROM numbers(12)`,
	`INSERT INTO warehouse.awards VALUES
		('gold', 'lastyear', 'north', 'm1', 'award', 500, 'USD', '2024-04-10 12:00:00', ` + provenance + `),
		('gold', 'march', 'north', 'm2', 'award', 100000.005, 'USD', '2025-03-31 23:00:00', ` + provenance + `),
		('gold', 'unrated', 'north', 'm2', 'award', 77.5, 'EUR', '2025-04-11 12:00:00', ` + provenance + `),
		('gold', 'reversal', 'north', 'm2', 'reversal', 10, 'USD', '2025-04-12 12:00:00', ` + provenance + `),
		('ghost', 'only', '', 'g', 'award', 0.005, 'USD', '2025-05-01 03:59:00', ` + provenance + `)`,
	`INSERT INTO warehouse.redemptions VALUES
		('gold', 'r1', 'north', 'm5', 'redemption', 33.3333, 'USD', 'food', '2025-04-20 12:00:00', ` + provenance + `),
		('gold', 'r0', 'north', 'm1', 'redemption', 250, 'USD', 'food', '2024-04-20 12:00:00', ` + provenance + `)`,
	`INSERT INTO warehouse.portal_sessions VALUES ('gold', 's', '', 'm5', '2025-04-20 12:00:00', 60, 3, 'phone', ` + provenance + `)`,
	`INSERT INTO etl.units (source, unit, version, status, run_id, load_id, updated_at) VALUES ('test', 'u', 'v', 'loaded', 'r', 'l', now64(6))`,
	`INSERT INTO etl.rejects (source, unit, run_id, load_id, entity, position, column, reason, raw, recorded_at) SELECT 'test', 'u', 'r', 'l', 'awards', number + 1, 'amount', 'amount: "<i>" is not a decimal number', '<i>', now64(6) FROM numbers(1234)`,
	`INSERT INTO etl.review_steps VALUES ('2025-04-01', 'open', '2025-05-01 08:00:00', 'job month-end', '', 'c', 'fail', {'zebra': 'never delivered a row', 'ape': 'was not asked since 2025-05-01 00:00'})`,
	`INSERT INTO etl.review_steps VALUES ('2025-04-01', 'waive', '2025-05-02 08:00:00', 'W. Aiver', 'the feed <ended>', 'c', 'fail', {'freshness': '0'})`,
	`INSERT INTO etl.review_actions VALUES
		('1', '2025-05-02 09:00:00', 'A', 'add', '2025-04-01', 'gold', 'B. Owner', 'Write to <holders>', '2025-05-31', 'started', 'rising_unspent', ''),
		('2', '2025-04-02 09:00:00', 'A', 'add', '2025-03-01', 'ghost', 'C. Owner', 'Left over', '2025-04-15', 'open', '', '')`,
	`INSERT INTO etl.closed_months (month, closed_at, closed_by, note) VALUES ('2025-03-01', '2025-04-02 08:00:00', 'C. Closer', ''), ('2025-03-01', '2025-04-03 08:00:00', 'C. Closer', '')`,
	`INSERT INTO etl.closed_figures (month, closed_at, scope, program_id, org_id, segment, population, metric, value) VALUES
		('2025-03-01', '2025-04-02 08:00:00', 'portfolio', '', '', '', '', 'liability_0_30', 1),
		('2025-03-01', '2025-04-02 08:00:00', 'portfolio', '', '', '', '', 'dollars_awarded', 90000),
		('2025-03-01', '2025-04-02 08:00:00', 'program', 'gold', '', '', '', 'dollars_awarded', 100000.005),
		('2025-03-01', '2025-04-03 08:00:00', 'portfolio', '', '', '', '', 'dollars_awarded', 100000.5)`,
	`INSERT INTO etl.checks (check_id, check, verdict) VALUES ('c', 'freshness', 'fail'), ('c', 'orphans', 'warn'), ('b', 'rejects', 'fail')`,
	`INSERT INTO etl.touched_months (month, source, unit, version, settled, touched_at) SELECT addMonths(toDate32('2024-04-01'), number), 'test', 'u', 'v', 0, now64(6) FROM numbers(14)`,
}

// filled is a warehouse with the facts and what follows from them.
func filled(t *testing.T) *load.Warehouse {
	t.Helper()
	w := warehousetest.Migrated(t, load.Reporting{Timezone: "America/Toronto", Currency: "USD"})
	for _, statement := range facts {
		answer, err := w.Ask(t.Context(), "Null", statement, true, false)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		_ = answer.Close()
	}
	if _, err := w.Refresh(t.Context(), "0198c0de-0000-7000-8000-000000000001"); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestPackOfARealWarehouse(t *testing.T) {
	t.Parallel()
	w := filled(t)
	data, err := review.Describe(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	april := review.Month{Year: 2025, Month: time.April}
	if data.Default() != april || data.Oldest != april.Add(-12) || data.NewestEvent != "2025-04-30 23:59:00" || data.Zone != "America/Toronto" || data.Currency != "USD" {
		t.Errorf("the data are %+v", data)
	}
	pack, err := review.Read(t.Context(), w, april)
	if err != nil {
		t.Fatal(err)
	}
	if first := pack.Portfolio[0]; len(first.History) != 13 || len(pack.Programs) != 2 || len(pack.Lens) != 6 {
		t.Fatalf("%d months, %d programmes and %d indicators", len(first.History), len(pack.Programs), len(pack.Lens))
	}
	file := filepath.Join(t.TempDir(), "pack.html")
	if _, err := pack.Write(t.Context(), file, review.HTML, review.XLSX, review.CSV); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	for _, part := range []string{
		"2025-04-30 23:59:00, the newest event", "Rejected rows: 1,234", "amount: &#34;&lt;i&gt;&#34; is not a decimal number",
		"their day: 1</caption>", `<td class="number">77.50</td>`, "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>", "<bdi>ghost</bdi>", "Only events know this programme",
		"was opened:</strong> <bdi>ape</bdi> was not asked since 2025-05-01 00:00; <bdi>zebra</bdi> never delivered a row.",
		"on 2025-05-01 04:00 by <bdi>job month-end</bdi>", "<strong>Waived</strong> on 2025-05-02 04:00 by <bdi>W. Aiver</bdi>: <bdi>the feed &lt;ended&gt;</bdi>",
		"<bdi>Write to &lt;holders&gt;</bdi>", "Overdue actions of earlier reviews: 1", "<bdi>Left over</bdi>",
		`0 of April 2025, 2 of all months`, `<td class="number">100,000.50</td><td class="number">100,000.01</td><td class="number">-0.50</td>`,
	} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not have %s", part)
		}
	}
	if strings.Contains(page, "is not complete") {
		t.Error("April is said not to be complete")
	}
	compareFigures(t, w, page, "2025-04-01")
	compareForms(t, w, file, "2025-04-01")
	for _, part := range []string{"up <span class=\"nowrap\">219.8\u00a0%</span>", ">100,000.01<", "(+219,831.54)", ">500.00<", "(+319,331.55)"} { // worked out by hand
		if !strings.Contains(html.UnescapeString(page), part) {
			t.Errorf("dollars awarded of gold do not have %s", part)
		}
	}
	t.Run("in a browser", func(t *testing.T) { lookAtPages(t, file) })

	checkAssessment(t, w, april)

	march, err := review.Read(t.Context(), w, april.Add(-1))
	if err != nil || len(march.Programs) != 1 || !march.Complete() || march.Review.State != "closed" {
		t.Fatalf("March: %v, %v", march, err)
	}
	var ofMarch strings.Builder // its liability grew without redemptions
	if err := march.WriteHTML(&ofMarch); err != nil || len(march.Assessment.Liability) != 2 {
		t.Errorf("the page of March: %v, with liability that grew: %+v", err, march.Assessment.Liability)
	}
	for _, part := range []string{
		"3 figures are other than at closing 1.", "at closing 1 of 2, 3 of",
		`<td>Dollars awarded</td><td class="number">90,000.00</td><td class="number">100,000.01</td><td class="number">+10,000.01</td>`,
	} {
		if !strings.Contains(html.UnescapeString(ofMarch.String()), part) {
			t.Errorf("the page of March does not have %s", part)
		}
	}
	if first := march.Corrected.Figures[0]; first.Metric.ID != "dollars_awarded" || first.Program != "" {
		t.Errorf("the first figure that was corrected is %+v", first)
	}
	compareFigures(t, w, ofMarch.String(), "2025-03-01")
	outside := new(review.NoDataError)
	for _, months := range []int{1, -13} {
		if _, err := review.Read(t.Context(), w, april.Add(months)); !errors.As(err, &outside) || !strings.Contains(err.Error(), "the data cover 2024-04 to 2025-04") {
			t.Errorf("a month without data: %v", err)
		}
	}
}

func TestAnEmptyWarehouseHasNoPack(t *testing.T) {
	t.Parallel()
	w := warehousetest.Migrated(t, load.Reporting{Timezone: "UTC", Currency: "USD"})
	if _, err := review.Read(t.Context(), w, review.Month{Year: 2025, Month: time.April}); !errors.Is(err, review.ErrNoFigures) {
		t.Errorf("read an empty warehouse: %v", err)
	}
}

// restless is a warehouse whose figures are computed anew at some of the readings of data.sql.
type restless struct {
	asked   int
	changes int // the first so many readings differ from the ones before
	figures int
}

func (r *restless) Select(_ context.Context, name string, _ map[string]string, rows any) error {
	list := reflect.ValueOf(rows).Elem()
	switch name {
	case "review/data.sql":
		one := reflect.New(list.Type().Elem()).Elem()
		day := reflect.ValueOf(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC))
		for _, field := range []string{"Oldest", "Newest", "Complete"} {
			one.FieldByName(field).Set(day)
		}
		one.FieldByName("Edition").SetInt(int64(min(r.asked, r.changes)))
		r.asked++
		list.Set(reflect.Append(list, one))
	case "review/figures.sql":
		r.figures++
	case "review/figure_state.sql":
		list.Set(reflect.Append(list, reflect.New(list.Type().Elem()).Elem()))
	}
	return nil
}

func TestAPackIsOfOneEdition(t *testing.T) {
	t.Parallel()
	april := review.Month{Year: 2025, Month: time.April}
	calm := &restless{changes: 2}
	if _, err := review.Read(t.Context(), calm, april); err != nil || calm.figures != 3 {
		t.Errorf("figures that changed twice were read %d times: %v", calm.figures, err)
	}
	if _, err := review.Read(t.Context(), &restless{changes: 1000}, april); err == nil || !strings.Contains(err.Error(), "computed anew") {
		t.Errorf("figures that never rest: %v", err)
	}
}

// answer asks the warehouse and splits its answer into cells.
func answer(t *testing.T, w *load.Warehouse, statement string) [][]string {
	t.Helper()
	from, err := w.Ask(t.Context(), "TSV", statement, false, false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(from)
	if err = errors.Join(err, from.Close()); err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}
