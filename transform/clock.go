package transform

import (
	"errors"
	"fmt"
	"time"
)

// clock reads texts as times, as a TimeSpec says.
type clock struct {
	kind   clockKind
	places int    // unix: the count is of 10^-places seconds
	layout string // a Go layout
	fixed  bool   // the layout holds an offset
	days   bool   // the layout holds no time of day
	zone   *time.Location
	others []*clock // further formats, to be tried in turn
}

type clockKind int

const (
	isoClock clockKind = iota
	unixClock
	layoutClock
)

// Instants and days that ClickHouse's DateTime64 and Date32 hold: the years 1900 to 2299.
var (
	firstDay = daysSince1970(firstYear, 1, 1)
	lastDay  = daysSince1970(lastYear, 12, 31)
)

const timeFormats = `iso, unix, unix_ms, unix_us, unix_ns or a Go layout such as "02/01/2006 15:04"`

// newClock checks a TimeSpec; none reads ISO times in UTC.
func newClock(spec *TimeSpec) (*clock, error) {
	c := &clock{zone: time.UTC}
	if spec == nil {
		return c, nil
	}
	var err error
	format := spec.Format
	switch {
	case spec.Formats == nil:
	case format != "":
		err = errors.New("time format and formats exclude each other; give one")
	case len(spec.Formats) == 0:
		err = errors.New("time formats lists none")
	default:
		format = spec.Formats[0]
		for _, next := range spec.Formats[1:] {
			other, oerr := newClock(&TimeSpec{Format: next})
			c.others, err = append(c.others, other), errors.Join(err, oerr)
		}
	}
	var ferr error
	switch format {
	case "", "iso":
	case "unix":
		c.kind = unixClock
	case "unix_ms":
		c.kind, c.places = unixClock, 3
	case "unix_us":
		c.kind, c.places = unixClock, 6
	case "unix_ns":
		c.kind, c.places = unixClock, 9
	default:
		c.kind, c.layout = layoutClock, format
		c.fixed, c.days, ferr = checkLayout(format)
	}
	err = errors.Join(err, ferr)
	if spec.Zone != "" {
		zone, zerr := time.LoadLocation(spec.Zone)
		if zerr != nil || spec.Zone == "Local" {
			err = errors.Join(err, fmt.Errorf("zone %q is not known; use an IANA name such as America/Toronto", spec.Zone))
		} else {
			c.zone = zone
		}
	}
	return c, err
}

// checkLayout makes sure that a Go layout keeps the date and the hour, and tells whether it holds an
// offset, and whether it is of days only.
func checkLayout(layout string) (fixed, days bool, err error) {
	at := func(hour int, name string, offset int) string {
		return time.Date(2011, 11, 23, hour, 0, 0, 0, time.FixedZone(name, offset)).Format(layout)
	}
	plain := at(16, "AAA", 3600)
	fixed, days = plain != at(16, "AAA", 7200), plain == at(5, "AAA", 3600)
	if !fixed && plain != at(16, "BBB", 3600) {
		return false, false, fmt.Errorf("time format %q holds a zone's abbreviation, which is ambiguous; put an offset (-0700) in its place or set zone", layout)
	}
	back, perr := time.Parse(layout, plain)
	if y, m, d := back.Date(); perr != nil || y != 2011 || m != 11 || d != 23 {
		return false, false, fmt.Errorf("time format %q is not known; use %s", layout, timeFormats)
	}
	if !days && back.Hour() != 16 {
		return false, false, fmt.Errorf("time format %q has hours of 1 to 12 without PM; use 15 for hours of 0 to 23", layout)
	}
	return fixed, days, nil
}

// parse reads a text. ISO is set where the source's column is a time already, and its text therefore ISO.
func (c *clock) parse(text []byte, iso bool) (moment, bool) {
	m, ok := c.parseOne(text, iso)
	for i := 0; !ok && i < len(c.others); i++ {
		m, ok = c.others[i].parseOne(text, iso)
	}
	return m, ok
}

func (c *clock) parseOne(text []byte, iso bool) (moment, bool) {
	switch {
	case iso || c.kind == isoClock:
		return parseISO(text)
	case c.kind == unixClock:
		d, ok := parseDecimal(text)
		if !ok {
			return moment{}, false
		}
		// A count too large for this is far beyond 2299, and refused for that.
		micros, fit := d.scaled(one, 6-c.places, floor)
		if fit != fits {
			micros = maxScaled
		}
		seconds := floorDiv(micros, 1e6)
		return moment{seconds: seconds, micros: micros - seconds*1e6, fixed: true}, true
	}
	t, err := time.Parse(c.layout, string(text))
	if err != nil {
		return moment{}, false
	}
	return moment{
		seconds: t.Unix(), micros: int64(t.Nanosecond() / 1000), fixed: c.fixed, dateOnly: c.days,
	}, true
}

