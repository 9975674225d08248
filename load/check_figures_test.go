package load_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
)

// checkReconciliation changes facts behind the figures' back: a load without a refresh. What SQL of its own finds in the
// figures is compared one by one; that every computed table is held against the facts is the matter of TestRepair.
func checkReconciliation(t *testing.T, w *load.Warehouse) {
	goodData(t, w)
	euros := func(id, kind, day string, amount int64) fact {
		f := entry(id, kind, 0, day)
		f.Currency, f.Amount = "EUR", amount
		return f
	}
	deliver(t, w, "rates", noon,
		fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-01-15"), Rate: 110_000_000, Version: 1},
		fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-02-15"), Rate: 33_333_333, Version: 1})
	// Half a ten-thousandth is rounded up; without a rate, it counts nowhere.
	deliver(t, w, "euros", noon, euros("e1", "award", "2024-01-14", 7), euros("e2", "award", "2024-01-15", 5), euros("e3", "award", "2024-02-14", 15), euros("e4", "redemption", "2024-02-15", 2))
	refresh(t, w)
	// All metrics of every scope are looked at; here, the dollars of the programme.
	unreconciled := func(want ...string) {
		t.Helper()
		expect(t, w, `SELECT month, program_id, metric, kpi, facts, difference FROM kpi.unreconciled
			WHERE scope = 'program' AND (startsWith(metric, 'dollars') OR metric = 'unspent_dollars')`, want...)
		if (lines(t, w, "SELECT * FROM kpi.unreconciled LIMIT 1") != nil) != (len(want) > 0) {
			t.Errorf("it finds %q", lines(t, w, "SELECT * FROM kpi.unreconciled"))
		}
	}
	unreconciled()

	// An amount that moved by the last of its places.
	corrected := entry("r1", "redemption", 30, "2024-01-20")
	corrected.Amount, corrected.Version = corrected.Amount+1, 2
	deliver(t, w, "corrected", noon, corrected)
	unreconciled("2024-01-01|p|dollars_redeemed|30|30.0001|-0.0001", "2024-01-01|p|unspent_dollars|70.0006|70.0005|0.0001", "2024-02-01|p|unspent_dollars|107.0022|107.0021|0.0001")
	if result := only(t, w, "reconciliation", ""); result.Verdict != load.VerdictFail {
		t.Errorf("reconciliation is %+v", result)
	} else {
		says(t, result, "kpi.metric_monthly of 2024-01, scope organisation, program_id p, org_id o, metric dollars_redeemed: value is 30 instead of 30.0001", "partnerplus run")
		expect(t, w, "SELECT month, found['value'], expected['value'] FROM ("+result.Query+") WHERE table = 'metric_month' AND key = 'scope program, program_id p, metric dollars_redeemed'",
			"2024-01-01|30|30.0001", "2024-02-01||")
	}
	refresh(t, w)
	unreconciled()

	// A rate that came late.
	deliver(t, w, "late rate", noon, fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-01-01"), Rate: 100_000_000, Version: 1})
	unreconciled("2024-01-01|p|dollars_awarded|100.0006|100.0013|-0.0007", "2024-01-01|p|unspent_dollars|70.0005|70.0012|-0.0007", "2024-02-01|p|unspent_dollars|107.0021|107.0028|-0.0007")
	refresh(t, w)
	unreconciled()

	// Months that the figures lack: of a programme that they do not know, and of a new month.
	deliver(t, w, "new", noon, fact{Entity: "awards", Program: "q", ID: "a", Member: "m", Kind: "expiry", Amount: 2 * dollar, At: at("2024-02-01")},
		fact{Entity: "portal_events", Program: "q", ID: "v", At: at("2024-03-01")})
	unreconciled(
		"2024-02-01|q|dollars_awarded|~|0|~", "2024-02-01|q|dollars_expired|~|2|~", "2024-02-01|q|dollars_redeemed|~|0|~", "2024-02-01|q|unspent_dollars|~|-2|~",
		"2024-03-01|p|dollars_awarded|~|0|~", "2024-03-01|p|dollars_expired|~|0|~", "2024-03-01|p|dollars_redeemed|~|0|~", "2024-03-01|p|unspent_dollars|~|107.0028|~",
		"2024-03-01|q|dollars_awarded|~|0|~", "2024-03-01|q|dollars_expired|~|0|~", "2024-03-01|q|dollars_redeemed|~|0|~", "2024-03-01|q|unspent_dollars|~|-2|~")
	refresh(t, w)
	unreconciled()

	// Figures of what is no longer there.
	deliver(t, w, "gone", noon, fact{Entity: "awards", Program: "q", ID: "a", Member: "m", Kind: "expiry", Amount: 2 * dollar, At: at("2024-02-01"), Version: 2, Deleted: true})
	unreconciled("2024-02-01|q|dollars_expired|2|0|2", "2024-02-01|q|unspent_dollars|-2|0|-2", "2024-03-01|q|unspent_dollars|-2|0|-2")
	refresh(t, w)
	unreconciled()
}

func closeMonth(t *testing.T, w *load.Warehouse, month string) {
	t.Helper()
	warehousetest.CloseMonth(t, w, at(month+"-01"), "reviewer", "it's \\ fine")
}

func checkRestatement(t *testing.T, w *load.Warehouse) {
	goodData(t, w)
	closeMonth(t, w, "2024-01")
	verdicts(t, checked(t, w, ""))

	// A late award of January, of another programme: what January was is no longer so.
	deliver(t, w, "late", noon, fact{Entity: "programs", Program: "q", Version: 1},
		fact{Entity: "awards", Program: "q", ID: "a", Member: "m", Amount: 7 * dollar, At: at("2024-01-31"), Version: 1})
	refresh(t, w)
	result := only(t, w, "restatement", "")
	if result.Verdict != load.VerdictWarn {
		t.Errorf("restatement is %+v", result)
	}
	found := lines(t, w, "SELECT month, scope, program_id, population, metric, closed, now, difference, closed_by FROM ("+result.Query+")")
	for _, want := range []string{
		"2024-01-01|portfolio|||dollars_awarded|100|107|7|reviewer", "2024-01-01|portfolio|||unspent_dollars|70|77|7|reviewer", "2024-01-01|portfolio|||users_awarded|1|2|1|reviewer",
		"2024-01-01|portfolio||awarded|users|1|2|1|reviewer", "2024-01-01|program|q||dollars_awarded|~|7|~|reviewer",
	} {
		if !slices.Contains(found, want) {
			t.Errorf("%q is not found", want)
		}
	}
	for _, line := range found {
		if line[:len("2024-01-01|portfolio")] != "2024-01-01|portfolio" && line[:len("2024-01-01|program|q")] != "2024-01-01|program|q" {
			t.Errorf("found too: %q", line)
		}
	}
	if result.Figure != lines(t, w, "SELECT count() FROM kpi.restatements")[0] {
		t.Errorf("the figure is %s", result.Figure)
	}
	verdict(t, only(t, w, "restatement", "2024-02"), "pass 0") // not closed, so not restated
	if got := only(t, w, "restatement", "2024-01").Verdict; got != load.VerdictWarn {
		t.Errorf("restatement of January is %s", got)
	}

	// Closed again, it is what it is.
	closeMonth(t, w, "2024-01")
	verdict(t, only(t, w, "restatement", ""), "pass 0")
	expect(t, w, "SELECT month, closed_by, note FROM kpi.closed_months", `2024-01-01|reviewer|it\'s \\ fine`)
	expect(t, w, "SELECT count() FROM etl.closed_months", "2")

	// The figures of a closing that was cut short count for nothing.
	change(t, w, "INSERT INTO etl.closed_figures SELECT * REPLACE (now64(6) AS closed_at, ifNull(value, 0) + 1 AS value) FROM etl.closed_figures FINAL")
	verdict(t, only(t, w, "restatement", ""), "pass 0")

	// Undone, it is restated the other way; what vanished is found too.
	deliver(t, w, "undone", noon, fact{Entity: "awards", Program: "q", ID: "a", Member: "m", At: at("2024-01-31"), Version: 2, Deleted: true})
	refresh(t, w)
	found = lines(t, w, "SELECT scope, program_id, closed, now, difference FROM kpi.restatements WHERE metric = 'dollars_awarded'")
	if !slices.Equal(found, []string{"portfolio||107|100|-7", "program|q|7|~|~"}) {
		t.Errorf("found %q", found)
	}
}

// checkClosing: a month without figures or that is not over cannot be closed; conversions that come to maturity after
// the closing are no restatement.
func checkClosing(t *testing.T, w *load.Warehouse) {
	_, err := w.CloseReview(t.Context(), load.ReviewClosing{Month: at("2024-01-01"), By: "reviewer"})
	if !errors.Is(err, load.ErrNotReviewable) || err.Error() != "the month cannot be reviewed: 2024-01 has no figures" {
		t.Errorf("closed without figures: %v", err)
	}
	now := time.Now().UTC()
	deliver(t, w, "known", noon, known...)
	deliver(t, w, "now", noon, entry("n", "award", 1, now.Format(time.DateOnly)))
	refresh(t, w)
	_, err = w.CloseReview(t.Context(), load.ReviewClosing{Month: time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC), By: "reviewer"})
	if !errors.Is(err, load.ErrNotReviewable) || err.Error() != "the month cannot be reviewed: "+now.Format("2006-01")+" is not over" {
		t.Errorf("closed before its end: %v", err)
	}
	expect(t, w, "SELECT (SELECT count() FROM etl.closed_figures), (SELECT count() FROM etl.closed_months)", "0|0")

	empty(t, w)
	goodData(t, w)
	const conversion = "SELECT value FROM kpi.metric_monthly WHERE scope = 'portfolio' AND metric = 'conversion_90d' AND month = '2024-01-01'"
	expect(t, w, conversion, "~")
	closeMonth(t, w, "2024-01")
	expect(t, w, "SELECT count() FROM etl.closed_figures WHERE metric = 'conversion_90d' AND scope = 'portfolio' AND value IS NULL", "1")
	deliver(t, w, "months later", noon, entry("m", "award", 1, "2024-06-10"))
	refresh(t, w)
	expect(t, w, conversion, "1")
	verdict(t, only(t, w, "restatement", ""), "pass 0")
}
