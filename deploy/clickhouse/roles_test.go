package clickhouse_test

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/load"
)

// roles are those that read, each with a user of its name.
var roles = []string{"executive", "bi_service", "analyst", "partner_manager", "support", "marketing"}

// readable are the tables and views that each may read, as patterns, besides those that tell what there is.
var readable = map[string][]string{
	"executive":       {"kpi.*", "kpi_engagement.*"},
	"bi_service":      {"kpi.*", "kpi_engagement.*"},
	"reader":          {"kpi.*", "kpi_engagement.*"}, // the embedded engine's own
	"analyst":         {"kpi.*", "kpi_engagement.*", "warehouse.*"},
	"partner_manager": {"kpi_engagement.*", "kpi.own_programs", "kpi.as_of"},
	"support":         {"kpi_support.*", "kpi.as_of"},
	"marketing": {
		"kpi_engagement.portfolio_engagement_monthly", "kpi_engagement.program_engagement_monthly", "kpi_engagement.segment_engagement_monthly",
		"kpi.awarded_never_returned", "kpi.as_of",
	},
	"monitor": {
		"etl.runs", "etl.units", "etl.unit_entities", "etl.job_runs", "etl.source_runs", "etl.sources", "etl.checks", "etl.schema_migrations",
		"kpi.as_of", "kpi.stale_sources",
	},
}

const (
	denied     = "ACCESS_DENIED"
	readOnly   = "READONLY"
	constraint = "SETTING_CONSTRAINT_VIOLATION"
)

// bi is what Grafana and Metabase send with each query.
var bi = url.Values{
	"max_execution_time": {"120"}, "session_timezone": {"Europe/London"}, "max_result_rows": {"2000"}, "result_overflow_mode": {"break"},
	"select_sequential_consistency": {"1"}, "add_http_cors_header": {"1"},
}

const ours = "SELECT concat(database, '.', name) FROM system.tables WHERE database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') ORDER BY ALL"

// answer sends a statement that is not refused.
func (s server) answer(t *testing.T, user, statement string, settings url.Values) string {
	t.Helper()
	answer, refused := s.ask(t, user, statement, settings)
	if refused != "" {
		t.Fatalf("%s: %s: refused with %s\n%s", user, statement, refused, answer)
	}
	return answer
}

// testRoles holds what each user sees against what it may read: a table shows to who may select from it. The views that one
// is to read can be read.
func testRoles(t *testing.T, s server) {
	all := strings.Fields(s.answer(t, "partnerplus", ours, nil))
	if len(all) < 100 {
		t.Fatalf("only %d tables and views", len(all))
	}
	for _, user := range slices.Sorted(maps.Keys(readable)) {
		var want []string
		for _, name := range all {
			if slices.ContainsFunc(readable[user], func(pattern string) bool { is, _ := path.Match(pattern, name); return is }) {
				want = append(want, name)
			}
		}
		got := strings.Fields(s.answer(t, user, ours, bi))
		if !slices.Equal(got, want) {
			t.Errorf("%s sees, but should not: %v; should see, but does not: %v", user, lacking(got, want), lacking(want, got))
		}
		for _, name := range want {
			statement := "SELECT * FROM " + name + " LIMIT 1"
			switch {
			case strings.HasPrefix(name, "kpi_support."):
				statement = "SELECT * FROM " + name + "(program_id = 'acme', member_id = 'm1')"
			case user == "executive" || user == "reader": // the same as bi_service
				continue
			case user == "analyst" && !strings.HasPrefix(name, "warehouse."):
				continue
			case user == "partner_manager": // testManagers
				continue
			}
			s.answer(t, user, statement, bi)
		}
	}
}

