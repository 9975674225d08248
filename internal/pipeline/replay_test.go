package pipeline

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/load"
)

// awards is a source whose mapping knows some kinds.
func awards(kinds string) string {
	return `
  awards:
    file: {path: awards}
    rejects: {max_share: 1}
    unrouted: reject
    mappings:
      - entity: awards
        where: [{column: kind, not_in: [visit, lost]}]
        columns: {program_id: {value: p}, award_id: id, member_id: {value: m}, kind: {from: kind, map: {` + kinds + `}}, amount: amount, currency: {value: USD}, awarded_at: at}
`
}

const (
	visits = `      - entity: portal_sessions
        where: [{column: kind, in: [visit]}]
        columns: {program_id: {value: p}, session_id: id, started_at: at}
`
	columns = "id,kind,amount,at\n"

	allFacts = "SELECT award_id, kind, amount, source, unit, source_row, version, delivered_at FROM warehouse.awards FINAL ORDER BY award_id"
	accounts = `SELECT unit, mapping, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in FROM (
		SELECT *, (source, unit, version, load_id) IN (SELECT source, unit, version, load_id FROM etl.units FINAL) AS is_named FROM (
			SELECT source, unit, version, load_id, mapping, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in FROM etl.unit_entities FINAL
			UNION ALL SELECT source, unit, version, load_id, mapping, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in FROM etl.replayed FINAL))
		WHERE is_named ORDER BY unit, mapping`
	openRejects = "SELECT unit, mapping, position, rule, column FROM etl.open_rejects ORDER BY unit, mapping, position"
	figures     = "SELECT month, dollars_awarded FROM kpi.portfolio_financial_monthly ORDER BY month"
)

