package transform

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
)

const (
	// maxRawBytes bounds Reject.Raw.
	maxRawBytes = 64 << 10
	// truncatedKey marks a raw row of which columns were left out for their size.
	truncatedKey = "$truncated"
	// shownRunes bounds a value within a reason.
	shownRunes = 100
)

// rawJSON writes one row as a JSON object of the source's columns, in their order. A column that does
// not fit in maxRawBytes is left out whole, and "$truncated" says so: what is there is exact.
func rawJSON(rows arrow.Record, columns []texts, row int) string {
	const room = maxRawBytes - len(`,"`+truncatedKey+`":true}`)
	var out, field bytes.Buffer
	truncated := false
	out.WriteByte('{')
	for i, f := range rows.Schema().Fields() {
		field.Reset()
		if out.Len() > 1 {
			field.WriteByte(',')
		}
		writeJSON(&field, f.Name)
		field.WriteByte(':')
		writeValue(&field, rows.Column(i), columns[i], row)
		if out.Len()+field.Len() > room {
			truncated = true
			continue
		}
		out.Write(field.Bytes())
	}
	if truncated {
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + truncatedKey + `":true`)
	}
	out.WriteByte('}')
	return out.String()
}

func writeValue(out *bytes.Buffer, a arrow.Array, column texts, row int) {
	if a.IsNull(row) {
		out.WriteString("null")
		return
	}
	if column == nil { // lists and the like
		writeJSON(out, a.ValueStr(row))
		return
	}
	text, ok := column.at(row)
	switch {
	case !ok:
		out.WriteString("null")
	case isText(a.DataType()) || !json.Valid(text): // NaN is not JSON, and no time is
		writeJSON(out, string(text))
	default:
		out.Write(text)
	}
}

func writeJSON(out *bytes.Buffer, text string) {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)          // a string always encodes, and a Buffer never fails
	out.Truncate(out.Len() - 1) // Encode ends with a newline
}

// quote shows a value within a sentence, shortened.
func quote(text []byte) string {
	rest := text
	for n := 0; len(rest) > 0; n++ {
		if n == shownRunes {
			return strconv.Quote(string(text[:len(text)-len(rest)])) + "…"
		}
		_, size := utf8.DecodeRune(rest)
		rest = rest[size:]
	}
	return strconv.Quote(string(text))
}
