// Package operation lets the jobs of the schedules run for days on a clock that is set forward, on a real warehouse, while
// sources, warehouse and machines fail: what was due is done once, who has to know is told once, and the figures are those that
// the company itself adds up.
//
// # How it goes
//
// Scheduler, jobs, pipeline, ledger, leases and notifier are the real ones, and run in a bubble of testing/synctest: its clock
// moves on as soon as all in it wait for it, and stands still while any of it waits for the warehouse, the API or the
// receiver. Those are outside of it, and close each connection after its answer: a connection that is kept would be waited
// for without end.
//
// Every day has a trouble (troubles_test.go). The first ones come in their order, over the end of October 2020 in New York,
// whose clocks were put back on the first of November at 02:00, when nightly is due, two hours before month-end. The year is past
// on every machine, for the warehouse's own clock stays the real one.
//
// PARTNERPLUS_OPERATION_DAYS says for how many days it goes on; after the first round, troubles and their times are drawn
// from a seed that is printed, and that PARTNERPLUS_OPERATION_SEED sets. make operation takes a month.
//
// # What it does not show
//
// Leases that expire: they last by the warehouse's clock, of which hardly a minute passes. Runs of the real program that
// are killed are in cmd/partnerplus (TestServeKilled), and killed at each of their steps in test/crash.
package operation
