package demo

import (
	"slices"
	"time"
)

// Kind is a kind of thing that was planted.
type Kind string

// What is planted. The first five make a row unreadable.
const (
	ImpossibleTime Kind = "impossible time"
	BadAmount      Kind = "amount that is no number"
	MissingID      Kind = "missing id"
	UnknownKind    Kind = "unknown kind"
	BrokenRow      Kind = "row cut short"

	Redelivered Kind = "row delivered again"
	Corrected   Kind = "row corrected by a newer version"
	Moved       Kind = "row moved to another month by a newer version"
	Deleted     Kind = "row deleted by a newer version"
	Overdraft   Kind = "redemption beyond the balance"
)

// Bad tells whether a row of this kind cannot be read.
func (k Kind) Bad() bool { return slices.Contains(badKinds, k) }

var badKinds = []Kind{ImpossibleTime, BadAmount, MissingID, UnknownKind, BrokenRow}

// allKinds in the order in which they are told.
var allKinds = append(slices.Clone(badKinds), Redelivered, Corrected, Moved, Deleted, Overdraft)

// row is an entry as it is delivered, with what is wrong or special about it, if anything.
type row struct {
	entry
	kind Kind
}

// faults says how many of what a feed has.
type faults struct {
	bad         [5]int // in the order of badKinds
	redelivered int    // rows, in each of two months
	corrected   int
	moved       int
	deleted     int
}

// batches is the number of deliveries of a feed: one a month, then one of corrections only.
const batches = months + 1

// batchName names a delivery, so that names sort as the deliveries follow each other.
func batchName(batch int) string {
	if batch == months {
		return monthName(batch) + "-corrections"
	}
	return monthName(batch)
}

// delivered is when a batch arrives: on the second day of the next month.
func delivered(batch int) time.Time {
	at := monthStart(min(batch+1, months)).Add(28 * time.Hour)
	if batch == months {
		at = at.Add(2 * time.Hour)
	}
	return at
}

// deliver makes deliveries of the truth: what was first said of each entry, in the month of its time
// in the zone, and in a later delivery what was said of some of them afterwards. In the end, the
// newest version of each id is the truth.
func deliver(d dice, truth []entry, f faults, zone *time.Location) [][]row {
	out := make([][]row, batches)
	say := func(batch int, e entry, k Kind) { out[batch] = append(out[batch], row{e, k}) }
	month := func(e entry) int { return monthOf(e.at.In(zone)) }
	first := func(e entry, k Kind) {
		e.revision, e.updated = 1, e.at.Add(time.Duration(d.between(1, 90))*time.Minute).Truncate(time.Second)
		say(month(e), e, k)
	}
	second := func(e entry, after int, k Kind) {
		batch := min(after+d.between(1, 3), months)
		hours := d.between(1, 20*24)
		if batch == months {
			hours = d.between(1, 24)
		}
		e.revision, e.updated = 2, monthStart(batch).Add(time.Duration(hours)*time.Hour)
		say(batch, e, k)
	}

	fate := draw(d, truth, f, month)
	for i, e := range truth {
		switch k := fate[i]; k {
		case Corrected: // a slip of the decimal point
			wrong := e
			wrong.cents *= 10
			first(wrong, "")
			second(e, month(e), k)
		case Moved:
			wrong := e
			wrong.at = e.at.AddDate(0, 0, -31)
			first(wrong, "")
			second(e, month(e), k)
		case Deleted: // an entry that never was, beside the true one
			first(e, "")
			e.id += "-2"
			first(e, "")
			e.deleted = true
			second(e, month(e), k)
		default:
			first(e, "")
			if k != "" { // a bad row, beside the true one
				e.id += "-3"
				first(e, k)
			}
		}
	}
	for _, rows := range out {
		slices.SortStableFunc(rows, func(a, b row) int { return a.updated.Compare(b.updated) })
	}
	redeliver(d, out, f.redelivered)
	return out
}

// draw lots for the faults among the entries that have two months before them.
func draw(d dice, truth []entry, f faults, month func(entry) int) map[int]Kind {
	fate := map[int]Kind{}
	lot := func(n int, k Kind) {
		for n > 0 {
			i := d.IntN(len(truth))
			if fate[i] == "" && month(truth[i]) >= month(truth[0])+2 {
				fate[i] = k
				n--
			}
		}
	}
	for i, k := range badKinds {
		lot(f.bad[i], k)
	}
	lot(f.corrected, Corrected)
	lot(f.moved, Moved)
	lot(f.deleted, Deleted)
	return fate
}

// redeliver begins two months' deliveries with the last good rows of the month before.
func redeliver(d dice, out [][]row, rows int) {
	for _, batch := range []int{months - d.between(2, 4), months - d.between(6, 8)} {
		var again []row
		for _, r := range slices.Backward(out[batch-1]) {
			if r.kind == "" && len(again) < rows {
				again = append(again, row{r.entry, Redelivered})
			}
		}
		slices.Reverse(again)
		out[batch] = append(again, out[batch]...)
	}
}

// tell counts what was planted in the rows of a feed.
func tell(feed string, rows []row) []Planted {
	counts := map[Kind]int{}
	for _, r := range rows {
		counts[r.kind]++
	}
	var told []Planted
	for _, k := range allKinds {
		if counts[k] > 0 {
			told = append(told, Planted{Feed: feed, Kind: k, Count: counts[k]})
		}
	}
	return told
}
