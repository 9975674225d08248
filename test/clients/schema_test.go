package clients

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

type column struct {
	View     string `json:"view"`
	Column   string `json:"column"`
	Type     string `json:"type"`
	Comment  string `json:"comment"`
	Required bool   `json:"required"`
}

// testDbGate connects with DbGate's own driver: it has to find every view with its definition, and every column with its
// type, its comment and whether it may be NULL.
func testDbGate(t *testing.T, w warehouse) {
	var got struct {
		Version   string   `json:"version"`
		Databases []string `json:"databases"`
		Answer    int      `json:"answer"`
		Tables    int      `json:"tables"`
		Undefined []string `json:"undefined"`
		Columns   []column `json:"columns"`
	}
	if err := json.Unmarshal(node(t, w, "dbgate.cjs"), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"kpi", "kpi_engagement"}, got.Databases); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
	if got.Version == "" || got.Answer != 1 || got.Tables != 0 || len(got.Undefined) != 0 {
		t.Errorf("version %q, answer %d, %d tables that are no views, views without a definition: %q", got.Version, got.Answer, got.Tables, got.Undefined)
	}
	var want []column
	each(t, connect(t, w), func(rows driver.Rows) error {
		var c column
		err := rows.Scan(&c.View, &c.Column, &c.Type, &c.Comment)
		c.Required = !strings.HasPrefix(c.Type, "Nullable(") // DbGate does not see it within LowCardinality
		if c.Comment == "" {
			t.Errorf("%s.%s has no comment", c.View, c.Column)
		}
		want = append(want, c)
		return err
	}, "SELECT table, name, type, comment FROM system.columns WHERE database = 'kpi' ORDER BY table, position")
	if len(want) == 0 {
		t.Error("there are no columns")
	}
	if diff := cmp.Diff(byView(want), byView(got.Columns)); diff != "" {
		t.Errorf("columns (-system +DbGate):\n%s", diff)
	}
}

// byView leaves the order of views open.
func byView(columns []column) map[string][]column {
	views := map[string][]column{}
	for _, c := range columns {
		views[c.View] = append(views[c.View], c)
	}
	return views
}

