package propose

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/source"
	"github.com/partnerplus/warehouse/transform"
)

const maxLines = 20_000 // of a unit that are looked at

// lines are the beginning of a text, line by line, whatever its format.
type lines struct {
	texts    []string
	encoding string // other than UTF-8
	ascii    bool   // nothing tells the encoding
	lineEnd  string // other than lf
	bytes    int64
}

// linesOf reads the beginning of a unit as lines, and finds its encoding. It is read a second time where that is not
// UTF-8.
func linesOf(ctx context.Context, spec extract.Spec, unit extract.Unit) (lines, error) {
	// Every byte is a character of code page 437, and another one each, so that nothing is lost.
	l, err := read(ctx, spec, unit, "IBM437", "")
	if err == nil && len(l.texts) > 0 && strings.Contains(l.texts[0], "\r") {
		l, err = read(ctx, spec, unit, "IBM437", "cr")
	}
	if err != nil {
		return l, err
	}
	l.ascii = true
	for i, text := range l.texts {
		stored := make([]byte, 0, len(text))
		for _, r := range text {
			b, _ := charmap.CodePage437.EncodeRune(r)
			stored = append(stored, b)
			l.ascii = l.ascii && r < utf8.RuneSelf
		}
		switch {
		case i == 0 && bytes.HasPrefix(stored, []byte("\xff\xfe")):
			l.encoding = "utf-16le"
		case i == 0 && bytes.HasPrefix(stored, []byte("\xfe\xff")):
			l.encoding = "utf-16be"
		case l.encoding == "" && !utf8.Valid(stored):
			l.encoding = "windows-1252"
		}
		l.texts[i] = string(bytes.TrimPrefix(stored, []byte("\ufeff")))
	}
	if l.encoding == "" {
		return l, nil
	}
	again, err := read(ctx, spec, unit, l.encoding, l.lineEnd)
	again.encoding, again.bytes = l.encoding, again.bytes+l.bytes
	return again, err
}

// read reads the beginning of a unit as a csv of one column, whose delimiter no text holds. A row that such a csv
// cannot have keeps its text, for it is malformed.
func read(ctx context.Context, spec extract.Spec, unit extract.Unit, encoding, lineEnd string) (l lines, err error) {
	l.lineEnd = lineEnd
	none := false
	spec.Format = extract.FormatSpec{
		Type: "csv", Compression: spec.Format.Compression, Encoding: encoding, LineEnd: lineEnd, Quote: "none", Delimiter: "\x01",
		Header: &none, Columns: []string{"line"},
	}
	place, err := source.Open(ctx, "sample", spec)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	reader, err := place.Open(ctx, unit)
	if err != nil {
		return l, err
	}
	defer func() { _ = reader.Close() }() // only its beginning was wanted
	batch, err := reader.Next(ctx)
	if err == io.EOF {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	defer batch.Record.Release()
	text := transform.Texts(batch.Record.Column(0))
	row, broken := 0, 0
	for range min(maxLines, len(batch.Positions)+len(batch.Malformed)) {
		var line string
		if broken == len(batch.Malformed) || row < len(batch.Positions) && batch.Positions[row] < batch.Malformed[broken].Position {
			line, _ = text(row)
			row++
		} else {
			line = batch.Malformed[broken].Raw
			broken++
		}
		l.texts = append(l.texts, cut(line, 64<<10))
	}
	l.bytes = reader.BytesRead()
	return l, nil
}

// dialect is how a csv is written.
type dialect struct {
	delimiter string
	header    bool
	fields    int
	skip      int // lines before the header
}

// delimiters that are looked for, the likeliest first.
var delimiters = []string{",", ";", "\t", "|", extract.Spaces}

// dialectOf finds the delimiter and whether the first line names the columns.
func dialectOf(texts []string) dialect {
	d := dialect{delimiter: ",", header: true, fields: 1}
	head := rowsIn(texts[:min(len(texts), 400)])
	best := 0
	for _, delimiter := range delimiters {
		if delimiter == extract.Spaces && best > 0 {
			break // texts have spaces too
		}
		counts := map[int]int{}
		for _, t := range head {
			if n := len(fields(t, delimiter)); n > 1 {
				counts[n]++
			}
		}
		for n, lines := range counts {
			if score := lines * 100 * min(n, 20) / 20; lines*2 > len(head) && lines*100+score > best {
				best, d.delimiter, d.fields = lines*100+score, delimiter, n
			}
		}
	}
	for d.skip < len(head)-1 && len(fields(head[d.skip], d.delimiter)) != d.fields {
		d.skip++
	}
	if d.skip == len(head)-1 {
		d.skip = 0
	}
	if len(head) > 0 {
		d.header = isHeader(fields(head[d.skip], d.delimiter))
	}
	return d
}

// rowsIn puts lines together whose quotes are closed on a later one.
func rowsIn(texts []string) []string {
	const longest = 20 // lines; a quote that is not closed by then is no such quote
	var rows []string
	for i := 0; i < len(texts); i++ {
		row, end := texts[i], i
		for strings.Count(row, `"`)%2 == 1 && end+1 < len(texts) && end-i < longest {
			end++
			row += "\n" + texts[end]
		}
		if strings.Count(row, `"`)%2 == 1 {
			row, end = texts[i], i
		}
		rows, i = append(rows, row), end
	}
	return rows
}

// isHeader tells whether fields can be names of columns: texts, none twice, no number and no date among them.
func isHeader(names []string) bool {
	seen := map[string]bool{}
	for _, name := range names {
		name = strings.TrimSpace(name)
		_, isNumber := numbersOf([]string{name})
		_, isTime := timesOf("", []string{name})
		if isNumber || isTime || name != "" && seen[name] {
			return false
		}
		seen[name] = true
	}
	return len(seen) > 1 || len(names) == 1
}

// fields splits a line at the delimiters outside quotes.
func fields(line, delimiter string) []string {
	if delimiter == extract.Spaces {
		return strings.Fields(line)
	}
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case !quoted && line[i] == delimiter[0]:
			out = append(out, strings.Trim(line[start:i], `"`))
			start = i + 1
		}
	}
	return append(out, strings.Trim(line[start:], `"`))
}

// typeOf finds the format of a unit whose name does not tell it, by its first line.
func typeOf(l lines) string {
	if len(l.texts) == 0 {
		return "csv"
	}
	first := strings.TrimSpace(strings.TrimPrefix(l.texts[0], "\ufeff"))
	switch {
	case strings.HasPrefix(first, "PAR1"):
		return "parquet"
	case strings.HasPrefix(first, "["):
		return "json"
	case strings.HasPrefix(first, "{") && strings.HasSuffix(first, "}"):
		return "ndjson"
	case strings.HasPrefix(first, "{"):
		return "json"
	}
	return "csv"
}
