package schedules

import (
	"fmt"
	"hash/fnv"
	"time"
)

// State is what a job is doing.
type State string

// The states of a job.
const (
	Idle    State = "idle"    // not due
	Waiting State = "waiting" // due, but something has to happen first
	Queued  State = "queued"  // due, and begins as soon as no other job runs
	Running State = "running" // being run
)

// Planned is a job, what it is doing, and when it is due next.
type Planned struct {
	Job   Job
	State State
	// Reason is why it waits, or who runs it.
	Reason string
	// Due is when it is due next.
	Due time.Time
	// Begins is when its next run begins at the earliest: Due, or at once, moved by jitter, a blackout or the wait before a
	// retry. Zero where that cannot be told: while it runs, and while it waits for another job.
	Begins time.Time
	// Open is the oldest due time that no run has begun for, zero where there is none.
	Open time.Time
	// Missed is how many due times its next run makes up for.
	Missed int
	// Last is its newest attempt of any kind, nil where there is none.
	Last *Record
}

// plan decides about jobs by what the ledger knows of them. It changes nothing.
type plan struct {
	entries   []*entry
	histories map[string]History
}

// entry is a job, read.
type entry struct {
	job    Job
	table  timetable
	jitter time.Duration
}

// newEntry reads a job for a machine, whose jitter is its own.
func newEntry(j Job, reporting *time.Location, machine string) *entry {
	e := &entry{job: j, table: j.timetable(reporting)}
	if j.Jitter > 0 {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(j.Name + "\x00" + machine)) // which cannot fail
		e.jitter = time.Duration(hash.Sum64() % uint64(j.Jitter))
	}
	return e
}

// decision is what is to be done about a job at an instant.
type decision struct {
	state  State // Queued: it is to begin
	reason string
	at     Occurrence // what it begins, waits or is skipped for
	open   time.Time  // the oldest due time that no run has begun for
	begins time.Time  // as in Planned
	look   time.Time  // when it may be decided otherwise, whatever else happens; zero: when the job is next due

	skip   bool      // it waited too long
	since  time.Time // since when it waits
	waited *Record   // the ledger's record of its waiting
	stale  *Record   // a record whose end the ledger does not know, as it has to be
}

// noted tells whether the ledger knows already that and why it waits.
func (d decision) noted() bool { return d.waited != nil && d.waited.Reason == d.reason }

// toRecord tells whether the ledger has to be told something though no run begins.
func (d decision) toRecord() bool {
	return d.skip || d.stale != nil || d.state == Waiting && !d.since.IsZero() && !d.noted()
}

// decide says what is to be done about the job now.
func (p *plan) decide(e *entry, now time.Time) decision {
	h := p.histories[e.job.Name]
	if h.Holder != "" {
		return decision{state: Running, reason: "by " + h.Holder + " since " + e.clock(h.HeldSince), look: now.Add(renewal)}
	}
	settled := latest(h.Settled, h.Good)
	due := e.table.latest(settled, now.Add(-e.jitter))
	d := decision{state: Idle}
	if last := h.Last; last != nil {
		switch {
		case last.Status == StatusRunning:
			d.stale = last.as(StatusInterrupted, "its process ended without a word")
		case last.Status == StatusWaiting && !last.Due.After(settled):
			d.stale = last.as(StatusSkipped, "a run by hand made up for it")
		case last.Status == StatusWaiting:
			d.waited = last
			due = latest(due, last.Due)
		}
	}
	if due.IsZero() {
		return e.again(d, h, now)
	}
	d.open, d.at = due, Occurrence{Due: due, Attempt: 1}
	from := settled
	if from.IsZero() && d.waited != nil {
		from = d.waited.Due.Add(-1)
	}
	if !from.IsZero() {
		d.at.Missed = e.table.count(from, due)
		if d.at.Missed > 0 {
			d.open = e.table.next(from)
		}
	}
	if d.begins = e.table.allowed(now); d.begins.After(now) {
		d.wait(now, "for the end of a blackout at "+e.clock(d.begins))
		d.look = d.begins
		return d
	}
	if reason := p.unmet(e, due); reason != "" {
		d.wait(now, reason)
		d.begins = time.Time{}
		d.look = e.table.allowed(d.since).Add(e.job.Wait()) // what it waits in a blackout does not count
		if d.skip = !now.Before(d.look); d.skip {
			d.state, d.reason = Idle, fmt.Sprintf("waited %s in vain: %s", e.job.Wait(), reason)
		}
		return d
	}
	d.state = Queued
	return d
}

