package source

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/data/sqlutil"
	"github.com/shopspring/decimal"
)

// converters say what a column becomes, by the name of its type; the first that matches counts. They are those of the plugin
// that the warehouse's types need. A type that none names would become a string, and a time series with it silently a table:
// so the last one refuses.
var converters = []sqlutil.Converter{
	scalar[uint8]("UInt8"), scalar[uint16]("UInt16"), scalar[uint32]("UInt32"), scalar[uint64]("UInt64"),
	scalar[int8]("Int8"), scalar[int16]("Int16"), scalar[int32]("Int32"), scalar[int64]("Int64"),
	scalar[float32]("Float32"), scalar[float64]("Float64"), scalar[bool]("Bool"),
	nullable[uint8]("UInt8"), nullable[uint16]("UInt16"), nullable[uint32]("UInt32"), nullable[uint64]("UInt64"),
	nullable[int8]("Int8"), nullable[int16]("Int16"), nullable[int32]("Int32"), nullable[int64]("Int64"),
	nullable[float32]("Float32"), nullable[float64]("Float64"), nullable[bool]("Bool"),
	scalar[string](`String|LowCardinality\(String\)|Enum(8|16)\(.*\)`),
	converter[*string](`Nullable\((String|Enum(8|16)\(.*\))\)|LowCardinality\(Nullable\(String\)\)`, data.FieldTypeNullableString, same[*string]),
	scalar[time.Time](`Date(32|Time|Time64)?(\(.*\))?`),
	converter[*time.Time](`Nullable\(Date(32|Time|Time64)?(\(.*\))?\)`, data.FieldTypeNullableTime, same[*time.Time]),
	converter[decimal.Decimal](`Decimal\(.*\)`, data.FieldTypeFloat64, func(d decimal.Decimal) (any, error) {
		return d.InexactFloat64(), nil
	}),
	converter[*decimal.Decimal](`Nullable\(Decimal\(.*\)\)`, data.FieldTypeNullableFloat64, func(d *decimal.Decimal) (any, error) {
		if d == nil {
			return (*float64)(nil), nil
		}
		f := d.InexactFloat64()
		return &f, nil
	}),
	converter[any](`(Array|Map|Tuple|Nested|JSON)\(.*\)|JSON`, data.FieldTypeJSON, func(v any) (any, error) {
		raw, err := json.Marshal(v)
		return json.RawMessage(raw), err
	}),
	{
		Name: "refused", InputScanType: reflect.TypeFor[any](), InputTypeRegex: regexp.MustCompile(`.`),
		FrameConverter: sqlutil.FrameConverter{FieldType: data.FieldTypeNullableString, ConverterFunc: func(v any) (any, error) {
			return nil, fmt.Errorf("a column's type has no converter here: it scans as %T", v)
		}},
	},
}

func scalar[T any](name string) sqlutil.Converter {
	return converter[T](name, data.FieldTypeFor(*new(T)), same[T])
}

func nullable[T any](name string) sqlutil.Converter {
	return converter[*T](`Nullable\(`+name+`\)`, data.FieldTypeFor((*T)(nil)), same[*T])
}

func same[T any](v T) (any, error) { return v, nil }

// converter makes a field of a column whose type is of that pattern, by way of a T.
func converter[T any](pattern string, to data.FieldType, convert func(T) (any, error)) sqlutil.Converter {
	return sqlutil.Converter{
		Name:           pattern,
		InputScanType:  reflect.TypeFor[*T](), // what is scanned into is made of what it points to
		InputTypeRegex: regexp.MustCompile(`^(` + pattern + `)$`),
		FrameConverter: sqlutil.FrameConverter{FieldType: to, ConverterFunc: func(in any) (any, error) {
			v, ok := in.(*T)
			if !ok {
				return nil, fmt.Errorf("scanned %T for %s", in, pattern)
			}
			return convert(*v)
		}},
	}
}
