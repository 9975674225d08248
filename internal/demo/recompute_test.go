package demo_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	parquetfile "github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// This is the simple program of the package comment: it reads the files back and adds them up, knowing
// nothing of how they were made.

// line is one version of an event, in texts that mean the same for all sources.
type line struct {
	programme, id, member string
	kind                  string // award, reversal, expiry, redemption, refund; empty: unknown
	amount                string // a decimal
	scale                 int64  // cents that the amount's unit is worth
	at                    time.Time
	version               int64
	deleted               bool
}

// cents gives the amount of a row that could be read.
func (l line) cents() int64 {
	amount, _ := new(big.Rat).SetString(l.amount)
	amount.Mul(amount, big.NewRat(l.scale, 1))
	if !amount.IsInt() {
		panic(fmt.Sprintf("%s %s: %s is not in whole cents", l.programme, l.id, l.amount))
	}
	return amount.Num().Int64()
}

// ledger keeps, of each id, the version in force.
type ledger struct {
	t        *testing.T
	inForce  map[[2]string]line
	rows     map[string]int // by feed
	rejected int
}

// add takes one row of a feed; wrong is the error in reading it, if any.
func (l *ledger) add(feed string, row line, wrong error) {
	l.rows[feed]++
	amount, ok := new(big.Rat).SetString(row.amount)
	if wrong != nil || row.id == "" || row.kind == "" || !ok || amount.Sign() < 0 {
		l.rejected++
		return
	}
	key := [2]string{row.programme, row.id}
	if old, ok := l.inForce[key]; !ok || row.version >= old.version {
		l.inForce[key] = row
	}
}

// open gives a source's files in the order of their dates, unpacked.
func (l *ledger) open(dir, glob string, read func(name string, order int64, from io.Reader)) {
	l.t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, glob))
	if err != nil || len(names) == 0 {
		l.t.Fatalf("%s: no files (%v)", glob, err)
	}
	slices.SortFunc(names, func(a, b string) int { return l.dated(a).Compare(l.dated(b)) })
	for i, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			l.t.Fatal(err)
		}
		from := io.Reader(strings.NewReader(string(content)))
		if strings.HasSuffix(name, ".gz") {
			if from, err = gzip.NewReader(from); err != nil {
				l.t.Fatal(err)
			}
		}
		read(name, int64(i), from)
	}
}

func (l *ledger) dated(name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		l.t.Fatal(err)
	}
	return info.ModTime()
}

// csv reads a source of csv files; row makes a line of a record by the header's names.
func (l *ledger) csv(dir, glob, feed string, row func(field func(string) string, order int64) (line, error)) {
	l.open(dir, glob, func(name string, order int64, from io.Reader) {
		r := csv.NewReader(from)
		r.FieldsPerRecord = -1
		records, err := r.ReadAll()
		if err != nil {
			l.t.Fatalf("%s: %v", name, err)
		}
		for _, record := range records[1:] {
			if len(record) != len(records[0]) {
				l.add(feed, line{}, nil)
				continue
			}
			made, err := row(func(column string) string { return record[slices.Index(records[0], column)] }, order)
			l.add(feed, made, err)
		}
	})
}

