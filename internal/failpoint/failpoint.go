// Package failpoint lets a test kill the program, or its engine, at a named step. Without the build tag failpoint, Here is
// empty and leaves nothing in the program.
//
// With the tag, the environment says what dies where, several points apart by commas:
//
//	PARTNERPLUS_FAILPOINT=[engine:|both:]NAME[:N][@ABOUT]
//
// The process, the engine or both get SIGKILL at the Nth time (the first by default) that the step NAME is done; only the
// times that are about ABOUT count, a unit, source, table or file, where it is given. PARTNERPLUS_FAILPOINT_ENGINE is the
// engine's folder, where its process id is. Each step done is a line of PARTNERPLUS_FAILPOINT_TRACE: the name and what it
// is about, apart by tabs; and each kill one that begins with Killed.
//
// It must not know what the steps do.
package failpoint

// Name names a step that is done once Here is called.
type Name string

// The steps of a run.
const (
	RunBegun         Name = "run-begun"         // the ledger names the run
	SourcesDeclared  Name = "sources-declared"  // for the checks
	SettingsApplied  Name = "settings-applied"  // the metrics file is in force
	Listed           Name = "listed"            // a source's new units are known
	UnitRead         Name = "unit-read"         // a unit's rows are all read
	LotJoined        Name = "lot-joined"        // a small unit waits for others to be loaded with
	UnitLoaded       Name = "unit-loaded"       // the unit is in the ledger, its columns are not yet
	SourceConcluding Name = "source-concluding" // one of what is left to do once all units of a source were tried
	Refreshed        Name = "refreshed"         // the ledger does not know yet that the run is done
	RunEnded         Name = "run-ended"         // the ledger knows
)

// The steps of loading a unit, and of replaying its rejects.
const (
	StageMade      Name = "stage-made"      // a stage table
	BatchSent      Name = "batch-sent"      // into the stage
	RejectsWritten Name = "rejects-written" // those that wait, in one batch
	Staged         Name = "staged"          // the stage has all rows
	Accounted      Name = "accounted"       // for what became of the rows
	Touched        Name = "touched"         // the months of one part are recorded
	Noted          Name = "noted"           // what a part delivers again, for the check of duplicates
	Attached       Name = "attached"        // one part is visible
	Revealed       Name = "revealed"        // and it is known whether others attached rows in between
	Recorded       Name = "recorded"        // the ledger names the load
	StageDropped   Name = "stage-dropped"   // after the load
	FailRecorded   Name = "fail-recorded"   // the ledger says that the unit failed
	StageDiscarded Name = "stage-discarded" // of a unit that is not loaded
)

// The steps of a refresh.
const (
	EditionBegun    Name = "edition-begun"    // it has a number
	Computed        Name = "computed"         // one statement of the edition is done, publishing it among them
	EditionComputed Name = "edition-computed" // all of them are
	Published       Name = "published"        // readers see the edition
	Settled         Name = "settled"          // the months
	PartsDropped    Name = "parts-dropped"    // of a table, those that no edition needs
	Swept           Name = "swept"            // all tables are
)

// The steps of a migration.
const (
	Bootstrapped      Name = "bootstrapped"       // the tables of the migrations themselves are there
	MigrationBegun    Name = "migration-begun"    // it is recorded that one is under way
	StatementRun      Name = "statement-run"      // one statement of a script is done
	ChangeApplied     Name = "change-applied"     // one script is done and recorded
	EverythingTouched Name = "everything-touched" // all months are to be computed anew
	Migrated          Name = "migrated"           // it is recorded that it is done
)

// All lists the names.
var All = []Name{
	RunBegun, SourcesDeclared, SettingsApplied, Listed, UnitRead, LotJoined, UnitLoaded, SourceConcluding, Refreshed, RunEnded,
	StageMade, BatchSent, RejectsWritten, Staged, Accounted, Touched, Noted, Attached, Revealed, Recorded, StageDropped,
	FailRecorded, StageDiscarded,
	EditionBegun, Computed, EditionComputed, Published, Settled, PartsDropped, Swept,
	Bootstrapped, MigrationBegun, StatementRun, ChangeApplied, EverythingTouched, Migrated,
}

// The environment of a program built with the tag.
const (
	Env       = "PARTNERPLUS_FAILPOINT"
	EnvEngine = "PARTNERPLUS_FAILPOINT_ENGINE"
	EnvTrace  = "PARTNERPLUS_FAILPOINT_TRACE"
)

// Killed begins a trace's line about a kill; the point follows as Env has it.
const Killed = "killed"
