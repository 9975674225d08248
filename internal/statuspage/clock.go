package statuspage

import (
	"fmt"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// clock writes times for the templates: in the zone, with how far they are from now.
type clock struct {
	zone *time.Location
	now  time.Time
}

// moment is a time as the page shows it.
type moment struct {
	ISO  string // for programs
	Text string
	Ago  string
}

// Moment writes a time.Time or a *time.Time; nil, and one that is zero, gives nil.
func (c clock) Moment(at any) *moment {
	var t time.Time
	switch at := at.(type) {
	case time.Time:
		t = at
	case *time.Time:
		if at != nil {
			t = *at
		}
	}
	if t.IsZero() || t.Unix() == 0 { // the engine's zero
		return nil
	}
	local := t.In(c.zone)
	return &moment{ISO: local.Format(time.RFC3339), Text: local.Format("2006-01-02 15:04 MST"), Ago: ago(c.now.Sub(t))}
}

// Read is when the page was made.
func (c clock) Read() *moment { return c.Moment(c.now) }

// Zone names the zone of all times.
func (c clock) Zone() string { return c.zone.String() }

// Count writes a number with its thousands apart.
func (clock) Count(n uint64) string { return counted(n) }

// Bytes writes a size.
func (clock) Bytes(n uint64) string {
	const unit = 1000
	if n < unit {
		return counted(n) + " B"
	}
	value, prefix := n, 0
	for value >= unit*unit && prefix < 4 {
		value, prefix = value/unit, prefix+1
	}
	return fmt.Sprintf("%d.%d %cB", value/unit, value%unit/100, "kMGTP"[prefix])
}

var english = message.NewPrinter(language.English)

func counted(n uint64) string { return english.Sprintf("%d", n) }

// counting writes a number with what it counts.
func counting(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return counted(n) + " " + many
}

// ago says how long something is past, or ahead.
func ago(past time.Duration) string {
	switch {
	case past > -time.Minute && past < time.Minute:
		return "now"
	case past < 0:
		return "in " + span((-past).Truncate(time.Minute))
	}
	return span(past.Truncate(time.Minute)) + " ago"
}

// span writes a length of time as people say it, by its largest unit, or its two largest where the first is small.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	two := func(large time.Duration, unit string, small time.Duration, rest string) string {
		text := fmt.Sprintf("%d %s", d/large, unit)
		if left := d % large / small; left > 0 && d < 10*large {
			text += fmt.Sprintf(" %d %s", left, rest)
		}
		return text
	}
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return two(time.Minute, "min", time.Second, "s")
	case d < 2*day:
		return two(time.Hour, "h", time.Minute, "min")
	}
	return two(day, "d", time.Hour, "h")
}
