// Package extracttest holds the conformance suite that every place of extract passes, and a real S3 server to pass
// it with.
//
// It must not know how a place works: a Fixture puts units there and opens it.
package extracttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/partnerplus/warehouse/extract"
)

// Row is a row of the suite's units.
type Row struct{ ID, Amount string }

// Fixture is an empty place of one kind, and the ways to change it.
type Fixture struct {
	// Source is the name that Open gives the source.
	Source string
	// Units are the names of three units, in the order in which a listing has them after they were put in it.
	Units [3]string
	// Secrets are what no error may show.
	Secrets []string
	// Open opens the place. The suite closes it.
	Open func(t *testing.T) extract.Source
	// Broken opens a place of this kind that cannot be read.
	Broken func(t *testing.T) extract.Source
	// Put delivers a unit, or delivers it again. Later calls deliver later.
	Put func(t *testing.T, unit string, rows []Row)
	// Remove takes a unit away.
	Remove func(t *testing.T, unit string)
}

// CSV gives rows as a csv, packed if the name ends in .gz.
func CSV(t *testing.T, name string, rows []Row) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("id,amount\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,%s\n", r.ID, r.Amount)
	}
	if !strings.HasSuffix(name, ".gz") {
		return b.Bytes()
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(b.Bytes())
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// Rows makes n rows, which differ from those of any other seed.
func Rows(seed string, n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{ID: fmt.Sprintf("%s-%d", seed, i), Amount: fmt.Sprintf("%d.%02d", i, i%100)}
	}
	return rows
}

// Run runs the suite. Each of its tests has a fixture of its own.
func Run(t *testing.T, fixture func(t *testing.T) Fixture) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"lists units in a stable order", listing},
		{"reads what was put", content},
		{"keeps the name and changes the version with a delivery", redelivery},
		{"gives the same batches every time", batches},
		{"notices that a unit vanished", vanished},
		{"notices that a unit changed", changed},
		{"ends with the context", cancelled},
		{"can be closed early", closedEarly},
		{"does not take a broken place for an empty one", broken},
		{"restricts the listing to a range", ranges},
		{"goes on from where a listing ended", resumption},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := fixture(t)
			s := &suite{Fixture: f, source: f.Open(t)}
			defer func() {
				if err := s.source.Close(); err != nil {
					t.Error(err)
				}
			}()
			test.run(t, s)
		})
	}
}

type suite struct {
	Fixture
	source extract.Source
}

func (s *suite) putAll(t *testing.T) {
	t.Helper()
	for i, unit := range s.Units {
		s.Put(t, unit, Rows(unit, i+1))
	}
}

func (s *suite) list(t *testing.T, within extract.Range) []extract.Unit {
	t.Helper()
	units, err := s.source.Units(t.Context(), within)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

// unit is one of the listed ones.
func (s *suite) unit(t *testing.T, name string) extract.Unit {
	t.Helper()
	for _, u := range s.list(t, extract.Range{}) {
		if u.Name == name {
			return u
		}
	}
	t.Fatalf("unit %s is not listed", name)
	return extract.Unit{}
}

// whole is all that a unit gave.
type whole struct {
	Rows      []Row
	Positions []uint64
	Sizes     []int64 // of the batches
	Version   string
	Delivered time.Time
}

func (s *suite) read(t *testing.T, u extract.Unit) (w whole, err error) {
	t.Helper()
	r, err := s.source.Open(t.Context(), u)
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		batch, err := r.Next(t.Context())
		if err == io.EOF {
			w.Version, w.Delivered = r.Version(), r.Delivered()
			if r.BytesRead() <= 0 {
				t.Errorf("unit %s: %d bytes read", u.Name, r.BytesRead())
			}
			return w, nil
		}
		if err != nil {
			return w, err
		}
		w.add(t, batch)
	}
}

func (w *whole) add(t *testing.T, b extract.Batch) {
	t.Helper()
	defer b.Record.Release()
	if n := b.Record.NumRows(); n > extract.BatchRows || n != int64(len(b.Positions)) || len(b.Malformed) > 0 {
		t.Fatalf("a batch of %d rows, %d positions, %d malformed", n, len(b.Positions), len(b.Malformed))
	}
	w.Sizes = append(w.Sizes, b.Record.NumRows())
	w.Positions = append(w.Positions, b.Positions...)
	if b.Record.NumRows() == 0 {
		return
	}
	ids := b.Record.Schema().FieldIndices("id")
	amounts := b.Record.Schema().FieldIndices("amount")
	if len(ids) != 1 || len(amounts) != 1 {
		t.Fatalf("columns: %v", b.Record.Schema())
	}
	for i := range int(b.Record.NumRows()) {
		w.Rows = append(w.Rows, Row{b.Record.Column(ids[0]).ValueStr(i), b.Record.Column(amounts[0]).ValueStr(i)})
	}
}