// lines reads a source of JSON lines into values of type T.
func lines[T any](l *ledger, dir, glob, feed string, row func(T) line) {
	l.open(dir, glob, func(name string, _ int64, from io.Reader) {
		scan := bufio.NewScanner(from)
		for scan.Scan() {
			var v T
			err := json.Unmarshal(scan.Bytes(), &v)
			l.add(feed, row(v), err)
		}
		if err := scan.Err(); err != nil {
			l.t.Fatalf("%s: %v", name, err)
		}
	})
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// recompute reads all sources of entries.
func recompute(t *testing.T, dir string) *ledger {
	t.Helper()
	l := &ledger{t: t, inForce: map[[2]string]line{}, rows: map[string]int{}}

	acme := map[string]string{"A": "award", "R": "reversal", "X": "expiry"}
	l.csv(dir, "sources/awards/acme/*", "acme-awards", func(field func(string) string, _ int64) (line, error) {
		at, err := time.Parse(time.RFC3339, field("Awarded"))
		updated, updatedErr := time.Parse(time.RFC3339, field("Updated"))
		return line{"acme", field("Award Ref"), field("Member No"), acme[field("Type")], field("Dollars"), 100, at,
			updated.UnixMicro(), field("Void") == "Y"}, cmp.Or(err, updatedErr)
	})

	type borealis struct {
		ID      string
		Member  struct{ ID string }
		Cents   int64
		Type    int
		At      int64
		Updated int64 `json:"updated_ms"`
		Void    bool
	}
	lines(l, dir, "sources/awards/borealis/*", "borealis-awards", func(v borealis) line {
		kind := map[int]string{1: "award", 2: "expiry"}[v.Type]
		if v.Cents < 0 {
			kind, v.Cents = "reversal", -v.Cents
		}
		return line{"borealis", v.ID, v.Member.ID, kind, strconv.FormatInt(v.Cents, 10), 1, time.UnixMilli(v.At), v.Updated, v.Void}
	})

	newYork := zone(t, "America/New_York")
	cobalt := map[string]string{"AWARD": "award", "CLAWBACK": "reversal", "EXPIRY": "expiry"}
	l.open(dir, "sources/awards/cobalt/*", func(name string, _ int64, from io.Reader) {
		content, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		parquet, err := parquetfile.NewParquetReader(strings.NewReader(string(content)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		reader, err := pqarrow.NewFileReader(parquet, pqarrow.ArrowReadProperties{BatchSize: 1 << 20}, memory.DefaultAllocator)
		if err != nil {
			t.Fatal(err)
		}
		table, err := reader.ReadTable(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer table.Release()
		rows := array.NewTableReader(table, -1)
		defer rows.Release()
		for rows.Next() {
			r := rows.Record()
			text := func(column, row int) string { return r.Column(column).(*array.String).Value(row) }
			for i := range int(r.NumRows()) {
				amount := "none"
				if c := r.Column(4).(*array.Decimal128); c.IsValid(i) {
					amount = c.Value(i).ToString(2)
				}
				wall := time.UnixMicro(int64(r.Column(5).(*array.Timestamp).Value(i))).UTC()
				at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, newYork)
				l.add("cobalt-awards", line{"cobalt", text(0, i), text(1, i), cobalt[text(3, i)], amount, 100, at,
					r.Column(6).(*array.Int64).Value(i), r.Column(7).(*array.Boolean).Value(i)}, nil)
			}
		}
	})

	berlin := zone(t, "Europe/Berlin")
	delta := map[string]string{"EARN": "award", "EARN-REV": "reversal", "LAPSE": "expiry", "BURN": "redemption", "BURN-REV": "refund"}
	l.csv(dir, "sources/ledger/delta/*", "delta-ledger", func(field func(string) string, _ int64) (line, error) {
		at, err := time.ParseInLocation("02/01/2006 15:04", field("Booked"), berlin)
		return line{"delta", field("Entry"), field("Customer"), delta[field("Kind")], field("Points"), 5, at,
			number(field("Revision")), field("State") == "CANCELLED"}, err
	})

	ember := map[string]string{"award": "award", "reversal": "reversal", "expiry": "expiry"}
	l.csv(dir, "sources/awards/ember/*", "ember-awards", func(field func(string) string, order int64) (line, error) {
		at, err := time.Parse(time.RFC3339, field("given"))
		return line{"ember", field("id"), field("member"), ember[field("kind")], field("usd"), 100, at, order, field("status") == "void"}, err
	})

	type redemption struct {
		Programme, ID, Member, Action, Amount string
		At                                    time.Time `json:"redeemed_at"`
		Revision                              int64
		Deleted                               bool
	}
	actions := map[string]string{"redeem": "redemption", "refund": "refund"}
	lines(l, dir, "api/redemptions.ndjson", "redemptions", func(v redemption) line {
		return line{v.Programme, v.ID, v.Member, actions[v.Action], v.Amount, 100, v.At, v.Revision, v.Deleted}
	})
	return l
}