// testRefusals tries as each reader what none may do, and the ways around a role that ClickHouse could have.
func testRefusals(t *testing.T, s server) {
	const key = "SELECT count() FROM kpi.as_of"
	for statement, want := range map[string]string{
		"SELECT * FROM kpi_core.metric_month":                                      denied,
		"SELECT raw FROM etl.rejects":                                              denied,
		"SELECT * FROM merge('kpi_core', '^lens$')":                                "CANNOT_EXTRACT_TABLE_STRUCTURE",
		"SELECT * FROM mergeTreeIndex('kpi_core', 'lens')":                         denied,
		"SELECT * FROM loop('kpi_core', 'lens')":                                   denied,
		"SELECT * FROM dictionary('d')":                                            denied,
		"SELECT * FROM remote('127.0.0.1', kpi_core.lens)":                         denied,
		"SELECT * FROM cluster('default', kpi_core.lens)":                          "CLUSTER_DOESNT_EXIST",
		"SELECT * FROM url('http://127.0.0.1:1/', LineAsString)":                   denied,
		"SELECT * FROM s3('http://127.0.0.1:1/bucket/x.csv')":                      denied,
		"SELECT * FROM file('*', LineAsString)":                                    denied,
		"SELECT * FROM executable('cat', 'CSV', 'a String')":                       denied,
		"SHOW CREATE TABLE kpi_core.lens":                                          denied,
		"DESCRIBE TABLE kpi_core.lens":                                             denied,
		"EXISTS kpi_core.lens":                                                     denied,
		"EXPLAIN SELECT * FROM kpi_core.lens":                                      denied,
		"EXPLAIN ESTIMATE SELECT * FROM kpi_core.lens":                             denied,
		"SELECT query FROM system.processes":                                       denied,
		"SHOW PROCESSLIST":                                                         denied,
		"KILL QUERY WHERE 1":                                                       denied,
		"SELECT * FROM system.users":                                               denied,
		"SELECT * FROM system.grants":                                              denied,
		"SELECT * FROM system.row_policies":                                        denied,
		"SELECT * FROM system.dictionaries":                                        denied,
		"SHOW GRANTS FOR partnerplus":                                              denied,
		"CREATE TEMPORARY TABLE t (n UInt8)":                                       denied,
		"INSERT INTO FUNCTION null('n UInt8') SELECT 1":                            denied,
		"INSERT INTO FUNCTION file('x.csv') SELECT 1":                              denied,
		"INSERT INTO FUNCTION url('http://127.0.0.1:1/', CSV, 'n UInt8') SELECT 1": denied,
		"INSERT INTO kpi_core.lens SELECT * FROM kpi_core.lens":                    denied,
		"CREATE VIEW kpi.v AS SELECT 1":                                            denied,
		"CREATE FUNCTION f AS x -> x":                                              denied,
		"DROP VIEW kpi.as_of":                                                      denied,
		"ALTER TABLE kpi_core.lens DELETE WHERE 1":                                 denied,
		"BACKUP TABLE kpi.as_of TO File('x')":                                      denied,
		"SYSTEM SHUTDOWN":                                                          denied,
		"CREATE USER u":                                                            denied,
		"GRANT SELECT ON *.* TO support":                                           denied,
		"EXECUTE AS partnerplus SELECT 1":                                          "SUPPORT_IS_DISABLED",
		"SET ROLE partnerplus_writer":                                              "SET_NON_GRANTED_ROLE",
		key + " SETTINGS readonly = 0":                                             readOnly,
		key + " SETTINGS max_memory_usage = 0":                                     readOnly,
		key + " SETTINGS log_queries = 0":                                          readOnly,
		key + " SETTINGS max_execution_time = 121":                                 constraint,
		"SELECT throwIf(getSetting('readonly') != 1 OR getSetting('max_memory_usage') = 0) SETTINGS profile = 'partnerplus_writer'": "", // changes nothing
	} {
		for _, user := range append(slices.Clone(roles), "monitor") {
			if answer, refused := s.ask(t, user, statement, nil); refused != want {
				t.Errorf("%s: %s: refused with %q, want %q\n%s", user, statement, refused, want, answer)
			}
		}
	}
	for _, try := range []struct{ user, statement, want string }{
		{"partnerplus", "CREATE TABLE default.t (n UInt8) ENGINE = MergeTree ORDER BY n", denied},
		{"partnerplus", "CREATE TABLE etl.t (n UInt8) ENGINE = URL('http://127.0.0.1/')", denied},
		{"partnerplus", "CREATE USER u", denied},
		{"partnerplus", "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)", denied},
		{"partnerplus", "SELECT count() FROM system.errors", denied},
		{"partnerplus", "SYSTEM SHUTDOWN", denied},
		{"support", "SELECT * FROM kpi_support.member", "EMPTY_LIST_OF_COLUMNS_QUERIED"}, // not everybody at once
		{"support", "SELECT * FROM kpi.member_monthly", denied},
		{"marketing", "SELECT * FROM kpi.member_monthly", denied},
		{"marketing", "SELECT * FROM kpi_engagement.metric_monthly", denied},
		{"partner_manager", "SELECT * FROM kpi.metric_monthly", denied},
		{"partner_manager", "SELECT * FROM kpi.portfolio_lens", denied},
		{"partner_manager", "SELECT * FROM kpi.exceptions", denied},
		{"bi_service", "SELECT * FROM warehouse.members", denied},
		{"analyst", "SELECT * FROM etl.open_rejects", denied},
		// What BI tools ask of a server.
		{"bi_service", "SELECT (SELECT count() FROM system.databases) + (SELECT count() FROM system.tables) + (SELECT count() FROM system.columns)", ""},
		{"bi_service", "SELECT (SELECT count() FROM system.functions) + (SELECT count() FROM system.settings) + (SELECT count() FROM system.table_engines)", ""},
		{"bi_service", "SELECT table_name FROM information_schema.tables UNION ALL SELECT table_name FROM information_schema.views", ""},
		{"bi_service", "SELECT column_name FROM information_schema.columns WHERE table_schema = 'kpi'", ""},
		{"bi_service", "SELECT version(), timezone(), currentUser(), currentDatabase()", ""},
		{"bi_service", "DESCRIBE TABLE kpi.metric_monthly", ""},
		{"bi_service", "SHOW CREATE VIEW kpi.metric_monthly", ""},
		{"bi_service", "EXPLAIN AST SELECT 1 FROM kpi.metric_monthly", ""},
		{"monitor", "SELECT count() FROM system.disks, system.events, system.merges, system.metrics, system.mutations, system.parts, system.replicas", ""},
		{"monitor", "SELECT name, code, value, last_error_time, remote FROM system.errors", ""},
		{"monitor", "SELECT last_error_message FROM system.errors", denied}, // it quotes values
	} {
		if answer, refused := s.ask(t, try.user, try.statement, bi); refused != try.want {
			t.Errorf("%s: %s: refused with %q, want %q\n%s", try.user, try.statement, refused, try.want, answer)
		}
	}
	for _, user := range roles {
		// A server has one, which needs a grant; the embedded engine has none.
		if answer, refused := s.ask(t, user, "SELECT query FROM system.query_log", nil); refused != denied && refused != "UNKNOWN_TABLE" {
			t.Errorf("%s reads what others asked: %s", user, answer)
		}
	}
}

