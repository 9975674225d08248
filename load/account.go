package load

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/partnerplus/warehouse/sql"
)

// Tally is what became of the rows that one mapping was given, as whoever standardised them counted.
type Tally struct {
	Mapping  int // from 1
	Entity   string
	Read     uint64 // rows that the mapping was given
	Filtered uint64
	Rejected uint64
	Routed   uint64         // of a replay: rows that no mapping took before, and this one was given now
	Amount   decimal128.Num // control total: Σ amount of the standardised rows, scale 4; 0 for entities without amount
}

// Loaded is what a unit brought.
type Loaded struct {
	Rows       uint64 // went into the facts
	Superseded uint64 // of a key that a later row of the same unit delivers again
}

// amountScale is how many decimals an amount has.
const amountScale = 4

// stageCounts is what the warehouse counts in the stage of one mapping, of one unit.
type stageCounts struct {
	Unit         string `ch:"unit"`
	Rows         uint64 `ch:"rows_in"`
	Loaded       uint64 `ch:"rows_loaded"`
	AmountIn     string `ch:"amount_in"`
	AmountLoaded string `ch:"amount_loaded"`
	AmountLost   string `ch:"amount_superseded"`
	Repeats      bool   `ch:"repeats"` // a key comes twice, be it in two units
}

// account writes what became of the rows of all units, for the check of conservation: what was read, filtered and rejected
// as the tallies have it, what was loaded and superseded as the warehouse counts it. Neither follows from the other.
func (s *Stage) account(ctx context.Context, brought []Brought) ([]Loaded, error) {
	counts := map[int]map[string]stageCounts{} // by mapping and unit
	for _, p := range s.parts {
		var err error
		if counts[p.mapping], err = s.countRows(ctx, p); err != nil {
			return nil, err
		}
	}
	loaded := make([]Loaded, len(brought))
	accounts := accountRows()
	var changes []string
	for i, b := range brought {
		for _, tally := range b.Tallies {
			counted, ok := counts[tally.Mapping][s.units[i].Name]
			if !ok {
				counted = stageCounts{AmountLoaded: "0", AmountLost: "0"}
			}
			superseded := counted.Rows - counted.Loaded
			loaded[i].Rows += counted.Loaded
			loaded[i].Superseded += superseded
			amount := tally.Amount.ToString(amountScale)
			accounts.add(s.units[i].Name, s.units[i].Version, uint16(tally.Mapping), tally.Entity,
				tally.Read, tally.Filtered, counted.Loaded, superseded, tally.Rejected, amount, counted.AmountLoaded, counted.AmountLost)
			changes = append(changes, fmt.Sprintf("(%d,'%s',%d,%d,%d,%d,%s,%s,%s)", tally.Mapping, tally.Entity, int64(tally.Filtered)-int64(tally.Routed),
				counted.Loaded, superseded, int64(tally.Rejected)-int64(tally.Read), amount, counted.AmountLoaded, counted.AmountLost))
		}
	}
	params := s.loadParams()
	if s.replay != nil {
		params["unit"], params["version"] = s.unit().Name, s.unit().Version
		params["base"], params["changes"] = s.replay.LoadID, "["+strings.Join(changes, ",")+"]"
		return loaded, s.warehouse.exec(ctx, "account for the replay of unit "+s.unit().Name, sql.Text("load/record_replayed.sql"), params)
	}
	if len(accounts.rows) == 0 {
		return loaded, nil
	}
	return loaded, s.warehouse.execGiven(ctx, "account for "+s.describe(), "load/record_entities.sql", params, accounts)
}

func accountRows() given {
	return given{columns: []givenColumn{
		{"unit", "String"}, {"version", "String"}, {"mapping", "UInt16"}, {"entity", "String"},
		{"rows_in", "UInt64"}, {"rows_filtered", "UInt64"}, {"rows_loaded", "UInt64"}, {"rows_superseded", "UInt64"}, {"rows_rejected", "UInt64"},
		{"amount_in", "String"}, {"amount_loaded", "String"}, {"amount_superseded", "String"},
	}}
}

// describe names the load in messages.
func (s *Stage) describe() string {
	if len(s.units) == 1 {
		return "unit " + s.units[0].Name
	}
	return fmt.Sprintf("%d units from %s on", len(s.units), s.units[0].Name)
}

// countRows counts what one mapping has staged of each unit.
func (s *Stage) countRows(ctx context.Context, p *part) (map[string]stageCounts, error) {
	rows, err := s.count(ctx, p)
	if err != nil {
		return nil, err
	}
	counts := map[string]stageCounts{}
	for _, row := range rows {
		counts[row.Unit] = row
		p.repeats = p.repeats || row.Repeats
	}
	for unit, sent := range p.sent {
		if staged := counts[unit].Rows; staged != sent {
			return nil, fmt.Errorf("warehouse: %d rows of %s in unit %s were sent, but %d are staged: nothing of the load is in; run again", sent, p.entity.Name, unit, staged)
		}
	}
	return counts, nil
}

func (s *Stage) count(ctx context.Context, p *part) (rows []stageCounts, err error) {
	op, names := "count "+p.entity.Name, append(p.names(), "amount", p.amount())
	if s.replay != nil {
		params := s.loadParams()
		params["unit"], params["entity"], params["delivered"] = s.unit().Name, p.entity.Name, instant(s.unit().Delivered)
		err = s.warehouse.selectInto(ctx, op, sql.With(sql.Text("load/count_replayed.sql"), names...), params, &rows)
		return rows, err
	}
	if err := s.warehouse.selectInto(ctx, op, sql.With(sql.Text("load/count.sql"), names...), nil, &rows); err != nil {
		return nil, err
	}
	if len(rows) == 0 || !rows[0].Repeats {
		return rows, nil
	}
	rows = nil
	err = s.warehouse.selectInto(ctx, op, sql.With(sql.Text("load/count_winners.sql"), names...), nil, &rows)
	return rows, err
}
