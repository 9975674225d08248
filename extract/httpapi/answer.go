package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/wire"
)

const (
	// maxPageBytes bounds one answer, unpacked.
	maxPageBytes = 256 << 20
	// headBytes is how much of an answer is kept to look into it as a whole.
	headBytes = 64 << 10
)

// unpacked gives an answer's text: counted, unpacked, and with what breaks it marked as transient.
func unpacked(response *http.Response, received *wire.Counter) (io.Reader, error) {
	body := io.Reader(&breakable{r: received.Reader(response.Body)})
	switch encoding := strings.ToLower(response.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(body)
		if err != nil {
			return nil, &transient{err: fmt.Errorf("unpack the answer: %w", err)}
		}
		return &breakable{r: r}, nil
	default:
		return nil, fmt.Errorf("the answer has the encoding %q, which was not asked for", quoted([]byte(encoding)))
	}
}

// breakable marks a body's failures as transient.
type breakable struct{ r io.Reader }

func (b *breakable) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err != io.EOF {
		err = &transient{err: err}
	}
	return n, err
}

// bounded fails where io.LimitReader would pretend that the text ends.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errPageTooLong
	}
	return n, err
}

// head keeps the beginning of what is read through it.
type head struct {
	r     io.Reader
	kept  bytes.Buffer
	whole bool // kept is all there is
	over  bool // there is more than is kept
}

func (h *head) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	room := headBytes - h.kept.Len()
	h.kept.Write(p[:min(n, room)])
	h.over = h.over || n > room
	h.whole = err == io.EOF && !h.over
	return n, err
}

// document is the answer as a whole, nil where it is too long or not JSON.
func (h *head) document() any {
	if !h.whole && !h.over {
		_, _ = io.CopyN(io.Discard, h, int64(headBytes-h.kept.Len())+1) // what there is
	}
	var document any
	decoder := json.NewDecoder(bytes.NewReader(h.kept.Bytes()))
	decoder.UseNumber()
	if !h.whole || decoder.Decode(&document) != nil {
		return nil
	}
	return document
}

// at gives the value at a dotted path; a number is a place in a list.
func at(value any, path string) (any, bool) {
	for _, key := range strings.Split(path, ".") {
		switch container := value.(type) {
		case map[string]any:
			member, found := container[key]
			if !found {
				return nil, false
			}
			value = member
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n < 0 || n >= len(container) {
				return nil, false
			}
			value = container[n]
		default:
			return nil, false
		}
	}
	return value, true
}

// text is a JSON value as a person reads it, empty where it holds nothing.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case []any:
		if len(v) == 0 {
			return ""
		}
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
	}
	encoded, _ := json.Marshal(value) // it was decoded from JSON
	return string(encoded)
}

func matches(m extract.MatchSpec, found string) bool {
	if m.Equals != "" {
		return found == m.Equals
	}
	return found != "" && found != "false"
}

var errFailure = errors.New("the answer says that it failed")

// verdict judges an answer whose records ended, or could not be read: err is io.EOF or says why. It may say that it
// failed, or that it is empty.
func (p *page) verdict(s *Source, err error) error {
	var passing *transient
	spec := s.spec
	if errors.As(err, &passing) || spec.Failure.Path == "" && spec.Empty.Path == "" || p.head == nil {
		return err
	}
	if spec.Failure.Path == "" && err == io.EOF {
		return err
	}
	document := p.head.document()
	lookup := func(path string) string {
		if path == "" {
			return ""
		}
		if value, found := at(document, path); found {
			return text(value)
		}
		return p.document.Noted(path)
	}
	if f := spec.Failure; f.Path != "" && matches(f.MatchSpec, lookup(f.Path)) {
		message := or(lookup(f.MessagePath), f.Path+" is "+lookup(f.Path))
		return fmt.Errorf("%w: %s", errFailure, quoted([]byte(s.masked(message))))
	}
	if e := spec.Empty; err != io.EOF && e.Path != "" && document != nil && matches(e, lookup(e.Path)) {
		if _, found := at(document, spec.Records); !found {
			p.empty = true
			return io.EOF
		}
	}
	return err
}
