package load

import "context"

// What tests of the verdicts look at.
var Judge = judge

const (
	Fail, Retry, Reopen, AskUser = fail, retry, reopen, askUser
)

// Codes gives the ClickHouse error codes that have a verdict, with its reason.
func Codes() map[int32]string {
	reasons := map[int32]string{}
	for code, v := range verdicts {
		reasons[code] = v.why
	}
	return reasons
}

// Do repeats a statement as all statements are repeated.
func (w *Warehouse) Do(ctx context.Context, op string, statement func(context.Context) error) error {
	return w.do(ctx, op, statement)
}

// BeginMigration leaves the warehouse as a migration does that was ended before its last step.
func (w *Warehouse) BeginMigration(ctx context.Context) error {
	return w.recordObjects(ctx, map[string]string{unfinished: "begun"})
}

// OnComputed is called by refreshes between computing an edition and publishing it.
func (w *Warehouse) OnComputed(call func()) { w.onComputed = call }
