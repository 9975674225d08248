package crash_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/klauspost/compress/gzip"

	"github.com/partnerplus/warehouse/extract"
)

// The data set is the same each time: its seed is fixed, unlike that of the kills.
const (
	dataSeed  = 5
	members   = 30 // of each programme
	ledger    = 200
	smalls    = 12
	smallRows = 10
)

// began is the first event; all are within three months, which end long before any clock that runs the test.
var began = time.Date(2024, 3, 1, 0, 30, 0, 0, time.UTC)

const hours = 24 * (31 + 30 + 31)

// writer makes the content of units.
type writer struct {
	*rand.Rand
	strings.Builder
}

func write(stream uint64) *writer { return &writer{Rand: rand.New(rand.NewPCG(dataSeed, stream))} }

func (w *writer) row(cells ...any) {
	for i, cell := range cells {
		if i > 0 {
			w.WriteByte(',')
		}
		fmt.Fprint(&w.Builder, cell)
	}
	w.WriteByte('\n')
}

func (w *writer) at() string {
	return began.Add(time.Duration(w.IntN(hours))*time.Hour + time.Duration(w.IntN(3600))*time.Second).Format("2006-01-02T15:04:05")
}

func (w *writer) member() string { return fmt.Sprintf("m%d", w.IntN(members)) }

func (w *writer) amount() string { return fmt.Sprintf("%d.%02d", 1+w.IntN(200), w.IntN(100)) }

func (w *writer) pick(of ...string) string { return of[w.IntN(len(of))] }

func (w *writer) bytes() []byte { return []byte(w.String()) }

// files gives what the file sources have after a delivery, 1 or 2. The second brings all of the first, and what is new.
func files(t *testing.T, delivery int) map[string][]byte {
	all := map[string][]byte{
		"programs.csv":         []byte("id,name,currency,launched\np1,One,USD,2024-01-01\np2,Two,EUR,2024-02-01\n"),
		"organisations.csv":    []byte("program,id,name,joined\np1,o1,Org 1,2024-01-05\np1,o2,Org 2,2024-03-05\np2,o1,Org 1,2024-02-05\n"),
		"members.csv":          membersOf(delivery),
		"rates.csv":            rates(delivery),
		"ledger/1.csv.gz":      pack(t, entries(1)),
		"ledger/2.csv.gz":      pack(t, entries(2)),
		"lines/1.ndjson":       lines(1),
		"tables/1.parquet":     table(t, 1),
		"strict.csv":           strict(delivery),
		"sessions/1.ndjson.gz": pack(t, sessions(1)),
		"visits/1.csv":         visits(1),
	}
	if delivery == 2 {
		all["ledger/3.csv.gz"] = pack(t, entries(3))
		all["lines/2.ndjson"] = lines(2)
		all["tables/2.parquet"] = table(t, 2)
		all["sessions/2.ndjson.gz"] = pack(t, sessions(2))
		all["visits/2.csv"] = visits(2)
	}
	return all
}

