package pipeline

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/transform"
)

// unrouted gathers the rows of one batch that no mapping takes.
type unrouted struct {
	rows  []int
	begun bool
}

// meet adds what another mapping left out.
func (u *unrouted) meet(leftOut []int) {
	if !u.begun {
		u.rows, u.begun = slices.Clone(leftOut), true
		return
	}
	both := u.rows[:0]
	for _, row := range u.rows {
		if _, found := slices.BinarySearch(leftOut, row); found {
			both = append(both, row)
		}
	}
	u.rows = both
}

// nobody is a mapping that takes every row and can make nothing of it.
var nobody = func() *transform.Mapping {
	m, err := transform.Compile(transform.MappingSpec{Entity: "programs", Columns: map[string]transform.ColumnSpec{
		"program_id": {From: "$row", Map: map[string]string{"0": "rows count from 1"}},
	}}, nil)
	if err != nil {
		panic(fmt.Sprintf("pipeline: %v", err))
	}
	return m
}()

// rejects are the rows, with the raw rows that they were.
func (u *unrouted) rejects(rows arrow.Record, at transform.Place) ([]transform.Reject, error) {
	var rejects []transform.Reject
	for from := 0; from < len(u.rows); {
		first, to := u.rows[from], from+1
		for to < len(u.rows) && u.rows[to] == first+to-from {
			to++
		}
		n := to - from
		slice := rows.NewSlice(int64(first), int64(first+n))
		place := at
		place.Positions = at.Positions[first : first+n]
		result, err := nobody.Apply(slice, place)
		slice.Release()
		if err != nil {
			return nil, err
		}
		result.Record.Release()
		for _, r := range result.Rejects {
			rejects = append(rejects, unroutedReject(r.Position, r.Raw))
		}
		from = to
	}
	return rejects, nil
}

func unroutedReject(position uint64, raw string) transform.Reject {
	return transform.Reject{Position: position, Rule: transform.RuleUnrouted, Reason: "no mapping takes the row: the where of each leaves it out", Raw: raw}
}
