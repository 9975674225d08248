package format

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// reader reads one unit out of its bytes.
type reader struct {
	source  string
	unit    extract.Unit
	format  Format
	bytes   Bytes
	batches chan decoded  // nil before the first Next
	closed  chan struct{} // tells the goroutine that decodes
	err     error         // what ended the unit
}

// decoded is a batch, or what came instead.
type decoded struct {
	batch extract.Batch
	err   error
}

var _ extract.Reader = (*reader)(nil)

// NewReader gives the reader of a unit, which owns the bytes. Nothing is read before the first Next.
func NewReader(source string, unit extract.Unit, format Format, bytes Bytes) extract.Reader {
	return &reader{source: source, unit: unit, format: format, bytes: bytes, closed: make(chan struct{})}
}

// Next implements extract.Reader. A context that ends closes the bytes, which ends the read under way.
func (r *reader) Next(ctx context.Context) (extract.Batch, error) {
	if r.err != nil {
		return extract.Batch{}, r.err
	}
	stop := context.AfterFunc(ctx, func() { _ = r.bytes.Close() })
	batch, err := r.next(ctx)
	stop()
	if err == nil {
		return batch, nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else if changed := r.bytes.Verify(); changed != nil {
		err = changed
	}
	if err != io.EOF {
		err = &extract.Error{Source: r.source, Unit: r.unit.Name, Op: "read", Hint: hint(err), Err: err}
	}
	r.err = err
	return extract.Batch{}, err
}

func (r *reader) next(ctx context.Context) (extract.Batch, error) {
	if ctx.Err() != nil {
		return extract.Batch{}, context.Cause(ctx)
	}
	if r.batches == nil {
		r.batches = make(chan decoded)
		go r.decode()
	}
	d := <-r.batches
	return d.batch, d.err
}

// decode decodes the unit in a goroutine of its own, one batch ahead of the one that was asked for, so that the rows of
// one are worked upon while the next is read.
func (r *reader) decode() {
	defer close(r.batches)
	var d decoder
	defer func() {
		<-r.closed // a decoder may wait for bytes until they are closed
		if d != nil {
			d.close()
		}
	}()
	for {
		next := r.decodeNext(&d)
		select {
		case r.batches <- next:
		case <-r.closed:
			if next.err == nil {
				next.batch.Record.Release()
			}
			return
		}
		if next.err != nil {
			return
		}
	}
}

func (r *reader) decodeNext(d *decoder) (next decoded) {
	defer func() {
		if p := recover(); p != nil { // Arrow panics on some corrupt files
			next.err = fmt.Errorf("the %s is corrupt: %v", r.format.Type, p)
		}
	}()
	if *d == nil {
		if *d, next.err = r.format.decoder(r.bytes); next.err != nil {
			return next
		}
	}
	next.batch, next.err = (*d).next()
	return next
}

// hint tells what to do about an error of the content.
func hint(err error) string {
	var other *mismatch
	switch {
	case errors.As(err, &other):
		return other.hint
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the unit is cut short; have it delivered again"
	case errors.Is(err, gzip.ErrHeader):
		return "it is not gzip, or more follows it; set format.compression if the name misleads"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zip.ErrChecksum):
		return "the unit is damaged; have it delivered again"
	}
	return ""
}

func (r *reader) BytesRead() int64     { return r.bytes.BytesRead() }
func (r *reader) Version() string      { return r.unit.Version }
func (r *reader) Delivered() time.Time { return r.unit.Delivered }

// Close implements extract.Reader. It may be called in the middle of a unit, and again.
func (r *reader) Close() error {
	if r.err == nil {
		r.err = &extract.Error{Source: r.source, Unit: r.unit.Name, Op: "read", Err: errors.New("the reader is closed")}
	}
	err := r.bytes.Close()
	select {
	case <-r.closed:
	default:
		close(r.closed)
	}
	if r.batches != nil {
		for range r.batches { // until the goroutine is gone
		}
	}
	return err
}
