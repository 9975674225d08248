package load

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/sql"
)

// Verdicts of a check.
const (
	VerdictPass = "pass"
	VerdictWarn = "warn"
	VerdictFail = "fail"
)

// CheckResult is the outcome of one check of KPI.md section 7.
type CheckResult struct {
	CheckID   string    `ch:"check_id" json:"check_id"` // the validation that it is part of
	Check     string    `ch:"check" json:"check"`
	Month     string    `ch:"month" json:"month,omitempty"` // such as 2026-09; empty: everything
	Verdict   string    `ch:"verdict" json:"verdict"`
	Figure    string    `ch:"figure" json:"figure"` // an exact decimal
	Unit      string    `ch:"unit" json:"unit"`     // what the figure counts
	Message   string    `ch:"message" json:"message"`
	Query     string    `ch:"query" json:"query"` // lists the offending rows
	CheckedAt time.Time `ch:"checked_at" json:"checked_at"`
}

// checks are all there are. Each has a file in sql/verdicts that gives its figure, and a view in sql/checks that lists
// what it found.
var checks = []struct {
	name string
	unit string // what its figure counts
	list string // what follows FROM
	of   string // condition on the rows of a month, with %s for its first day; empty where rows have no month
}{
	{"conservation", "units", "kpi.unconserved_units", ""},
	{reconciliation, "differences", "kpi.differing_rows", "month = '%s' OR month IS NULL"},
	{"freshness", "sources", "kpi.stale_sources", ""},
	{"completeness", "days", "kpi.missing_days", "month = '%s'"},
	{"duplicates", "versions", "kpi.duplicates", "has(months, toDate32('%s')) OR empty(months)"},
	{"orphans", "events", "kpi.orphans", "month = '%s'"},
	{"negative_balance", "balances", "kpi.negative_balances", "month = '%s'"},
	{"future_dated", "events", "kpi.future_dated", "month = '%s'"},
	{"rejects", "rows", "kpi.rejecting_sources", ""},
	{"restatement", "figures", "kpi.restatements", "month = '%s'"},
}

// reconciliation is the check that compares before its figure is read.
const reconciliation = "reconciliation"

// CheckNames are all checks, in the order of KPI.md.
func CheckNames() []string {
	names := make([]string, len(checks))
	for i, c := range checks {
		names[i] = c.name
	}
	return names
}

// finding is what a file of sql/verdicts answers.
type finding struct {
	Figure  string `ch:"figure"`
	Beyond  string `ch:"beyond"` // what the limits are held against; the figure itself, for all checks but rejects
	Message string `ch:"message"`
}

// Check validates the data: all that there is, or what belongs to one month (its first day; zero for all), by the checks
// of those names, or all of them where there are none. It records the results, and gives them in the order of KPI.md.
func (w *Warehouse) Check(ctx context.Context, month time.Time, names ...string) ([]CheckResult, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make an id for the checks: %w", err)
	}
	data, err := w.dataState(ctx)
	if err != nil {
		return nil, err
	}
	params := Params{"id": id.String(), "at": instant(time.Now()), "month": null, "data": data}
	if !month.IsZero() {
		params["month"] = month.Format(time.DateOnly)
	}
	for _, check := range checks {
		if len(names) > 0 && !slices.Contains(names, check.name) {
			continue
		}
		if check.name == reconciliation {
			if err := w.Reconcile(ctx, id.String(), month); err != nil {
				return nil, err
			}
		}
		var found []finding
		if err := w.selectInto(ctx, "check "+check.name, sql.Text("verdicts/"+check.name+".sql"), params, &found); err != nil {
			return nil, err
		}
		params["check"], params["unit"] = check.name, check.unit
		params["figure"], params["beyond"], params["message"] = found[0].Figure, found[0].Beyond, found[0].Message
		params["query"] = "SELECT * FROM " + check.list
		if check.of != "" && !month.IsZero() {
			params["query"] += " WHERE " + fmt.Sprintf(check.of, month.Format(time.DateOnly))
		}
		if err := w.exec(ctx, "record check "+check.name, sql.Text("verdicts/record.sql"), params); err != nil {
			return nil, err
		}
	}
	return w.checkResults(ctx, id.String())
}

// checkResults gives the results of one validation, in the order of KPI.md.
func (w *Warehouse) checkResults(ctx context.Context, id string) ([]CheckResult, error) {
	var results []CheckResult
	if err := w.selectInto(ctx, "read the checks", sql.Text("verdicts/results.sql"), Params{"id": id}, &results); err != nil {
		return nil, err
	}
	slices.SortFunc(results, func(a, b CheckResult) int { return cmp.Compare(place(a.Check), place(b.Check)) })
	return results, nil
}

// dataState tells one state of the data from another: equal texts are equal data, as far as loads and refreshes go.
func (w *Warehouse) dataState(ctx context.Context) (string, error) {
	row, err := one[struct {
		Data string `ch:"data"`
	}](ctx, w, "verdicts/data_state.sql", nil)
	return row.Data, err
}

// Failed are the results that keep a month from being closed.
func Failed(results []CheckResult) []CheckResult {
	var failed []CheckResult
	for _, r := range results {
		if r.Verdict == VerdictFail {
			failed = append(failed, r)
		}
	}
	return failed
}

// worst is the worst verdict of all.
func worst(results []CheckResult) string {
	verdict := VerdictPass
	for _, r := range results {
		switch r.Verdict {
		case VerdictFail:
			return VerdictFail
		case VerdictWarn:
			verdict = VerdictWarn
		}
	}
	return verdict
}

// place is where a check stands in the list.
func place(check string) int {
	for i, c := range checks {
		if c.name == check {
			return i
		}
	}
	return len(checks)
}
