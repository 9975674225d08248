package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Job is a job of the schedules, as it stands.
type Job struct {
	Name    string
	Running bool
	Due     time.Time // next, zero if it never is
	Open    time.Time // the oldest due time that no run has begun for, zero where there is none
}

// Jobs are the metrics of the jobs that this process runs.
type Jobs struct{ jobs func() []Job }

// NewJobs gives the metrics of jobs.
func NewJobs(jobs func() []Job) *Jobs { return &Jobs{jobs} }

var (
	jobRunning = prometheus.NewDesc(prefix+"job_running", "Whether this process is running the job.", []string{"job_name"}, nil)
	jobNext    = prometheus.NewDesc(prefix+"job_next_due_timestamp_seconds", "When the job is due next.", []string{"job_name"}, nil)
	jobLate    = prometheus.NewDesc(prefix+"job_late_seconds", "How long a due time of the job has waited for a run to begin; 0 where none waits.", []string{"job_name"}, nil)
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
	for _, job := range j.jobs() {
		gauge := func(desc *prometheus.Desc, value float64) {
			to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, job.Name)
		}
		gauge(jobRunning, asFloat(job.Running))
		if !job.Due.IsZero() {
			gauge(jobNext, unix(job.Due))
		}
		late := time.Duration(0)
		if !job.Open.IsZero() {
			late = max(now.Sub(job.Open), 0)
		}
		gauge(jobLate, late.Seconds())
	}
}