// testFigures reads figures as those who may.
func testFigures(t *testing.T, s server) {
	for _, try := range []struct{ user, statement, want string }{
		{"bi_service", "SELECT dollars_awarded FROM kpi.portfolio_financial_monthly WHERE month = '2026-01-01'", "746.82"},
		{"executive", "SELECT dollars_awarded FROM kpi.program_financial_monthly WHERE month = '2026-01-01' AND program_id = 'acme'", "15.25"},
		{"analyst", "SELECT sum(amount) FROM warehouse.awards FINAL", "2219.96"},
		{"support", "SELECT unspent_dollars, awarded_to_date, redeemed_to_date, org_id, joined_on, inferred FROM kpi_support.member(program_id = 'acme', member_id = 'm1')", "741.57\t741.57\t0\to1\t2026-01-01\t0"},
		{"support", "SELECT event_id, kind, amount, balance FROM kpi_support.member_entries(program_id = 'acme', member_id = 'm1') ORDER BY at", "a1\taward\t10\t10\na3\taward\t731.57\t741.57"},
		{"support", "SELECT count() FROM kpi_support.member(program_id = 'acme', member_id = ''' OR 1 = 1 --')", "0"},
		{"marketing", "SELECT * FROM kpi.awarded_never_returned ORDER BY ALL", "acme\tm1\to1\tgold\t2026-02-01\t1\nacme\tm2\to1\tgold\t2026-01-01\t1\nzenith\tz1\tzorg\tgold\t2026-02-01\t1"},
		{"bi_service", "SELECT count() FROM system.parts", "0"}, // of tables that it may read
		{"partner_manager", "SELECT count() FROM system.parts", "0"},
		// An error in what is asked would tell of other members, were it asked of them.
		{"support", "SELECT member_id FROM kpi_support.member(program_id = 'acme', member_id = 'm1') WHERE throwIf(member_id != 'm1') = 0", "m1"},
		{"support", "SELECT count() FROM kpi_support.member_entries(program_id = 'acme', member_id = 'm2') WHERE throwIf(amount > 6) = 0", "1"},
		{"marketing", "SELECT count() FROM kpi.awarded_never_returned WHERE throwIf(member_id = 'm3') = 0", "3"},
	} {
		if got := s.answer(t, try.user, try.statement, bi); got != try.want {
			t.Errorf("%s: %s: %s, want %s", try.user, try.statement, got, try.want)
		}
	}
	for _, user := range append(slices.Clone(roles), "monitor", "partnerplus") {
		want := "20000"
		if user == "partnerplus" {
			want = `\N`
		}
		if got := s.answer(t, user, "SELECT max(max_queries) FROM system.quota_usage", nil); got != want {
			t.Errorf("%s may send %s queries an hour, want %s", user, got, want)
		}
	}
}

