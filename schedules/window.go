package schedules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Window is a time of the day, in the job's zone.
type Window struct {
	// From is when it begins, such as 08:00.
	From string `yaml:"from"`
	// To is when it ends, not included, such as 18:00; one that is not after From is on the next day.
	To string `yaml:"to"`
	// Days are the days on which it begins, such as mon or mon-fri; every day by default.
	Days []string `yaml:"days,omitempty"`
}

// span is a Window that was read.
type span struct {
	from, to time.Duration // since midnight on the wall's clock; to may be beyond the next midnight
	days     [7]bool
}

const day = 24 * time.Hour

// parse reads the window. Its error begins with the field.
func (w Window) parse() (span, error) {
	from, err := timeOfDay(w.From)
	if err != nil {
		return span{}, fmt.Errorf("from: %w", err)
	}
	to, err := timeOfDay(w.To)
	if err != nil {
		return span{}, fmt.Errorf("to: %w", err)
	}
	if from == day {
		return span{}, errors.New("from: a day begins at 00:00; 24:00 is for its end")
	}
	s := span{from: from, to: to}
	if to <= from {
		s.to += day
	}
	for i, text := range w.Days {
		if err := s.add(text); err != nil {
			return span{}, fmt.Errorf("days[%d]: %w", i, err)
		}
	}
	if len(w.Days) == 0 {
		for i := range s.days {
			s.days[i] = true
		}
	}
	return s, nil
}

// add adds a day or a range of days.
func (s *span) add(text string) error {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, to := slices.Index(names, first), slices.Index(names, last)
	if from < 0 || to < 0 {
		return fmt.Errorf("%q is no day or range of days, such as mon or mon-fri", text)
	}
	for at := from; ; at = (at + 1) % len(names) {
		s.days[at] = true
		if at == to {
			return nil
		}
	}
}

// timeOfDay reads a time such as 08:00; 24:00 is the day's end.
func timeOfDay(text string) (time.Duration, error) {
	if text == "24:00" {
		return day, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("%q is no time of the day, such as 08:00", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// end gives when the occurrence of the window ends that the instant is in, zero if it is in none. A window begins and
// ends when the clock on the wall first shows its times, or has gone past them.
func (s span) end(t time.Time, zone *time.Location) (end time.Time) {
	local := t.In(zone)
	for back := range 2 { // one that began yesterday may go on
		midnight := time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, time.UTC)
		if !s.days[midnight.Weekday()] {
			continue
		}
		ends := instant(midnight.Add(s.to), zone)
		if !t.Before(instant(midnight.Add(s.from), zone)) && t.Before(ends) && ends.After(end) {
			end = ends
		}
	}
	return end
}

// allowed gives the first instant from the given one on at which a run of the job may begin.
func (t timetable) allowed(at time.Time) time.Time {
	for range mostWindows {
		began := at
		for _, window := range t.blackout {
			if end := window.end(at, t.zone); !end.IsZero() {
				at = end
			}
		}
		if at.Equal(began) {
			break
		}
	}
	return at
}

// mostWindows is how many windows, one going over into the next, allowed follows: more than there are hours in two weeks.
const mostWindows = 400

// isAlwaysBlackedOut tells whether the windows leave no minute of the week.
func (t timetable) isAlwaysBlackedOut() bool {
	monday := time.Date(2024, 1, 1, 0, 0, 0, 0, t.zone)
	return t.allowed(monday).Sub(monday) > 8*day
}
