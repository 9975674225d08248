// Package extract reads sources: it lists their units, opens one and yields raw Arrow batches.
//
// A source is a place (a local folder, an S3 bucket, an HTTP API, a query on a database) and a format (csv, JSON, Excel,
// Parquet, plain or compressed). Adding a place means implementing Source and passing the
// conformance suite of extract/extracttest; adding a format means implementing a decoder in
// extract/format.
//
// It must not know what the columns mean or where the rows go: no entity, no mapping, no ClickHouse.
package extract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// Unit is what is loaded as a whole or not at all: a file, an object, a time window of an API.
type Unit struct {
	// Name is the unit's identity within its source: a path relative to the root, an object key, a
	// window such as "2024-03". It stays the same when the unit is delivered again.
	Name string
	// Version changes whenever the content does: an ETag, or size and modification time. It is empty
	// where the place cannot tell before reading; then Reader.Version tells afterwards.
	Version string
	// Delivered is when the place received this content (object or file modification time), UTC.
	// Zero where only the place's answer tells (HTTP): then Reader.Delivered has it. Units of one listing never
	// share it: equal times are set apart by microseconds, in the order of the names.
	Delivered time.Time
	// Ref is what the place itself calls this version where Name is not enough to open it, such as the version id of an
	// object; empty otherwise. It takes no part in the unit's identity.
	Ref string
	// Size is the number of bytes to read as stored, -1 where unknown.
	Size int64
	// From and To bound the unit's own time where the place knows it (an API's window, a date in the
	// name), half-open, UTC; both zero otherwise.
	From, To time.Time
}

// Range restricts a listing to units that overlap the half-open interval [From, To). Zero times do not
// bound. Units without a time of their own are judged by Delivered.
type Range struct{ From, To time.Time }

// Source is one place with one format. Its methods are safe for concurrent use.
//
// Transient failures (resets, 5xx, throttling) are retried inside, boundedly and with the context
// honoured; an error that comes out is permanent for this run.
type Source interface {
	// Units lists what there is now, ordered by Delivered, then Name. Listing changes nothing and may be
	// repeated. A place that cannot be reached or read is an error, never an empty listing.
	Units(ctx context.Context, within Range) ([]Unit, error)
	// Open starts reading one unit from its first row. If the unit changed since it was listed, it
	// returns ErrChanged, here or from the reader.
	Open(ctx context.Context, unit Unit) (Reader, error)
	// Close releases what the source holds. Readers are closed before.
	Close() error
}

// Incremental is a Source that can go on from where an earlier listing ended.
type Incremental interface {
	Source
	// UnitsSince lists what may be new since the listing that gave the cursor; all there is for the empty one. It may
	// leave out only what that listing had, and gives again what could have come late since. Next is the cursor that
	// holds once every listed unit is loaded; until then the old one stays. A cursor is text of the source's own, at
	// most a few kilobytes; one that it cannot read is an error that says how to start anew.
	UnitsSince(ctx context.Context, cursor string) (units []Unit, next string, err error)
}

// Reader yields a unit's rows in their order, always the same batches for the same content.
type Reader interface {
	// Next gives the next batch, io.EOF after the last. The caller releases the batch's record. An error
	// that is not io.EOF ends the unit: nothing of it may be kept. A read that breaks in the middle is an
	// error, never an early io.EOF.
	Next(ctx context.Context) (Batch, error)
	// BytesRead counts the bytes taken from the place so far (compressed where it is compressed).
	BytesRead() int64
	// Version is the unit's version; for a unit listed without one it is valid after io.EOF.
	Version() string
	// Delivered is the unit's delivery time; for a unit listed without one it is valid once Next has returned.
	Delivered() time.Time
	Close() error
}

// Batch is a run of consecutive raw rows.
type Batch struct {
	// Record holds the rows under the source's own column names. Text formats give utf8 columns with the
	// source's text as it stands (a JSON number keeps its digits; an empty csv field is "", a JSON null
	// or missing key is null); nested JSON objects are flattened to dotted names, arrays stay JSON text.
	// Parquet keeps its Arrow types, structs flattened likewise; what no mapping could read is text. Excel gives the
	// text that a cell means, null for an empty one. It may have no rows.
	Record arrow.Record
	// Positions holds, for each row of Record, its place in the unit, from 1: data rows for csv (without the
	// header), lines for ndjson, records for JSON and Parquet, the sheet's own rows for Excel; rows in their order where
	// a record becomes several. Ascending.
	Positions []uint64
	// Sparse says that a column absent from Record is merely absent from these rows (JSON), not from the
	// source (csv, Parquet).
	Sparse bool
	// Malformed are rows that the format could not read. They are not in Record.
	Malformed []Malformed
}

// Malformed is a row that could not be read as the format says.
type Malformed struct {
	Position uint64 // as in Batch.Positions
	Reason   string // such as "3 fields, the header has 5"
	Raw      string // the row's own text, at most MaxRawBytes of it
}

// MaxRawBytes bounds the raw text that is kept of a malformed row.
const MaxRawBytes = 64 << 10

// BatchRows is the most rows that a reader puts into one batch.
const BatchRows = 32 << 10

// ErrChanged says that a unit's content is no longer the one that was listed. The next run will list the
// new one.
var ErrChanged = errors.New("the unit changed while it was read; it will be read again on the next run")

// Error says what failed where. It never holds a secret.
type Error struct {
	Source string // the source's name in the config
	Unit   string // the unit's name, empty where none is concerned
	Op     string // "list", "open", "read"
	Hint   string // what to do, empty where the cause says it
	Err    error
}

func (e *Error) Error() string {
	where := e.Source
	if e.Unit != "" {
		where += ", unit " + e.Unit
	}
	text := fmt.Sprintf("source %s: %s: %v", where, e.Op, e.Err)
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Reword gives an error that says text, such as its own without a secret, and is still what err is.
func Reword(err error, text string) error {
	if text == err.Error() {
		return err
	}
	return &reworded{text: text, err: err}
}

type reworded struct {
	text string
	err  error
}

func (r *reworded) Error() string { return r.text }
func (r *reworded) Unwrap() error { return r.err }
