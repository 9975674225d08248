package load

import (
	"context"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/transform"
)

// reveal makes the rows of a part visible, and notes before that which keys it delivers again: what they replace is soon
// gone. One unit at a time: two that bring the same key at once would each miss the other.
func (s *Stage) reveal(ctx context.Context, p *part) error {
	s.warehouse.revealing.Lock()
	defer s.warehouse.revealing.Unlock()
	if err := s.noteRedelivered(ctx, p); err != nil {
		return err
	}
	failpoint.Here(failpoint.Noted, s.unit.Name, p.entity.Name)
	attach := sql.With(sql.Text("load/attach.sql"), "stage", p.table, "facts", p.entity.Name)
	return s.warehouse.exec(ctx, "make "+p.entity.Name+" visible", attach, nil)
}

// noteRedelivered notes fingerprints for the check of duplicates. Units bring mostly new keys, so it looks first whether
// there is anything to note.
func (s *Stage) noteRedelivered(ctx context.Context, p *part) error {
	op := "note which " + p.entity.Name + " are delivered again"
	names := append(keyNames(p.entity), "stage", p.table, "facts", p.entity.Name)
	if !p.repeats {
		var rows []struct {
			Rows uint64 `ch:"rows"`
		}
		if err := s.warehouse.selectInto(ctx, op, sql.With(sql.Text("load/standing.sql"), names...), nil, &rows); err != nil || rows[0].Rows == 0 {
			return err
		}
	}
	statement := "load/redelivered_dimension.sql"
	if p.entity.Time != "" {
		statement, names = "load/redelivered_event.sql", append(names, "time", p.entity.Time)
	}
	return s.warehouse.exec(ctx, op, sql.With(sql.Text(statement), names...), Params{"entity": p.entity.Name})
}

// keyNames fills in the two columns of an entity's key; a key of one column stands for both.
func keyNames(entity transform.Entity) []string {
	keys := entity.Keys()
	return []string{"key_1", keys[0], "key_2", keys[len(keys)-1]}
}
