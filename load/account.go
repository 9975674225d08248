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

// stageCounts is what the warehouse counts in the stage of one mapping.
type stageCounts struct {
	Rows         uint64 `ch:"rows_in"`
	Loaded       uint64 `ch:"rows_loaded"`
	AmountIn     string `ch:"amount_in"`
	AmountLoaded string `ch:"amount_loaded"`
	AmountLost   string `ch:"amount_superseded"`
}

// account writes what became of the unit's rows, for the check of conservation: what was read, filtered and rejected as
// the tallies have it, what was loaded and superseded as the warehouse counts it. Neither follows from the other.
func (s *Stage) account(ctx context.Context, tallies []Tally) (Loaded, error) {
	var total Loaded
	accounts := make([]string, len(tallies))
	changes := make([]string, len(tallies))
	for i, tally := range tallies {
		counts := stageCounts{AmountLoaded: "0", AmountLost: "0"}
		for _, p := range s.parts {
			if p.mapping != tally.Mapping {
				continue
			}
			var err error
			if counts, err = s.countRows(ctx, p); err != nil {
				return total, err
			}
			p.repeats = counts.Rows > counts.Loaded
		}
		total.Rows += counts.Loaded
		total.Superseded += counts.Rows - counts.Loaded
		accounts[i] = fmt.Sprintf("(%d,'%s',%d,%d,%d,%d,%d,%s,%s,%s)", tally.Mapping, tally.Entity,
			tally.Read, tally.Filtered, counts.Loaded, counts.Rows-counts.Loaded, tally.Rejected,
			tally.Amount.ToString(amountScale), counts.AmountLoaded, counts.AmountLost)
		changes[i] = fmt.Sprintf("(%d,'%s',%d,%d,%d,%d,%s,%s,%s)", tally.Mapping, tally.Entity, int64(tally.Filtered)-int64(tally.Routed),
			counts.Loaded, counts.Rows-counts.Loaded, int64(tally.Rejected)-int64(tally.Read),
			tally.Amount.ToString(amountScale), counts.AmountLoaded, counts.AmountLost)
	}
	params := s.unitParams()
	params["run"], params["load"] = s.unit.RunID, s.unit.LoadID
	if s.replay != nil {
		params["base"], params["changes"] = s.replay.LoadID, "["+strings.Join(changes, ",")+"]"
		return total, s.warehouse.exec(ctx, "account for the replay of unit "+s.unit.Name, sql.Text("load/record_replayed.sql"), params)
	}
	if len(accounts) == 0 {
		return total, nil
	}
	params["accounts"] = "[" + strings.Join(accounts, ",") + "]"
	return total, s.warehouse.exec(ctx, "account for unit "+s.unit.Name, sql.Text("load/record_entities.sql"), params)
}

func (s *Stage) countRows(ctx context.Context, p *part) (stageCounts, error) {
	var rows []stageCounts
	statement, params := sql.With(sql.Text("load/count_"+p.entity.Name+".sql"), "stage", p.table), Params(nil)
	if s.replay != nil {
		statement, params = s.countReplayed(p)
	}
	if err := s.warehouse.selectInto(ctx, "count "+p.entity.Name, statement, params, &rows); err != nil {
		return stageCounts{}, err
	}
	if rows[0].Rows != p.sent {
		return stageCounts{}, fmt.Errorf("warehouse: %d rows of %s were sent, but %d are staged: nothing of the unit is loaded; run again", p.sent, p.entity.Name, rows[0].Rows)
	}
	return rows[0], nil
}
