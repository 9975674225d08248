package schedules

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
	// Cron says when the job is due, in its zone: minute, hour, day of the month, month, day of the week; or @hourly,
	// @daily, @weekly, @monthly, @yearly.
	Cron string `yaml:"cron"`
	// Timeout ends a run that takes longer, which then has failed; 0s, the default, is no bound.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// Timezone is the IANA zone in which cron counts; the reporting zone by default.
	Timezone string `yaml:"timezone,omitempty"`
	// Jitter puts the start off by up to so long, by as much for every due time of the job on one machine.
	Jitter time.Duration `yaml:"jitter,omitempty"`
	// Retries is how often a run that failed is tried again, until the next due time; 0 by default.
	Retries int `yaml:"retries,omitempty"`
	// RetryWait is how long after a failure the first retry begins, doubling with each; 1m by default.
	RetryWait time.Duration `yaml:"retry_wait,omitempty"`
	// After names the jobs that must have had a good run for their own last due time up to this one's.
	After []string `yaml:"after,omitempty"`
	// WaitFor is how long the job waits for those that it comes after, and step complete for the sources; 6h by default.
	WaitFor time.Duration `yaml:"wait_for,omitempty"`
	// Blackout are the times of the day, in the job's zone, in which no run of it begins: one that is due then begins at
	// their end.
	Blackout []Window `yaml:"blackout,omitempty"`
	// Steps are what a run does, in this order: load, complete, refresh, check, review, report; load and refresh by default.
	Steps []Step `yaml:"steps,omitempty"`
	// Sources are the names of the sources to run, in this order; all by default.
	Sources []string `yaml:"sources,omitempty"`
	// Full reads every unit again, not only those that are new or changed.
	Full bool `yaml:"full,omitempty"`
}

// Defaults of a job file.
const (
	DefaultRetryWait = time.Minute
	DefaultWaitFor   = 6 * time.Hour
)

// RunSteps gives the steps that a run of the job does.
func (j Job) RunSteps() []Step {
	if len(j.Steps) == 0 {
		return []Step{StepLoad, StepRefresh}
	}
	return j.Steps
}

// Wait gives how long the job waits for what it needs: WaitFor, or the default.
func (j Job) Wait() time.Duration { return cmp.Or(j.WaitFor, DefaultWaitFor) }

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
	var docs []*strictyaml.Document
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
		docs, jobs = append(docs, doc), append(jobs, job)
	}
	for i, doc := range docs {
		if doc.Err() == nil {
			doc.Add("", checkAfter(jobs[i], jobs))
		}
		problems = errors.Join(problems, doc.Err())
	}
	if problems == nil && len(jobs) == 0 {
		return nil, fmt.Errorf("no job file (*.yaml) in %s; add one, or leave schedules out of the config to use the built-in jobs", shown)
	}
	if problems != nil {
		return nil, problems
	}
	return jobs, nil
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
