package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Job is a job of the schedules, as it stands.
type Job struct {
	Name    string
	Running bool
	// Next gives the first due time after an instant; zero where there is none.
	Next func(after time.Time) time.Time
}

// Jobs are the metrics of the jobs that this process runs.
type Jobs struct {
	jobs  func() []Job
	state *State
	began time.Time
}

// NewJobs gives the metrics of jobs. The state knows up to when their due times are done with, whichever process did them.
func NewJobs(jobs func() []Job, state *State) *Jobs {
	return &Jobs{jobs: jobs, state: state, began: time.Now()}
}

var (
	jobRunning = prometheus.NewDesc(prefix+"job_running", "Whether this process is running the job.", []string{"job_name"}, nil)
	jobNext    = prometheus.NewDesc(prefix+"job_next_due_timestamp_seconds", "When the job is due next.", []string{"job_name"}, nil)
	jobLate    = prometheus.NewDesc(prefix+"job_late_seconds",
		"How long a due time of the job has waited for a run that ends well; 0 where none waits.", []string{"job_name"}, nil)
)

// Describe implements prometheus.Collector.
func (j *Jobs) Describe(to chan<- *prometheus.Desc) {
	to <- jobRunning
	to <- jobNext
	to <- jobLate
}

// Collect implements prometheus.Collector.
func (j *Jobs) Collect(to chan<- prometheus.Metric) {
	now := time.Now()
	met, known := j.state.met()
	for _, job := range j.jobs() {
		running := 0.0
		if job.Running {
			running = 1
		}
		to <- prometheus.MustNewConstMetric(jobRunning, prometheus.GaugeValue, running, job.Name)
		if next := job.Next(now); !next.IsZero() {
			to <- prometheus.MustNewConstMetric(jobNext, prometheus.GaugeValue, unix(next), job.Name)
		}
		if known {
			to <- prometheus.MustNewConstMetric(jobLate, prometheus.GaugeValue, j.late(job, met[job.Name], now).Seconds(), job.Name)
		}
	}
}

// late is how long the earliest due time that was not met has waited. A job that never ran waits since this process began.
func (j *Jobs) late(job Job, met, now time.Time) time.Duration {
	if met.IsZero() {
		return now.Sub(j.began)
	}
	if due := job.Next(met); !due.IsZero() && due.Before(now) {
		return now.Sub(due)
	}
	return 0
}