// testNoMoney looks for money where there is to be none: by the catalogue, by names and types, and for an amount that was loaded.
func testNoMoney(t *testing.T, s server) {
	const (
		money   = "(SELECT metric FROM kpi.metrics WHERE dimension != 'engagement' AND metric NOT IN ('total_users', 'total_organisations', 'new_users'))"
		columns = "SELECT table, name FROM system.columns WHERE (database = 'kpi_engagement' OR table = 'awarded_never_returned') AND "
		amount  = "731.57"
	)
	for _, statement := range []string{
		"SELECT DISTINCT metric FROM kpi_engagement.metric_monthly WHERE metric IN " + money,
		"SELECT DISTINCT metric FROM kpi_engagement.exceptions WHERE metric IN " + money,
		columns + "replaceRegexpOne(name, '_mom_(abs|pct)$', '') IN " + money,
		columns + "multiSearchAnyCaseInsensitive(concat(name, comment), ['dollar', 'amount', 'balance', 'currency'])",
		columns + "type LIKE '%Decimal(38, 4)%'",
	} {
		if got := s.answer(t, "bi_service", statement, nil); got != "" {
			t.Errorf("about money: %s: %s", statement, got)
		}
	}
	views := strings.Fields(s.answer(t, "bi_service", "SELECT concat('kpi_engagement.', name) FROM system.tables WHERE database = 'kpi_engagement'", nil))
	for _, view := range append(views, "kpi.awarded_never_returned") {
		if text := s.answer(t, "bi_service", "SELECT * FROM "+view, nil); text == "" || strings.Contains(text, amount) {
			t.Errorf("%s is empty, or has an amount:\n%s", view, text)
		}
	}
	if all := s.answer(t, "bi_service", "SELECT sentence FROM kpi.exceptions", nil); !strings.Contains(all, amount) {
		t.Errorf("no exception has the amount that was looked for:\n%s", all)
	}
}

// testFilters tries a setting that BI tools send for filters of their own: it holds for what a reader may read, and not for what
// lies behind a view, where an error in the filter would tell what is there.
func testFilters(t *testing.T, s server) {
	filter := func(table, condition string) url.Values {
		return url.Values{"additional_table_filters": {fmt.Sprintf("{'%s': '%s'}", table, strings.ReplaceAll(condition, "'", `\'`))}}
	}
	const programs = "SELECT arrayStringConcat(arraySort(groupUniqArray(program_id)), ' ') FROM kpi.program_financial_monthly"
	if got := s.answer(t, "bi_service", programs, filter("kpi.program_financial_monthly", "program_id = 'acme'")); got != "acme" {
		t.Errorf("a filter of a dashboard leaves %q", got)
	}
	for table, statement := range map[string]string{
		"kpi_core.metric_month": programs,
		"etl.rejects":           "SELECT count() FROM kpi.unconserved_units",
	} {
		unfiltered := s.answer(t, "bi_service", statement, nil)
		for _, condition := range []string{"throwIf(1)", "0"} {
			if got, refused := s.ask(t, "bi_service", statement, filter(table, condition)); got != unfiltered || refused != "" {
				t.Errorf("a filter of %s by %s reaches behind the view: %s", table, condition, got)
			}
		}
	}
}

