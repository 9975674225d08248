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
//  3. stage attached to the facts, entity by entity: the rows are in and the months are recorded; loading the unit
//     again inserts equal rows, which replace themselves
//  4. touched months recorded again: as 3; whoever recomputed them between 2 and 4 is corrected
//  5. rejects: shown only once the ledger names their run, so they are invisible; loaded again under another run
//  6. ledger row: the unit is loaded; its months are still open, and the next refresh of any run settles them
//  7. months recomputed and views refreshed, each swapped as a whole; repeating it changes nothing
//  8. months settled, only those whose unit is in the ledger
//
// It must not know sources, formats or mappings: it takes Arrow batches of the canonical entities.
package load
