package load

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/sql"
	"github.com/partnerplus/warehouse/transform"
)

// part is what one mapping has staged: a table, and the streams into it.
type part struct {
	warehouse *Warehouse
	mapping   int
	entity    transform.Entity
	table     string
	waiting   message
	streams   *streams          // nil before there are rows to send
	sent      map[string]uint64 // rows, by unit
	isHalfIn  bool              // some of its rows may be visible, and others may still become so
	repeats   bool              // a key is staged more than once, be it in two units
}

// messageRows is how many rows go onto the wire at once, at least: small batches wait for each other.
const messageRows = 16 << 10

func (s *Stage) part(ctx context.Context, mapping int, entity transform.Entity) (*part, error) {
	for _, p := range s.parts {
		if p.mapping == mapping {
			return p, nil
		}
	}
	p := &part{
		warehouse: s.warehouse, mapping: mapping, entity: entity,
		table: fmt.Sprintf("stage_%s_%s_%d", entity.Name, strings.ReplaceAll(s.unit().LoadID, "-", ""), mapping),
		sent:  map[string]uint64{},
	}
	for _, statement := range []string{s.warehouse.form.Text("load/create_stage.sql"), sql.Text("load/stop_merges.sql")} {
		if err := s.warehouse.exec(ctx, "stage "+entity.Name, sql.With(statement, "stage", p.table, "facts", entity.Name, "owner", self()), nil); err != nil {
			return nil, err
		}
	}
	failpoint.Here(failpoint.StageMade, s.unit().Source, entity.Name)
	s.parts = append(s.parts, p)
	return p, nil
}

func columnNames(entity transform.Entity) []string {
	fields := entity.Schema().Fields()
	names := make([]string, 0, len(fields)+len(provenanceFields))
	for _, field := range append(fields, provenanceFields...) {
		names = append(names, field.Name)
	}
	return names
}

// add takes a unit's batch, and sends it once there is enough to send.
func (p *part) add(ctx context.Context, unit Unit, rows arrow.Record) error {
	p.waiting.add(unit, rows)
	p.sent[unit.Name] += uint64(rows.NumRows())
	if p.waiting.rows < messageRows {
		return nil
	}
	return p.send(ctx)
}

func (p *part) send(ctx context.Context) error {
	if p.waiting.rows == 0 {
		return nil
	}
	batch, err := p.waiting.take()
	if err != nil {
		return wrap("stage "+p.entity.Name, err)
	}
	if p.streams == nil {
		p.streams = newStreams(ctx, p.warehouse, fmt.Sprintf("INSERT INTO etl.%s (%s)", p.table, strings.Join(columnNames(p.entity), ", ")))
	}
	if err := p.streams.send(batch); err != nil {
		return wrap("stage "+p.entity.Name, err)
	}
	failpoint.Here(failpoint.BatchSent, p.entity.Name)
	return nil
}

// rows counts what was sent.
func (p *part) rows() (n uint64) {
	for _, rows := range p.sent {
		n += rows
	}
	return n
}

// finish sends what waits, ends the streams and waits until the server has all rows.
func (p *part) finish(ctx context.Context) error {
	if err := p.send(ctx); err != nil {
		return err
	}
	return p.streams.close()
}

// abandon ends the streams, if there are any.
func (p *part) abandon(why error) {
	p.waiting.clear()
	if p.streams != nil {
		p.streams.abandon(why)
	}
}

// names fills in the names of a statement about the part: its stage and its facts, the two columns of the entity's key (a
// key of one column stands for both), and that of its time.
func (p *part) names() []string {
	keys := p.entity.Keys()
	names := []string{"stage", p.table, "facts", p.entity.Name, "key_1", keys[0], "key_2", keys[len(keys)-1]}
	if p.entity.Time != "" {
		names = append(names, "time", p.entity.Time)
	}
	return names
}

// amount names the column that is counted for the account.
func (p *part) amount() string {
	for _, column := range p.entity.Columns {
		if column.Type == transform.Money {
			return column.Name
		}
	}
	return "no_amount"
}
