package demo

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// ledger is a feed of entries in its own shape.
type ledger struct {
	feed    string
	folder  string
	ending  func(batch int) string
	encode  func(rows []row, zone *time.Location) (func(io.Writer) error, error)
	carries func(action) bool
	faults  faults
	again   int // a whole delivery that comes once more at the very end, 0: none
}

func everything(action) bool           { return true }
func awardsOnly(a action) bool         { return !a.redeeming() }
func always(s string) func(int) string { return func(int) string { return s } }

// ledgers are the feeds of entries, by programme.
var ledgers = map[string]ledger{
	"acme": {
		feed: "acme-awards", folder: "sources/awards/acme", ending: always(".csv.gz"), carries: awardsOnly,
		encode: asCSV(acmeHeader, acmeRow),
		faults: faults{bad: [5]int{5, 5, 4, 4, 2}, redelivered: 150, corrected: 40, moved: 12, deleted: 20},
	},
	"borealis": {
		feed: "borealis-awards", folder: "sources/awards/borealis", carries: awardsOnly, encode: asLines(borealisLine),
		ending: func(batch int) string {
			if monthStart(batch).Year() < 2026 {
				return ".ndjson.gz"
			}
			return ".ndjson"
		},
		faults: faults{bad: [5]int{3, 4, 3, 3, 2}, redelivered: 100, corrected: 30, moved: 10, deleted: 15},
		again:  8,
	},
	"cobalt": {
		feed: "cobalt-awards", folder: "sources/awards/cobalt", ending: always(".parquet"), carries: awardsOnly,
		encode: cobaltParquet,
		faults: faults{bad: [5]int{0, 2, 2, 2, 0}, redelivered: 60, corrected: 15, moved: 6, deleted: 8},
	},
	"delta": {
		feed: "delta-ledger", folder: "sources/ledger/delta", ending: always(".csv"), carries: everything,
		encode: asCSV(deltaHeader, deltaRow),
		faults: faults{bad: [5]int{3, 3, 2, 2, 0}, redelivered: 80, corrected: 20, moved: 8, deleted: 10},
	},
	"ember": {
		feed: "ember-awards", folder: "sources/awards/ember", ending: always(".csv"), carries: awardsOnly,
		encode: asCSV(emberHeader, emberRow),
		faults: faults{bad: [5]int{1, 1, 0, 1, 0}, redelivered: 30, corrected: 8, moved: 3, deleted: 4},
	},
}

// redemptionFaults are those of the API, which gives every version of a redemption.
var redemptionFaults = faults{bad: [5]int{0, 3, 2, 1, 0}, redelivered: 40, corrected: 25, moved: 8, deleted: 12}

// writeLedgers writes the entries of all programmes, as files and for the API.
func writeLedgers(out *writer, worlds []*world, d dice) error {
	var redemptions []entry
	for i, w := range worlds {
		l := ledgers[w.ID]
		var truth []entry
		for _, e := range w.entries {
			if l.carries(e.action) {
				truth = append(truth, e)
			} else {
				redemptions = append(redemptions, e)
			}
		}
		if err := writeLedger(out, w, l, i, deliver(d, truth, l.faults, w.location)); err != nil {
			return err
		}
	}

	slices.SortStableFunc(redemptions, func(a, b entry) int { return a.at.Compare(b.at) })
	rows := slices.Concat(deliver(d, redemptions, redemptionFaults, time.UTC)...)
	slices.SortStableFunc(rows, func(a, b row) int { return a.at.Compare(b.at) })
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = redemptionLine(r, time.UTC)
	}
	out.count("redemptions", 0, len(lines))
	out.company.Planted = append(out.company.Planted, tell("redemptions", rows)...)
	overdrafts := Planted{Feed: "redemptions", Kind: Overdraft}
	for _, w := range worlds {
		overdrafts.Count += w.overdrafts
	}
	out.company.Planted = append(out.company.Planted, overdrafts)
	return out.file(redemptionsFile, delivered(months), linesFile(lines))
}

// writeLedger writes a file for each delivery that has rows. No two files are dated alike.
func writeLedger(out *writer, w *world, l ledger, place int, deliveries [][]row) error {
	write := func(name string, batch int, dated time.Time, rows []row) error {
		encode, err := l.encode(rows, w.location)
		if err != nil {
			return err
		}
		out.count(l.feed, 1, len(rows))
		return out.file(l.folder+"/"+name+l.ending(batch), dated, encode)
	}
	late := time.Duration(place) * time.Minute
	for batch, rows := range deliveries {
		if len(rows) == 0 {
			continue
		}
		if err := write(batchName(batch), batch, delivered(batch).Add(late), rows); err != nil {
			return err
		}
	}
	all := slices.Concat(deliveries...)
	if l.again > 0 {
		again := slices.Clone(deliveries[l.again])
		for i := range again {
			if !again[i].kind.Bad() {
				again[i].kind = Redelivered
			}
		}
		if err := write(batchName(l.again)+"-again", l.again, delivered(months).Add(time.Hour), again); err != nil {
			return err
		}
		all = append(all, again...)
	}
	out.company.Planted = append(out.company.Planted, tell(l.feed, all)...)
	return nil
}

// blots say what stands where in a row that is bad in some way.
type blots map[Kind]struct {
	column int
	text   string
}

// on spoils the texts of a row.
func (b blots) on(texts []string, k Kind) []string {
	if blot, ok := b[k]; ok {
		texts[blot.column] = blot.text
	}
	if k == BrokenRow {
		return texts[:3]
	}
	return texts
}

type rowShape func(r row, zone *time.Location) []string

