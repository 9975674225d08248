// Package jobs runs one job of the schedules: its steps in order, and says how it ended.
//
// The steps, always in this order, of which a job has some:
//
//   - load reads what is new in the job's sources.
//   - complete looks whether every one of them has delivered all of the month that ended, and loads again every ten minutes until
//     they have, or until wait_for has passed since the job was due. Then the job goes on without: it ends as StatusChecks and
//     names what is missing, and the review says so too.
//   - refresh brings the figures up to date. A job that has it refreshes with each of its loads, in one run of the pipeline:
//     figures stay fresh while sources are awaited, and only a job that loads nothing has a run for this alone.
//   - check validates the data: of the month that ended for a job with complete, review or report, else all that there is. A check
//     that fails stops nothing: the job ends as StatusChecks.
//   - review opens the review of the month that ended, on that validation, or on one of its own. A month without figures
//     cannot be reviewed: the job ends as StatusChecks, which no retry would mend, and writes no pack.
//   - report writes the review pack of that month into the folder reports of the config, in all its forms. A PDF that fails is told,
//     and fails nothing: the page is what people review by. Where no browser is there, there is none. After a
//     review that finds the month closed, the pack that is there stays: it is that of the closing.
//
// The month that ended is the last one that was over, in the reporting zone, when the job was due: a job that is caught up
// days later, or tried again, is still about the month that it was due for.
//
// # What a failure stops
//
// A step that fails ends the job as StatusFailed, with the step's name: no later step runs. So no review is opened, and no pack
// written, on top of a load that failed: its figures may lack anything. One thing goes on: where units or sources failed,
// the others are in the facts, and the figures are refreshed with them, as after any run.
//
// A load that fails while sources are awaited ends the job as well, at once. Waiting is for what is late; of what is broken
// somebody has to hear early, and the scheduler's retries try again, each within the same wait_for.
//
// A run that is cut off, by its timeout, a shutdown or a lost lease, ends as StatusInterrupted with that cause. All that
// it did stays, and running the job again does only what is left: loads take what is new, and a review that is open stays open.
//
// It must not know formats, SQL or cron: what a step does is the pipeline's and the review's, and when a job is due the scheduler's.
package jobs
