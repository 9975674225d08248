package load_test

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/test/warehousetest"
	"github.com/partnerplus/warehouse/transform"
)

func TestMain(m *testing.M) { warehousetest.Main(m) }

// tb is a *testing.T or a *rapid.T.
type tb interface {
	rapid.TB
	Context() context.Context
}

// dollar is an amount of 1.0000.
const dollar = 10_000

// fact is a row of any canonical entity; columns that its entity lacks are not looked at.
type fact struct {
	Entity                            string
	Program, ID, Org, Member, Segment string // Program is "p" where it is empty
	Visitor, Kind, Currency           string // Currency is USD where it is empty
	Amount, Rate                      int64  // in 1/10,000 and 1/100,000,000
	At                                time.Time
	Day, Joined, Left                 time.Time // zero: NULL
	Views                             uint64
	Version                           uint64
	Deleted                           bool
	Row                               uint64 // place in the unit; counted from 1 where it is 0
	Name, Device                      string // name, client or page; device or category: no figure knows them
}

func (f fact) value(column transform.Column) any {
	or := func(text, fallback string) string {
		if text == "" {
			return fallback
		}
		return text
	}
	switch column.Name {
	case "program_id":
		return or(f.Program, "p")
	case "award_id", "redemption_id", "session_id", "event_id":
		return f.ID
	case "org_id":
		return f.Org
	case "member_id":
		return f.Member
	case "segment":
		return f.Segment
	case "visitor_id":
		return f.Visitor
	case "kind":
		return or(f.Kind, column.Default)
	case "currency":
		return or(f.Currency, "USD")
	case "status":
		return "active"
	case "amount":
		return f.Amount
	case "rate":
		return f.Rate
	case "duration_s":
		return int64(0)
	case "page_views":
		return f.Views
	case "awarded_at", "redeemed_at", "started_at", "occurred_at":
		return f.At
	case "day", "launched_on":
		return f.Day
	case "joined_on":
		return f.Joined
	case "left_on":
		return f.Left
	case "version":
		return f.Version
	case "is_deleted":
		if f.Deleted {
			return uint8(1)
		}
		return uint8(0)
	case "name", "client_name", "page":
		return f.Name
	case "device", "category":
		return f.Device
	}
	panic("no value for column " + column.Name)
}

// record makes the canonical batch of facts of one entity.
func record(entity transform.Entity, facts []fact) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, entity.Schema())
	defer b.Release()
	for i, f := range facts {
		for at, column := range entity.Columns {
			switch field := b.Field(at).(type) {
			case *array.StringBuilder:
				field.Append(f.value(column).(string))
			case *array.Decimal128Builder:
				field.Append(decimal128.FromI64(f.value(column).(int64)))
			case *array.Uint64Builder:
				field.Append(f.value(column).(uint64))
			case *array.Uint8Builder:
				field.Append(f.value(column).(uint8))
			case *array.Date32Builder:
				if day := f.value(column).(time.Time); day.IsZero() {
					field.AppendNull()
				} else {
					field.Append(arrow.Date32FromTime(day))
				}
			case *array.TimestampBuilder:
				field.Append(arrow.Timestamp(f.value(column).(time.Time).UnixMicro()))
			default:
				panic(fmt.Sprintf("no builder for %s", column.Name))
			}
		}
		row := f.Row
		if row == 0 {
			row = uint64(i) + 1
		}
		b.Field(len(entity.Columns)).(*array.Uint64Builder).Append(row)
	}
	return b.NewRecord()
}

// each runs tests one after the other, each on the same warehouse, with nothing in it.
func each(t *testing.T, tests map[string]func(*testing.T, *load.Warehouse)) {
	t.Helper()
	w := warehousetest.Migrated(t, utc)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			empty(t, w)
			test(t, w)
		})
	}
}

// empty takes everything out of the warehouse but its schema and settings.
func empty(t tb, w *load.Warehouse) {
	t.Helper()
	for _, table := range lines(t, w, `
		SELECT concat(database, '.', name) FROM system.tables
		WHERE database IN ('warehouse', 'etl', 'kpi_core') AND engine LIKE '%MergeTree' AND name NOT IN ('schema_migrations', 'schema_objects', 'settings')
			AND total_rows > 0`) {
		change(t, w, "TRUNCATE TABLE "+table+" SYNC")
	}
	for _, table := range lines(t, w, "SELECT name FROM system.tables WHERE database = 'etl' AND name LIKE 'stage_%'") {
		change(t, w, "DROP TABLE etl."+table+" SYNC")
	}
}