// TestReplay rejects rows, mends the mapping, replays, and compares with what a load of everything under the mended mapping
// gives. Its steps stand on each other.
func TestReplay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.write(t, map[string]string{
		"awards/1.csv": columns +
			"A-1,a,10,2024-01-05\n" +
			"A-2,g,20,2024-01-06\n" + // rejected, good once g is known
			"A-1,g,30,2024-02-07\n" + // delivers the first row's key again
			"A-3,g,bad,2024-01-08\n" + // rejected once more, for another reason
			"A-4,g\n" + // malformed
			"A-5,visit,0,2024-01-09\n" + // unrouted
			"A-6,lost,1,2024-01-09\n", // unrouted, and stays so
		"awards/2.csv": columns + "A-2,g,21,2024-01-06\nA-7,x,7,2024-01-06\n",
	})
	before, after := awards("a: award"), awards("a: award, g: award")+visits
	s.run(t, before, StatusRejects, Request{})
	s.expect(t, openRejects, "1.csv|0|5|format|", "1.csv|0|6|unrouted|", "1.csv|0|7|unrouted|", "1.csv|1|2|map|kind", "1.csv|1|3|map|kind", "1.csv|1|4|map|kind",
		"2.csv|1|1|map|kind", "2.csv|1|2|map|kind")
	conserved(t, s)
	ids := s.lines(t, "SELECT id FROM etl.standing_rejects WHERE unit = '1.csv' AND position = 4")

	stale, err := s.Standing(t.Context(), "awards", "1.csv")
	if err != nil || len(stale) != 1 {
		t.Fatal(stale, err)
	}
	ledger := s.lines(t, "SELECT unit, load_id, updated_at FROM etl.units FINAL ORDER BY unit")
	report := s.replay(t, after, ReplayRequest{DryRun: true})
	if got := report.Sources[0]; got != (ReplaySource{Name: "awards", Units: 2, Rejects: 8, Loaded: 4, Rejected: 3, Kept: 1}) {
		t.Errorf("dry run: %+v", got)
	}
	if now := s.lines(t, "SELECT unit, load_id, updated_at FROM etl.units FINAL ORDER BY unit"); now != ledger {
		t.Errorf("a dry run changed the ledger:\n%s", now)
	}

	// A csv that lacks a column lacks it in its rejects too.
	report = s.replay(t, strings.Replace(after, "amount: amount", "amount: nope", 1), ReplayRequest{DryRun: true, Unit: "2.csv"})
	if len(report.Kept) != 1 || report.Kept[0].Rows != 2 || !strings.Contains(report.Kept[0].Why, `no column "nope"`) {
		t.Errorf("a column that the raw rows lack: %+v", report)
	}

	report = s.replay(t, after, ReplayRequest{})
	if got := report.Sources[0]; got != (ReplaySource{Name: "awards", Units: 2, Rejects: 8, Loaded: 4, Rejected: 3, Kept: 1}) || report.Months == 0 {
		t.Errorf("replay: %+v", report)
	}
	if len(report.Kept) != 1 || report.Kept[0].Rows != 1 || !strings.Contains(report.Kept[0].Why, "--full") {
		t.Errorf("kept: %+v", report.Kept)
	}
	left := []string{"1.csv|0|5|format|", "1.csv|0|7|unrouted|", "1.csv|1|4|type|amount", "2.csv|1|2|map|kind"}
	s.expect(t, openRejects, left...)
	s.expect(t, "SELECT id FROM etl.standing_rejects WHERE unit = '1.csv' AND position = 4", ids)
	s.expect(t, accounts, "1.csv|1|6|2|2|1|1|60", "1.csv|2|6|5|1|0|0|0", "2.csv|1|2|0|1|0|1|21")
	s.expect(t, figures, "2024-01-01|21", "2024-02-01|30")
	conserved(t, s)
	facts, answer := s.lines(t, allFacts), s.lines(t, figures)

	// Again: nothing is left to do, and nothing is written.
	ledger = s.lines(t, "SELECT unit, load_id, updated_at FROM etl.units FINAL ORDER BY unit")
	if again := s.replay(t, after, ReplayRequest{}); again.Sources[0].Loaded != 0 || again.Months != 0 {
		t.Errorf("the second replay: %+v", again)
	}
	if now := s.lines(t, "SELECT unit, load_id, updated_at FROM etl.units FINAL ORDER BY unit"); now != ledger {
		t.Errorf("a replay of nothing changed the ledger:\n%s", now)
	}

	// A replay that ended just before the ledger named it, and its repetition.
	s.change(t, "INSERT INTO etl.units SELECT * REPLACE ('"+stale[0].LoadID+"' AS load_id, 2 AS rows_unrouted, updated_at + INTERVAL 1 MICROSECOND AS updated_at) FROM etl.units FINAL WHERE unit = '1.csv'")
	conserved(t, s)
	s.replay(t, after, ReplayRequest{})
	s.expect(t, openRejects, left...)
	s.expect(t, accounts, "1.csv|1|6|2|2|1|1|60", "1.csv|2|6|5|1|0|0|0", "2.csv|1|2|0|1|0|1|21")
	s.expect(t, allFacts, strings.Split(facts, "\n")...)
	conserved(t, s)

	// Everything loaded again under the mended mapping gives the same.
	s.run(t, after, StatusRejects, Request{Full: true})
	s.expect(t, allFacts, strings.Split(facts, "\n")...)
	s.expect(t, openRejects, left...)
	s.expect(t, figures, strings.Split(answer, "\n")...)
	s.expect(t, accounts, "1.csv|1|6|2|2|1|1|60", "1.csv|2|6|5|1|0|0|0", "2.csv|1|2|0|1|0|1|21", "2.csv|2|2|2|0|0|0|0")
	conserved(t, s)

	// Whoever replays a load that the ledger does not name any more changes nothing of it.
	_, err = overtake(t, s, stale[0])
	if !errors.Is(err, load.ErrNoAccount) {
		t.Errorf("a load whose account is gone: %v", err)
	}
	standing, err := s.Standing(t.Context(), "awards", "2.csv")
	if err != nil || len(standing) != 1 {
		t.Fatal(standing, err)
	}
	s.write(t, map[string]string{"awards/2.csv": columns + "A-8,x,21,2024-01-06\n"})
	s.run(t, after, StatusRejects, Request{})
	if _, err = overtake(t, s, standing[0]); err != nil {
		t.Error(err)
	}
	s.expect(t, "SELECT position, raw LIKE '%A-8%' FROM etl.open_rejects WHERE unit = '2.csv'", "1|1")
	if _, err = overtake(t, s, standing[0]); !errors.Is(err, load.ErrOvertakenReplay) {
		t.Errorf("a replay of a load that was replayed meanwhile: %v", err)
	}
}

// overtake commits a replay that found nothing good.
func overtake(t *testing.T, s site, of load.Standing) (load.Loaded, error) {
	t.Helper()
	stage, err := s.Replay(t.Context(), of, uuid.NewString())
	if err != nil {
		return load.Loaded{}, err
	}
	return stage.Commit(t.Context(), load.UnitRecord{Unit: load.Unit{Version: of.Version}}, nil)
}

func conserved(t *testing.T, s site) {
	t.Helper()
	s.expect(t, "SELECT source, unit, mapping, problems FROM kpi.unconserved_units", "")
}

