// Package load is the only one that talks to the warehouse: it migrates the schema, stages a unit's canonical batches
// and makes them visible at once, keeps the ledger of runs and units, and refreshes what is computed from the facts.
//
// # Why the tables come out the same whatever breaks
//
// Facts are ReplacingMergeTree by (version, delivery, place in the unit), ordered by the business key: the same set of
// rows has the same winners, in whatever order and however often they were inserted. A unit goes through these steps,
// and a crash after any of them leaves this:
//
//  1. rows in a stage table: invisible, dropped a day later; the unit is loaded again
//  2. touched months recorded: they are recomputed from unchanged facts, which changes nothing
//  3. keys that it delivers again noted for the check of duplicates, and the stage attached to the facts, entity by
//     entity: the rows are in and the months are recorded; loading the unit again inserts equal rows and equal notes,
//     which replace themselves
//  4. touched months recorded again: as 3; whoever recomputed them between 2 and 4 is corrected
//  5. rejects: shown only once the ledger names their run, so they are invisible; loaded again under another run
//  6. ledger row: the unit is loaded; its months are still open, and the next refresh of any run settles them
//  7. an edition of the figures computed (edition.go): rows that nobody sees, swept a day later; the next refresh
//     computes them again, under a number of its own
//  8. the edition published, by one row: from the next full second on, every query sees all of its tables
//  9. months settled, only those whose unit is in the ledger; until then they are computed again, which changes nothing
//
// Each step has a name in internal/failpoint, and the crash test (test/crash) kills the run and the engine at all of them: 1
// stage-made, batch-sent, staged and accounted, 2 touched, 3 noted and attached, 4 retouched, 5 rejects-written, 6
// recorded and stage-dropped, 7 edition-begun, computed and edition-computed, 8 published, 9 settled; then parts-dropped and
// swept. Those of a unit that is not loaded are fail-recorded and stage-discarded. A migration has bootstrapped,
// migration-begun, statement-run, change-applied, everything-touched and migrated.
//
// # Why a replay of rejects is a load
//
// Rows that pass under a mended mapping are staged and revealed by the same steps, with the place in the unit, the delivery
// and the run that the unit's load gave its other rows: the same set of rows as if they had passed at once, and so the same
// winners. Rejects that stay, and the account (etl.replayed), are written under a load id of the replay's own, which the ledger
// names last; until then those of the load before stand, and a repetition starts from them. The ledger's row moves by one
// microsecond and keeps its mapping: a newer version, or a load of this one meanwhile, stays the newest, and a unit that was
// loaded under an earlier mapping is still told. Two rows of one key in a unit count as one loaded and one superseded; which
// of the two amounts is called superseded, a replay does not work out anew: the replayed one is.
//
// # Why a reader sees one picture
//
// Every computed row carries the edition that computed it, and kpi_core.edition_part says which edition's rows each
// edition takes of each table and month. A refresh writes rows and parts of a number that nothing refers to, and then
// one row into kpi_core.edition. Readers' views take the newest edition that was in effect when their query began, so
// that a query that reads ten views reads one edition. Figures are no views that a clock refreshes: a clock would compute
// all of history each time, and each table at another moment.
//
// # Why a refresh costs the change
//
// Only touched months are read from the facts; members are carried from month to month (sql/refresh/member_month.sql),
// from the first touched month on; sums, metrics and what is told of them from four months before that, since a
// redemption counts for an award of up to 90 days before. All other months are parts of earlier editions.
//
// It must not know sources, formats or mappings: it takes Arrow batches of the canonical entities.
package load
