package source_test

import (
	"errors"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data/sqlutil"

	"github.com/partnerplus/warehouse/test/grafana/source"
)

// TestExpand has what the plugin's documentation says that its macros become.
func TestExpand(t *testing.T) {
	between := backend.TimeRange{From: time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC), To: time.Date(2026, 2, 1, 7, 59, 59, 999e6, time.UTC)}
	for _, c := range []struct{ statement, want string }{
		{"$__dateFilter(month)", "month >= toDate('2026-01-01') AND month <= toDate('2026-02-01')"},
		{"$__timeFilter(at)", "at >= toDateTime(1767254400) AND at <= toDateTime(1769932799)"},
		{"$__timeFilter_ms(at)", "at >= fromUnixTimestamp64Milli(1767254400000) AND at <= fromUnixTimestamp64Milli(1769932799999)"},
		{"$__dateTimeFilter(d, at)", "(d >= toDate('2026-01-01') AND d <= toDate('2026-02-01')) AND (at >= toDateTime(1767254400) AND at <= toDateTime(1769932799))"},
		{"$__dt(d, at)", "(d >= toDate('2026-01-01') AND d <= toDate('2026-02-01')) AND (at >= toDateTime(1767254400) AND at <= toDateTime(1769932799))"},
		{"$__fromTime, $__toTime", "toDateTime(1767254400), toDateTime(1769932799)"},
		{"$__fromTime_ms, $__toTime_ms", "fromUnixTimestamp64Milli(1767254400000), fromUnixTimestamp64Milli(1769932799999)"},
		{"$__timeFrom(at) AND $__timeTo(at)", "at >= toDateTime(1767254400) AND at <= toDateTime(1769932799)"},
		{"$__timeInterval(at)", "toStartOfInterval(toDateTime(at), INTERVAL 3600 second)"},
		{"$__timeInterval_ms(at)", "toStartOfInterval(toDateTime64(at, 3), INTERVAL 3600000 millisecond)"},
		{"$__interval_s", "3600"},
		{"$__interval_ms", "3600000"},
		{"$__timeGroup(at, 5m)", "toStartOfInterval(toDateTime(at), INTERVAL 300 second)"},
		{"$__timeFrom(f(a, 'b'))", "f(a, 'b') >= toDateTime(1767254400)"},
		{"SELECT '--' -- $__dateFilter(month)\n/* $__fromTime */", "SELECT '--' \n "},
		{`SELECT 'it\'s -- not', "a""--"`, `SELECT 'it\'s -- not', "a""--"`},
		{"$__nobodyKnows(1)", "$__nobodyKnows(1)"},
	} {
		got, err := source.Expand(c.statement, between, time.Hour)
		if err != nil || got != c.want {
			t.Errorf("%s becomes\n%s, want\n%s\n%v", c.statement, got, c.want, err)
		}
	}
	for _, statement := range []string{"$__dateFilter(a, b)", "$__dateTimeFilter(a)", "$__timeGroup(a)"} {
		if got, err := source.Expand(statement, between, time.Hour); !errors.Is(err, sqlutil.ErrorBadArgumentCount) {
			t.Errorf("%s becomes %s, %v", statement, got, err)
		}
	}
	if _, err := source.Expand("$__timeGroup(month, month)", between, time.Hour); err == nil {
		t.Error("a month is no interval of $__timeGroup")
	}
}
