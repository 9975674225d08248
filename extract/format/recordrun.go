package format

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// runBytes is the longest record, with the white space around it, that a recordRun takes.
const runBytes = 64 << 10

// recordRun takes the records of an array as long as they are the rule: JSON that fits into its memory. Whatever else
// comes, be it the array's end, json.Decoder says what it is.
type recordRun struct {
	r        io.Reader
	buf      []byte
	pos, end int
	err      error // what ended the text
	begun    bool  // a record was taken
}

func newRecordRun(r io.Reader, memory int) *recordRun {
	return &recordRun{r: r, buf: make([]byte, memory)}
}

// next gives the next record, nil for the end of the run. It is valid until the next one is asked for.
func (a *recordRun) next() json.RawMessage {
	for {
		b := a.buf[a.pos:a.end]
		start := skipSpace(b, 0)
		if start < len(b) && (b[start] == ']' || a.begun && b[start] != ',') {
			return nil
		}
		if a.begun {
			start = skipSpace(b, min(start+1, len(b)))
		}
		if end := valueEnd(b, start, 0); end != bad {
			// What follows shows that the value is whole: a number could go on.
			if follows := skipSpace(b, end); follows < len(b) && (b[follows] == ',' || b[follows] == ']') {
				a.pos, a.begun = a.pos+end, true
				return b[start:end]
			}
		}
		if !a.more() {
			return nil
		}
	}
}

// more reads on, as long as there is room and something to read.
func (a *recordRun) more() bool {
	a.end = copy(a.buf, a.buf[a.pos:a.end])
	a.pos = 0
	if a.err != nil || a.end == len(a.buf) {
		return false
	}
	var n int
	n, a.err = a.r.Read(a.buf[a.end:])
	a.end += n
	return true
}

// rest gives a decoder that stands where the run ended: in an array within so many objects.
func (a *recordRun) rest(objects int) *json.Decoder {
	head := strings.Repeat(`{"":`, objects) + "["
	tokens := 2*objects + 1
	if a.begun {
		head += "0" // for the records that were taken
		tokens++
	}
	r := a.r
	if a.err != nil {
		r = failed{a.err}
	}
	decoder := json.NewDecoder(io.MultiReader(strings.NewReader(head), bytes.NewReader(a.buf[a.pos:a.end]), r))
	decoder.UseNumber()
	for range tokens {
		if _, err := decoder.Token(); err != nil {
			panic(err) // cannot be: the head is JSON
		}
	}
	return decoder
}

// failed is the end of a text.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }
