package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/partnerplus/warehouse/extract"
)

// Document streams the records out of one JSON document, and the scalars around them that it was told to note.
type Document struct {
	decoder *json.Decoder
	in      io.Reader  // what the decoder reads
	run     *recordRun // within the array of records, as long as it goes
	memory  int        // of the run
	limit   *recordLimit
	records string // the dotted path of the array
	noted   map[string]string
	frames  []frame
	arrays  []string // the paths of the arrays that there are instead
	inside  bool     // within the array of records
	found   bool
	begun   bool
}

const (
	// maxDepth bounds the nesting around the records.
	maxDepth = 1000
	// maxArrays bounds what an error lists.
	maxArrays = 8
	// maxSpace bounds white space in a row, which the decoder looks through again with whatever follows.
	maxSpace = 256 << 10
)

// frame is an object or array that is open.
type frame struct {
	object bool
	key    string // of the value at hand; empty before a key
	keyed  bool
}

// NewDocument reads the array of records at the dotted path; an empty path means the document itself. The scalars
// at the paths of note are kept wherever they stand.
func NewDocument(r io.Reader, records string, note ...string) *Document {
	d := &Document{limit: &recordLimit{r: r}, memory: runBytes, records: records, noted: map[string]string{}}
	in := bufio.NewReader(d.limit)
	if bom, err := in.Peek(3); err == nil && string(bom) == "\uFEFF" {
		_, _ = in.Discard(3)
	}
	d.in = in
	d.decoder = json.NewDecoder(in)
	d.decoder.UseNumber()
	for _, path := range note {
		if path != "" {
			d.noted[path] = ""
		}
	}
	return d
}

// Noted gives the text of a scalar that was to be noted, empty where it is null or missing. Valid after io.EOF.
func (d *Document) Noted(path string) string { return d.noted[path] }

// Next gives the next record, which is valid until the one after it is asked for, and io.EOF after the end of the
// document. A document that ends early is io.ErrUnexpectedEOF.
func (d *Document) Next() (json.RawMessage, error) {
	for {
		d.limit.reset()
		if d.run != nil {
			d.limit.record = true
			raw := d.run.next()
			d.limit.record = false
			if raw != nil {
				return raw, nil
			}
			d.decoder, d.run = d.run.rest(len(d.frames)-1), nil
			d.limit.reset()
		}
		if d.inside && d.decoder.More() {
			var raw json.RawMessage
			d.limit.record = true
			err := d.decoder.Decode(&raw)
			d.limit.record = false
			return raw, early(err)
		}
		if d.begun && len(d.frames) == 0 {
			return nil, d.end()
		}
		if err := d.step(); err != nil {
			return nil, err
		}
	}
}

// end checks what follows the document.
func (d *Document) end() error {
	_, err := d.decoder.Token()
	switch {
	case err == nil:
		return errors.New("more than one JSON document; if each line is one, set format.type to ndjson")
	case err != io.EOF:
		return err
	case !d.found:
		return fmt.Errorf("the JSON has no array of records at %s%s", d.place(), d.instead())
	}
	return io.EOF
}

// step takes one token outside of the records.
func (d *Document) step() error {
	token, err := d.decoder.Token()
	if err != nil {
		return early(err)
	}
	if delim, is := token.(json.Delim); is && (delim == '}' || delim == ']') {
		d.frames, d.inside = d.frames[:len(d.frames)-1], false
		d.valueDone()
		return nil
	}
	if top := d.top(); top != nil && top.object && !top.keyed {
		top.key, top.keyed = token.(string), true
		return nil
	}
	path, reachable := d.path()
	if reachable && path == d.records && (path != "" || len(d.frames) == 0 && token != json.Delim('{')) {
		return d.enterRecords(token)
	}
	d.begun = true
	switch t := token.(type) {
	case json.Delim:
		if len(d.frames) == maxDepth {
			return fmt.Errorf("the JSON is nested more than %d deep", maxDepth)
		}
		if t == '[' && reachable && len(d.arrays) < maxArrays {
			d.arrays = append(d.arrays, path)
		}
		d.frames = append(d.frames, frame{object: t == '{'})
		return nil
	case nil:
	default:
		if _, wanted := d.noted[path]; wanted && reachable {
			d.noted[path] = fmt.Sprint(t)
		}
	}
	d.valueDone()
	return nil
}

func (d *Document) enterRecords(token json.Token) error {
	d.begun = true
	switch {
	case d.found:
		return fmt.Errorf("the JSON has %s twice", d.place())
	case token == json.Delim('['):
		d.frames, d.inside, d.found = append(d.frames, frame{}), true, true
		d.run = newRecordRun(io.MultiReader(d.decoder.Buffered(), d.in), d.memory)
		return nil
	case token == nil && len(d.frames) > 0: // an empty list, to some servers
		d.found = true
		d.valueDone()
		return nil
	}
	return fmt.Errorf("the JSON at %s is not an array of records", d.place())
}

func (d *Document) place() string {
	if d.records == "" {
		return "its top"
	}
	return fmt.Sprintf("%q", d.records)
}

// instead tells which arrays there are.
func (d *Document) instead() string {
	var paths []string
	for _, path := range d.arrays {
		if path == "" {
			path = "the top"
		}
		paths = append(paths, path)
	}
	if len(paths) == 0 {
		return ", and no other array of its own"
	}
	return "; set records to one of the arrays that it has: " + strings.Join(paths, ", ")
}

func (d *Document) top() *frame {
	if len(d.frames) == 0 {
		return nil
	}
	return &d.frames[len(d.frames)-1]
}

func (d *Document) valueDone() {
	if top := d.top(); top != nil {
		top.keyed = false
	}
}

// path is the dotted path of the value at hand; what is within an array cannot be reached by one.
func (d *Document) path() (path string, reachable bool) {
	if len(d.frames) == 1 {
		return d.frames[0].key, d.frames[0].object
	}
	keys := make([]string, len(d.frames))
	for i, f := range d.frames {
		if !f.object {
			return "", false
		}
		keys[i] = f.key
	}
	return strings.Join(keys, "."), true
}

func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// recordLimit bounds what is read for one record, and the white space around records.
type recordLimit struct {
	r      io.Reader
	read   int
	record bool // is being read: what is in it is looked through once
	space  int  // in a row, as far as whole reads have nothing else
}

func (l *recordLimit) reset() { l.read = 0 }

func (l *recordLimit) Read(p []byte) (int, error) {
	if l.read > 2*maxRowBytes {
		return 0, fmt.Errorf("a record is longer than %d MiB", maxRowBytes>>20)
	}
	n, err := l.r.Read(p)
	l.read += n
	l.space += n
	if l.record || len(bytes.TrimLeft(p[:n], " \t\r\n")) > 0 {
		l.space = 0
	}
	if l.space > maxSpace {
		return 0, fmt.Errorf("the JSON has more than %d KiB of white space in a row", maxSpace>>10)
	}
	return n, err
}

// jsonDecoder reads a document that is an array of records.
type jsonDecoder struct {
	text     *readAhead
	document *Document
	rows     *Rows
}

func (d *jsonDecoder) next() (extract.Batch, error) {
	for !d.rows.Full() {
		raw, err := d.document.Next()
		if err == io.EOF && !d.rows.Empty() {
			break
		}
		if err != nil {
			return extract.Batch{}, err
		}
		d.rows.Add(raw)
	}
	return d.rows.Batch(), nil
}

func (d *jsonDecoder) close() { d.text.close() }
