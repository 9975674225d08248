package format_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
)

// stalledBytes serves a text, and then nothing until it is closed.
type stalledBytes struct {
	memoryBytes
	text    io.Reader
	stalled chan struct{} // closed once all of the text is read
	closed  chan struct{}
}

var errClosed = errors.New("the bytes are closed")

func (s stalledBytes) Read(p []byte) (int, error) {
	n, err := s.text.Read(p)
	if err != io.EOF {
		return n, err
	}
	close(s.stalled)
	<-s.closed
	return 0, errClosed
}

func (s stalledBytes) Close() error {
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return nil
}

// stalledReader opens a unit that stalls half a batch, which is more than is read at once, after so many whole ones.
func stalledReader(t *testing.T, batches int) (extract.Reader, stalledBytes) {
	t.Helper()
	f, err := format.For(extract.FormatSpec{}, "a.csv")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReader("a\n" + strings.Repeat(strings.Repeat("x", 63)+"\n", batches*extract.BatchRows+extract.BatchRows/2))
	s := stalledBytes{text: text, stalled: make(chan struct{}), closed: make(chan struct{})}
	return format.NewReader("partner", extract.Unit{Name: "a.csv"}, f, s), s
}

func TestReaderThatIsClosedEarly(t *testing.T) {
	t.Parallel()
	for _, reads := range []int{0, 1, 2} {
		r, s := stalledReader(t, 2)
		for range reads {
			batch, err := r.Next(t.Context())
			if err != nil || batch.Record.NumRows() != extract.BatchRows {
				t.Fatal(err)
			}
			batch.Record.Release()
		}
		if reads == 2 {
			<-s.stalled // the third is being read
		}
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
		if _, err := r.Next(t.Context()); err == nil || !strings.Contains(err.Error(), "the reader is closed") {
			t.Errorf("after %d batches: %v", reads, err)
		}
	}
}

func TestReaderWhoseContextEnds(t *testing.T) {
	t.Parallel()
	r, s := stalledReader(t, 1)
	defer r.Close() //nolint:errcheck // memory
	ctx, cancel := context.WithCancelCause(t.Context())
	batch, err := r.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	batch.Record.Release()
	why := errors.New("enough")
	go func() {
		<-s.stalled
		cancel(why)
	}()
	for range 2 {
		if _, err = r.Next(ctx); !errors.Is(err, why) {
			t.Fatalf("not the context's cause: %v", err)
		}
	}
}

// What is read ahead fails in its turn: the rows before are given.
func TestReaderGivesTheRowsBeforeAnError(t *testing.T) {
	t.Parallel()
	text := pack(t, ".gz", "a\n"+strings.Repeat("1\n", 2*extract.BatchRows+1))
	got, err := decode(t, "a.csv.gz", text[:len(text)-4], extract.FormatSpec{})
	if got.Batches != 2 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d batches and %v", got.Batches, err)
	}
	if got, err = decode(t, "a.csv.gz", text, extract.FormatSpec{}); got.Batches != 3 || err != nil {
		t.Errorf("%d batches and %v", got.Batches, err)
	}
}
