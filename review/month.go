package review

import (
	"fmt"
	"time"
)

// Month is a calendar month of the reporting zone.
type Month struct {
	Year  int
	Month time.Month
}

// ParseMonth reads a month such as 2026-09.
func ParseMonth(text string) (Month, error) {
	start, err := time.Parse("2006-01", text)
	if err != nil {
		return Month{}, fmt.Errorf("%q is not a month such as 2026-09", text)
	}
	return monthOf(start), nil
}

// MonthOf is the month of a day.
func MonthOf(day time.Time) Month { return monthOf(day) }

// Scan takes a day of the month.
func (m *Month) Scan(value any) error {
	day, ok := value.(time.Time)
	if !ok {
		return fmt.Errorf("a month comes as %T, not as a day", value)
	}
	*m = monthOf(day)
	return nil
}

func monthOf(day time.Time) Month { return Month{day.Year(), day.Month()} }

func (m Month) start() time.Time { return time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, time.UTC) }

// String writes the month as 2026-09.
func (m Month) String() string { return m.start().Format("2006-01") }

// MarshalText writes the month as String does.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Title writes the month as September 2026.
func (m Month) Title() string { return m.start().Format("January 2006") }

// Short writes the month as Sep.
func (m Month) Short() string { return m.start().Format("Jan") }

// Add gives the month that many months later.
func (m Month) Add(months int) Month { return monthOf(m.start().AddDate(0, months, 0)) }

// Before tells whether the month is earlier than another.
func (m Month) Before(other Month) bool { return m.start().Before(other.start()) }

// date is the month's first day, as the warehouse reads dates.
func (m Month) date() string { return m.start().Format(time.DateOnly) }
