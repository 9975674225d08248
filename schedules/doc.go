// Package schedules says which jobs there are and runs each when it is due.
//
// A job file names a cron expression and its zone, what a run does, and what it waits for. The Scheduler runs one job at a
// time. What became of each due time stands in a Ledger, which outlives the process and is all that is decided by.
//
// # What becomes of a due time
//
// A run is for the newest due time that has not begun, and makes up for those before it: what was missed while no
// scheduler ran, while other runs went on, or in a blackout, is caught up once. A due time in the hour that daylight
// saving leaves out is moved to the end of the gap; one in the hour that it repeats counts once. A job that never
// ran is due at once, as far as it ever was. A good run by hand makes up for all due times before it.
//
// An attempt that fails is followed by another, after a wait that doubles, until there is none left or the next due time
// comes. One that was cut short (by a shutdown, a crash, a lost lease) begins anew as soon as it can, and is no failure. A due
// time that waits in vain for another job is skipped, with the reason; the next due time tries again. So a due time
// is begun, or made up for by exactly one later run, or skipped. It is run twice only where the ledger could not be told how
// the first run ended.
//
// # When a job may go on that comes after others
//
// Each of those must have had a good run for its own last due time up to the job's; a run for a later one, or by hand
// since then, will do. A run whose checks failed is good here: its work is done, a fault in the data is not mended by
// waiting, and who comes after validates by itself. One that failed is not.
//
// # What a lease promises
//
// A job runs under a lease, so that it runs once at a time on all machines. A lease lasts LeaseTime by the ledger's clock
// and is renewed every quarter of that; a holder that could not renew it for three quarters cancels its run and has the
// last quarter to end it. A holder that is killed blocks its job for LeaseTime at most.
//
// It cannot promise more than time allows: a process that stands still for longer than that (a suspended machine), or a run
// that does not heed its cancellation, may go on beside the next holder. Nor do several replicas of a cluster agree on an
// insert at once. What overlap costs is work, never figures: loading a unit twice changes nothing (package load).
//
// It must not know what a run does: no formats, no SQL. What runs a job is the Runner that it is given.
package schedules
