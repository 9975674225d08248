package schedules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

const (
	mostRetries   = 100
	longestJitter = 24 * time.Hour
)

// Validate checks the job by itself. Each of its joined errors begins with the field.
func (j Job) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	switch {
	case j.Name == "":
		add("name: missing")
	case !namePattern.MatchString(j.Name):
		add("name: %q must consist of small letters, digits, - and _, and not begin with - or _", j.Name)
	}
	if _, err := parse(j.Cron); err != nil {
		add("cron: %w", err)
	}
	if j.Timeout < 0 {
		add("timeout: %s is negative; leave it out, or write 0s, for no bound", j.Timeout)
	}
	if j.Timezone != "" {
		if _, err := time.LoadLocation(j.Timezone); err != nil || j.Timezone == time.Local.String() {
			add("timezone: %q is no zone of the IANA database, such as America/New_York; leave it out for the reporting zone", j.Timezone)
		}
	}
	if j.Jitter < 0 || j.Jitter > longestJitter {
		add("jitter: %s is not between 0 and %s", j.Jitter, longestJitter)
	}
	if j.Retries < 0 || j.Retries > mostRetries {
		add("retries: %d is not between 0 and %d", j.Retries, mostRetries)
	}
	switch {
	case j.RetryWait < 0:
		add("retry_wait: %s is negative; leave it out for %s", j.RetryWait, DefaultRetryWait)
	case j.RetryWait > 0 && j.Retries == 0:
		add("retry_wait: of no use without retries")
	}
	switch {
	case j.WaitFor < 0:
		add("wait_for: %s is negative; leave it out for %s", j.WaitFor, DefaultWaitFor)
	case j.WaitFor > 0 && len(j.After) == 0 && !slices.Contains(j.Steps, StepComplete):
		add("wait_for: of no use without after or the step %s", StepComplete)
	}
	for i, name := range j.After {
		switch {
		case name == j.Name:
			add("after[%d]: a job cannot come after itself", i)
		case slices.Contains(j.After[:i], name):
			add("after[%d]: %q is listed twice", i, name)
		}
	}
	for i, window := range j.Blackout {
		if _, err := window.parse(); err != nil {
			add("blackout[%d].%w", i, err)
		}
	}
	if len(errs) == 0 && j.timetable(time.UTC).isAlwaysBlackedOut() {
		add("blackout: leaves no time at which the job may begin")
	}
	errs = append(errs, j.checkSteps()...)
	for i, name := range j.Sources {
		if slices.Contains(j.Sources[:i], name) {
			add("sources[%d]: %q is listed twice", i, name)
		}
	}
	return errors.Join(errs...)
}

// checkSteps finds fault with steps that there are not, or that cannot be done so.
func (j Job) checkSteps() (errs []error) {
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	before := -1
	for i, step := range j.Steps {
		at := slices.Index(steps, step)
		switch {
		case at < 0:
			add("steps[%d]: %q is no step; there are %s", i, step, list(steps))
		case slices.Contains(j.Steps[:i], step):
			add("steps[%d]: %q is listed twice", i, step)
		case at < before:
			add("steps[%d]: %q comes too late; the order is %s", i, step, list(steps))
		}
		before = max(before, at)
	}
	if !slices.Contains(j.RunSteps(), StepLoad) {
		switch {
		case slices.Contains(j.Steps, StepComplete):
			add("steps: %s loads until nothing is missing; put %s before it", StepComplete, StepLoad)
		case len(j.Sources) > 0:
			add("sources: of no use without the step %s", StepLoad)
		case j.Full:
			add("full: of no use without the step %s", StepLoad)
		}
	}
	return errs
}

func list(steps []Step) string {
	texts := make([]string, len(steps))
	for i, step := range steps {
		texts[i] = string(step)
	}
	return strings.Join(texts, ", ")
}

// checkAfter finds fault with a job that comes after one that there is not, or that comes after it.
func checkAfter(j Job, jobs []Job) error {
	var errs []error
	for i, name := range j.After {
		if !slices.ContainsFunc(jobs, func(other Job) bool { return other.Name == name }) {
			var names []string
			for _, other := range jobs {
				names = append(names, other.Name)
			}
			errs = append(errs, fmt.Errorf("after[%d]: there is no job %q; there are %s", i, name, strings.Join(names, ", ")))
		}
	}
	if circle := circleFrom(j.Name, []string{j.Name}, jobs); len(errs) == 0 && circle != nil {
		errs = append(errs, fmt.Errorf("after: a circle, in which no job could ever begin: %s", strings.Join(circle, " after ")))
	}
	return errors.Join(errs...)
}

// circleFrom gives the way along After from the last job of the path back to its first, nil if there is none.
func circleFrom(start string, path []string, jobs []Job) []string {
	at := slices.IndexFunc(jobs, func(j Job) bool { return j.Name == path[len(path)-1] })
	if at < 0 {
		return nil
	}
	for _, name := range jobs[at].After {
		if name == start {
			return append(path, name)
		}
		if slices.Contains(path, name) {
			continue // a circle without the start: it is told with a job of its own
		}
		if circle := circleFrom(start, append(slices.Clip(path), name), jobs); circle != nil {
			return circle
		}
	}
	return nil
}
