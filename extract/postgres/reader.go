package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/wire"
)

// maxBatchBytes ends a batch of wide rows before it has extract.BatchRows.
const maxBatchBytes = 16 << 20

// reader reads one unit.
type reader struct {
	source    *Source
	unit      extract.Unit
	span      span
	ctx       context.Context //nolint:containedctx // the reader's own lifetime, which Close ends
	cancel    context.CancelCauseFunc
	received  wire.Counter
	delivered time.Time
	rows      rows
	given     uint64 // rows that were given out
	givenHash []byte // of these
	failures  int
	attempt   *attempt // nil before it is made
	version   string
	err       error // what ended the unit
}

var _ extract.Reader = (*reader)(nil)

// attempt reads the unit from its first row.
type attempt struct {
	connection *pgconn.PgConn
	ctx        context.Context //nolint:containedctx // the connection's lifetime
	cancel     context.CancelCauseFunc
	columns    []column
	formats    []int16
	content    hash.Hash
	position   uint64
	fetch      *pgconn.ResultReader // under way; nil between two
	fetched    int                  // rows of it
	last       bool                 // the fetch before was the last
}

func newReader(ctx context.Context, s *Source, unit extract.Unit, of span) *reader {
	r := &reader{source: s, unit: unit, span: of}
	r.ctx, r.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return r
}

// Next implements extract.Reader.
func (r *reader) Next(ctx context.Context) (extract.Batch, error) {
	if r.err != nil {
		return extract.Batch{}, r.err
	}
	err := r.until(ctx, r.fill)
	if err == nil {
		r.given = r.attempt.position
		r.givenHash = r.attempt.content.Sum(nil)
		return r.rows.batch(), nil
	}
	r.finish()
	r.err = err
	return extract.Batch{}, err
}

// check begins to read, and takes no row.
func (r *reader) check(ctx context.Context) error {
	return r.until(ctx, func() error { return r.source.retry(r.ctx, func(context.Context) error { return r.begin() }) })
}

// until does something that ends with the context.
func (r *reader) until(ctx context.Context, do func() error) error {
	var err error
	if ctx.Err() == nil {
		stop := context.AfterFunc(ctx, func() { r.cancel(context.Cause(ctx)) })
		err = do()
		stop()
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == io.EOF {
		return err
	}
	return r.source.fail("read", r.unit.Name, err)
}

// fill reads until there is a batch, and again from the unit's start after a failure that may pass.
func (r *reader) fill() error {
	for {
		err := r.try()
		if err == nil || err == io.EOF {
			return err
		}
		r.finish()
		r.failures++
		if err := r.source.afterFailure(r.ctx, r.failures, err); err != nil {
			return err
		}
	}
}

func (r *reader) try() error {
	if r.attempt == nil {
		if err := r.begin(); err != nil {
			return err
		}
	}
	silence := time.AfterFunc(r.source.limit(), func() { r.attempt.cancel(errSilent) })
	defer silence.Stop()
	err := r.read(silence)
	if err != nil && err != io.EOF && errors.Is(context.Cause(r.attempt.ctx), errSilent) {
		return errSilent
	}
	return err
}

// read takes rows until there is a batch, io.EOF where there are none left.
func (r *reader) read(silence *time.Timer) error {
	a := r.attempt
	for r.rows.count() < extract.BatchRows && r.rows.bytes < maxBatchBytes {
		silence.Reset(r.source.limit())
		values, err := a.next(min(r.source.fetch, extract.BatchRows-r.rows.count()))
		if err == io.EOF {
			return r.atEnd()
		}
		if err != nil {
			return err
		}
		if a.position <= r.given {
			if a.position == r.given && !bytes.Equal(a.content.Sum(nil), r.givenHash) {
				return fmt.Errorf("%w: its first rows are others now", extract.ErrChanged)
			}
			continue
		}
		r.rows.add(a.position, values)
	}
	return nil
}

func (r *reader) atEnd() error {
	switch {
	case r.attempt.position < r.given:
		return fmt.Errorf("%w: it has fewer rows now", extract.ErrChanged)
	case r.rows.count() > 0:
		return nil
	}
	r.version = hex.EncodeToString(r.attempt.content.Sum(nil))
	return io.EOF
}

// begin makes an attempt: it connects and sends the query, of which no row is asked for yet.
func (r *reader) begin() (err error) {
	a := &attempt{content: sha256.New()}
	a.ctx, a.cancel = context.WithCancelCause(r.ctx)
	silence := time.AfterFunc(r.source.limit(), func() { a.cancel(errSilent) })
	defer silence.Stop()
	defer func() {
		if err == nil {
			r.attempt = a
			return
		}
		if errors.Is(context.Cause(a.ctx), errSilent) {
			err = errSilent
		}
		a.close()
	}()
	if a.connection, err = r.source.connect(a.ctx, &r.received); err != nil {
		return err
	}
	at, err := a.now()
	if err != nil {
		return err
	}
	if err := a.open(r.source, r.span); err != nil {
		return err
	}
	if r.delivered.IsZero() {
		r.delivered = at
	}
	return r.columns(a)
}

// columns makes ready to collect rows. Another attempt must give the same columns.
func (r *reader) columns(a *attempt) error {
	if r.rows.builder != nil {
		same := func(x, y column) bool { return x.name == y.name && x.oid == y.oid }
		if !slices.EqualFunc(r.rows.columns, a.columns, same) {
			return fmt.Errorf("%w: it has other columns now", extract.ErrChanged)
		}
		return nil
	}
	fields := make([]arrow.Field, len(a.columns))
	for i, c := range a.columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.arrow, Nullable: true}
	}
	r.rows.columns = a.columns
	r.rows.builder = array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	return nil
}