// zoneTimes turns clocks on the wall of one zone into instants. It remembers the offset that was last
// in force, so it belongs to one goroutine.
type zoneTimes struct {
	zone       *time.Location
	offset     int64
	from, till int64 // instants within which offset holds, two days away from any change
}

func (z *zoneTimes) offsetAt(instant int64) int64 {
	if z.zone == time.UTC {
		return 0
	}
	if instant >= z.from && instant < z.till {
		return z.offset
	}
	t := time.Unix(instant, 0).In(z.zone)
	_, offset := t.Zone()
	z.remember(t, int64(offset))
	return int64(offset)
}

func (z *zoneTimes) remember(t time.Time, offset int64) {
	z.offset = offset
	z.from, z.till = -1<<60, 1<<60
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		z.from = start.Unix() + 2*daySeconds
	}
	if !end.IsZero() {
		z.till = end.Unix() - 2*daySeconds
	}
}

// instant gives the instant at which the zone's clocks show wall. Of two, when clocks were set back, it
// is the earlier. There is none in the gap when clocks are set forward: ok is false, and instant is the end of the gap.
func (z *zoneTimes) instant(wall int64) (instant int64, ok bool) {
	if z.zone == time.UTC {
		return wall, true
	}
	if at := wall - z.offset; at >= z.from && at < z.till {
		return at, true
	}
	// The offsets of a day before and a day after bracket any single change.
	before, after := z.offsetAt(wall-daySeconds), z.offsetAt(wall+daySeconds)
	for _, offset := range [2]int64{max(before, after), min(before, after)} {
		if z.offsetAt(wall-offset) == offset {
			return wall - offset, true
		}
	}
	t := time.Unix(wall-before, 0).In(z.zone) // as if clocks had not been set forward yet: past the change
	start, _ := t.ZoneBounds()
	return start.Unix(), false
}

// instant reads a text as microseconds since 1970, or says why it is none.
func (c *clock) instant(text []byte, iso bool, z *zoneTimes) (micros int64, why *breach) {
	m, ok := c.parse(text, iso)
	if !ok {
		return 0, &breach{RuleType, quote(text) + " is not a time" + c.expected(iso)}
	}
	seconds := m.seconds
	if !m.fixed {
		// A date alone means the day's first instant, which is not midnight where clocks skip it.
		if seconds, ok = z.instant(m.seconds); !ok && !m.dateOnly {
			return 0, &breach{RuleType, fmt.Sprintf("%s does not exist in %s: clocks were set forward", quote(text), c.zone)}
		}
	}
	if !inYears(floorDiv(seconds, daySeconds)) {
		return 0, &breach{RuleRange, quote(text) + " is outside the years 1900 to 2299"}
	}
	return seconds*1e6 + m.micros, nil
}

// day reads a text as days since 1970. An instant is the day that it is in the zone, and taken only
// where the mapping says how to read times.
func (c *clock) day(text []byte, iso, times bool, z *zoneTimes) (days int64, why *breach) {
	m, ok := c.parse(text, iso)
	if !ok {
		return 0, &breach{RuleType, quote(text) + " is not a date" + c.expected(iso)}
	}
	if !m.dateOnly && !times {
		return 0, &breach{RuleType, quote(text) + " has a time of day; give the column a time with its zone to take the date"}
	}
	if m.fixed {
		m.seconds += z.offsetAt(m.seconds)
	}
	days = floorDiv(m.seconds, daySeconds)
	if !inYears(days) {
		return 0, &breach{RuleRange, quote(text) + " is outside the years 1900 to 2299"}
	}
	return days, nil
}

func (c *clock) expected(iso bool) string {
	switch {
	case len(c.others) > 0 && !iso:
		return " in any of the time formats"
	case iso || c.kind == isoClock:
		return " such as 2024-01-31"
	case c.kind == unixClock:
		return " in unix format"
	}
	return fmt.Sprintf(" in the format %q", c.layout)
}

func inYears(day int64) bool { return day >= firstDay && day <= lastDay }

var firstSecond, lastSecond = firstDay * daySeconds, (lastDay+1)*daySeconds - 1

// isSecond tells whether a second is of the years that are held.
func isSecond(second int64) bool { return second >= firstSecond && second <= lastSecond }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
