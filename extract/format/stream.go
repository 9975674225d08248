package format

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/partnerplus/warehouse/extract/format/gunzip"
)

const (
	chunkBytes = 256 << 10
	chunks     = 4
	// maxZstdWindow is what `zstd --long` writes.
	maxZstdWindow = 128 << 20
)

// decompressed gives the reader of the text inside r. A stream that ends early is io.ErrUnexpectedEOF.
func decompressed(r io.Reader, compression string) io.Reader {
	if compression == "none" {
		return r
	}
	return &lazyReader{open: func() (io.Reader, error) {
		if compression == "gzip" {
			z, err := gunzip.NewReader(r)
			if err == io.EOF {
				err = io.ErrUnexpectedEOF // not even the head of a compressed stream
			}
			return z, err
		}
		in := bufio.NewReaderSize(r, chunkBytes)
		if _, err := in.Peek(1); err == io.EOF {
			return nil, io.ErrUnexpectedEOF
		}
		d, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}}
}

// lazyReader opens its reader with the first read, and closes it with an end or an error.
type lazyReader struct {
	open func() (io.Reader, error)
	r    io.Reader
	err  error
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.r == nil && l.err == nil {
		l.r, l.err = l.open()
	}
	if l.err != nil {
		return 0, l.err
	}
	var n int
	n, l.err = l.r.Read(p)
	return n, l.err
}

// readAhead reads in a goroutine of its own, a few chunks ahead, so that decompressing runs beside parsing.
type readAhead struct {
	full chan chunk
	free chan []byte
	stop chan struct{}
	cur  chunk
	rest []byte
}

type chunk struct {
	data []byte
	err  error // follows the data
}

func newReadAhead(r io.Reader) *readAhead {
	a := &readAhead{full: make(chan chunk, chunks), free: make(chan []byte, chunks), stop: make(chan struct{})}
	for range chunks {
		a.free <- nil
	}
	go a.fill(r)
	return a
}

func (a *readAhead) fill(r io.Reader) {
	defer close(a.full)
	for {
		var c chunk
		select {
		case c.data = <-a.free:
		case <-a.stop:
			return
		}
		if c.data == nil {
			c.data = make([]byte, chunkBytes)
		}
		n := 0
		for n < len(c.data) && c.err == nil {
			var m int
			m, c.err = r.Read(c.data[n:])
			n += m
		}
		c.data = c.data[:n]
		a.full <- c // never blocks: there are no more chunks than places
		if c.err != nil {
			return
		}
	}
}

func (a *readAhead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.cur.err != nil {
			return 0, a.cur.err
		}
		if a.cur.data != nil {
			a.free <- a.cur.data[:cap(a.cur.data)]
		}
		c, open := <-a.full
		if !open {
			c.err = io.ErrClosedPipe
		}
		a.cur, a.rest = c, c.data
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// close ends the goroutine and waits for it. Its reader must no longer block.
func (a *readAhead) close() {
	close(a.stop)
	for range a.full { // drains until the goroutine is gone
	}
}
