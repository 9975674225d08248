package load_test

import (
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
)

func checkOrphans(t *testing.T, w *load.Warehouse) {
	goodFacts(t, w)
	when := at("2024-02-10")
	deliver(t, w, "orphans", noon,
		fact{Entity: "awards", ID: "no-org", Member: "m", Amount: dollar, At: when},
		fact{Entity: "awards", Program: "q", ID: "both", Member: "m", Org: "o", Amount: dollar, At: when},
		fact{Entity: "redemptions", ID: "org", Member: "m", Org: "O", Amount: dollar, At: when},
		fact{Entity: "portal_sessions", Program: "P", ID: "program", At: when},
		fact{Entity: "portal_events", Program: "q", ID: "view", At: at("2024-01-10")},
		// One that a later version moved to a known organisation, one that is deleted, one without a rate.
		fact{Entity: "awards", ID: "mended", Member: "m", Org: "x", Amount: dollar, At: when},
		fact{Entity: "awards", ID: "deleted", Member: "m", Org: "x", Amount: dollar, At: when, Version: 1, Deleted: true},
		fact{Entity: "awards", Program: "q", ID: "unrated", Member: "m", Currency: "XXX", Amount: dollar, At: when})
	deliver(t, w, "mended", noon, fact{Entity: "awards", ID: "mended", Member: "m", Org: "o", Amount: dollar, At: when, Version: 2})
	results := checked(t, w, "")
	verdicts(t, results, "orphans warn 4")
	const columns = "month, entity, program_id, event_id, org_id, unknown, source, unit, source_row"
	const february = "2024-02-01|awards|q|both|o|['program','organisation']|s|orphans|2"
	lists(t, w, results["orphans"], columns,
		"2024-01-01|portal_events|q|view||['program']|s|orphans|5", february,
		"2024-02-01|portal_sessions|P|program||['program']|s|orphans|4", "2024-02-01|redemptions|p|org|O|['organisation']|s|orphans|3")
	january := only(t, w, "orphans", "2024-01")
	verdict(t, january, "warn 1")
	lists(t, w, january, "event_id", "view")

	// A programme that was deleted is unknown.
	deliver(t, w, "gone", noon, fact{Entity: "programs", Program: "p", Version: 2, Deleted: true})
	if got := only(t, w, "orphans", "").Figure; got != "13" {
		t.Errorf("%s orphans without the programme, want all 13 events that count", got)
	}
}

func checkNegativeBalance(t *testing.T, w *load.Warehouse) {
	goodFacts(t, w)
	other := func(f fact, member, currency string) fact {
		f.Member, f.Currency = member, currency
		return f
	}
	deliver(t, w, "rates", noon, fact{Entity: "fx_rates", Currency: "EUR", Day: at("2023-01-01"), Rate: 200_000_000, Version: 1})
	deliver(t, w, "known too", noon, fact{Entity: "members", Member: "n", Org: "o", Joined: at("2023-12-01"), Version: 1})
	deliver(t, w, "overdrawn", noon,
		other(entry("n1", "award", 10, "2023-11-10"), "n", "EUR"), other(entry("n2", "redemption", 30, "2023-12-10"), "n", "EUR"),
		other(entry("n3", "refund", 5, "2024-01-10"), "n", "EUR"), other(entry("n4", "award", 15, "2024-02-10"), "n", "EUR"),
		// Within a month it does not matter; neither do dollars help euros.
		other(entry("n5", "award", 1000, "2023-01-10"), "n", "USD"),
		other(entry("n6", "expiry", 4, "2023-02-10"), "k", "USD"), other(entry("n7", "award", 4, "2023-02-11"), "k", "USD"),
		other(entry("n8", "reversal", 7, "2023-12-31"), "k", "USD"),
		// Without a rate it counts nowhere.
		other(entry("n9", "redemption", 7, "2023-12-31"), "k", "XXX"))
	results := checked(t, w, "")
	verdicts(t, results, "negative_balance warn 5")
	lists(t, w, results["negative_balance"], "month, program_id, member_id, currency, balance",
		"2023-12-01|p|k|USD|-7", "2023-12-01|p|n|EUR|-20", "2024-01-01|p|k|USD|-7", "2024-01-01|p|n|EUR|-15", "2024-02-01|p|k|USD|-7")
	says(t, results["negative_balance"], "5 of 2 members")
	if message := results["negative_balance"].Message; strings.Contains(message, "-20") || strings.Contains(message, "(p)") {
		t.Errorf("the message shows a member's balance: %s", message)
	}
	lists(t, w, only(t, w, "negative_balance", "2024-01"), "member_id, balance", "k|-7", "n|-15")
	// The newest month is that of any event.
	deliver(t, w, "later", noon, fact{Entity: "portal_events", ID: "v", At: at("2024-04-01")})
	lists(t, w, only(t, w, "negative_balance", "2024-04"), "member_id, balance", "k|-7")
}

