package schedules

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// timetable is a job's times, read.
type timetable struct {
	spec     *cron.SpecSchedule
	zone     *time.Location
	hourly   bool // due in every hour
	blackout []span
}

// timetable reads the job's times, which count in its own zone or in the given one. A job that is not valid is never due.
func (j Job) timetable(reporting *time.Location) timetable {
	spec, err := parse(j.Cron)
	if err != nil {
		return timetable{}
	}
	t := timetable{spec: spec, zone: reporting}
	if j.Timezone != "" {
		if t.zone, err = time.LoadLocation(j.Timezone); err != nil {
			return timetable{}
		}
	}
	const everyHour = 1<<24 - 1
	if t.hourly = spec.Hour&everyHour == everyHour; t.hourly {
		spec.Location = t.zone
	}
	for _, window := range j.Blackout {
		s, err := window.parse()
		if err != nil {
			return timetable{}
		}
		t.blackout = append(t.blackout, s)
	}
	return t
}

// Due lists when the job is due after one instant and not after another, in its zone or else the given one.
//
// A due time in the hour that daylight saving leaves out is moved to the first instant after it; one in
// the hour that it repeats counts once. Only a job of every hour keeps its pace through both: it is due in each hour
// that really passes.
func (j Job) Due(after, until time.Time, reporting *time.Location) []time.Time {
	var due []time.Time
	table := j.timetable(reporting)
	for t := table.next(after); !t.IsZero() && !t.After(until); t = table.next(t) {
		due = append(due, t)
	}
	return due
}

// Next gives the first instant after the given one at which the job is due, zero if it never is.
func (j Job) Next(after time.Time, reporting *time.Location) time.Time {
	return j.timetable(reporting).next(after)
}

// latest gives the last instant after one and not after another at which the job was due, zero if there is none. It
// looks back in growing steps, so that a job of every minute costs no more than one of every year.
func (t timetable) latest(after, until time.Time) (latest time.Time) {
	for _, span := range []time.Duration{time.Hour, 2 * day, 32 * day, 367 * day, 9 * 366 * day} {
		from := until.Add(-span)
		if from.Before(after) {
			from = after
		}
		for due := t.next(from); !due.IsZero() && !due.After(until); due = t.next(due) {
			latest = due
		}
		if !latest.IsZero() || from.Equal(after) {
			break
		}
	}
	return latest
}

// mostCounted is how many due times are counted: those of a job of every minute in two months.
const mostCounted = 100_000

// count counts the due times after one instant and before another.
func (t timetable) count(after, before time.Time) (n int) {
	for due := t.next(after); !due.IsZero() && due.Before(before) && n < mostCounted; due = t.next(due) {
		n++
	}
	return n
}

// parse reads a cron expression and refuses what would not mean the same on every day and every start.
func parse(expression string) (*cron.SpecSchedule, error) {
	const example = `such as "0 2 * * *" for 02:00 every day`
	switch {
	case strings.TrimSpace(expression) == "":
		return nil, errors.New("missing; give a cron expression " + example)
	case strings.Contains(expression, "TZ="):
		return nil, fmt.Errorf("%q: give the zone as timezone, and leave TZ= out", expression)
	case strings.HasPrefix(expression, "@every"):
		return nil, fmt.Errorf(`%q would count from each start; write "*/5 * * * *" for every five minutes`, expression)
	}
	schedule, err := cron.ParseStandard(expression)
	if err != nil {
		return nil, fmt.Errorf("%q is not a cron expression %s: %w", expression, example, err)
	}
	spec := schedule.(*cron.SpecSchedule) // of everything but @every
	spec.Location = time.UTC
	if spec.Next(time.Unix(0, 0)).IsZero() {
		return nil, fmt.Errorf("%q is never due: there is no such day", expression)
	}
	return spec, nil
}

// next gives the first due time after the instant, zero if there is none.
func (t timetable) next(after time.Time) time.Time {
	if t.spec == nil {
		return time.Time{}
	}
	if t.hourly {
		return t.spec.Next(after.In(t.zone))
	}
	// The expression is followed on the wall's clock, where no hour is missing or repeated.
	local := after.In(t.zone)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	for {
		if wall = t.spec.Next(wall); wall.IsZero() {
			return wall
		}
		if due := instant(wall, t.zone); due.After(after) {
			return due
		}
	}
}

// instant gives the first instant at which a clock on the wall of the zone shows the time, or has gone past it.
func instant(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	start, end := t.ZoneBounds()
	switch shown := t.Sub(wall) + offset(t); {
	case shown > 0: // the clock was put forward over the time, and t is after that
		return start
	case shown < 0: // ... and t is before that
		return end
	}
	if start.IsZero() {
		return t
	}
	// The clock may have shown the same time before it was put back.
	if earlier := wall.Add(-offset(start.Add(-1))).In(zone); earlier.Before(start) {
		return earlier
	}
	return t
}

// offset says how far the zone's clock is ahead of UTC at the instant.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
