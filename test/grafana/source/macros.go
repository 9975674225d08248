package source

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data/sqlutil"
)

// Expand replaces the macros of a statement as the plugin's backend does, comments left out. One that it does not know stays,
// for the warehouse to refuse.
func Expand(statement string, between backend.TimeRange, interval time.Duration) (string, error) {
	return sqlutil.Interpolate(&sqlutil.Query{RawSQL: uncommented(statement), TimeRange: between, Interval: interval}, macros)
}

// macros are all that the plugin's documentation has but for those of ad-hoc filters and logs, which no dashboard here uses.
// $__interval and $__interval_ms are sqlutil's own.
var macros = sqlutil.Macros{
	"fromTime":       end(from, seconds),
	"toTime":         end(to, seconds),
	"fromTime_ms":    end(from, milliseconds),
	"toTime_ms":      end(to, milliseconds),
	"timeFrom":       of(1, func(q *sqlutil.Query, a []string) string { return a[0] + " >= " + seconds(q.TimeRange.From) }),
	"timeTo":         of(1, func(q *sqlutil.Query, a []string) string { return a[0] + " <= " + seconds(q.TimeRange.To) }),
	"timeFilter":     of(1, func(q *sqlutil.Query, a []string) string { return within(q, a[0], seconds) }),
	"timeFilter_ms":  of(1, func(q *sqlutil.Query, a []string) string { return within(q, a[0], milliseconds) }),
	"dateFilter":     of(1, func(q *sqlutil.Query, a []string) string { return within(q, a[0], date) }),
	"dateTimeFilter": of(2, dateAndTime),
	"dt":             of(2, dateAndTime),
	"timeInterval": of(1, func(q *sqlutil.Query, a []string) string {
		return bucket("toDateTime("+a[0]+")", atLeast(q.Interval, time.Second), "second")
	}),
	"timeInterval_ms": of(1, func(q *sqlutil.Query, a []string) string {
		return bucket("toDateTime64("+a[0]+", 3)", atLeast(q.Interval, time.Millisecond), "millisecond")
	}),
	"interval_s": func(q *sqlutil.Query, _ []string) (string, error) {
		return strconv.FormatInt(atLeast(q.Interval, time.Second), 10), nil
	},
	"timeGroup": timeGroup,
}

func seconds(t time.Time) string { return fmt.Sprintf("toDateTime(%d)", t.Unix()) }
func milliseconds(t time.Time) string {
	return fmt.Sprintf("fromUnixTimestamp64Milli(%d)", t.UnixMilli())
}

// date is the day in the plugin's own zone, which is UTC in Grafana's image, whatever the browser's is.
func date(t time.Time) string { return "toDate('" + t.UTC().Format(time.DateOnly) + "')" }

// atLeast counts the whole units of an interval, 1 at least.
func atLeast(interval, unit time.Duration) int64 { return max(int64(interval/unit), 1) }

func within(q *sqlutil.Query, column string, literal func(time.Time) string) string {
	return column + " >= " + literal(q.TimeRange.From) + " AND " + column + " <= " + literal(q.TimeRange.To)
}

func dateAndTime(q *sqlutil.Query, a []string) string {
	return "(" + within(q, a[0], date) + ") AND (" + within(q, a[1], seconds) + ")"
}

func bucket(column string, count int64, unit string) string {
	return fmt.Sprintf("toStartOfInterval(%s, INTERVAL %d %s)", column, count, unit)
}

// timeGroup takes one of Go's durations: there is none of a month.
func timeGroup(_ *sqlutil.Query, a []string) (string, error) {
	if len(a) != 2 {
		return "", wrongCount(2, a)
	}
	length, err := time.ParseDuration(strings.Trim(a[1], `'"`))
	if err != nil || length < time.Second/2 {
		return "", backend.DownstreamError(fmt.Errorf("$__timeGroup: %q is no interval", a[1]))
	}
	return bucket("toDateTime("+a[0]+")", int64(length.Round(time.Second)/time.Second), "second"), nil
}

// of is a macro of so many arguments.
func of(count int, expand func(*sqlutil.Query, []string) string) sqlutil.MacroFunc {
	return func(q *sqlutil.Query, a []string) (string, error) {
		if len(a) != count {
			return "", wrongCount(count, a)
		}
		return expand(q, a), nil
	}
}

// end is a macro of one end of the range.
func end(which func(backend.TimeRange) time.Time, literal func(time.Time) string) sqlutil.MacroFunc {
	return func(q *sqlutil.Query, _ []string) (string, error) { return literal(which(q.TimeRange)), nil }
}

func from(r backend.TimeRange) time.Time { return r.From }
func to(r backend.TimeRange) time.Time   { return r.To }

func wrongCount(want int, got []string) error {
	return fmt.Errorf("%w: %d, want %d", sqlutil.ErrorBadArgumentCount, len(got), want)
}

// uncommented leaves out the comments of a statement, and nothing in quotes.
func uncommented(statement string) string {
	var b strings.Builder
	for i := 0; i < len(statement); {
		rest := statement[i:]
		switch {
		case strings.HasPrefix(rest, "--"):
			i += lengthTo(rest, "\n", false)
		case strings.HasPrefix(rest, "/*"):
			i += lengthTo(rest, "*/", true)
			b.WriteByte(' ')
		case strings.ContainsRune("'\"`", rune(rest[0])):
			n := quoted(rest)
			b.WriteString(rest[:n])
			i += n
		default:
			b.WriteByte(rest[0])
			i++
		}
	}
	return b.String()
}

// lengthTo is how far it is to a mark, or to the end.
func lengthTo(s, mark string, beyond bool) int {
	at := strings.Index(s, mark)
	if at < 0 {
		return len(s)
	}
	if beyond {
		at += len(mark)
	}
	return at
}

// quoted is the length of what begins with a quote, to its end. A doubled quote ends one and begins another, which is the same.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}