// writeFiles writes a delivery's files. One that is as it was before is of the same time still.
func writeFiles(t *testing.T, dir string, delivery int) {
	t.Helper()
	before := files(t, 1)
	now := files(t, delivery)
	for i, name := range slices.Sorted(maps.Keys(now)) {
		path := filepath.Join(dir, name)
		written := time.Date(2024, 7, delivery, 6, 0, i, 0, time.UTC)
		if old, ok := before[name]; ok && bytes.Equal(old, now[name]) {
			written = time.Date(2024, 7, 1, 6, 0, slices.Index(slices.Sorted(maps.Keys(before)), name), 0, time.UTC)
		}
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, now[name], 0o600)
		}
		if err == nil {
			err = os.Chtimes(path, written, written)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// membersOf moves some to another organisation or tier with the second delivery, and removes some.
func membersOf(delivery int) []byte {
	w := write(10)
	w.row("program", "id", "org", "tier", "joined", "gone")
	for _, program := range []string{"p1", "p2"} {
		for i := range members - 5 { // the others are known by their events only
			org, tier, gone := "o1", "gold", "0"
			if i%3 == 0 {
				tier = "silver"
			}
			if program == "p1" && (i+delivery)%4 == 0 {
				org = "o2"
			}
			if delivery == 2 && i%13 == 0 {
				gone = "1"
			}
			w.row(program, fmt.Sprintf("m%d", i), org, tier, began.AddDate(0, 0, i-10).Format(time.DateOnly), gone)
		}
	}
	return w.bytes()
}

func rates(delivery int) []byte {
	w := write(11)
	w.row("currency", "day", "rate")
	for i, rate := range []string{"1.08", "1.0825", "1.09", "1.075"} {
		w.row("EUR", began.AddDate(0, i, -2).Format(time.DateOnly), rate)
	}
	if delivery == 2 {
		w.row("GBP", "2024-02-01", "1.27")
		w.row("EUR", "2024-05-15", "1.0817")
	}
	return w.bytes()
}

// entries are of the ledger: the second file repeats some of the first and contradicts others, the third corrects, moves
// and deletes.
func entries(file int) []byte {
	w := write(20 + uint64(file))
	w.row("entry", "member", "type", "amount", "currency", "at", "revision", "void")
	for i := range ledger {
		id, revision, void := fmt.Sprintf("e%d-%d", file, i), 1, 0
		switch {
		case file == 2 && i%4 == 0:
			id = fmt.Sprintf("e1-%d", i) // contradicts: same revision
		case file == 2 && i%4 == 1:
			id, revision = fmt.Sprintf("e1-%d", i), 2
		case file == 3 && i%2 == 0:
			id, revision = fmt.Sprintf("e1-%d", i), 3
		case file == 3 && i%4 == 1:
			id, revision, void = fmt.Sprintf("e2-%d", i+1), 2, 1
		case i%17 == 5:
			id = fmt.Sprintf("e%d-%d", file, i-1) // twice in its own unit
		}
		kind, amount, currency := w.pick("earn", "earn", "earn", "earn", "earn", "take", "burn", "burn", "back"), w.amount(), w.pick("USD", "USD", "USD", "EUR", "GBP")
		switch i % 20 {
		case 3:
			kind = "note"
		case 7:
			kind = "bonus"
		case 9:
			amount = "twelve"
		}
		if i%40 == 11 {
			w.row(id, "cut short")
			continue
		}
		w.row(id, w.member(), kind, amount, currency, w.at(), revision, void)
	}
	return w.bytes()
}

func lines(file int) []byte {
	w := write(30 + uint64(file))
	for i := range 80 {
		member := map[string]any{"id": w.member(), "org": w.pick("o1", "o1", "o9")}
		line := map[string]any{"id": fmt.Sprintf("l%d", i*file), "member": member, "cents": w.IntN(20_000) - 3_000, "currency": "EUR", "at": w.at() + "Z"}
		if i%16 == 1 {
			delete(line, "currency")
		}
		text, _ := json.Marshal(line) // of texts and numbers
		w.Write(text)
		w.WriteByte('\n')
		if i%30 == 2 {
			w.WriteString("{\"id\": \n")
		}
	}
	return w.bytes()
}

func table(t *testing.T, file int) []byte {
	t.Helper()
	w := write(40 + uint64(file))
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "member", Type: arrow.BinaryTypes.String},
		{Name: "amount", Type: &arrow.Decimal128Type{Precision: 12, Scale: 2}},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "revision", Type: arrow.PrimitiveTypes.Int64},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range 60 {
		row := fmt.Sprintf(`{"id":"t%d","member":%q,"amount":%q,"at":"%sZ","revision":%d}`, i*file, w.member(), w.amount(), w.at(), file)
		if err := b.UnmarshalJSON([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	record := b.NewRecord()
	defer record.Release()
	var content bytes.Buffer
	out, err := pqarrow.NewFileWriter(schema, &content, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err == nil {
		err = errors.Join(out.Write(record), out.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func strict(delivery int) []byte {
	w := write(50)
	w.row("id", "member", "amount", "at")
	for i := range 20 {
		amount := w.amount()
		if delivery == 1 && i == 12 {
			amount = "none"
		}
		w.row(fmt.Sprintf("s%d", i), w.member(), amount, w.at())
	}
	return w.bytes()
}

func sessions(file int) []byte {
	w := write(60 + uint64(file))
	for i := range 120 {
		fmt.Fprintf(&w.Builder, `{"id":"v%d","member":%q,"at":"%sZ","seconds":%d,"pages":%d}`+"\n", i*file, w.pick(w.member(), w.member(), ""), w.at(), w.IntN(900), 1+w.IntN(9))
	}
	return w.bytes()
}

func visits(file int) []byte {
	w := write(70 + uint64(file))
	w.row("id", "member", "visitor", "at", "page")
	for i := range 120 {
		w.row(fmt.Sprintf("w%d", i*file), w.pick(w.member(), ""), fmt.Sprintf("x%d", w.IntN(8)), w.at()+"Z", w.pick("/home", "/shop"))
	}
	return w.bytes()
}

// objects gives what the bucket has; a delivery's own begin with its number.
func objects(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"large/1.csv.gz": large(t, 1, extract.BatchRows+1_000), "large/2.csv.gz": large(t, 2, 400)}
	for delivery, units := range map[int]int{1: smalls, 2: 3} {
		for unit := range units {
			w := write(uint64(1000*delivery + unit))
			w.row("id", "member", "amount", "at", "revision")
			for range smallRows {
				amount := w.amount()
				if w.IntN(25) == 0 {
					amount = "?"
				}
				w.row(fmt.Sprintf("k%d", w.IntN(80)), w.member(), amount, w.at()+"Z", delivery+w.IntN(2))
			}
			all[fmt.Sprintf("small/%d-%02d.csv", delivery, unit)] = w.bytes()
		}
	}
	return all
}

// large is a unit whose ids are those of the other large units: what it brings moves to other months.
func large(t *testing.T, file uint64, rows int) []byte {
	t.Helper()
	w := write(80 + file)
	w.row("id", "member", "amount", "at")
	for i := range rows {
		w.row(fmt.Sprintf("a%d", i), w.member(), w.amount(), w.at()+"Z")
	}
	return pack(t, w.bytes())
}

// record is one of the API.
type record struct {
	ID       string `json:"id"`
	Member   string `json:"member"`
	Amount   string `json:"amount"`
	At       string `json:"at"`
	Revision int    `json:"revision"`
}

// records gives those that the API has of a month after a delivery; the second changes those of one month.
func records(month string, delivery int) []record {
	w := write(90)
	var of []record
	for i := range 300 {
		r := record{ID: fmt.Sprintf("r%d", i), Member: w.member(), Amount: w.amount(), At: w.at() + "Z", Revision: 1}
		if !strings.HasPrefix(r.At, month) {
			continue
		}
		if delivery == 2 && month == "2024-04" {
			r.Amount, r.Revision = "7.77", 2
		}
		of = append(of, r)
	}
	return of
}

func pack(t *testing.T, content []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(content)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