func asCSV(header []string, shape rowShape) func([]row, *time.Location) (func(io.Writer) error, error) {
	return func(rows []row, zone *time.Location) (func(io.Writer) error, error) {
		texts := make([][]string, len(rows))
		for i, r := range rows {
			texts[i] = shape(r, zone)
		}
		return csvFile(header, texts), nil
	}
}

func asLines(shape func(row, *time.Location) string) func([]row, *time.Location) (func(io.Writer) error, error) {
	return func(rows []row, zone *time.Location) (func(io.Writer) error, error) {
		lines := make([]string, len(rows))
		for i, r := range rows {
			lines[i] = shape(r, zone)
		}
		return linesFile(lines), nil
	}
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// either picks a word for a flag.
func either(flag bool, yes, no string) string {
	if flag {
		return yes
	}
	return no
}

var (
	acmeHeader = []string{"Award Ref", "Member No", "Company", "Type", "Dollars", "Currency", "Awarded", "Updated", "Void"}
	acmeBlots  = blots{MissingID: {0, ""}, UnknownKind: {3, "Z"}, BadAmount: {4, "twelve"}, ImpossibleTime: {6, "2025-02-30T09:15:00Z"}}
	acmeTypes  = map[action]string{award: "A", reversal: "R", expiry: "X"}
)

func acmeRow(r row, _ *time.Location) []string {
	return acmeBlots.on([]string{
		r.id, r.member.id, r.member.org.id, acmeTypes[r.action], dollars(r.cents), "USD", iso(r.at), iso(r.updated),
		either(r.deleted, "Y", "N"),
	}, r.kind)
}

var borealisBlots = blots{MissingID: {0, "null"}, BadAmount: {3, `"n/a"`}, UnknownKind: {4, "9"}, ImpossibleTime: {5, `"31/02/2025"`}}

// borealisLine writes an award as type 1, a reversal as a negative one, an expiry as type 2.
func borealisLine(r row, _ *time.Location) string {
	cents := r.cents
	if r.action == reversal {
		cents = -cents
	}
	t := borealisBlots.on([]string{
		strconv.Quote(r.id), strconv.Quote(r.member.id), strconv.Quote(r.member.org.id), strconv.FormatInt(cents, 10),
		either(r.action == expiry, "2", "1"), strconv.FormatInt(r.at.UnixMilli(), 10),
		strconv.FormatInt(r.updated.UnixMilli(), 10), strconv.FormatBool(r.deleted),
	}, r.kind)
	if r.kind == BrokenRow {
		return fmt.Sprintf(`{"id":%s,"member":{"id":%s,"org":%s},"ce`, t[0], t[1], t[2])
	}
	return fmt.Sprintf(`{"id":%s,"member":{"id":%s,"org":%s},"cents":%s,"type":%s,"at":%s,"updated_ms":%s,"void":%s}`,
		t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7])
}

var (
	deltaHeader = []string{"Entry", "Customer", "Partner", "Kind", "Points", "Booked", "Category", "Revision", "State"}
	deltaBlots  = blots{MissingID: {0, ""}, UnknownKind: {3, "GIFT"}, BadAmount: {4, "1O0"}, ImpossibleTime: {5, "31/02/2025 10:00"}}
	deltaKinds  = map[action]string{award: "EARN", reversal: "EARN-REV", expiry: "LAPSE", redemption: "BURN", refund: "BURN-REV"}
)

func deltaRow(r row, zone *time.Location) []string {
	const centsOfPoint = 5
	return deltaBlots.on([]string{
		r.id, r.member.id, r.member.org.id, deltaKinds[r.action], strconv.FormatInt(r.cents/centsOfPoint, 10),
		r.at.In(zone).Format("02/01/2006 15:04"), r.category, strconv.Itoa(r.revision), either(r.deleted, "CANCELLED", "BOOKED"),
	}, r.kind)
}

var (
	emberHeader = []string{"id", "member", "company", "kind", "usd", "given", "status"}
	emberBlots  = blots{UnknownKind: {3, "bonus?"}, BadAmount: {4, "$ 5"}, ImpossibleTime: {5, "2026-04-31T08:00:00+01:00"}}
	emberKinds  = map[action]string{award: "award", reversal: "reversal", expiry: "expiry"}
)

func emberRow(r row, _ *time.Location) []string {
	return emberBlots.on([]string{
		r.id, r.member.id, r.member.org.id, emberKinds[r.action], dollars(r.cents),
		r.at.In(time.FixedZone("", 60*60)).Format(time.RFC3339), either(r.deleted, "void", "ok"),
	}, r.kind)
}

var redemptionBlots = blots{MissingID: {0, "null"}, BadAmount: {5, `"a voucher"`}, UnknownKind: {4, `"gift"`}}

func redemptionLine(r row, _ *time.Location) string {
	t := redemptionBlots.on([]string{
		strconv.Quote(r.id), strconv.Quote(r.member.programme.ID), strconv.Quote(r.member.id), strconv.Quote(r.member.org.id),
		either(r.action == refund, `"refund"`, `"redeem"`), strconv.Quote(dollars(r.cents)),
		strconv.Quote(r.member.programme.Currency), strconv.Quote(r.category), strconv.Quote(iso(r.at)),
		strconv.Itoa(r.revision), strconv.FormatBool(r.deleted),
	}, r.kind)
	return fmt.Sprintf(`{"id":%s,"programme":%s,"member":%s,"company":%s,"action":%s,"amount":%s,"currency":%s,`+
		`"category":%s,"redeemed_at":%s,"revision":%s,"deleted":%s}`,
		t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10])
}
