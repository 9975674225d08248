package load

import (
	"context"
	"time"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
)

// reveal makes the rows of a part visible. Before that it records which months they touch, and which keys they deliver
// again; afterwards it does so once more if another process attached rows in between, which it has not seen then. Within a
// process, one part at a time is compared with the facts and attached.
func (s *Stage) reveal(ctx context.Context, p *part) error {
	s.warehouse.revealing.Lock()
	defer s.warehouse.revealing.Unlock()
	before, err := s.ends(ctx, p)
	if err != nil {
		return err
	}
	if err := s.compare(ctx, p, before); err != nil {
		return err
	}
	if s.warehouse.onCompared != nil {
		s.warehouse.onCompared()
	}
	attach := sql.With(s.warehouse.form.Text("load/attach.sql"), "stage", p.table, "facts", p.entity.Name)
	p.isHalfIn = s.warehouse.form != nil
	if err := s.warehouse.exec(ctx, "make "+p.entity.Name+" visible", attach, nil); err != nil {
		return err
	}
	p.isHalfIn = false
	failpoint.Here(failpoint.Attached, s.unit().Source, p.entity.Name)
	after, err := s.ends(ctx, p)
	// Into a cluster, rows come as blocks of no known number: it always looks again.
	if err != nil || s.warehouse.form == nil && after.follows(before, p.rows()) {
		return err
	}
	return s.compare(ctx, p, after)
}

// ends says where the facts end.
type ends struct {
	Newest int64  `ch:"newest"` // block number
	Rows   uint64 `ch:"rows"`
	Others string `ch:"others"` // the same of the other tables, as a text
	Staged uint64 `ch:"staged"` // parts of the stage
}

// follows tells whether nothing but a stage of so many rows came into the facts since. The numbers of facts that were
// emptied go on where they were, but do not show before.
func (e ends) follows(before ends, staged uint64) bool {
	return e.Others == before.Others && (e.Newest <= before.Newest+int64(e.Staged) || before.Rows == 0 && e.Rows == staged)
}

func (s *Stage) ends(ctx context.Context, p *part) (e ends, err error) {
	var rows []ends
	err = s.warehouse.selectInto(ctx, "look where the facts end", sql.Text("load/ends.sql"), Params{"facts": p.entity.Name, "stage": p.table}, &rows)
	if err != nil {
		return e, err
	}
	return rows[0], nil
}

// compare holds a part against the facts: it records the months that its rows touch, and the keys that they deliver again.
func (s *Stage) compare(ctx context.Context, p *part, facts ends) error {
	months, standing, err := s.touched(ctx, p, facts.Rows > 0)
	if err != nil {
		return err
	}
	if err := s.touch(ctx, p, months); err != nil {
		return err
	}
	failpoint.Here(failpoint.Touched, s.unit().Source, p.entity.Name)
	if standing == 0 && !p.repeats { // as most loads: they bring new keys
		return nil
	}
	err = s.noteRedelivered(ctx, p)
	failpoint.Here(failpoint.Noted, s.unit().Source, p.entity.Name)
	return err
}

// touchedMonth is a month that a unit touches, or each unit of the part, where none is named.
type touchedMonth struct {
	Unit  string    `ch:"unit"`
	Month time.Time `ch:"month"`
	Rows  uint64    `ch:"rows"` // of the facts there that have keys of the part
}

// touched finds the months that a part touches, and how many rows of the facts have its keys. A unit's own months are its
// alone; those where the part's keys stand, and all that rates and page views reach, count as touched by each of its units.
func (s *Stage) touched(ctx context.Context, p *part, compare bool) (months []touchedMonth, standing uint64, err error) {
	find := func(file string) ([]touchedMonth, error) {
		var found []touchedMonth
		err := s.warehouse.selectInto(ctx, "find the months that "+p.entity.Name+" touch", sql.With(sql.Text(file), p.names()...), nil, &found)
		for _, month := range found {
			standing += month.Rows
		}
		return found, err
	}
	inFacts := "load/standing.sql"
	switch {
	case p.entity.Name == "fx_rates" || p.entity.Name == "portal_events":
		months, err = find("load/touched_" + p.entity.Name + ".sql")
	case p.entity.Time != "":
		inFacts = "load/standing_months.sql"
		months, err = find("load/own_months.sql")
	default:
		months = []touchedMonth{{Month: noMonth}} // no month of events, but what is computed from the dimension
	}
	if err != nil || !compare {
		return months, 0, err
	}
	found, err := find(inFacts)
	if inFacts == "load/standing_months.sql" {
		months = append(months, found...)
	}
	return months, standing, err
}

// touch records months as touched by the load.
func (s *Stage) touch(ctx context.Context, p *part, months []touchedMonth) error {
	touches := given{columns: []givenColumn{{"unit", "String"}, {"version", "String"}, {"month", "Date32"}}}
	known := map[touchedMonth]bool{}
	add := func(unit Unit, month time.Time) {
		if touch := (touchedMonth{Unit: unit.Name, Month: month}); p.sent[unit.Name] > 0 && !known[touch] {
			known[touch] = true
			touches.add(unit.Name, unit.Version, month)
		}
	}
	units := map[string]Unit{}
	for _, unit := range s.units {
		units[unit.Name] = unit
	}
	for _, month := range months {
		if unit, ok := units[month.Unit]; ok {
			add(unit, month.Month)
			continue
		}
		for _, unit := range s.units {
			add(unit, month.Month)
		}
	}
	if len(touches.rows) == 0 {
		return nil
	}
	return s.warehouse.execGiven(ctx, "record the months that "+p.entity.Name+" touch", "load/touch.sql", s.loadParams(), touches)
}
