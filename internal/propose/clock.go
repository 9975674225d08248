package propose

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// times is how a column's dates or times are written.
type times struct {
	format  string // iso, unix, unix_ms, unix_us or a Go layout
	other   string // a layout that would fit as well, empty where the values decide
	why     string // how the format was chosen, for a comment
	clock   bool   // there is a time of day
	offset  bool   // the values say which zone they are of
	misfits int    // values that cannot be read so, such as 29/02/18
	min     time.Time
	max     time.Time
}

var (
	isoTime  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$`)
	dayFirst = regexp.MustCompile(`^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})\b`)
	unixTime = regexp.MustCompile(`^\d{9,16}$`)
)

// timesOf finds how a column's dates or times are written. A few values that are none are allowed for.
func timesOf(name string, values []string) (times, bool) {
	for _, try := range []func(string, []string) (times, bool){iso, unix, slashed, spelled} {
		if t, ok := try(name, values); ok {
			return t, true
		}
	}
	return times{}, false
}

func iso(_ string, values []string) (times, bool) {
	t := times{format: "iso"}
	for _, v := range values {
		m := isoTime.FindStringSubmatch(v)
		if m == nil {
			t.misfits++
			continue
		}
		at, err := time.Parse(time.DateOnly, v[:10])
		if err != nil {
			t.misfits++
			continue
		}
		t.clock = t.clock || len(v) > 10
		t.offset = t.offset || m[1] != ""
		t.span(at)
	}
	return t, fits(t.misfits, len(values))
}

// fits tells whether a format is a column's own. Of a few values each must fit, of many nearly all.
func fits(misfits, all int) bool { return all > 0 && misfits < all && few(misfits, all) }

// unix takes numbers for seconds since 1970 or fractions of them where they fall into this age and the column's name
// speaks of time, or there are 13 digits or more.
func unix(name string, values []string) (times, bool) {
	t := times{clock: true, offset: true}
	length := 0
	for _, v := range values {
		if !unixTime.MatchString(v) || length != 0 && len(v) != length {
			return t, false
		}
		length = len(v)
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return t, false
		}
		var at time.Time
		switch length {
		case 9, 10:
			t.format, at = "unix", time.Unix(n, 0)
		case 13:
			t.format, at = "unix_ms", time.UnixMilli(n)
		case 16:
			t.format, at = "unix_us", time.UnixMicro(n)
		default:
			return t, false
		}
		if year := at.UTC().Year(); year < 1990 || year > 2100 {
			return t, false
		}
		t.span(at.UTC())
	}
	if length == 0 || length < 13 && !speaksOfTime(name) {
		return t, false
	}
	t.why = "counted since 1970"
	return t, true
}

func speaksOfTime(name string) bool {
	for _, w := range words(name) {
		switch w {
		case "at", "ts", "time", "timestamp", "date", "datetime", "epoch", "unix", "created", "updated", "started", "when", "on":
			return true
		}
	}
	return false
}

// slashed reads dates of three numbers. Whether the day or the month comes first, only a number above 12 decides.
func slashed(_ string, values []string) (times, bool) {
	first, second, seen := 0, 0, 0
	padded, short, mark := true, false, ""
	for _, v := range values {
		m := dayFirst.FindStringSubmatch(v)
		if m == nil {
			continue
		}
		seen++
		a, _ := strconv.Atoi(m[1]) // one or two digits each
		b, _ := strconv.Atoi(m[3])
		if a > 12 {
			first++
		}
		if b > 12 {
			second++
		}
		padded = padded && len(m[1]) == 2 && len(m[3]) == 2
		short, mark = len(m[4]) == 2, m[2]
	}
	if !fits(len(values)-seen, len(values)) {
		return times{}, false
	}
	day, month, year := "2", "1", "2006"
	if padded {
		day, month = "02", "01"
	}
	if short {
		year = "06"
	}
	dm, md := day+mark+month+mark+year, month+mark+day+mark+year
	one, ok := withClock(dm, values)
	two, also := withClock(md, values)
	switch {
	case !ok && !also:
		return times{}, false
	case ok && (!also || first >= second):
		if second == 0 && first == 0 {
			one.other = two.format
			one.why = "day first is a guess: no number is above 12"
		} else if first > 0 {
			one.why = "day first: " + count(first) + " have a first number above 12"
		}
		one.pivot(short)
		return one, true
	}
	two.why = "month first: " + count(second) + " have a second number above 12"
	two.pivot(short)
	return two, true
}

func (t *times) pivot(short bool) {
	if short {
		t.why += "; years of two digits mean 1969 to 2068"
	}
}

var spelledDates = []string{
	"2006/01/02", "2006/1/2", "2006.01.02", "20060102", "2 Jan 2006", "02 Jan 2006", "02-Jan-2006", "2-Jan-2006", "02-Jan-06", "2-Jan-06",
	"Jan 2, 2006", "Jan 2 2006", "January 2, 2006", "2 January 2006", "Mon, 02 Jan 2006", "Mon, 2 Jan 2006", "2-1-2006", "2006-1-2", "2006-01-02",
}

// spelled reads the other ways to write a date.
func spelled(_ string, values []string) (times, bool) {
	for _, date := range spelledDates {
		if t, ok := withClock(date, values); ok && t.min.Year() >= 1900 && t.max.Year() < 2200 {
			return t, true
		}
	}
	return times{}, false
}

var clocks = []string{
	"", " 15:04", " 15:04:05", "T15:04:05", "T15:04", ", 15:04", ", 15:04:05", " 3:04 PM", " 3:04:05 PM", " 03:04 PM", " 03:04:05 PM", ", 3:04 PM", ", 3:04:05 PM",
	" 3:04PM", " 3:04:05PM", " 3:04 pm", " 3:04:05 pm", ", 3:04 pm", " 3:04pm", " 150405", "150405", " 15.04", " 15:04:05 -0700", " 15:04:05 -07:00", "T15:04:05Z07:00", "T15:04:05-0700", " 15:04 -0700",
}

// withClock finds the time of day that follows a date's layout.
func withClock(date string, values []string) (best times, found bool) {
	// Most layouts fail with the first values.
	head := values[:min(len(values), 50)]
	for _, clock := range clocks {
		if t := parsed(date+clock, head); !fits(t.misfits, len(head)) && t.misfits*2 > len(head) {
			continue
		}
		t := parsed(date+clock, values)
		if fits(t.misfits, len(values)) && (!found || t.misfits < best.misfits) {
			t.clock = clock != ""
			t.offset = strings.ContainsAny(clock, "Z-")
			best, found = t, true
		}
	}
	return best, found
}

func parsed(layout string, values []string) times {
	t := times{format: layout}
	for _, v := range values {
		at, err := time.Parse(layout, v)
		if err != nil {
			t.misfits++
			continue
		}
		t.span(at)
	}
	return t
}

func (t *times) span(at time.Time) {
	if t.min.IsZero() || at.Before(t.min) {
		t.min = at
	}
	if at.After(t.max) {
		t.max = at
	}
}
