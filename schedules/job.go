// Package schedules says which jobs there are and runs each when it is due.
//
// A job file names the sources, a cron expression in the reporting zone, and how thorough a run is. The Scheduler
// runs one job at a time, catches up what was missed while it was down, and loses no due time to daylight saving.
//
// It must not know what a run does: no formats, no SQL. What runs a job is the Runner that it is given.
package schedules

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
)

// Job is a job file.
type Job struct {
	// Name identifies the job, in the ledger too: small letters, digits, - and _.
	Name string `yaml:"name"`
	// Description says in a sentence what the job is for.
	Description string `yaml:"description,omitempty"`
	// Cron says when the job is due, in the reporting zone: minute, hour, day of the month, month, day of the week; or
	// @hourly, @daily, @weekly, @monthly, @yearly.
	Cron string `yaml:"cron"`
	// Timeout ends a run that takes longer; no bound by default.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// Timezone is the IANA zone in which cron counts; the reporting zone by default.
	Timezone string `yaml:"timezone,omitempty"`
	// Jitter puts the start off by up to so long, by as much for every due time of the job on one machine.
	Jitter time.Duration `yaml:"jitter,omitempty"`
	// Retries is how often a run that failed is tried again; 0 by default.
	Retries int `yaml:"retries,omitempty"`
	// RetryWait is how long after a failure the first retry begins, doubling with each; 1m by default.
	RetryWait time.Duration `yaml:"retry_wait,omitempty"`
	// After names the jobs that must have had a good run for their own last due time before this one's.
	After []string `yaml:"after,omitempty"`
	// WaitFor is how long the job waits for those of After, and step complete for the sources; 6h by default.
	WaitFor time.Duration `yaml:"wait_for,omitempty"`
	// Blackout are the times of the day in which no run of the job begins: one that is due then begins at its end.
	Blackout []Window `yaml:"blackout,omitempty"`
	// Steps are what a run does, in the order of their list there; load and refresh by default.
	Steps []Step `yaml:"steps,omitempty"`
	// Sources are the names of the sources to run, in this order; all by default.
	Sources []string `yaml:"sources,omitempty"`
	// Full reads every unit again, not only those that are new or changed.
	Full bool `yaml:"full,omitempty"`
}

//go:embed *.yaml
var builtin embed.FS

// Builtin gives the jobs live, nightly and month-end.
func Builtin() ([]Job, error) { return load(builtin, "built-in jobs") }

// LoadDir reads every .yaml and .yml file of the folder as a job, in the order of the files' names. Its error lists
// all that is wrong with them.
func LoadDir(dir string) ([]Job, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("folder of job files: %w; make it, or leave schedules out of the config to use the built-in jobs", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("folder of job files: %s is not a folder", dir)
	}
	return load(os.DirFS(dir), dir)
}

func load(folder fs.FS, shown string) ([]Job, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fmt.Errorf("list the job files of %s: %w", shown, err)
	}
	var jobs []Job
	var problems error
	files := map[string]string{} // by the job's name
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		file := filepath.Join(shown, e.Name())
		data, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("read the job file %s: %w", file, err))
			continue
		}
		var job Job
		doc := strictyaml.Decode(data, &job, strictyaml.Options{File: file})
		if doc.Err() == nil {
			doc.Add("", job.Validate())
			if other := files[job.Name]; other != "" {
				doc.Addf("name", "%q is the name of the job in %s already; give each job its own", job.Name, other)
			}
		}
		files[job.Name] = file
		problems = errors.Join(problems, doc.Err())
		jobs = append(jobs, job)
	}
	if problems == nil && len(jobs) == 0 {
		return nil, fmt.Errorf("no job file (*.yaml) in %s; add one, or leave schedules out of the config to use the built-in jobs", shown)
	}
	if problems != nil {
		return nil, problems
	}
	return jobs, nil
}

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// Validate checks the job by itself. Each of its joined errors begins with the field.
func (j Job) Validate() error {
	var err error
	switch {
	case j.Name == "":
		err = errors.New("name: missing")
	case !namePattern.MatchString(j.Name):
		err = fmt.Errorf("name: %q must consist of small letters, digits, - and _, and not begin with - or _", j.Name)
	}
	if _, e := parse(j.Cron); e != nil {
		err = errors.Join(err, fmt.Errorf("cron: %w", e))
	}
	if j.Timeout < 0 {
		err = errors.Join(err, fmt.Errorf("timeout: %s is negative; leave it out for no bound", j.Timeout))
	}
	for i, name := range j.Sources {
		if slices.Contains(j.Sources[:i], name) {
			err = errors.Join(err, fmt.Errorf("sources[%d]: %q is listed twice", i, name))
		}
	}
	return err
}

// CheckSources finds fault with jobs that name a source which is not among the known ones.
func CheckSources(jobs []Job, known []string) error {
	var err error
	for _, j := range jobs {
		for _, name := range j.Sources {
			if !slices.Contains(known, name) {
				err = errors.Join(err, fmt.Errorf("job %s: sources: %q is no source of the config; there are: %s",
					j.Name, name, strings.Join(known, ", ")))
			}
		}
	}
	return err
}
