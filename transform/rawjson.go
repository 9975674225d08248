package transform

import (
	"bytes"
	"encoding/base64"
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
	// timesKey lists the columns that the source has as dates or times, whose texts are therefore ISO.
	timesKey = "$times"
	// bytesKey gives, as base64, the texts that are not UTF-8 and so cannot stand in JSON as they are.
	bytesKey = "$bytes"
	// shownRunes bounds a value within a reason.
	shownRunes = 100
)

// rawJSON writes one row as a JSON object of the source's columns, in their order, for people and for ReadRaw.
// What a text of JSON cannot tell follows under "$times" and "$bytes". A column that does not fit in
// maxRawBytes is left out whole, and "$truncated" says so: what is there is exact.
func rawJSON(rows arrow.Record, columns []texts, row int) string {
	const room = maxRawBytes - len(`,"`+truncatedKey+`":true,"`+timesKey+`":[],"`+bytesKey+`":{}}`)
	var out, field, name, times, binary bytes.Buffer
	truncated := false
	for i, f := range rows.Schema().Fields() {
		name.Reset()
		writeJSON(&name, f.Name)
		field.Reset()
		separate(&field, &out)
		field.Write(name.Bytes())
		field.WriteByte(':')
		odd := writeValue(&field, rows.Column(i), f, columns[i], row)
		size := out.Len() + times.Len() + binary.Len() + field.Len()
		switch {
		case odd != nil:
			size += len(`,:""`) + name.Len() + base64.StdEncoding.EncodedLen(len(odd))
		case isTime(f):
			size += len(`,`) + name.Len()
		}
		if size > room {
			truncated = true
			continue
		}
		out.Write(field.Bytes())
		switch {
		case odd != nil:
			separate(&binary, &binary)
			binary.Write(name.Bytes())
			binary.WriteString(`:"` + base64.StdEncoding.EncodeToString(odd) + `"`)
		case isTime(f):
			separate(&times, &times)
			times.Write(name.Bytes())
		}
	}
	reserved := func(key, value string) {
		separate(&out, &out)
		out.WriteString(`"` + key + `":` + value)
	}
	if times.Len() > 0 {
		reserved(timesKey, "["+times.String()+"]")
	}
	if binary.Len() > 0 {
		reserved(bytesKey, "{"+binary.String()+"}")
	}
	if truncated {
		reserved(truncatedKey, "true")
	}
	return "{" + out.String() + "}"
}

// separate writes a comma to one buffer unless the list, in the other, is empty.
func separate(out, list *bytes.Buffer) {
	if list.Len() > 0 {
		out.WriteByte(',')
	}
}

// writeValue gives a text that it could not write as it is, nil for none.
func writeValue(out *bytes.Buffer, a arrow.Array, f arrow.Field, column texts, row int) (odd []byte) {
	if a.IsNull(row) {
		out.WriteString("null")
		return nil
	}
	if column == nil { // lists and the like
		writeJSON(out, a.ValueStr(row))
		return nil
	}
	text, ok := column.at(row)
	switch {
	case !ok:
		out.WriteString("null")
	case isText(f) || !json.Valid(text): // NaN is not JSON, and no time is
		writeJSON(out, string(text))
		if !utf8.Valid(text) {
			return text
		}
	default:
		out.Write(text)
	}
	return nil
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
