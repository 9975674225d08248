package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/load"
)

// checkNames are all checks, in their order.
var checkNames = []string{
	"conservation", "reconciliation", "freshness", "completeness", "duplicates", "orphans", "negative_balance", "future_dated", "rejects", "restatement",
}

// TestChecks: each check passes on good data, and finds what is wrong, row by row, where something is.
func TestChecks(t *testing.T) {
	t.Parallel()
	each(t, map[string]func(*testing.T, *load.Warehouse){
		"nothing there":                  checkNothing,
		"good data":                      checkGoodData,
		"findings":                       findingsByTopic,
		"actions":                        actionLife,
		"one month":                      checkOneMonth,
		"results":                        checkResults,
		"limits":                         checkLimits,
		"sources":                        checkSources,
		"conservation":                   checkConservation,
		"conservation of a crash":        checkConservationOfACrash,
		"conservation of rejects":        checkConservationOfRejects,
		"freshness":                      checkFreshness,
		"completeness":                   checkCompleteness,
		"completeness in short":          checkCompletenessInShort,
		"rejects":                        checkRejects,
		"orphans":                        checkOrphans,
		"negative balance":               checkNegativeBalance,
		"future dated":                   checkFutureDated,
		"unrated":                        checkUnrated,
		"reconciliation":                 checkReconciliation,
		"restatement":                    checkRestatement,
		"closing":                        checkClosing,
		"incomplete, unheard":            incompleteUnheard,
		"incomplete, days":               incompleteDays,
		"opening":                        reviewOpening,
		"reviewing":                      reviewing,
		"duplicates":                     checkDuplicates,
		"duplicates after a merge":       checkDuplicatesAfterAMerge,
		"duplicates of every entity":     checkDuplicatesOfEveryEntity,
		"duplicates by content":          checkDuplicatesByContent,
		"duplicates of loads again":      checkDuplicatesOfLoadsAgain,
		"duplicates of mended mappings":  checkDuplicatesOfMendedMappings,
		"duplicates of what never shows": checkDuplicatesOfWhatNeverShows,
		"duplicates at once":             checkDuplicatesAtOnce,
	})
}

// known is what every event of these tests belongs to.
var known = []fact{
	{Entity: "programs", Program: "p", Version: 1},
	{Entity: "organisations", Program: "p", Org: "o", Joined: at("2023-12-01"), Version: 1},
	{Entity: "members", Program: "p", Member: "m", Org: "o", Joined: at("2023-12-01"), Version: 1},
}

// entry is an award of member m, or a redemption where the kind is one of theirs.
func entry(id, kind string, dollars int64, day string) fact {
	f := fact{Entity: "awards", ID: id, Member: "m", Org: "o", Kind: kind, Amount: dollars * dollar, At: at(day), Version: 1}
	if kind == "redemption" || kind == "refund" {
		f.Entity = "redemptions"
	}
	return f
}

// goodData loads what passes every check, and computes its figures.
func goodData(t *testing.T, w *load.Warehouse) {
	t.Helper()
	goodFacts(t, w)
	refresh(t, w)
}

// goodFacts loads what passes every check but reconciliation, which looks at figures.
func goodFacts(t *testing.T, w *load.Warehouse) {
	t.Helper()
	declare(t, w, load.SourceLimits{Name: "s", MaxShare: 0.1})
	deliver(t, w, "known", noon, known...)
	deliver(t, w, "events", noon, entry("a1", "award", 100, "2024-01-10"), entry("r1", "redemption", 30, "2024-01-20"),
		entry("a2", "award", 50, "2024-02-10"), entry("x", "expiry", 5, "2024-02-20"), entry("v", "reversal", 10, "2024-02-21"), entry("f", "refund", 2, "2024-02-22"),
		fact{Entity: "portal_sessions", ID: "s1", Member: "m", Org: "o", At: at("2024-02-01"), Version: 1})
}

