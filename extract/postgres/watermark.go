package postgres

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/partnerplus/warehouse/extract"
)

// mostUnits bounds a listing: a step that is far too small would not end.
const mostUnits = 100_000

// watermark counts in whole numbers: those of the column, or microseconds since 1970.
type watermark struct {
	spec       extract.PostgresWatermark
	instant    bool
	zone       *time.Location
	start      int64
	step, back int64
}

// span is what a unit holds: from its first bound to its last, as the query compares them.
type span struct{ from, to int64 }

func newWatermark(spec extract.PostgresWatermark) (*watermark, error) {
	w := &watermark{spec: spec, instant: spec.Type == extract.WatermarkTimestamp}
	w.step, w.back = spec.Grid()
	var err error
	if w.zone, err = time.LoadLocation(spec.Zone); err != nil {
		return nil, fmt.Errorf("postgres.watermark.zone: %w", err)
	}
	if !w.instant {
		w.start, err = spec.StartNumber()
	} else {
		var start time.Time
		start, err = spec.StartTime()
		w.start = start.UnixMicro()
	}
	if err != nil {
		return nil, fmt.Errorf("postgres.watermark.start: %w", err)
	}
	return w, nil
}

// units splits what lies between two values. All spans but the first and the last lie between whole steps from the start
// of the history, so that they are called the same in every listing.
func (w *watermark) units(from, end int64) ([]extract.Unit, error) {
	if end <= from {
		return nil, nil
	}
	if n := (end - from) / w.step; n >= mostUnits {
		return nil, fmt.Errorf("%s to %s would be %d units, more than %d: raise postgres.watermark.%s, or let postgres.watermark.start be later",
			w.text(from), w.text(end), n+1, mostUnits, w.stepName())
	}
	var units []extract.Unit
	for from < end {
		to := end
		if left := w.step - (from-w.start)%w.step; left < end-from {
			to = from + left
		}
		units = append(units, w.unit(span{from, to}))
		from = to
	}
	return units, nil
}

func (w *watermark) stepName() string {
	if w.instant {
		return "at_most"
	}
	return "step"
}

func (w *watermark) unit(of span) extract.Unit {
	unit := extract.Unit{Name: w.text(of.from) + separator + w.text(of.to), Size: -1}
	if w.instant {
		unit.From, unit.To = time.UnixMicro(of.from).UTC(), time.UnixMicro(of.to).UTC()
	}
	return unit
}

// separator is that of an interval in ISO 8601.
const separator = "/"

// parse reads a unit's name.
func (w *watermark) parse(name string) (of span, err error) {
	from, to, found := strings.Cut(name, separator)
	if !found {
		return span{}, fmt.Errorf("%q is no span", name)
	}
	if of.from, err = w.value(from); err != nil {
		return span{}, err
	}
	of.to, err = w.value(to)
	return of, err
}

// text writes a value so that texts have the order of their values.
func (w *watermark) text(v int64) string {
	if w.instant {
		return time.UnixMicro(v).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	}
	return fmt.Sprintf("%012d", v)
}

func (w *watermark) value(text string) (int64, error) {
	if !w.instant {
		return strconv.ParseInt(text, 10, 64)
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UnixMicro(), err
}

// cursor says which kind of watermark it is of: a number read as a time would lose rows.
func (w *watermark) cursor(end int64) string { return w.spec.Type + " " + w.text(end) }

func (w *watermark) parseCursor(cursor string) (int64, error) {
	kind, text, _ := strings.Cut(cursor, " ")
	if kind == w.spec.Type {
		if v, err := w.value(text); err == nil {
			return v, nil
		}
	}
	return 0, fmt.Errorf("where the last listing ended, %q, is no %s: the watermark is another one now; load everything anew with --full", cursor, w.spec.Type)
}

// bind writes a value as a parameter of the type that the server takes it for.
func (w *watermark) bind(name string, v int64, oid uint32) ([]byte, error) {
	switch {
	case w.instant && oid == pgtype.TimestamptzOID:
		return time.UnixMicro(v).UTC().AppendFormat(nil, "2006-01-02 15:04:05.999999Z07:00"), nil
	case w.instant && oid == pgtype.TimestampOID:
		return time.UnixMicro(v).In(w.zone).AppendFormat(nil, "2006-01-02 15:04:05.999999"), nil
	case !w.instant && (oid == pgtype.Int2OID || oid == pgtype.Int4OID || oid == pgtype.Int8OID || oid == pgtype.NumericOID):
		return strconv.AppendInt(nil, v, 10), nil
	}
	wanted, example := "an integer", "$"+name+"::bigint"
	if w.instant {
		wanted, example = "a timestamp", "$"+name+"::timestamptz"
	}
	return nil, fmt.Errorf("postgres.query compares $%s with a value of type %s, but the watermark is %s: mend postgres.watermark.type, or write %s",
		name, typeName(oid), wanted, example)
}

// read reads what a query for the newest value gave, as text.
func (w *watermark) read(text string, oid uint32) (int64, error) {
	switch {
	case !w.instant && (oid == pgtype.Int2OID || oid == pgtype.Int4OID || oid == pgtype.Int8OID || oid == pgtype.NumericOID):
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("it gives %q, which is not a whole number of 64 bits", text)
		}
		return v, nil
	case w.instant && (oid == pgtype.TimestamptzOID || oid == pgtype.TimestampOID):
		layout, zone := "2006-01-02 15:04:05.999999", w.zone
		if oid == pgtype.TimestamptzOID {
			layout += "-07"
		}
		t, err := time.ParseInLocation(layout, text, zone)
		if err != nil {
			return 0, fmt.Errorf("it gives %q, which is not a time that can be counted from", text)
		}
		return t.UnixMicro(), nil
	}
	return 0, fmt.Errorf("it gives a value of type %s, which is no %s", typeName(oid), w.spec.Type)
}
