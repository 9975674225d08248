package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
	"github.com/partnerplus/warehouse/extract/wire"
)

// progressBytes is how far a download must get for its earlier failures to be forgotten.
const progressBytes = 1 << 20

var (
	errNoEnd   = errors.New("the answer does not tell where it ends: one that is cut short would look complete")
	errWebPage = errors.New("the answer is a web page")
	errNothing = errors.New("the answer is empty (204 No Content)")
)

// download is a file as an address serves it: read on where it broke, or passed over again up to there.
type download struct {
	source    *Source
	unit      extract.Unit
	ctx       context.Context //nolint:containedctx // the download's own lifetime, which Close ends
	cancel    context.CancelFunc
	received  wire.Counter
	content   hash.Hash // over what was given so far
	offset    int64     // the length of it
	validator string    // names this content to the server; empty where it cannot be read on
	delivered time.Time
	body      io.Reader
	closer    io.Closer
	patience  patience
	progress  int64 // bytes since the last failure
	err       error // what ended it; io.EOF or worse
	spool     *os.File
	size      int64 // of the spool
}

var _ format.Bytes = (*download)(nil)

func newDownload(ctx context.Context, s *Source, unit extract.Unit) *download {
	d := &download{source: s, unit: unit, content: sha256.New(), patience: patience{source: s}}
	d.ctx, d.cancel = s.lifetime(ctx)
	return d
}

// Read implements format.Bytes.
func (d *download) Read(p []byte) (int, error) {
	for d.err == nil {
		n, err := d.read(p)
		if n > 0 {
			d.content.Write(p[:n])
			d.offset += int64(n)
			if d.progress += int64(n); d.progress >= progressBytes {
				d.patience.failures = 0
			}
			return n, nil
		}
		if err == nil {
			continue
		}
		d.closeBody()
		if err != io.EOF {
			d.progress = 0
			err = d.patience.after(d.ctx, err)
		}
		if err != nil && err != io.EOF {
			err = d.source.described(err)
		}
		d.err = err
	}
	return 0, d.err
}

func (d *download) read(p []byte) (int, error) {
	if d.body == nil {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	return d.body.Read(p)
}

// open asks for what is missing.
func (d *download) open() error {
	again := d.offset > 0
	response, err := d.source.send(d.ctx, d.unit, place{}, d.source.limit.enter, func(request *http.Request) { //nolint:bodyclose // closeBody does
		request.Header.Set("Accept", "*/*")
		request.Header.Set("Accept-Encoding", "identity")
		if again && d.validator != "" {
			request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.offset))
			request.Header.Set("If-Range", d.validator)
		}
	})
	if err != nil {
		return err
	}
	d.closer = response.Body
	if d.delivered.IsZero() {
		d.delivered = d.source.delivered(response.Header)
	}
	if err := d.check(response); err != nil {
		return err
	}
	body := io.Reader(&breakable{r: d.received.Reader(response.Body)})
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && d.source.file.Compression != "gzip" {
		// else it tells what the file is packed with, which the format knows
		if body, err = unpacked(response, &d.received); err != nil {
			return err
		}
	} else if !again {
		d.validator = validator(response.Header)
	}
	if again && response.StatusCode == http.StatusOK {
		if err := d.passOver(body); err != nil {
			return err
		}
	}
	d.body = body
	return nil
}

// passOver reads what was read before, which must be the same.
func (d *download) passOver(body io.Reader) error {
	known := sha256.New()
	n, err := io.Copy(known, io.LimitReader(body, d.offset))
	if err != nil {
		return err
	}
	if n < d.offset || !bytes.Equal(known.Sum(nil), d.content.Sum(nil)) {
		return fmt.Errorf("%w: the file is another one now", extract.ErrChanged)
	}
	return nil
}

