package transform

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// Place says where a batch of raw rows comes from, as far as a mapping may use it.
type Place struct {
	Positions []uint64  // of each row in its unit, from 1
	Unit      string    // the unit's name
	Delivered time.Time // the unit's delivery time; zero where it is not known
	Sparse    bool      // a column that the batch lacks is merely absent from its rows
	Optional  []string  // columns that any batch may lack: they are null
}

// Result is what became of a batch: each of its rows is in Record, in Rejects or in LeftOut.
type Result struct {
	Record   arrow.Record   // canonical rows, in the order of the raw ones; the caller releases it
	Rejects  []Reject       // in the order of the rows
	Filtered int            // rows left out by the mapping's where: as many as LeftOut has
	LeftOut  []int          // which rows of the batch those are, from 0, in order
	Amount   decimal128.Num // control total: Σ amount of Record's rows, scale 4; 0 for entities without amount
}

// MissingColumnError says that a source lacks a column that a mapping needs.
type MissingColumnError struct {
	Entity  string
	Column  string   // the raw column
	Columns []string // what the source has
}

func (e *MissingColumnError) Error() string {
	return fmt.Sprintf("mapping %s: the source has no column %q%s; it has %s: mend the mapping, or the source if it lost the column",
		e.Entity, e.Column, suggest(e.Column, e.Columns), strings.Join(e.Columns, ", "))
}

// Apply turns raw rows into canonical ones. A row that breaks the contract becomes a reject, by the first
// of the entity's columns that fails. An error concerns all rows: a *MissingColumnError, a column of a
// type that has no text, a lookup that was not filled.
//
// A batch without rejects is built in one pass; one with rejects is built again without those rows. Texts that need no
// change are not copied: the result shares them with the raw batch, and retains their memory.
func (m *Mapping) Apply(rows arrow.Record, at Place) (Result, error) {
	if int64(len(at.Positions)) != rows.NumRows() {
		return Result{}, fmt.Errorf("mapping %s: the batch has %d rows but %d positions", m.entity.Name, rows.NumRows(), len(at.Positions))
	}
	b, err := m.bind(rows, at)
	if err != nil {
		return Result{}, err
	}
	live, leftOut := b.filter()
	result := Result{Filtered: len(leftOut), LeftOut: leftOut}
	for result.Record == nil {
		if live, err = b.build(&result, live); err != nil {
			return Result{}, err
		}
	}
	result.Rejects = b.rejects()
	return result, nil
}

// failure is a row that is rejected.
type failure struct {
	row    int
	column string
	breach
}

// batch is one Apply at work.
type batch struct {
	*Mapping
	rows     arrow.Record
	at       Place
	raw      []texts // of each of the record's columns, nil until it is read
	bound    []*bound
	tests    []tester      // of each condition of where
	required []*evaluation // of each of require
	failures []failure
	dead     []bool  // rows that failed
	room     []int64 // of scratch
}

func (b *batch) fail(row int, column string, why breach) {
	if b.dead == nil {
		b.dead = make([]bool, len(b.at.Positions))
	}
	b.dead[row] = true
	switch {
	case column == "":
	case strings.HasPrefix(why.reason, isEmpty):
		why.reason = column + " " + why.reason
	default:
		why.reason = column + ": " + why.reason
	}
	b.failures = append(b.failures, failure{row: row, column: column, breach: why})
}

// filter gives the rows that meet all conditions of where, and those that do not. Rows that meet them but
// not the requirements fail.
func (b *batch) filter() (live, leftOut []int) {
	live = make([]int, 0, len(b.at.Positions))
	if len(b.tests)+len(b.required) == 0 {
		for row := range b.at.Positions {
			live = append(live, row)
		}
		return live, nil
	}
rows:
	for row := range b.at.Positions {
		for i := range b.tests {
			holds, why := b.tests[i].holds(row)
			if why != nil {
				b.fail(row, "", *why)
				continue rows
			}
			if !holds {
				leftOut = append(leftOut, row)
				continue rows
			}
		}
		for i, v := range b.required {
			if why := b.require[i].check(v, row); why != nil {
				b.fail(row, "", *why)
				continue rows
			}
		}
		live = append(live, row)
	}
	return live, leftOut
}

// build makes the canonical record of the rows. If some fail it notes why, makes none, and gives the others.
func (b *batch) build(result *Result, live []int) (others []int, err error) {
	failed := false
	arrays := make([]arrow.Array, 0, len(b.columns)+1)
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	result.Amount = decimal128.Num{}
	for _, c := range b.bound {
		known := len(b.failures)
		a, err := b.column(c, live, result)
		if err != nil {
			return nil, fmt.Errorf("mapping %s: column %s: %w", b.entity.Name, c.Name, err)
		}
		arrays = append(arrays, a)
		if len(b.failures) > known {
			live, failed = slices.DeleteFunc(live, func(row int) bool { return b.dead[row] }), true
		}
	}
	if failed {
		return live, nil
	}
	arrays = append(arrays, b.positions(live))
	result.Record = array.NewRecord(b.schema, arrays, int64(len(live)))
	return live, nil
}

// rejects turns the failures into rejects, in the order of the rows.
func (b *batch) rejects() []Reject {
	if len(b.failures) == 0 {
		return nil
	}
	for i := range b.raw {
		if b.raw[i] == nil {
			b.raw[i], _ = readColumn(b.rows.Column(i)) // unreadable ones are shown as Arrow writes them
		}
	}
	slices.SortFunc(b.failures, func(x, y failure) int { return x.row - y.row })
	rejects := make([]Reject, len(b.failures))
	for i, f := range b.failures {
		rejects[i] = Reject{
			Entity:   b.entity.Name,
			Position: b.at.Positions[f.row],
			Column:   f.column,
			Rule:     f.rule,
			Reason:   f.reason,
			Raw:      rawJSON(b.rows, b.raw, f.row),
		}
	}
	return rejects
}
