package schedules

import "time"

// Coming is a due time to come.
type Coming struct {
	Due    time.Time
	Begins time.Time // when a run for it begins at the earliest, on this machine
	Note   string    // what is out of the ordinary, empty where nothing is
}

// Coming gives the next due times of the job after an instant, in its zone.
func (j Job) Coming(after time.Time, n int, reporting *time.Location) []Coming {
	e := newEntry(j, reporting, hostname())
	var coming []Coming
	for len(coming) < n {
		after = e.table.next(after)
		if after.IsZero() {
			break
		}
		start := after.Add(e.jitter)
		c := Coming{Due: after.In(e.table.zone), Begins: e.table.allowed(start).In(e.table.zone)}
		switch {
		case e.table.isMoved(after):
			c.Note = "the clock leaves out its time, or several"
		case !c.Begins.Equal(start):
			c.Note = "in a blackout"
		}
		coming = append(coming, c)
	}
	return coming
}

// isMoved tells whether a due time is not where the expression says, because the clock was put forward over it.
func (t timetable) isMoved(due time.Time) bool {
	if t.hourly {
		return false
	}
	local := due.In(t.zone)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	return !t.spec.Next(wall.Add(-time.Second)).Equal(wall)
}

// Zone gives the zone in which the job's times count: its own, or else the given one.
func (j Job) Zone(reporting *time.Location) *time.Location {
	if zone := j.timetable(reporting).zone; zone != nil {
		return zone
	}
	return reporting
}