func (s *suite) mustRead(t *testing.T, name string) whole {
	t.Helper()
	w, err := s.read(t, s.unit(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// mustFail checks an error's form.
func (s *suite) mustFail(t *testing.T, err error) {
	t.Helper()
	var e *extract.Error
	if !errors.As(err, &e) || e.Source != s.Source || e.Op == "" {
		t.Fatalf("not an extract.Error of source %s: %v", s.Source, err)
	}
	for _, secret := range s.Secrets {
		if strings.Contains(err.Error(), secret) {
			t.Fatalf("a secret is in the error: %v", err)
		}
	}
}

func listing(t *testing.T, s *suite) {
	s.putAll(t)
	units := s.list(t, extract.Range{})
	var names []string
	for i, u := range units {
		names = append(names, u.Name)
		if !u.Delivered.IsZero() && i > 0 && !u.Delivered.After(units[i-1].Delivered) {
			t.Errorf("%s is not delivered after %s", u.Name, units[i-1].Name)
		}
		if u.Delivered.Location() != time.UTC {
			t.Errorf("%s: delivered in %s", u.Name, u.Delivered.Location())
		}
	}
	if diff := cmp.Diff(s.Units[:], names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(units, s.list(t, extract.Range{})); diff != "" {
		t.Error("another listing differs:", diff)
	}
}

func content(t *testing.T, s *suite) {
	s.putAll(t)
	for i, name := range s.Units {
		w := s.mustRead(t, name)
		if diff := cmp.Diff(Rows(name, i+1), w.Rows); diff != "" {
			t.Error(diff)
		}
		if w.Version == "" || w.Delivered.IsZero() {
			t.Errorf("%s: version %q, delivered %s", name, w.Version, w.Delivered)
		}
	}
}

func redelivery(t *testing.T, s *suite) {
	s.putAll(t)
	first := s.mustRead(t, s.Units[0])
	if again := s.mustRead(t, s.Units[0]); again.Version != first.Version {
		t.Errorf("the same content has version %s, then %s", first.Version, again.Version)
	}
	s.Put(t, s.Units[0], Rows("new", 5))
	second := s.mustRead(t, s.Units[0])
	if second.Version == first.Version {
		t.Errorf("both deliveries have version %s", first.Version)
	}
	if diff := cmp.Diff(Rows("new", 5), second.Rows); diff != "" {
		t.Error(diff)
	}
}

func batches(t *testing.T, s *suite) {
	const n = extract.BatchRows + 5_000
	s.Put(t, s.Units[0], Rows("many", n))
	first := s.mustRead(t, s.Units[0])
	second := s.mustRead(t, s.Units[0])
	second.Delivered = first.Delivered // an API may give the time of its answer
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSorted(first.Positions) || len(first.Positions) != n || first.Positions[0] != 1 || first.Positions[n-1] != n {
		t.Errorf("%d positions", len(first.Positions))
	}
	if len(first.Sizes) < 2 {
		t.Errorf("%d batches", len(first.Sizes))
	}
}

func vanished(t *testing.T, s *suite) {
	s.putAll(t)
	u := s.unit(t, s.Units[1])
	s.Remove(t, u.Name)
	_, err := s.read(t, u)
	s.mustFail(t, err)
	if u.Version != "" && !errors.Is(err, extract.ErrChanged) {
		t.Errorf("not ErrChanged: %v", err)
	}
}

func changed(t *testing.T, s *suite) {
	s.putAll(t)
	u := s.unit(t, s.Units[1])
	if u.Version == "" {
		t.Skip("this place has no versions before reading")
	}
	s.Put(t, u.Name, Rows("new", 7))
	_, err := s.read(t, u)
	s.mustFail(t, err)
	if !errors.Is(err, extract.ErrChanged) {
		t.Errorf("not ErrChanged: %v", err)
	}
}

func cancelled(t *testing.T, s *suite) {
	s.Put(t, s.Units[0], Rows("many", extract.BatchRows+1))
	u := s.unit(t, s.Units[0])
	ctx, cancel := context.WithCancel(t.Context())
	r, err := s.source.Open(ctx, u)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := r.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	batch.Record.Release()
	cancel()
	_, err = r.Next(ctx)
	s.mustFail(t, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("not context.Canceled: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	_, err = s.source.Units(ctx, extract.Range{})
	s.mustFail(t, err)
	_, err = s.source.Open(ctx, u)
	s.mustFail(t, err)
}

func closedEarly(t *testing.T, s *suite) {
	s.Put(t, s.Units[0], Rows("many", extract.BatchRows+1))
	for _, reads := range []int{0, 1} {
		r, err := s.source.Open(t.Context(), s.unit(t, s.Units[0]))
		if err != nil {
			t.Fatal(err)
		}
		for range reads {
			batch, err := r.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			batch.Record.Release()
		}
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
		_, err = r.Next(t.Context())
		s.mustFail(t, err)
	}
}

func broken(t *testing.T, s *suite) {
	place := &suite{Fixture: s.Fixture, source: s.Broken(t)}
	defer func() {
		if err := place.source.Close(); err != nil {
			t.Error(err)
		}
	}()
	units, err := place.source.Units(t.Context(), extract.Range{})
	if err == nil && len(units) == 0 {
		t.Fatal("an empty listing")
	}
	if err == nil {
		_, err = place.read(t, units[0])
	}
	s.mustFail(t, err)
}

func ranges(t *testing.T, s *suite) {
	s.putAll(t)
	middle := s.unit(t, s.Units[1])
	from, to := middle.From, middle.To
	if from.IsZero() {
		from, to = middle.Delivered, middle.Delivered.Add(time.Microsecond)
	}
	for _, test := range []struct {
		within extract.Range
		want   []string
	}{
		{extract.Range{From: from, To: to}, s.Units[1:2]},
		{extract.Range{From: from}, s.Units[1:]},
		{extract.Range{To: to}, s.Units[:2]},
		{extract.Range{To: from}, s.Units[:1]},
	} {
		var names []string
		for _, u := range s.list(t, test.within) {
			names = append(names, u.Name)
		}
		if diff := cmp.Diff(test.want, names); diff != "" {
			t.Errorf("%v: %s", test.within, diff)
		}
	}
}

// resumption holds for any extract.Incremental: a later listing may leave out only what an earlier one had.
func resumption(t *testing.T, s *suite) {
	source, ok := s.source.(extract.Incremental)
	if !ok {
		return // every listing of this place is a whole one
	}
	since := func(cursor string) (units []extract.Unit, next string) {
		units, next, err := source.UnitsSince(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range units {
			if !u.Delivered.IsZero() && i > 0 && !u.Delivered.After(units[i-1].Delivered) {
				t.Errorf("%s is not delivered after %s", u.Name, units[i-1].Name)
			}
		}
		if len(next) > 4<<10 {
			t.Errorf("a cursor of %d bytes", len(next))
		}
		return units, next
	}
	s.Put(t, s.Units[1], Rows("first", 2))
	first, cursor := since("")
	if !slices.Contains(names(first), s.Units[1]) {
		t.Errorf("the first listing has %v", names(first))
	}
	// What comes late sorts before, or after, or is there already.
	s.Put(t, s.Units[0], Rows("before", 3))
	s.Put(t, s.Units[2], Rows("after", 4))
	s.Put(t, s.Units[1], Rows("again", 5))
	second, _ := since(cursor)
	if last := first[len(first)-1]; last.Version == "" && !last.To.IsZero() {
		// Spans of a watermark: they go on without a gap.
		if len(second) == 0 || second[0].From.After(last.To) {
			t.Errorf("the next listing has %v, after %s", names(second), last.Name)
		}
	} else {
		for _, unit := range s.Units {
			if !slices.Contains(names(second), unit) {
				t.Errorf("the next listing has %v, without %s", names(second), unit)
			}
		}
	}
	if again, _ := since(cursor); !slices.Equal(names(again), names(second)) {
		t.Errorf("the same cursor lists %v, then %v", names(second), names(again))
	}
	if cursor == "" {
		return // there is none to be wrong
	}
	_, _, err := source.UnitsSince(t.Context(), "not a cursor")
	s.mustFail(t, err)
}

func names(units []extract.Unit) (list []string) {
	for _, u := range units {
		list = append(list, u.Name)
	}
	return list
}
