package format

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	klauspost "github.com/klauspost/compress/gzip"

	"github.com/partnerplus/warehouse/extract"
)

// reader reads one unit out of its bytes.
type reader struct {
	source  string
	unit    extract.Unit
	format  Format
	bytes   Bytes
	decoder decoder
	err     error // what ended the unit
}

var _ extract.Reader = (*reader)(nil)

// NewReader gives the reader of a unit, which owns the bytes. Nothing is read before the first Next.
func NewReader(source string, unit extract.Unit, format Format, bytes Bytes) extract.Reader {
	return &reader{source: source, unit: unit, format: format, bytes: bytes}
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

func (r *reader) next(ctx context.Context) (_ extract.Batch, err error) {
	defer func() {
		if p := recover(); p != nil { // Arrow panics on some corrupt files
			err = fmt.Errorf("the %s is corrupt: %v", r.format.Type, p)
		}
	}()
	if ctx.Err() != nil {
		return extract.Batch{}, context.Cause(ctx)
	}
	if r.decoder == nil {
		if r.decoder, err = r.format.decoder(r.bytes); err != nil {
			return extract.Batch{}, err
		}
	}
	return r.decoder.next()
}

// hint tells what to do about an error of the content.
func hint(err error) string {
	var other *mismatch
	switch {
	case errors.As(err, &other):
		return other.hint
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the unit is cut short; have it delivered again"
	case errors.Is(err, klauspost.ErrHeader), errors.Is(err, gzip.ErrHeader):
		return "it is not gzip, or more follows it; set format.compression if the name misleads"
	case errors.Is(err, klauspost.ErrChecksum), errors.Is(err, zip.ErrChecksum):
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
	if r.decoder != nil {
		r.decoder.close()
		r.decoder = nil
	}
	return err
}