// checkFutureDated: an event may be as late as its load, and no later.
func checkFutureDated(t *testing.T, w *load.Warehouse) {
	goodFacts(t, w)
	loaded := at("2024-03-05 06:07:08.5")
	just := loaded.Add(time.Microsecond)
	deliver(t, w, "future", noon,
		fact{Entity: "awards", ID: "in-time", Member: "m", Org: "o", Amount: dollar, At: loaded},
		fact{Entity: "awards", ID: "late", Member: "m", Org: "o", Amount: dollar, At: just},
		fact{Entity: "redemptions", ID: "late", Member: "m", Org: "o", Amount: dollar, At: at("2025-01-01")},
		fact{Entity: "portal_sessions", ID: "late", Member: "m", Org: "o", At: just},
		fact{Entity: "portal_events", ID: "late", Member: "m", At: just},
		fact{Entity: "awards", ID: "deleted", Member: "m", Org: "o", Amount: dollar, At: just, Version: 1, Deleted: true})
	change(t, w, "INSERT INTO etl.units SELECT * REPLACE (toDateTime64('2024-03-05 06:07:08.5', 6, 'UTC') AS updated_at, run_id AS run_id) FROM etl.units FINAL WHERE unit = 'future'")
	change(t, w, "ALTER TABLE etl.units DELETE WHERE unit = 'future' AND updated_at > '2024-12-01' SETTINGS mutations_sync = 1")
	results := checked(t, w, "")
	verdicts(t, results, "future_dated fail 4")
	lists(t, w, results["future_dated"], "month, entity, event_id, happened_at, loaded_at, source, unit, source_row",
		"2024-03-01|awards|late|2024-03-05 06:07:08.500001|2024-03-05 06:07:08.500000|s|future|2",
		"2024-03-01|portal_events|late|2024-03-05 06:07:08.500001|2024-03-05 06:07:08.500000|s|future|5",
		"2024-03-01|portal_sessions|late|2024-03-05 06:07:08.500001|2024-03-05 06:07:08.500000|s|future|4",
		"2025-01-01|redemptions|late|2025-01-01 00:00:00.000000|2024-03-05 06:07:08.500000|s|future|3")
	says(t, results["future_dated"], "the latest redemptions late of p at 2025-01-01 00:00 UTC (s, future, row 3)")
	january := only(t, w, "future_dated", "2025-01")
	verdict(t, january, "fail 1")
	lists(t, w, january, "entity", "redemptions")
	verdict(t, only(t, w, "future_dated", "2024-01"), "pass 0")

	// Loaded again since, it is judged by the new load; what that load no longer brings, by the end of the run that did.
	run := lines(t, w, "SELECT DISTINCT run_id FROM warehouse.awards WHERE unit = 'future'")[0]
	deliver(t, w, "future", noon, fact{Entity: "redemptions", ID: "late", Member: "m", Org: "o", Amount: dollar, At: at("2025-01-01"), Row: 3})
	must(t, w.RecordRun(t.Context(), load.Run{ID: run, Job: "manual", Started: at("2024-01-01"), Finished: at("2024-12-31"), Status: "done"}))
	verdict(t, only(t, w, "future_dated", ""), "pass 0")
	must(t, w.RecordRun(t.Context(), load.Run{ID: run, Job: "manual", Started: at("2024-01-01"), Status: "running"}))
	if got := only(t, w, "future_dated", "").Figure; got != "4" { // the award that was in time too, by the run's start
		t.Errorf("%s events are future-dated, want 4", got)
	}
}

func checkUnrated(t *testing.T, w *load.Warehouse) {
	goodData(t, w)
	f := entry("u1", "award", 3, "2024-01-31")
	f.Currency = "EUR"
	deliver(t, w, "unrated", noon, f)
	refresh(t, w)
	verdicts(t, checked(t, w, ""))
	const unrated = "SELECT month, entity, program_id, event_id, currency, day, amount, source, unit, source_row FROM kpi.unrated"
	expect(t, w, unrated, "2024-01-01|awards|p|u1|EUR|2024-01-31|3|s|unrated|1")
	deliver(t, w, "rates", noon, fact{Entity: "fx_rates", Currency: "EUR", Day: at("2024-01-31"), Rate: 1, Version: 1})
	refresh(t, w)
	expect(t, w, unrated)
	verdicts(t, checked(t, w, ""))
}
