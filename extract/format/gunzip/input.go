package gunzip

import "io"

const (
	// inBytes is what is held of the underlying reader.
	inBytes = 64 << 10
	// unreadBytes are kept before what was read last: bits can hold so many bytes, which align gives back.
	unreadBytes = 8
	// maxEmptyReads is how often a reader may give nothing, as in bufio.
	maxEmptyReads = 100
)

// input is the packed bytes, and the bits of them.
type input struct {
	r        io.Reader
	buf      []byte // buf[pos:end] was read and is not in bits
	pos, end int
	read     int64 // all that r gave
	err      error // of r, follows buf[:end]

	bits  uint64 // the lowest comes first; above count they are zero
	count uint
}

func newInput(r io.Reader) input {
	return input{r: r, buf: make([]byte, inBytes), pos: unreadBytes, end: unreadBytes}
}

// fill reads what comes next. All that was read before must be in bits.
func (in *input) fill() error {
	copy(in.buf, in.buf[in.end-unreadBytes:in.end])
	in.pos, in.end = unreadBytes, unreadBytes
	for range maxEmptyReads {
		if in.err != nil {
			return in.err
		}
		var n int
		n, in.err = in.r.Read(in.buf[unreadBytes:])
		in.read += int64(n)
		if in.end += n; n > 0 {
			return nil
		}
	}
	in.err = io.ErrNoProgress
	return in.err
}

// more puts one byte more into bits.
func (in *input) more() error {
	if in.pos == in.end {
		if err := in.fill(); err != nil {
			return early(err)
		}
	}
	in.bits |= uint64(in.buf[in.pos]) << in.count
	in.pos++
	in.count += 8
	return nil
}

// take gives the next n bits, at most 16.
func (in *input) take(n uint) (int, error) {
	for in.count < n {
		if err := in.more(); err != nil {
			return 0, err
		}
	}
	v := in.bits & (1<<n - 1)
	in.drop(n)
	return int(v), nil
}

func (in *input) drop(n uint) {
	in.bits >>= n
	in.count -= n
}

// align drops the bits up to the next byte, and gives the bytes after it back.
func (in *input) align() {
	in.pos -= int(in.count >> 3)
	in.bits, in.count = 0, 0
}

// full fills p from an aligned input, with the errors of io.ReadFull.
func (in *input) full(p []byte) error {
	for n := 0; n < len(p); {
		if in.pos == in.end {
			err := in.fill()
			if err == io.EOF && n > 0 {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
		}
		m := copy(p[n:], in.buf[in.pos:in.end])
		in.pos += m
		n += m
	}
	return nil
}

// offset is how many bytes were used.
func (in *input) offset() int64 {
	return in.read - int64(in.end-in.pos) - int64(in.count>>3)
}
