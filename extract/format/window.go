package format

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/partnerplus/warehouse/extract"
)

// maxRowBytes bounds a row of text, and with it the memory that a broken row can take.
const maxRowBytes = 16 << 20

var errTooLong = errors.New("longer than 16 MiB")

// window is the part of a text that is in memory: whole lines are looked at before they are taken.
type window struct {
	r        io.Reader
	lineEnd  byte
	buf      []byte
	pos, end int
	moves    int   // counts how often what is in memory changed its place
	err      error // what ended the text; io.EOF or worse
	started  bool
}

func newWindow(r io.Reader) *window {
	return &window{r: r, lineEnd: '\n', buf: make([]byte, chunkBytes)}
}

// ahead gives the text in memory that is not taken yet. It is valid until more or line is called.
func (w *window) ahead() []byte { return w.buf[w.pos:w.end] }

func (w *window) take(n int) { w.pos += n }

// more reads until the memory is full, which grows if it is full already. Where it returns false there is no
// more, or no more may be held.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	w.moves++
	if w.pos > 0 {
		w.end = copy(w.buf, w.buf[w.pos:w.end])
		w.pos = 0
	}
	if w.end == len(w.buf) {
		if w.end > maxRowBytes {
			return false
		}
		w.buf = append(w.buf, make([]byte, len(w.buf))...)
	}
	for w.end < len(w.buf) && w.err == nil {
		var n int
		n, w.err = w.r.Read(w.buf[w.end:])
		w.end += n
	}
	if !w.started {
		w.started = true
		w.pos = len(w.buf[:w.end]) - len(bytes.TrimPrefix(w.buf[:w.end], []byte("\uFEFF")))
	}
	return true
}

// line gives the next line with its end, without taking it. Text before a failure that lacks its line end is not
// a line: the failure comes first.
func (w *window) line() ([]byte, error) {
	for scanned := 0; ; {
		b := w.ahead()
		if i := bytes.IndexByte(b[scanned:], w.lineEnd); i >= 0 {
			if scanned+i > maxRowBytes {
				return nil, errTooLong
			}
			return b[:scanned+i+1], nil
		}
		scanned = len(b)
		if w.more() {
			continue
		}
		switch {
		case len(b) > maxRowBytes:
			return nil, errTooLong
		case w.err == io.EOF && len(b) > 0:
			return b, nil
		}
		return nil, w.err
	}
}

// skipLine takes the next line whatever its length, and gives its beginning.
func (w *window) skipLine() (head []byte) {
	b := w.ahead()
	head = bytes.Clone(content(b[:min(len(b), extract.MaxRawBytes)]))
	for {
		b := w.ahead()
		if i := bytes.IndexByte(b, w.lineEnd); i >= 0 {
			w.take(i + 1)
			break
		}
		w.take(len(b))
		if !w.more() {
			break
		}
	}
	if i := bytes.IndexByte(head, w.lineEnd); i >= 0 {
		head = content(head[:i+1])
	}
	return head
}

// content is a line without its end.
func content(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}

func malformed(position uint64, reason string, raw []byte) extract.Malformed {
	raw = raw[:min(len(raw), extract.MaxRawBytes)]
	return extract.Malformed{Position: position, Reason: reason, Raw: strings.ToValidUTF8(string(raw), "\uFFFD")}
}