// now gives the time at which the transaction began.
func (a *attempt) now() (time.Time, error) {
	result := a.connection.ExecParams(a.ctx, "SELECT (extract(epoch FROM now()) * 1000000)::bigint", nil, nil, nil, nil).Read()
	if result.Err != nil {
		return time.Time{}, result.Err
	}
	micros, err := strconv.ParseInt(string(result.Rows[0][0]), 10, 64)
	return time.UnixMicro(micros).UTC(), err
}

// cursorName is that of the transaction's cursor, and declare what stands before the query.
const (
	cursorName = "partnerplus_rows"
	declare    = "DECLARE " + cursorName + " NO SCROLL CURSOR FOR "
)

// open has the query prepared, which tells of its parameters and columns, and then opens a cursor on it.
func (a *attempt) open(s *Source, of span) error {
	statement, err := a.connection.Prepare(a.ctx, "", s.query.Text, nil)
	if err != nil {
		return explain(err, s.query.Text, 0)
	}
	values := make([][]byte, len(statement.ParamOIDs))
	for i, oid := range statement.ParamOIDs {
		name, value := extract.PlaceholderFrom, of.from
		if i > 0 {
			name, value = extract.PlaceholderTo, of.to
		}
		if values[i], err = s.mark.bind(name, value, oid); err != nil {
			return err
		}
	}
	decimals := 0
	if slices.ContainsFunc(statement.Fields, func(f pgconn.FieldDescription) bool { return f.DataTypeOID == moneyOID }) {
		one := a.connection.ExecParams(a.ctx, "SELECT 1::numeric::money", nil, nil, nil, []int16{binaryFormat}).Read()
		if one.Err != nil {
			return one.Err
		}
		if decimals, err = decimalsOf(one.Rows[0][0]); err != nil {
			return err
		}
	}
	if a.columns, err = newColumns(statement.Fields, decimals); err != nil {
		return err
	}
	for _, c := range a.columns {
		a.formats = append(a.formats, c.format)
		_, _ = fmt.Fprintf(a.content, "%q %d\n", c.name, c.oid) // never fails
	}
	_, err = a.connection.ExecParams(a.ctx, declare+s.query.Text, values, statement.ParamOIDs, nil, nil).Close()
	return explain(err, s.query.Text, len([]rune(declare)))
}

// next gives the next row, valid until the next call, io.EOF after the last. N is how many are asked for at once.
func (a *attempt) next(n int) ([][]byte, error) {
	for {
		if a.fetch == nil {
			if a.last {
				return nil, io.EOF
			}
			a.fetch = a.connection.ExecParams(a.ctx, "FETCH FORWARD "+strconv.Itoa(n)+" FROM "+cursorName, nil, nil, nil, a.formats)
			a.fetched = 0
		}
		if a.fetch.NextRow() {
			a.fetched++
			a.position++
			return a.fetch.Values(), a.take(a.fetch.Values())
		}
		_, err := a.fetch.Close()
		a.fetch = nil
		if err != nil {
			return nil, explain(err, "", 0)
		}
		a.last = a.fetched == 0
	}
}

// take adds a row to the content, and checks the form of its values.
func (a *attempt) take(values [][]byte) error {
	if len(values) != len(a.columns) {
		return fmt.Errorf("a row has %d columns, not %d", len(values), len(a.columns))
	}
	var length [4]byte
	for i, v := range values {
		n := uint32(len(v))
		if v == nil {
			n = ^uint32(0)
		}
		binary.BigEndian.PutUint32(length[:], n)
		_, _ = a.content.Write(length[:]) // never fails
		_, _ = a.content.Write(v)
		if c := a.columns[i]; v != nil && c.width > 0 && len(v) != c.width {
			return fmt.Errorf("column %s: a value has %d bytes, not %d", c.name, len(v), c.width)
		}
	}
	return nil
}

// close ends the attempt, and what still goes on at the server because of it.
func (a *attempt) close() {
	if a.fetch != nil {
		a.cancel(context.Canceled)
		_, _ = a.fetch.Close() // it is given up
	}
	if a.connection != nil {
		disconnect(a.connection)
	}
	a.cancel(nil)
}

// finish ends the attempt under way, and forgets the rows that were not given out.
func (r *reader) finish() {
	if r.attempt != nil {
		r.attempt.close()
		r.attempt = nil
	}
	r.rows.drop()
}

// BytesRead implements extract.Reader.
func (r *reader) BytesRead() int64 { return r.received.Count() }

// Version implements extract.Reader.
func (r *reader) Version() string { return r.version }

// Delivered implements extract.Reader. It is when the transaction began, by the server's clock.
func (r *reader) Delivered() time.Time { return r.delivered }

// Close implements extract.Reader. It may be called in the middle of a unit, and again.
func (r *reader) Close() error {
	if r.err == nil {
		r.err = r.source.fail("read", r.unit.Name, errors.New("the reader is closed"))
	}
	r.finish()
	if r.rows.builder != nil {
		r.rows.builder.Release()
		r.rows.builder = nil
	}
	r.cancel(nil)
	return nil
}