// check refuses an answer that is not the file, or not to be told from a part of it.
func (d *download) check(response *http.Response) error {
	switch kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); {
	case response.StatusCode == http.StatusNoContent:
		return errNothing
	case kind == "text/html", kind == "application/xhtml+xml":
		return fmt.Errorf("%w (%s)", errWebPage, kind)
	}
	if response.StatusCode == http.StatusPartialContent {
		begin := fmt.Sprintf("bytes %d-", d.offset)
		if got := response.Header.Get("Content-Range"); !strings.HasPrefix(got, begin) {
			return fmt.Errorf("the server sends the range %q where byte %d on was asked for", quoted([]byte(got)), d.offset)
		}
	}
	file := d.source.file
	openEnded := response.ContentLength < 0 && len(response.TransferEncoding) == 0 && response.ProtoMajor < 2
	if openEnded && file.Compression == "none" && (file.Type == "csv" || file.Type == "ndjson") {
		return errNoEnd
	}
	return nil
}

// validator is what a server calls this very content.
func validator(h http.Header) string {
	if h.Get("Accept-Ranges") != "bytes" {
		return ""
	}
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return ""
}

// described keeps the hint of an error for the reader that wraps it, and no secret.
func (s *Source) described(err error) error {
	if hint := hint(err); hint != "" {
		err = fmt.Errorf("%w (%s)", err, hint)
	}
	return s.clean(err)
}

func (d *download) closeBody() {
	if d.closer != nil {
		_ = d.closer.Close() // it is read to its end, or broken
		d.body, d.closer = nil, nil
	}
}

// fill spools the file, for a format that is not read from its beginning to its end. The spool has no name, so nothing is
// left of it.
func (d *download) fill(ctx context.Context) error {
	stop := context.AfterFunc(ctx, d.cancel)
	defer stop()
	f, err := os.CreateTemp("", "partnerplus-*")
	if err != nil {
		return err
	}
	d.spool = f
	if err := os.Remove(f.Name()); err != nil {
		return err
	}
	d.size, err = io.Copy(f, d)
	return err
}

// ReadAt implements format.Bytes.
func (d *download) ReadAt(p []byte, offset int64) (int, error) { return d.spool.ReadAt(p, offset) }

// Size implements format.Bytes.
func (d *download) Size() int64 { return d.size }

// BytesRead implements format.Bytes.
func (d *download) BytesRead() int64 { return d.received.Count() }

// Verify has nothing to do: what is read on must be the same content.
func (d *download) Verify() error { return nil }

// Close implements format.Bytes; it ends the request.
func (d *download) Close() error {
	d.cancel()
	return nil
}

// fileReader reads a file that an address serves.
type fileReader struct {
	extract.Reader

	source   *Source
	download *download
	version  string
	err      error // what ended the unit before its reader began, or after it ended
}

func newFileReader(ctx context.Context, s *Source, unit extract.Unit) *fileReader {
	d := newDownload(ctx, s, unit)
	return &fileReader{Reader: format.NewReader(s.name, unit, *s.file, d), source: s, download: d}
}

// Next implements extract.Reader.
func (r *fileReader) Next(ctx context.Context) (extract.Batch, error) {
	if r.err != nil {
		return extract.Batch{}, r.err
	}
	streamed := streamed(*r.source.file)
	if !streamed && r.download.spool == nil && ctx.Err() == nil {
		if err := r.download.fill(ctx); err != nil {
			return extract.Batch{}, r.end(ctx, err)
		}
	}
	batch, err := r.Reader.Next(ctx)
	if err != io.EOF {
		return batch, err
	}
	if streamed {
		if _, err := io.Copy(io.Discard, r.download); err != nil {
			return extract.Batch{}, r.end(ctx, err)
		}
	}
	r.version = hex.EncodeToString(r.download.content.Sum(nil))
	return batch, err
}

// streamed reports whether a format is read from its beginning to its end.
func streamed(f format.Format) bool {
	return f.Compression != "zip" && (f.Type == "csv" || f.Type == "ndjson" || f.Type == "json")
}

func (r *fileReader) end(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	r.err = r.source.fail("read", r.download.unit.Name, err)
	return r.err
}

// Version implements extract.Reader.
func (r *fileReader) Version() string { return r.version }

// Delivered implements extract.Reader.
func (r *fileReader) Delivered() time.Time { return r.download.delivered }

// Close implements extract.Reader.
func (r *fileReader) Close() error {
	err := r.Reader.Close()
	r.download.closeBody()
	if r.download.spool != nil {
		err = errors.Join(err, r.download.spool.Close())
		r.download.spool = nil
	}
	return err
}