// wait lets the decision be to wait.
func (d *decision) wait(now time.Time, reason string) {
	d.state, d.reason, d.since = Waiting, reason, now
	if d.waited != nil {
		d.since = d.waited.Since
	}
}

// again decides about a job that is not due: its last attempt may have to be followed by another.
func (e *entry) again(d decision, h History, now time.Time) decision {
	last := h.Last
	if last == nil || !h.Good.Before(last.Due) {
		return d
	}
	at := now
	switch {
	case last.Status == StatusRunning, last.Status == StatusInterrupted:
	case last.Status == StatusFailed && h.Failures <= e.job.Retries:
		at = latest(now, last.Finished.Add(e.job.retryWait(h.Failures)))
		d.reason = fmt.Sprintf("attempt %d, after: %s", last.Attempt+1, last.Reason)
	default:
		return d
	}
	d.at, d.open = last.Occurrence, last.Due
	d.at.Attempt++
	d.begins = e.table.allowed(at)
	d.state = Queued
	if d.begins.After(now) {
		d.state, d.look = Waiting, d.begins
		d.reason = "until " + e.clock(d.begins) + " for " + d.reason
	}
	return d
}

// retryWait gives how long after a failure the next attempt begins.
func (j Job) retryWait(failures int) time.Duration {
	const longest = day
	wait := j.RetryWait
	if wait == 0 {
		wait = DefaultRetryWait
	}
	for range failures - 1 {
		if wait *= 2; wait >= longest {
			return longest
		}
	}
	return wait
}

// unmet gives what the job has to wait for before it may begin for the due time, empty if for nothing.
func (p *plan) unmet(e *entry, due time.Time) string {
	for _, name := range e.job.After {
		for _, other := range p.entries {
			if other.job.Name != name {
				continue
			}
			of := other.table.latest(time.Time{}, due)
			h := p.histories[name]
			if !h.Good.Before(of) {
				continue
			}
			reason := fmt.Sprintf("for a good run of job %s, due at %s", name, other.clock(of))
			if last := h.Last; last != nil && !last.Due.Before(of) && last.Reason != "" {
				reason += ": it is " + last.Status + ": " + last.Reason
			}
			return reason
		}
	}
	return ""
}

// planned tells what the job is doing.
func (p *plan) planned(e *entry, now time.Time) Planned {
	d := p.decide(e, now)
	planned := Planned{Job: e.job, State: d.state, Reason: d.reason, Due: e.table.next(now), Begins: d.begins, Open: d.open, Missed: d.at.Missed}
	if planned.State == Idle {
		planned.Begins = e.begins(planned.Due)
	}
	if newest := p.histories[e.job.Name].Newest; newest != nil {
		planned.Last = newest
		if newest.Status == StatusRunning && d.state != Running {
			planned.Last = newest.as(StatusInterrupted, "its process ended without a word")
		}
	}
	return planned
}

// begins gives when a run for the due time begins at the earliest.
func (e *entry) begins(due time.Time) time.Time {
	if due.IsZero() {
		return due
	}
	return e.table.allowed(due.Add(e.jitter))
}

// clock writes an instant as a clock on the wall of the job's zone shows it.
func (e *entry) clock(t time.Time) string { return t.In(e.table.zone).Format("2006-01-02 15:04 MST") }

// as gives the record with another end.
func (r Record) as(status, reason string) *Record {
	r.Result = Result{Status: status, RunID: r.RunID, Reason: reason}
	return &r
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
