package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
	"github.com/partnerplus/warehouse/extract/wire"
)

// reader reads one unit, page by page.
type reader struct {
	source    *Source
	unit      extract.Unit
	ctx       context.Context //nolint:containedctx // the reader's own lifetime, which Close ends
	cancel    context.CancelFunc
	received  wire.Counter
	rows      *format.Rows
	content   hash.Hash // over all records
	delivered time.Time
	pager     *pager
	ahead     *ahead
	patience  patience // with the current page
	page      *page    // nil before it is asked for
	last      bool     // the last page is read
	position  uint64
	err       error // what ended the unit
}

var _ extract.Reader = (*reader)(nil)

// page is an answer that is being read.
type page struct {
	document *format.Document
	body     io.Closer
	head     *head // nil for an answer without a body
	header   http.Header
	address  *url.URL // where it came from
	records  int
	empty    bool         // it leaves the array of records out
	hash     maphash.Hash // over its records
	// A page that broke is asked for again: its first records must be those that were read before.
	known     int
	knownHash uint64
}

func newReader(ctx context.Context, s *Source, unit extract.Unit) *reader {
	r := &reader{
		source: s, unit: unit, rows: format.NewRows(s.format), content: sha256.New(), pager: newPager(s),
		ahead: newAhead(s, unit), patience: patience{source: s},
	}
	r.ctx, r.cancel = s.lifetime(ctx)
	return r
}

// Next implements extract.Reader.
func (r *reader) Next(ctx context.Context) (extract.Batch, error) {
	if r.err != nil {
		return extract.Batch{}, r.err
	}
	stop := context.AfterFunc(ctx, r.cancel)
	err := r.fill(ctx)
	stop()
	if err == nil {
		return r.rows.Batch(), nil
	}
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case err != io.EOF && r.ctx.Err() != nil:
		err = context.Cause(r.ctx)
	}
	if err != io.EOF {
		err = r.source.fail("read", r.unit.Name, err)
	}
	r.err = err
	r.ahead.drop()
	return extract.Batch{}, err
}

// fill reads until there is a batch. A pager that finds the total wrong does so before the last batch is given.
func (r *reader) fill(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for !r.rows.Full() {
		raw, err := r.record()
		if err == io.EOF && !r.rows.Empty() {
			return nil
		}
		if err != nil {
			return err
		}
		r.position++
		if err := r.source.checkTime(raw, r.unit); err != nil {
			return err
		}
		r.content.Write(raw)
		r.rows.Add(raw)
	}
	return nil
}

// record gives the unit's next record, whatever page it is on.
func (r *reader) record() (json.RawMessage, error) {
	for !r.last {
		raw, err := r.attempt()
		switch {
		case err == nil:
			return raw, nil
		case err == io.EOF:
			more, err := r.pager.next(r.page, r.page.address, r.position)
			if err != nil {
				return nil, err
			}
			r.closePage()
			r.ahead.faster()
			r.last, r.page, r.patience.failures = !more, nil, 0
		default:
			if err := r.afterFailure(err); err != nil {
				return nil, err
			}
		}
	}
	return nil, io.EOF
}

// attempt gives the page's next record, io.EOF after its last.
func (r *reader) attempt() (json.RawMessage, error) {
	if r.page == nil || r.page.document == nil {
		if err := r.open(); err != nil {
			return nil, err
		}
	}
	p := r.page
	for {
		raw, err := p.document.Next()
		if err != nil {
			err = p.verdict(r.source, err)
		}
		if err == io.EOF && p.records < p.known {
			return nil, fmt.Errorf("%w: a page is shorter now", extract.ErrChanged)
		}
		if err != nil {
			return nil, err
		}
		_, _ = p.hash.Write(raw) // never fails
		if p.records++; p.records > p.known {
			return raw, nil
		}
		if p.records == p.known && p.hash.Sum64() != p.knownHash {
			return nil, fmt.Errorf("%w: a page has other records now", extract.ErrChanged)
		}
	}
}

// open asks for the current page.
func (r *reader) open() error {
	response, err := r.ahead.take(r.ctx, r.pager.places(r.ahead.farthest, r.position))
	if err != nil {
		return err
	}
	if r.delivered.IsZero() {
		r.delivered = r.source.delivered(response.Header)
	}
	if r.page == nil {
		r.page = &page{}
	}
	p, spec := r.page, r.source.spec
	p.hash.SetSeed(r.pager.seed)
	p.header, p.body, p.records, p.address, p.head = response.Header, response.Body, 0, response.Request.URL, nil
	notes := []string{
		spec.Paging.CursorPath, spec.Paging.NextPath, spec.Paging.TotalPath, spec.Paging.CountPath, spec.Paging.MorePath,
		spec.Failure.Path, spec.Failure.MessagePath,
	}
	if response.StatusCode == http.StatusNoContent {
		p.empty = true
		p.document = format.NewDocument(strings.NewReader("[]"), "", notes...)
		return nil
	}
	body, err := unpacked(response, &r.received)
	if err != nil {
		return errors.Join(err, response.Body.Close())
	}
	p.head = &head{r: &bounded{r: body, left: maxPageBytes}}
	p.document = format.NewDocument(p.head, spec.Records, notes...)
	return nil
}

// afterFailure makes ready for another attempt at the page, or says why there is none.
func (r *reader) afterFailure(err error) error {
	r.ahead.slower()
	if err := r.patience.after(r.ctx, err); err != nil {
		return err
	}
	if p := r.page; p != nil && p.document != nil {
		if p.records >= p.known {
			p.known, p.knownHash = p.records, p.hash.Sum64()
		}
		r.closePage()
		p.document = nil
	}
	return nil
}

func (r *reader) closePage() {
	if r.page != nil && r.page.document != nil {
		_ = r.page.body.Close() // it is read to its end, or given up
	}
}

// BytesRead implements extract.Reader.
func (r *reader) BytesRead() int64 { return r.received.Count() }

// Version implements extract.Reader.
func (r *reader) Version() string {
	if r.err != io.EOF {
		return ""
	}
	return hex.EncodeToString(r.content.Sum(nil))
}

// Delivered implements extract.Reader.
func (r *reader) Delivered() time.Time { return r.delivered }

// Close implements extract.Reader. It may be called in the middle of a unit, and again.
func (r *reader) Close() error {
	if r.err == nil {
		r.err = r.source.fail("read", r.unit.Name, errors.New("the reader is closed"))
	}
	r.cancel()
	r.closePage()
	r.ahead.drop()
	return nil
}