func declare(t *testing.T, w *load.Warehouse, sources ...load.SourceLimits) {
	t.Helper()
	must(t, w.DeclareSources(t.Context(), sources))
}

// checked runs all checks but reconciliation over everything, or over a month such as 2024-01.
func checked(t *testing.T, w *load.Warehouse, month string) map[string]load.CheckResult {
	t.Helper()
	return check(t, w, month, slices.DeleteFunc(slices.Clone(checkNames), func(name string) bool { return name == "reconciliation" }))
}

// only runs one check.
func only(t *testing.T, w *load.Warehouse, name, month string) load.CheckResult {
	t.Helper()
	return check(t, w, month, []string{name})[name]
}

func check(t *testing.T, w *load.Warehouse, month string, want []string) map[string]load.CheckResult {
	t.Helper()
	var of time.Time
	if month != "" {
		of = at(month + "-01")
	}
	results, err := w.Check(t.Context(), of, want...)
	must(t, err)
	var names []string
	byName := map[string]load.CheckResult{}
	for _, r := range results {
		names = append(names, r.Check)
		byName[r.Check] = r
		if r.Month != month || r.Message == "" || r.CheckedAt.IsZero() {
			t.Errorf("a result is %+v", r)
		}
	}
	if !slices.Equal(names, want) {
		t.Fatalf("checks are %q", names)
	}
	return byName
}

// verdicts compares all verdicts that are not pass, such as "orphans warn 3".
func verdicts(t *testing.T, results map[string]load.CheckResult, want ...string) {
	t.Helper()
	var got []string
	for _, name := range checkNames {
		if r, ok := results[name]; ok && r.Verdict != load.VerdictPass {
			got = append(got, fmt.Sprint(r.Check, " ", r.Verdict, " ", r.Figure))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("verdicts are %q, want %q", got, want)
		for _, r := range results {
			t.Logf("%+v", r)
		}
	}
}

// lists runs the query that a check gives a person, and compares some columns of what it lists.
func lists(t *testing.T, w *load.Warehouse, result load.CheckResult, columns string, want ...string) {
	t.Helper()
	expect(t, w, "SELECT "+columns+" FROM ("+result.Query+")", want...)
}

// verdict compares the verdict and the figure of a check, such as "warn 3".
func verdict(t *testing.T, result load.CheckResult, want string) {
	t.Helper()
	if got := fmt.Sprint(result.Verdict, " ", result.Figure); got != want {
		t.Errorf("%s is %q, want %q: %+v", result.Check, got, want, result)
	}
}

func says(t *testing.T, result load.CheckResult, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(result.Message, text) {
			t.Errorf("%s says %q, not %q", result.Check, result.Message, text)
		}
	}
}

func checkNothing(t *testing.T, w *load.Warehouse) {
	verdicts(t, check(t, w, "", checkNames))
	verdicts(t, checked(t, w, "2024-01"))
}

func checkGoodData(t *testing.T, w *load.Warehouse) {
	goodData(t, w)
	all, err := w.Check(t.Context(), time.Time{})
	must(t, err)
	if len(all) != len(checkNames) {
		t.Errorf("%d checks, want %d", len(all), len(checkNames))
	}
	for i, r := range all {
		if r.Check != checkNames[i] || r.Verdict != load.VerdictPass {
			t.Errorf("check %d is %+v, want %s to pass", i, r, checkNames[i])
		}
		if r.Figure != "0" {
			t.Errorf("%s has the figure %s", r.Check, r.Figure)
		}
		if found := lines(t, w, r.Query); found != nil {
			t.Errorf("%s lists %q", r.Check, found)
		}
	}
	for _, month := range []string{"2024-01", "2024-02", "2030-01"} {
		verdicts(t, checked(t, w, month))
	}
}