// newUnit names a unit of source "s", with an attempt of its own.
func newUnit(name string, delivered time.Time) load.Unit {
	return load.Unit{Source: "s", Name: name, RunID: newID(), LoadID: newID(), Delivered: delivered}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// stage begins to load a unit: one mapping for each entity, in the order of the facts.
func stage(t tb, w *load.Warehouse, unit load.Unit, facts ...fact) (*load.Stage, []load.Tally) {
	t.Helper()
	s := w.Stage(unit)
	var tallies []load.Tally
	for _, e := range entitiesOf(facts) {
		mapping := len(tallies) + 1
		tally := load.Tally{Mapping: mapping, Entity: e.Name, Read: uint64(len(facts))}
		var own []fact
		for i, f := range facts {
			if f.Entity == e.Name {
				if f.Row == 0 {
					f.Row = uint64(i) + 1
				}
				own = append(own, f)
				if _, counts := e.Column("amount"); counts {
					tally.Amount = tally.Amount.Add(decimal128.FromI64(f.Amount))
				}
			}
		}
		tally.Filtered = tally.Read - uint64(len(own))
		tallies = append(tallies, tally)
		rows := record(e, own)
		err := s.Append(t.Context(), mapping, e, rows)
		rows.Release()
		must(t, err)
	}
	return s, tallies
}

func entitiesOf(facts []fact) []transform.Entity {
	var found []transform.Entity
	for _, f := range facts {
		e, ok := transform.EntityByName(f.Entity)
		if !ok {
			panic("no entity " + f.Entity)
		}
		if !slices.ContainsFunc(found, func(o transform.Entity) bool { return o.Name == e.Name }) {
			found = append(found, e)
		}
	}
	return found
}

// deliver loads a unit: version v1 of it, delivered then.
func deliver(t tb, w *load.Warehouse, name string, delivered time.Time, facts ...fact) load.Loaded {
	t.Helper()
	unit := newUnit(name, delivered)
	s, tallies := stage(t, w, unit, facts...)
	return commit(t, s, unit, tallies)
}

func commit(t tb, s *load.Stage, unit load.Unit, tallies []load.Tally) load.Loaded {
	t.Helper()
	unit.Version = "v1"
	loaded, err := s.Commit(t.Context(), load.UnitRecord{Unit: unit, Rows: tallies[0].Read}, tallies)
	must(t, err)
	return loaded
}

func refresh(t tb, w *load.Warehouse) int {
	t.Helper()
	months, err := w.Refresh(t.Context(), newID())
	must(t, err)
	return months
}

// lines asks for an answer as lines, fields with | between them; NULL is ~.
func lines(t tb, w *load.Warehouse, statement string) []string {
	t.Helper()
	answer, err := w.Ask(t.Context(), "TabSeparated", statement, false, false)
	must(t, err)
	text, err := io.ReadAll(answer)
	must(t, err)
	must(t, answer.Close())
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.NewReplacer("\t", "|", `\N`, "~").Replace(strings.TrimSuffix(string(text), "\n")), "\n")
}

// expect compares an answer.
func expect(t tb, w *load.Warehouse, statement string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, lines(t, w, statement)); diff != "" {
		t.Errorf("%s\n(-want +got):\n%s", statement, diff)
	}
}

// change runs a statement that changes something.
func change(t tb, w *load.Warehouse, statement string) {
	t.Helper()
	answer, err := w.Ask(t.Context(), "Null", statement, true, false)
	must(t, err)
	_ = answer.Close()
}

func must(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// at reads a time in UTC: a day, or a day and a time of it.
func at(text string) time.Time {
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02 15:04:05.999999"} {
		if instant, err := time.Parse(layout, text); err == nil {
			return instant
		}
	}
	panic("not a time: " + text)
}

// same compares two texts: numbers within the last place of 12 decimals, all else exactly.
func same(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Sub(x, y).Abs(x).Cmp(big.NewRat(1, 1_000_000_000_000)) <= 0
}
