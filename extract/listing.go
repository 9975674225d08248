package extract

import (
	"cmp"
	"slices"
	"time"
)

// Arrange puts a whole listing into its order, by Delivered, then Name, and sets equal delivery times apart by
// microseconds, the warehouse's resolution. Units without a delivery time keep none; versions of one unit that were
// delivered at the same time stay as they are.
func Arrange(units []Unit) {
	for i := range units {
		units[i].Delivered = units[i].Delivered.UTC().Truncate(time.Microsecond)
	}
	slices.SortStableFunc(units, func(a, b Unit) int {
		return cmp.Or(a.Delivered.Compare(b.Delivered), cmp.Compare(a.Name, b.Name))
	})
	var last time.Time
	for i := range units {
		u := &units[i]
		if u.Delivered.IsZero() {
			continue
		}
		if !u.Delivered.After(last) {
			u.Delivered = last.Add(time.Microsecond)
		}
		last = u.Delivered
	}
}

// Apart is the most by which Arrange has set a delivery time of the listing apart. In another listing, the same delivery
// may be earlier or later by no more.
func Apart(units []Unit) time.Duration { return time.Duration(len(units)) * time.Microsecond }

// Within keeps the units that overlap the range, in their order.
func Within(units []Unit, within Range) []Unit {
	return slices.DeleteFunc(units, func(u Unit) bool { return !within.overlaps(u) })
}

func (r Range) overlaps(u Unit) bool {
	from, to := u.From, u.To
	if from.IsZero() && to.IsZero() {
		if u.Delivered.IsZero() {
			return true
		}
		from, to = u.Delivered, u.Delivered.Add(1)
	}
	return (r.To.IsZero() || from.Before(r.To)) && (r.From.IsZero() || to.After(r.From))
}