// testSchema asks what BI tools ask when they connect and look at the schema, with the settings that they send.
func testSchema(t *testing.T, w warehouse) {
	metabase := url.Values{"select_sequential_consistency": {"1"}, "session_timezone": {"America/New_York"}}
	superset := url.Values{"session_id": {"a-session-of-its-own"}, "client_protocol_version": {"54405"}}
	grafana := url.Values{"max_execution_time": {"61"}}
	for _, ask := range []struct {
		statement string
		settings  url.Values
		want      string // the answer, if it is known
	}{
		{"SELECT version() != ''", metabase, "1"},
		{"SELECT timezone() AS tz", metabase, "America/New_York"},
		{"SELECT count() > 0 FROM system.databases WHERE name = 'kpi'", metabase, "1"},
		// What JDBC's getSchemas, getTables and getColumns read.
		{"SELECT name AS TABLE_SCHEM, '' AS TABLE_CATALOG FROM system.databases ORDER BY name", metabase, "information_schema\t\nkpi\t\nkpi_engagement\t\nsystem\t"},
		{
			`SELECT countIf(t.comment = ''), countIf(t.engine != 'View'), countIf(d.engine = ''), count() > 30
			FROM system.tables AS t JOIN system.databases AS d ON t.database = d.name
			WHERE t.database LIKE 'kpi%' AND t.name LIKE '%' AND t.is_temporary = 0`, metabase, "0\t0\t0\t1",
		},
		{
			`SELECT name, type, numeric_precision, numeric_scale, numeric_precision_radix, character_octet_length, default_expression, position(type, 'Nullable(') >= 1
			FROM system.columns WHERE database LIKE 'kpi' AND table LIKE 'portfolio_financial_monthly' AND name IN ('month', 'dollars_awarded', 'activation_rate', 'dollars_awarded_mom_pct') ORDER BY position`,
			metabase, "month\tDate32\t\\N\t\\N\t\\N\t\\N\t\t0\ndollars_awarded\tDecimal(38, 4)\t38\t4\t10\t\\N\t\t0\ndollars_awarded_mom_pct\tNullable(Decimal(38, 12))\t38\t12\t10\t\\N\t\t1",
		},
		// What clickhouse-connect asks, which is Superset's and pandas' way in: it sends no setting that is called read-only here.
		{"SELECT version() != '', timezone()", superset, "1\tEtc/UTC"},
		{"SELECT name, readonly FROM system.settings WHERE name IN ('max_execution_time', 'max_block_size') ORDER BY name", superset, "max_block_size\t1\nmax_execution_time\t0"},
		{"SHOW DATABASES", superset, "information_schema\nkpi\nkpi_engagement\nsystem"},
		{"SELECT name FROM system.tables WHERE database = 'kpi' AND name LIKE 'portfolio_lens'", superset, "portfolio_lens"},
		{"EXISTS TABLE kpi.portfolio_lens", superset, "1"},
		{"DESCRIBE TABLE kpi.portfolio_lens", superset, ""},
		{"SELECT max(mom_pct) > 0 FROM kpi.metric_monthly", grafana, "1"},
		// Others.
		{"SHOW TABLES FROM kpi LIKE 'as_of'", nil, "as_of"},
		{"SHOW FULL COLUMNS FROM kpi.as_of", nil, ""},
		{"SHOW CREATE VIEW kpi.as_of", nil, ""},
		{"SELECT table_name, table_type, table_comment != '' FROM information_schema.tables WHERE table_schema = 'kpi' AND table_name = 'as_of'", nil, "as_of\tVIEW\t1"},
		{"SELECT column_name, is_nullable, data_type, column_comment != '' FROM information_schema.columns WHERE table_schema = 'kpi' AND table_name = 'as_of' AND ordinal_position = 1", nil, "edition\t0\tUInt64\t1"},
		{"SELECT table_name, view_definition != '' FROM information_schema.views WHERE table_schema = 'kpi' AND table_name = 'as_of'", nil, "as_of\t1"},
		{"SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'kpi%' ORDER BY schema_name", nil, "kpi\nkpi_engagement"},
		{"SELECT count() FROM information_schema.key_column_usage", nil, ""},
		{"SELECT count() > 0 FROM system.functions", nil, "1"},
		{"SELECT count() > 0 FROM system.completions", nil, "1"},
	} {
		status, body := get(t, w, "/", ask.statement, ask.settings)
		if got := strings.TrimSuffix(string(body), "\n"); status != http.StatusOK || got == "" || ask.want != "" && got != ask.want {
			t.Errorf("%s %v: %d, want %q, got %q", ask.statement, ask.settings, status, ask.want, got)
		}
	}
}

// testFiles reads over plain HTTP, as spreadsheets and notebooks do.
func testFiles(t *testing.T, w warehouse) {
	for format, begins := range map[string]string{
		"CSVWithNames": "\"month\",\"dollars_awarded\"\n", "Parquet": "PAR1", "ArrowStream": "\xff\xff\xff\xff", "JSONEachRow": `{"month":"`,
	} {
		status, body := get(t, w, "/", "", url.Values{
			"query": {"SELECT month, dollars_awarded FROM kpi.portfolio_financial_monthly ORDER BY month"}, "default_format": {format},
		})
		if status != http.StatusOK || !strings.HasPrefix(string(body), begins) {
			t.Errorf("%s: %d %.200q", format, status, body)
		}
	}
	// A spreadsheet takes \N for a text, and an empty cell for none.
	status, body := get(t, w, "/", "", url.Values{
		"query": {"SELECT month, dollars_awarded_mom_pct FROM kpi.portfolio_financial_monthly ORDER BY month LIMIT 1"}, "default_format": {"CSV"}, "format_csv_null_representation": {""},
	})
	if got := string(body); status != http.StatusOK || got != "\"2023-05-01\",\n" {
		t.Errorf("CSV without \\N: %d %q", status, got)
	}
	examples, err := filepath.Glob("../../sql/examples/*.sql")
	if err != nil || len(examples) == 0 {
		t.Fatalf("%d examples: %v", len(examples), err)
	}
	for _, path := range examples {
		statement, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if status, body := get(t, w, "/", string(statement), nil); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
