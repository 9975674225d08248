// Package telemetry is what a running program tells those who watch it: metrics for Prometheus, whether it is alive and
// ready, and traces for OpenTelemetry.
//
// Counters are those of this process. What is true of the warehouse, whichever process brought it about, is read from it
// when somebody asks (sql/telemetry), at most once in a while and for no longer than a few seconds: a warehouse that is
// away leaves those metrics out and says partnerplus_warehouse_up 0. A label is a job, a source, a check, a status or a
// severity, never a unit, a run or a member, so that there are few of them.
//
// It must not know cron, what a run does, or who serves it over HTTP.
package telemetry