// testManagers tries what a partner manager sees of programmes of others.
func testManagers(t *testing.T, s server, w *load.Warehouse) {
	const manager = "partner_manager"
	views := strings.Fields(s.answer(t, "partnerplus", "SELECT name FROM system.tables WHERE database = 'kpi_engagement' ORDER BY name", nil))
	// What comes later is closed too.
	for _, later := range []string{
		"CREATE VIEW kpi_engagement.later DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT program_id, count() AS n FROM kpi.metric_monthly GROUP BY program_id",
		"CREATE VIEW kpi_engagement.later_of_all DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT count() AS n FROM kpi.metric_monthly",
	} {
		s.answer(t, "partnerplus", later, nil)
	}
	closed := []string{"portfolio_engagement_monthly", "later_of_all"}
	for _, name := range append(views, "later", "later_of_all") {
		text, refused := s.ask(t, manager, "SELECT * FROM kpi_engagement."+name, bi)
		switch {
		case slices.Contains(closed, name):
			if refused != "UNKNOWN_IDENTIFIER" {
				t.Errorf("%s, over all programmes, is refused with %q", name, refused)
			}
		case refused != "" || !strings.Contains(text, "acme") || strings.Contains(text, "zenith") || strings.Contains(text, "zorg") || strings.Contains(text, "portfolio"):
			t.Errorf("%s: %s\n%s", name, refused, text)
		}
		if text, _ := s.ask(t, "newcomer", "SELECT * FROM kpi_engagement."+name, nil); text != "" && !slices.Contains(closed, name) {
			t.Errorf("who manages nothing sees %s: %s", name, text)
		}
	}

	const all = "FROM kpi_engagement.metric_monthly"
	for _, try := range []struct {
		statement, want string
	}{
		{"SELECT program_id FROM kpi.own_programs", "acme"},
		{"SELECT uniqExact(program_id), countIf(scope = 'portfolio') " + all, "1\t0"},
		{"SELECT DISTINCT program_id FROM view(SELECT * FROM kpi_engagement.metric_monthly)", "acme"},
		// An error in what is asked would tell of rows that the policy hides, were it asked of them.
		{"SELECT min(n) >= 0 FROM (SELECT throwIf(program_id != 'acme') AS n " + all + ")", "1"},
		{"SELECT count() > 0 " + all + " WHERE throwIf(program_id != 'acme') = 0", "1"},
		{"SELECT count() > 0 " + all + " WHERE intDiv(1, program_id = 'acme') = 1 AND value > -1", "1"},
		{"SELECT count() > 0 FROM kpi_engagement.program_engagement_monthly WHERE throwIf(program_id != 'acme' AND users_awarded > 0) = 0", "1"},
		{"SELECT count() > 0 FROM kpi_engagement.member_monthly WHERE throwIf(member_id = 'z1') = 0", "1"},
		{"SELECT count() > 0 FROM kpi_engagement.exceptions WHERE throwIf(sentence LIKE '%zenith%') = 0", "1"},
		{"SELECT DISTINCT program_id = 'acme' " + all + " SETTINGS additional_table_filters = {'kpi_engagement.metric_monthly': 'throwIf(program_id != \\'acme\\') = 0'}", "1"},
		{"SELECT count() > 0 " + all + " SETTINGS additional_table_filters = {'kpi_core.metric_month': 'throwIf(program_id != \\'acme\\') = 0'}", "1"},
		{"SELECT count() > 0 " + all + " SETTINGS additional_table_filters = {'kpi_core.manager_setting': '0'}", "1"},
		{"SELECT count() > 0 " + all + " SETTINGS additional_table_filters = {'kpi.own_programs': 'throwIf(program_id != \\'acme\\') = 0'}", "1"},
	} {
		if got, refused := s.ask(t, manager, try.statement, nil); refused != "" || got != try.want {
			t.Errorf("%s: %s %s, want %s", try.statement, got, refused, try.want)
		}
	}

	// The engine makes nothing of the policy's set there.
	if got, _ := s.ask(t, manager, "SELECT DISTINCT program_id FROM merge('kpi_engagement', '^metric_monthly$')", nil); strings.Contains(got, "zenith") {
		t.Errorf("through merge(): %s", got)
	}

	// The config gives programmes to others, and no policy changes.
	const mine = "SELECT arrayStringConcat(arraySort(groupUniqArray(program_id)), ' ') " + all
	for _, try := range []struct {
		managers            map[string][]string
		manager, ofNewcomer string
	}{
		{map[string][]string{manager: {"zenith"}, "newcomer": {"acme", "zenith"}}, "zenith", "acme zenith"},
		{map[string][]string{manager: {"", "nothing"}}, "", ""}, // the portfolio has no programme, and is nobody's
		{nil, "", ""},
	} {
		if _, err := w.ApplySettings(t.Context(), load.Settings{Managers: try.managers}); err != nil {
			t.Fatal(err)
		}
		for user, want := range map[string]string{manager: try.manager, "newcomer": try.ofNewcomer, "bi_service": "acme zenith"} {
			if got := s.answer(t, user, mine, nil); got != want {
				t.Errorf("with %v, %s sees %q, want %q", try.managers, user, got, want)
			}
		}
	}
}
