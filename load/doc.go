// Package load is the only one that talks to the warehouse: it migrates the schema, stages canonical batches
// and makes them visible at once, keeps the ledger of runs and units, and refreshes what is computed from the facts.
//
// # Why the tables come out the same whatever breaks
//
// Facts are ReplacingMergeTree by (version, delivery, place in the unit), ordered by the business key: the same set of
// rows has the same winners, in whatever order and however often they were inserted.
//
// A load brings one unit, or several units of one source that are small: each row names its unit, so that nothing but the
// ledger's row, the account and the months need to be kept apart. It goes through these steps, of which each takes all of its
// units, and a crash after any of them leaves this:
//
//  1. rows in a stage table for each mapping: invisible, dropped by the next run on this machine, or a day later; no unit is in
//     the ledger, and each is loaded again, alone or in another load
//  2. rejects: shown only once the ledger names their load, so they are invisible for ever
//  3. the account of each unit, as one block: an account of a load that the ledger does not name, in the place of an earlier
//     one until the unit is loaded again
//  4. entity by entity, the months touched: those of the units' rows, those where their keys stand, and those that rates and
//     page views reach. They are recomputed from unchanged facts, which changes nothing
//  5. the keys that are delivered again, noted for the check of duplicates: equal notes replace themselves
//  6. the stage attached to the facts: its rows are in, of all units at once, and their months are open. Loading the units
//     again inserts equal rows, which replace themselves, whatever load they then are part of
//  7. the ledger's rows of all units, as one block: none is in the ledger without the others, nor before its rows are visible
//  8. the stage dropped; from here on nothing can come in from this load
//  9. an edition of the figures computed (edition.go): rows that nobody sees, swept a day later; the next refresh
//     computes them again, under a number of its own
//  10. the edition published, by one row: from the next full second on, every query sees all of its tables
//  11. months settled; until then they are computed again, which changes nothing
//
// What is written in one block of one part is all there or not at all (given.go). An insert that is repeated because its
// answer was lost writes equal rows, or newer ones of the same key.
//
// # Why no month is settled too early
//
// A load is under way from step 1 until the ledger names it, or its stages are gone, by which time all that it will ever reveal
// is visible. A refresh notes first which loads are under way (sql/refresh/state.sql), then reads the open months, then the
// facts, and settles only months of loads that were not under way then: what those loads revealed, it has read. Months of the
// others stay open for the next refresh, whether the load goes on, ends, or is dead; each load has touches of its own, so
// that no other load of the same unit, be it done, hides them. A dead load's months are computed by each refresh until
// its stage is swept: by the next run, if that can see that the process is dead (owner.go), else a day later; this costs, but is
// right. Nor would sweeping the stage of a load that lives be wrong: the load fails, and is repeated. A load's touch comes before its rows, so that there is no
// instant at which rows are visible whose months are neither open nor in the edition that settled them: touching the
// months once more after the rows came in would add nothing.
//
// Nor does an edition hold half of what came in while it was computed: if the facts end elsewhere after it than before, they
// were attached to, and it is computed again.
//
// # Why two processes do not miss each other
//
// Steps 4 and 5 look at the facts. Within a process, loads do them and step 6 one after the other. If another process attaches
// rows after that look and before step 6 is done, the block numbers of the facts tell, and the load looks again: at rows that
// it did not see, and they not at its own. If both attach in the same instant, both look again. Such a look comes after the
// rows, but before step 7: the months are open in time, since the load is under way. Only a merge that ends between the two
// attaches and the second look can hide a replaced row from the check of duplicates, never from the figures.
//
// Two processes that load the same unit insert equal rows. Each has a stage, touches and rejects of its own; the ledger and the
// account are those of the one that came last.
//
// Each step has a name in internal/failpoint, and the crash test (test/crash) kills the run and the engine at all of them: 1
// stage-made, batch-sent and staged, 2 rejects-written, 3 accounted, 4 touched, 5 noted, 6 attached and revealed, 7
// recorded, 8 stage-dropped, 9 edition-begun, computed and edition-computed, 10 published, 11 settled; then parts-dropped and
// swept. Those of a unit that is not loaded are fail-recorded and stage-discarded. A migration has bootstrapped,
// migration-begun, statement-run, change-applied, everything-touched and migrated.
//
// # Why a replay of rejects is a load
//
// Rows that pass under a mended mapping are staged and revealed by the same steps, as a load of one unit, with the place in the
// unit, the delivery and the run that the unit's load gave its other rows: the same set of rows as if they had passed at once,
// and so the same winners. Rejects that stay, and the account (etl.replayed), are written under a load id of the replay's own,
// which the ledger names last; until then those of the load before stand, and a repetition starts from them. The ledger's row moves by one
// microsecond and keeps its mapping: a newer version, or a load of this one meanwhile, stays the newest, and a unit that was
// loaded under an earlier mapping is still told. Two rows of one key in a unit count as one loaded and one superseded; which
// of the two amounts is called superseded, a replay does not work out anew: the replayed one is.
//
// A unit that failed, and is found unchanged when it is read again, writes only its failures anew, as over and one microsecond
// later, without rows: what is loaded of it, with its account and its rejects, stands as before (load/record_unchanged_unit.sql).
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
// # In a cluster
//
// Tables of events are sharded by their business key (sql/cluster.go): all versions of one event are on one shard, and FINAL there
// finds the winner. All else, and every stage, is on the server that the DSN names, whole. That is one server, never an address
// behind which there are several: what is written there is read there.
//
// A stage's rows come in through the Distributed table (sql/cluster/load/attach.sql), block by block and shard by shard, where
// one server attaches them in an instant. ATTACH ON CLUSTER would be no better: it takes what the one replica that runs it has of
// a stage, and the shards come after each other all the same. So step 6 is this in a cluster:
//
//   - cut short, it leaves some of the rows in. Their months are open (step 4) and no unit is in the ledger: the units are loaded
//     again, and equal rows replace themselves, each on the shard where it was
//   - repeated because its answer was lost, it inserts rows once more, which replace themselves too
//   - given up after an error, some shard may still be writing a block. The stage then stays, so that the load counts as under
//     way and its months are not settled, until it is swept a day later
//   - how many blocks come in, nobody knows before: the load looks at the facts again after it each time
//   - a refresh of another process that begins and ends between two blocks publishes part of a load. It is not settled, and the
//     refresh of the load's own run computes it again. Any block that comes in meanwhile, on any shard, lets the refresh start anew
//     (etl.fact_end)
//
// With replicas, a shard acknowledges rows of the facts once most of its replicas have them (insert_quorum), and a replica that
// lacks some refuses to be read (select_sequential_consistency), so that no refresh settles months of rows that it has not seen.
// All other tables are copied to the other servers without anybody waiting for it. If the DSN's server is lost for good, another
// one takes its place; the ledger may lack the newest units, which are loaded again, and the touched months may lack some of units
// that it has: partnerplus repair computes all figures anew. A reader on another server than the DSN's may see an edition whose
// rows are not all there yet.
//
// It must not know sources, formats or mappings: it takes Arrow batches of the canonical entities.
package load
