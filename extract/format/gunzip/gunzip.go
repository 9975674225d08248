// Package gunzip unpacks gzip at the speed of the machine. It gives the bytes that compress/gzip gives and fails where
// compress/gzip fails, with its errors: the standard library is the specification, and the tests hold the two together.
//
// It is not a library's because unpacking was half of what reading a csv.gz costs. On one core, BenchmarkReader's rows
// came at 430 MB/s of text, from klauspost/compress at 265 and from compress/gzip at 195. A stream of a few kilobytes is
// cheaper with those: here its buffers cost more than its text.
//
// It must not know what is packed, where it comes from, or any other compression.
package gunzip

import (
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
)

const (
	// windowBytes is how far back a match may reach.
	windowBytes = 32 << 10
	// outBytes is what is unpacked before it is handed out, with the window before it. More is no faster, and a small unit
	// pays for it too.
	outBytes = 128 << 10
	// maxTextBytes bounds a file name or a comment, its end included, as compress/gzip does.
	maxTextBytes = 512
)

// Reader unpacks a gzip stream of one member or several, of which it gives the text as one.
type Reader struct {
	in  input
	out []byte
	// out[given:made] is to be given yet. The member that is read has out[begin:made], as far as a match may reach.
	begin, given, made int
	summed             int // out[:summed] is in sum
	sum, size          uint32

	stored int  // bytes that are left of a stored block
	coded  bool // within a block of symbols
	final  bool // the block is its member's last

	literals, distances *table
	own                 [2]table // of a block that brings its own
	lengths             lengths
	err                 error // follows what is to be given
}

// NewReader gives the reader of a stream and reads its header; of an empty one it gives io.EOF. It reads ahead of what it
// gives. A read fails with gzip.ErrHeader, gzip.ErrChecksum or flate.CorruptInputError for what is no gzip, with
// io.ErrUnexpectedEOF where it ends early, and with r's own error.
func NewReader(r io.Reader) (*Reader, error) {
	z := &Reader{in: newInput(r), out: make([]byte, outBytes)}
	if err := z.header(); err != nil {
		return nil, err
	}
	return z, nil
}

// Read implements io.Reader. What it gives is checked when io.EOF comes, not before.
func (z *Reader) Read(p []byte) (int, error) {
	for z.given == z.made {
		if z.err != nil {
			return 0, z.err
		}
		z.err = z.step()
	}
	n := copy(p, z.out[z.given:z.made])
	z.given += n
	return n, nil
}

// step goes on to the end of a block, of its header or of a member, or until out is full. Everything made was given.
func (z *Reader) step() error {
	var err error
	switch {
	case z.stored > 0:
		z.slide()
		err = z.copyStored()
	case z.coded:
		z.slide()
		err = z.inflate()
	case z.final:
		return z.nextMember()
	default:
		return z.block()
	}
	made := z.out[z.summed:z.made]
	z.sum = crc32.Update(z.sum, crc32.IEEETable, made)
	z.size += uint32(len(made))
	z.summed = z.made
	return err
}

// slide makes room in a full out: only the window stays.
func (z *Reader) slide() {
	if z.made+symbolRoom <= len(z.out) {
		return
	}
	gone := z.made - windowBytes
	copy(z.out, z.out[gone:z.made])
	z.begin = max(z.begin-gone, 0)
	z.given, z.made, z.summed = windowBytes, windowBytes, windowBytes
}

// nextMember checks a member that has ended, and begins with what follows: io.EOF is the end of all.
func (z *Reader) nextMember() error {
	z.in.align()
	var trailer [8]byte
	if err := z.in.full(trailer[:]); err != nil {
		return early(err)
	}
	if binary.LittleEndian.Uint32(trailer[:]) != z.sum || binary.LittleEndian.Uint32(trailer[4:]) != z.size {
		return gzip.ErrChecksum
	}
	return z.header()
}

// Flags of a header.
const (
	flagSum     = 1 << 1
	flagExtra   = 1 << 2
	flagName    = 1 << 3
	flagComment = 1 << 4
)

// header reads a member's header, of which nothing but its correctness matters.
func (z *Reader) header() error {
	var head [10]byte
	if err := z.in.full(head[:]); err != nil {
		return err
	}
	if head[0] != 0x1F || head[1] != 0x8B || head[2] != 8 {
		return gzip.ErrHeader
	}
	sum, flags := crc32.ChecksumIEEE(head[:]), head[3]
	if flags&flagExtra != 0 {
		var length [2]byte
		if err := z.in.full(length[:]); err != nil {
			return early(err)
		}
		extra := make([]byte, binary.LittleEndian.Uint16(length[:]))
		if err := z.in.full(extra); err != nil {
			return early(err)
		}
		sum = crc32.Update(crc32.Update(sum, crc32.IEEETable, length[:]), crc32.IEEETable, extra)
	}
	for _, flag := range []byte{flagName, flagComment} {
		if flags&flag != 0 {
			text, err := z.text()
			if err != nil {
				return early(err)
			}
			sum = crc32.Update(sum, crc32.IEEETable, text)
		}
	}
	if flags&flagSum != 0 {
		var want [2]byte
		if err := z.in.full(want[:]); err != nil {
			return early(err)
		}
		if uint32(binary.LittleEndian.Uint16(want[:])) != sum&0xFFFF {
			return gzip.ErrHeader
		}
	}
	z.sum, z.size, z.begin, z.final = 0, 0, z.made, false
	return nil
}

// text reads a text of a header with the zero that ends it.
func (z *Reader) text() ([]byte, error) {
	var text []byte
	for len(text) < maxTextBytes {
		var c [1]byte
		if err := z.in.full(c[:]); err != nil {
			return nil, err
		}
		if text = append(text, c[0]); c[0] == 0 {
			return text, nil
		}
	}
	return nil, gzip.ErrHeader
}

// corrupt says about where the input is none that a packer makes.
func (z *Reader) corrupt() error { return flate.CorruptInputError(z.in.offset()) }

// early is an input's error where more must come.
func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
