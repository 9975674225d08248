package format

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// markedBytes is how much text is looked through at once: it and its marks stay in the processor's cache.
const markedBytes = 64 << 10

// csvBlock takes the rows that are the rule out of a block of whole lines: first it marks every delimiter, quote and line
// end, eight bytes at a step, then it cuts the rows at the marks. What a row of its own kind means (a quote within a field,
// a text over several lines, another number of fields) the csvParser alone knows: the block stops before it.
type csvBlock struct {
	single, quote, comment, lineEnd byte

	marks []uint32 // places in the window
	next  int      // the first mark that is not used
	end   int      // of the block
	moves int      // of the window, when it was marked
	valid bool     // it is UTF-8 as a whole
	cells []span32 // of the rows that were taken, row by row
}

// span32 is where a field lies in the window.
type span32 struct{ start, end uint32 }

// newCSVBlock gives nil for a dialect of which only the parser knows enough.
func newCSVBlock(d dialect) *csvBlock {
	if len(d.delimiter) != 1 || d.escape != 0 {
		return nil
	}
	single := d.delimiter[0]
	if special := []byte{d.lineEnd, '\r', '\n', 0}; single == d.quote || slices.Contains(special, single) ||
		d.quote != 0 && slices.Contains(special, d.quote) || d.comment != 0 && slices.Contains(special, d.comment) {
		return nil
	}
	return &csvBlock{single: single, quote: d.quote, comment: d.comment, lineEnd: d.lineEnd}
}

// take takes rows of so many fields each, until there is no room for more, be it in rows or in bytes. The cells are
// valid until the window reads more.
func (k *csvBlock) take(w *window, columns, room, most int) (rows, size int) {
	k.cells = k.cells[:0]
	if k.moves != w.moves || w.pos >= k.end {
		if !k.mark(w) {
			return 0, 0
		}
	}
	for k.next < len(k.marks) && int(k.marks[k.next]) < w.pos { // of rows that the parser took
		k.next++
	}
	for rows < room && size < most && w.pos < k.end {
		begin, known := w.pos, len(k.cells)
		if k.comment != 0 && w.buf[begin] == k.comment {
			k.skipLine(w)
			continue
		}
		next, ok := k.row(w.buf, begin)
		last := int(k.marks[next-1])
		content := w.buf[begin:last]
		if ok && k.lineEnd == '\n' {
			content = bytes.TrimSuffix(content, []byte("\r"))
		}
		switch fields := len(k.cells) - known; {
		case ok && len(content) == 0:
			k.cells = k.cells[:known]
		case !ok || fields != columns || !k.valid && !utf8.Valid(content):
			k.cells = k.cells[:known]
			return rows, size
		default:
			rows++
			size += len(content) + 1
		}
		k.next, w.pos = next, last+1
	}
	return rows, size
}

// row appends the cells of the row that begins there, and gives the first mark behind it. Not ok means that it is one for
// the parser.
func (k *csvBlock) row(b []byte, start int) (next int, ok bool) {
	marks := k.marks
	for next = k.next; ; {
		at := int(marks[next])
		next++
		special := b[at]
		cell := span32{uint32(start), uint32(at)}
		if special == k.quote && k.quote != 0 {
			if at != start {
				return next, false
			}
			if next, ok = k.quoted(b, next); !ok {
				return next, false
			}
			cell = span32{uint32(start + 1), marks[next-2]}
			at = int(marks[next-1])
			special = b[at]
		} else if special == k.lineEnd && k.lineEnd == '\n' && at > start && b[at-1] == '\r' {
			cell.end--
		}
		k.cells = append(k.cells, cell)
		if special == k.lineEnd {
			return next, true
		}
		start = at + 1
	}
}

// quoted goes from the mark after an opening quote to the one after what follows the closing quote.
func (k *csvBlock) quoted(b []byte, next int) (int, bool) {
	for b[k.marks[next]] != k.quote {
		if b[k.marks[next]] == k.lineEnd {
			return next + 1, false
		}
		next++
	}
	closing, follows := k.marks[next], k.marks[next+1] // the last mark of a block is a line end
	switch {
	case b[follows] == k.quote:
		return next + 2, false
	case follows == closing+1:
		return next + 2, true
	}
	return next + 2, follows == closing+2 && k.lineEnd == '\n' && b[follows] == '\n' && b[closing+1] == '\r'
}

func (k *csvBlock) skipLine(w *window) {
	for w.buf[k.marks[k.next]] != k.lineEnd {
		k.next++
	}
	w.pos = int(k.marks[k.next]) + 1
	k.next++
}

// mark looks through the whole lines that are in memory, up to a block of them.
func (k *csvBlock) mark(w *window) bool {
	text := w.ahead()
	text = text[:min(len(text), markedBytes)]
	text = text[:bytes.LastIndexByte(text, k.lineEnd)+1]
	k.next, k.moves, k.end, k.valid = 0, w.moves, w.pos+len(text), utf8.Valid(text)
	if len(text) == 0 {
		return false
	}
	quote := k.quote
	if quote == 0 {
		quote = k.single
	}
	k.marks = appendMarks(k.marks[:0], text, w.pos, k.single, quote, k.lineEnd)
	return true
}

const (
	ones   = 0x0101010101010101 // in each byte
	sevens = 0x7F7F7F7F7F7F7F7F
	highs  = 0x8080808080808080
)

// appendMarks appends where one of three bytes stands, counted from a base.
func appendMarks(marks []uint32, text []byte, base int, x, y, z byte) []uint32 {
	marks = slices.Grow(marks, len(text))
	n := len(marks)
	marks = marks[:n+len(text)]
	allX, allY, allZ := ones*uint64(x), ones*uint64(y), ones*uint64(z)
	i := 0
	for ; i+8 <= len(text); i += 8 {
		word := binary.LittleEndian.Uint64(text[i:])
		notX, notY, notZ := word^allX, word^allY, word^allZ // a byte that is 0 here is the one looked for
		found := ^((notX&sevens + sevens | notX) & (notY&sevens + sevens | notY) & (notZ&sevens + sevens | notZ)) & highs
		for ; found != 0; found &= found - 1 {
			marks[n] = uint32(base + i + bits.TrailingZeros64(found)>>3)
			n++
		}
	}
	for ; i < len(text); i++ {
		if c := text[i]; c == x || c == y || c == z {
			marks[n] = uint32(base + i)
			n++
		}
	}
	return marks[:n]
}