// TestRates loads awards in a currency without a rate, then its rate.
func TestRates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const source = `
  euros:
    file: {path: euros}
    mappings: [{entity: awards, columns: {program_id: {value: p}, award_id: id, member_id: {value: m}, amount: amount, currency: currency, awarded_at: at}}]
`
	const rates = `
  rates:
    file: {path: rates}
    mappings: [{entity: fx_rates, columns: {currency: code, day: date, rate: rate}}]
`
	s.write(t, map[string]string{"euros/1.csv": "id,amount,currency,at\nA-1,10,USD,2024-01-05\nA-2,7.77,EUR,2024-01-06\nA-3,1,EUR,2024-01-01\n"})
	report := s.run(t, source, StatusRejects, Request{})
	if warned := strings.Join(report.Warnings, "\n"); !strings.Contains(warned, "2 entries that it loaded count nowhere") {
		t.Errorf("the run warns of %q", warned)
	}
	s.run(t, source, StatusDone, Request{}) // which loads none of them
	s.expect(t, figures, "2024-01-01|10")
	rejects, err := s.Rejects(t.Context(), load.RejectFilter{Rule: "rate"}, 10)
	if err != nil || len(rejects) != 2 || rejects[0].Position != 2 || !strings.Contains(rejects[0].Reason, "EUR") || !strings.Contains(rejects[0].Reason, "2024-01-06") || !strings.Contains(rejects[0].Raw, "7.77") {
		t.Fatalf("rejects are %+v, %v", rejects, err)
	}
	found, err := s.RejectsByID(t.Context(), rejects[0].ID[:6])
	if err != nil || len(found) != 1 || found[0].Unit != "1.csv" || found[0].Status != load.StatusLoaded {
		t.Errorf("%s is %+v, %v", rejects[0].ID, found, err)
	}
	if report := s.replay(t, source, ReplayRequest{}); report.Unrated != 2 || report.Left() != 2 {
		t.Errorf("replay without a rate: %+v", report)
	}
	s.write(t, map[string]string{"rates/r.json": `[{"code": "EUR", "date": "2024-01-02", "rate": 1.12345678}]`})
	s.run(t, source+rates, StatusDone, Request{Sources: []string{"rates"}})
	// 7.77 × 1.12345678 = 8.7292591806, half away from zero at four places; the award of the first is older than any rate.
	s.expect(t, figures, "2024-01-01|18.7293")
	s.expect(t, "SELECT position, rule FROM etl.standing_rejects", "3|rate")
	s.write(t, map[string]string{"rates/s.json": `[{"code": "EUR", "date": "2023-12-31", "rate": 2}]`})
	s.run(t, source+rates, StatusDone, Request{})
	if report := s.replay(t, source+rates, ReplayRequest{}); report.Unrated != 0 || report.Left() != 0 {
		t.Errorf("replay with rates: %+v", report)
	}
	s.expect(t, figures, "2024-01-01|20.7293")

	// Rows of JSON may lack keys, also where all rejects lack them, and a csv a column, where the contract says so.
	const ragged = `
  ragged:
    file: {path: ragged}
    contract: {missing: record}
    rejects: {max_share: 1}
    mappings: [{entity: awards, columns: {program_id: {value: p}, award_id: id, member_id: {value: m}, org_id: org, kind: {from: kind, map: {KINDS}}, amount: amount, currency: {value: USD}, awarded_at: at}}]
`
	s.write(t, map[string]string{"ragged/1.ndjson": `{"id": "S-1", "org": "o", "kind": "a", "amount": 1, "at": "2024-01-05"}` + "\n" + `{"id": "S-2", "kind": "g", "amount": 0.50, "at": "2024-01-05"}` + "\n",
		"ragged/2.csv": "id,kind,amount,at\nS-3,g,1,2024-01-05\nS-4,a,2,2024-01-05\n"})
	s.run(t, strings.Replace(ragged, "KINDS", "a: award", 1), StatusRejects, Request{})
	if report := s.replay(t, strings.Replace(ragged, "KINDS", "a: award, g: award", 1), ReplayRequest{}); report.Left() != 0 {
		t.Errorf("replay of JSON: %+v", report)
	}
	s.expect(t, "SELECT award_id, org_id, amount, source_row FROM warehouse.awards FINAL WHERE source = 'ragged' ORDER BY award_id", "S-1|o|1|1", "S-2||0.5|2", "S-3||1|1", "S-4||2|2")
	s.expect(t, "SELECT column, event, unit FROM etl.column_changes", "org|missing|2.csv")
	s.expect(t, figures, "2024-01-01|25.2293")
	conserved(t, s)
}
