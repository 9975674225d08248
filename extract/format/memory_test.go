package format

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/partnerplus/warehouse/extract"
)

// endless serves the same compressed piece over and over: gzip members may follow each other.
type endless struct {
	head, piece []byte
	times       int
	rest        []byte
}

func (e *endless) Read(p []byte) (int, error) {
	for len(e.rest) == 0 {
		switch {
		case e.head != nil:
			e.rest, e.head = e.head, nil
		case e.times == 0:
			return 0, io.EOF
		default:
			e.rest = e.piece
			e.times--
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func (e *endless) ReadAt([]byte, int64) (int, error) { return 0, errors.New("not asked for") }
func (e *endless) Close() error                      { return nil }
func (e *endless) Size() int64                       { return -1 }
func (e *endless) BytesRead() int64                  { return 0 }
func (e *endless) Verify() error                     { return nil }

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestMemoryIsBounded reads 400 MB of csv.gz, and holds far less of it at any time.
func TestMemoryIsBounded(t *testing.T) {
	const row, pieceRows, times = "7f3a9c1e-0001,program-12,org-7,member-000123,1234.56,EUR,2024-03-15T10:11:12.123Z\n", 50_000, 96
	source := &endless{head: gzipped(t, "award_id,program_id,org_id,member_id,amount,currency,awarded_at\n"), piece: gzipped(t, strings.Repeat(row, pieceRows)), times: times}
	f, err := For(extract.FormatSpec{}, "a.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader("partner", extract.Unit{Name: "a.csv.gz"}, f, source)
	defer r.Close() //nolint:errcheck // memory
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rows, batches := 0, 0
	var most uint64
	for {
		batch, err := r.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rows += len(batch.Positions)
		if batches++; batches%20 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
		}
		batch.Record.Release()
	}
	if rows != pieceRows*times {
		t.Errorf("%d rows", rows)
	}
	if limit := uint64(64 << 20); most > limit || most == 0 {
		t.Errorf("%d MiB are held, the limit is %d", most>>20, limit>>20)
	}
}
