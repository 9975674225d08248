package load

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/partnerplus/warehouse/sql"
)

// Standing is a unit with rejects that stand, as the ledger has it.
type Standing struct {
	Source    string    `ch:"source"`
	Unit      string    `ch:"unit"`
	Version   string    `ch:"version"`
	Status    string    `ch:"status"`
	RunID     string    `ch:"run_id"`
	LoadID    string    `ch:"load_id"`
	Delivered time.Time `ch:"delivered_at"`
	Unrouted  uint64    `ch:"rows_unrouted"`
	Rejects   uint64    `ch:"rejects"`
}

// StandingReject is a reject of a Standing, as a replay needs it.
type StandingReject struct {
	Mapping  uint16 `ch:"mapping"`
	Position uint64 `ch:"position"`
	Entity   string `ch:"entity"`
	Column   string `ch:"column"`
	Rule     string `ch:"rule"`
	Reason   string `ch:"reason"`
	Raw      string `ch:"raw"`
	Sparse   uint8  `ch:"sparse"` // 1: a column that raw lacks is merely absent
}

// ErrOvertakenReplay says that a unit was loaded or replayed by another run while its rejects were replayed. That one's
// account and rejects stand; the rows are in the facts either way, as often as they are.
var ErrOvertakenReplay = errors.New("the unit was loaded or replayed by another run meanwhile: its account stands")

// ErrNoAccount says that the account of a unit's load is gone, so that a replay has nothing to add to.
var ErrNoAccount = errors.New("the account of its load was overwritten by a load that was cut short: load it again with run --full")

// Standing reads the units that have rejects; of one source or with one name, where they are given.
func (w *Warehouse) Standing(ctx context.Context, source, unit string) ([]Standing, error) {
	var units []Standing
	err := w.selectInto(ctx, "read the units with rejects", sql.Text("load/replayable.sql"), Params{"source": source, "unit": unit}, &units)
	return units, err
}

// StandingRejects reads the next rejects of a unit after one of them, ordered by mapping and position.
func (w *Warehouse) StandingRejects(ctx context.Context, of Standing, after StandingReject, limit uint32) ([]StandingReject, error) {
	var rejects []StandingReject
	err := w.selectInto(ctx, "read the rejects of unit "+of.Unit, sql.Text("load/unit_rejects.sql"), Params{
		"source": of.Source, "unit": of.Unit, "load": of.LoadID, "mapping": strconv.Itoa(int(after.Mapping)),
		"position": count(after.Position), "limit": strconv.FormatUint(uint64(limit), 10),
	}, &rejects)
	return rejects, err
}

// Replay begins to replay the rejects of a loaded unit under a load id of its own: a stage as any other, whose rows join
// those that the unit has loaded. They count as delivered then, by the same run. Its Commit takes tallies of what became of
// the rejects: Read are those replayed.
//
// A replay is a load that adds: its rows have the place, the delivery and the version that a load of the whole unit would
// give them, so the same rows win. Its account is the load's with what changed. The ledger's row moves by a microsecond, so
// that a newer version, or a load of this one in the meantime, stays the newest.
func (w *Warehouse) Replay(ctx context.Context, of Standing, loadID string) (*Stage, error) {
	var base []struct {
		Mapping uint16 `ch:"mapping"`
		Entity  string `ch:"entity"`
		Rejects uint64 `ch:"rows_rejected"`
	}
	err := w.selectInto(ctx, "read the account of unit "+of.Unit, sql.Text("load/replay_base.sql"),
		Params{"source": of.Source, "unit": of.Unit, "version": of.Version, "load": of.LoadID}, &base)
	if err != nil {
		return nil, err
	}
	if len(base) == 0 {
		return nil, fmt.Errorf("source %s, unit %s: %w", of.Source, of.Unit, ErrNoAccount)
	}
	s := w.Stage(Unit{Source: of.Source, Name: of.Unit, Version: of.Version, RunID: of.RunID, LoadID: loadID, Delivered: of.Delivered})
	s.replay = &of
	return s, nil
}

// recordReplay lets the ledger name the replay, if it names the replayed load still.
func (s *Stage) recordReplay(ctx context.Context, record UnitRecord) error {
	unit := s.unit()
	params := s.loadParams()
	params["unit"], params["version"], params["base"], params["unrouted"] = unit.Name, unit.Version, s.replay.LoadID, count(record.Unrouted)
	if err := s.warehouse.exec(ctx, "record the replay of unit "+unit.Name, sql.Text("load/record_replayed_unit.sql"), params); err != nil {
		return err
	}
	var rows []struct {
		Loads uint64 `ch:"loads"`
	}
	if err := s.warehouse.selectInto(ctx, "read the ledger", sql.Text("load/is_loaded.sql"), params, &rows); err != nil {
		return err
	}
	if rows[0].Loads == 0 {
		return fmt.Errorf("source %s, unit %s: %w", unit.Source, unit.Name, ErrOvertakenReplay)
	}
	return nil
}
