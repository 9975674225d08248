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
	address   *url.URL // of the current page; nil after the last
	page      *page    // nil before it is asked for
	failures  int      // of the current page
	position  uint64
	err       error // what ended the unit
}

var _ extract.Reader = (*reader)(nil)

// page is an answer that is being read.
type page struct {
	document *format.Document
	body     io.Closer
	header   http.Header
	records  int
	hash     maphash.Hash // over its records
	// A page that broke is asked for again: its first records must be those that were read before.
	known     int
	knownHash uint64
}

func newReader(ctx context.Context, s *Source, unit extract.Unit) *reader {
	r := &reader{source: s, unit: unit, rows: format.NewRows(s.format), content: sha256.New(), pager: newPager(s)}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.address = r.pager.first(s.address(unit))
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
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != io.EOF {
		err = r.source.fail("read", r.unit.Name, err)
	}
	r.err = err
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
		r.content.Write(raw)
		r.rows.Add(raw)
	}
	return nil
}

// record gives the unit's next record, whatever page it is on.
func (r *reader) record() (json.RawMessage, error) {
	for r.address != nil {
		raw, err := r.attempt()
		switch {
		case err == nil:
			return raw, nil
		case err == io.EOF:
			if r.address, err = r.pager.after(r.page, r.address, r.position); err != nil {
				return nil, err
			}
			r.closePage()
			r.page, r.failures = nil, 0
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
	response, err := r.source.fetch(r.ctx, r.address, &r.received) //nolint:bodyclose // closePage closes it
	if err != nil {
		return err
	}
	if r.delivered.IsZero() {
		r.delivered = r.source.delivered(response.Header)
	}
	if r.page == nil {
		r.page = &page{}
	}
	paging := r.source.spec.Paging
	r.page.hash.SetSeed(r.pager.seed)
	r.page.header, r.page.body, r.page.records = response.Header, response.Body, 0
	if response.StatusCode == http.StatusNoContent {
		r.page.document = format.NewDocument(strings.NewReader("[]"), "", paging.TotalPath)
		return nil
	}
	r.page.document = format.NewDocument(response.Body, r.source.spec.Records,
		paging.CursorPath, paging.NextPath, paging.TotalPath)
	return nil
}

// delivered is when the answer says that its content changed last, or else when it was given.
func (s *Source) delivered(h http.Header) time.Time {
	for _, name := range []string{"Last-Modified", "Date"} {
		if t, err := http.ParseTime(h.Get(name)); err == nil {
			return t.UTC()
		}
	}
	return s.options.Now().UTC().Truncate(time.Microsecond)
}

// afterFailure makes ready for another attempt at the page, or says why there is none.
func (r *reader) afterFailure(err error) error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	var passing *transient
	cutShort := errors.Is(err, io.ErrUnexpectedEOF)
	if !errors.As(err, &passing) && !cutShort || or(r.source.spec.Method, http.MethodGet) != http.MethodGet {
		return err
	}
	if r.failures++; r.failures > r.source.retries {
		return fmt.Errorf("%d attempts failed, the last: %w", r.failures, err)
	}
	if p := r.page; p != nil && p.document != nil {
		if p.records >= p.known {
			p.known, p.knownHash = p.records, p.hash.Sum64()
		}
		r.closePage()
		p.document = nil
	}
	wait := r.source.options.Backoff(r.failures)
	if passing != nil {
		wait = max(wait, passing.after)
	}
	return r.source.options.Pause(r.ctx, wait)
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
	return nil
}
