package load

import (
	"context"
	"slices"
)

// What tests of the verdicts look at.
var Judge = judge

const (
	Fail, Retry, Wait, Reopen, AskUser = fail, retry, wait, reopen, askUser
)

// Rule is what is done about an error, in the words of the documentation.
type Rule struct {
	Code               int
	Name, Verdict, Why string
}

// CodeRules are those of ClickHouse's error codes, StatusRules those of HTTP statuses.
func CodeRules() []Rule   { return list(rules) }
func StatusRules() []Rule { return list(statuses) }

func list[N int | int32](table map[N]rule) []Rule {
	var all []Rule
	for code, r := range table {
		all = append(all, Rule{int(code), r.name, words[r.verdict], r.why})
	}
	slices.SortFunc(all, func(a, b Rule) int { return a.Code - b.Code })
	return all
}

// Do repeats a statement as all statements are repeated.
func (w *Warehouse) Do(ctx context.Context, op string, statement func(context.Context) error) error {
	return w.do(ctx, op, statement)
}

// BeginMigration leaves the warehouse as a migration does that was ended before its last step.
func (w *Warehouse) BeginMigration(ctx context.Context) error {
	return w.recordObjects(ctx, map[string]string{unfinished: migrating})
}

// BeginMigrationOfTables leaves it as one does that was ended between the last migration and the views.
func (w *Warehouse) BeginMigrationOfTables(ctx context.Context) error {
	return w.recordObjects(ctx, map[string]string{unfinished: migratingTables})
}

// OwnerOf and IsDead are about processes.
var (
	OwnerOf = ownerOf
	IsDead  = isDead
)

// OnComputed is called by refreshes between computing an edition and publishing it.
func (w *Warehouse) OnComputed(call func()) { w.onComputed = call }

// OnCompared is called by loads between comparing rows with the facts and making them visible.
func (w *Warehouse) OnCompared(call func()) { w.onCompared = call }

// OnBackedUp is called by backups when a part is taken, OnRestored by restores when one is put back.
func (w *Warehouse) OnBackedUp(call func(part string)) { w.onBackedUp = call }
func (w *Warehouse) OnRestored(call func(part string)) { w.onRestored = call }

// SelectText reads the rows of a statement of a test's own.
func (w *Warehouse) SelectText(ctx context.Context, statement string, rows any) error {
	return w.selectInto(ctx, "ask", statement, nil, rows)
}