// checkOneMonth: rows of other months do not count, neither in the figure nor in the list.
func checkOneMonth(t *testing.T, w *load.Warehouse) {
	goodFacts(t, w)
	deliver(t, w, "more", noon, entry("r2", "redemption", 90, "2024-01-25"), entry("a3", "award", 100, "2024-02-25"))
	january, february := checked(t, w, "2024-01"), checked(t, w, "2024-02")
	verdicts(t, january, "negative_balance warn 1")
	lists(t, w, january["negative_balance"], "month, balance", "2024-01-01|-20")
	verdicts(t, february)
	lists(t, w, february["negative_balance"], "month")
}

// checkResults: every result is kept, and readers see the newest of each check, over everything and of each month.
func checkResults(t *testing.T, w *load.Warehouse) {
	some := []string{"freshness", "orphans", "rejects"}
	goodFacts(t, w)
	check(t, w, "", some)
	check(t, w, "2024-01", some)
	deliver(t, w, "orphan", noon, fact{Entity: "awards", Program: "q", ID: "a", Member: "m", Amount: dollar, At: at("2024-02-10"), Version: 1})
	results := check(t, w, "", some)
	expect(t, w, "SELECT count(), uniqExact(check_id) FROM etl.checks", "9|3")
	expect(t, w, "SELECT count() FROM kpi.checks", "6")
	expect(t, w, "SELECT check, month, verdict, figure, unit FROM kpi.checks WHERE check = 'orphans' ORDER BY month NULLS FIRST", "orphans|~|warn|1|events", "orphans|2024-01-01|pass|0|events")
	expect(t, w, "SELECT message = '"+results["orphans"].Message+"', query FROM kpi.checks WHERE check = 'orphans' AND month IS NULL", "1|SELECT * FROM kpi.orphans")
	says(t, results["orphans"], "1 (1 programmes, 0 organisations)", "programme q")
}

// checkLimits: every check has a limit for warnings and one for failures, which have a meaning.
func checkLimits(t *testing.T, w *load.Warehouse) {
	expect(t, w, "SELECT rule FROM kpi_core.check_threshold_default WHERE meaning != '' GROUP BY rule HAVING countIf(threshold = 'warn_above') = 1 AND countIf(threshold = 'fail_above') = 1 ORDER BY rule",
		slices.Sorted(slices.Values(checkNames))...)
	expect(t, w, "SELECT DISTINCT rule FROM kpi_core.check_threshold_default WHERE threshold = 'fail_above' AND value = 0 ORDER BY rule",
		"conservation", "duplicates", "freshness", "future_dated", "reconciliation", "rejects")
}

// checkSources: the warehouse knows the sources of the config, and writes only what changes.
func checkSources(t *testing.T, w *load.Warehouse) {
	seven := uint64(7)
	const sources, all = "SELECT source, configured, fresh_within, max_share, max_rows FROM etl.sources FINAL ORDER BY source", "SELECT count() FROM etl.sources"
	change(t, w, "SYSTEM STOP MERGES etl.sources")
	defer change(t, w, "SYSTEM START MERGES etl.sources")
	both := []load.SourceLimits{{Name: "a", MaxShare: 0.1}, {Name: "b-1_x", FreshWithin: 36 * time.Hour, MaxShare: 0.05, MaxRows: &seven}}
	for range 3 {
		declare(t, w, both...)
		expect(t, w, sources, "a|1|~|0.1|~", "b-1_x|1|129600|0.05|7")
		expect(t, w, all, "2")
	}
	both[0].FreshWithin = time.Minute
	for range 2 {
		declare(t, w, both[0])
		expect(t, w, sources, "a|1|60|0.1|~", "b-1_x|0|129600|0.05|7")
		expect(t, w, all, "4")
	}
	declare(t, w, both...)
	expect(t, w, sources, "a|1|60|0.1|~", "b-1_x|1|129600|0.05|7")
	declare(t, w)
	expect(t, w, "SELECT count() FROM etl.sources FINAL WHERE configured", "0")
}
