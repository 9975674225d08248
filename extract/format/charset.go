package format

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/transform"
)

// undefinedByte is put where a charset defines nothing. No UTF-8 has it, so its row is found to be malformed.
const undefinedByte = 0xFF

// decodedText gives the text of r in UTF-8.
func decodedText(r io.Reader, charset encoding.Encoding) io.Reader {
	if single, is := charset.(*charmap.Charmap); is {
		return transform.NewReader(r, newSingleByte(single))
	}
	switch name, _ := ianaindex.IANA.Name(charset); name {
	case "UTF-16":
		return transform.NewReader(r, &utf16Decoder{})
	case "UTF-16LE":
		return transform.NewReader(r, &utf16Decoder{order: 'l'})
	case "UTF-16BE":
		return transform.NewReader(r, &utf16Decoder{order: 'b'})
	}
	return transform.NewReader(transform.NewReader(r, charset.NewDecoder()), replacements{})
}

// singleByte decodes a charset of a byte each. Bytes that stand for control characters beyond ASCII count as undefined:
// real texts have none, but texts of another charset do.
type singleByte struct {
	transform.NopResetter
	texts [256][]byte
}

func newSingleByte(c *charmap.Charmap) *singleByte {
	s := &singleByte{}
	for i := range s.texts {
		r := c.DecodeByte(byte(i))
		if r == utf8.RuneError || r >= 0x80 && r < 0xA0 {
			s.texts[i] = []byte{undefinedByte}
			continue
		}
		s.texts[i] = utf8.AppendRune(nil, r)
	}
	return s
}

func (s *singleByte) Transform(dst, src []byte, _ bool) (written, read int, err error) {
	for read < len(src) {
		text := s.texts[src[read]]
		if written+len(text) > len(dst) {
			return written, read, transform.ErrShortDst
		}
		written += copy(dst[written:], text)
		read++
	}
	return written, read, nil
}

var (
	errNoMark    = errors.New("the text has no byte order mark; set format.encoding to utf-16le or utf-16be")
	errOtherMark = errors.New("its byte order mark tells the other UTF-16 than format.encoding does")
)

// utf16Decoder decodes UTF-16. Its order is l or b, or 0 until the mark tells.
type utf16Decoder struct {
	order byte
	begun bool
}

func (d *utf16Decoder) Reset() {}

func (d *utf16Decoder) Transform(dst, src []byte, atEOF bool) (written, read int, err error) {
	if !d.begun && (len(src) >= 2 || atEOF) {
		d.begun = true
		mark := byte(0)
		switch {
		case bytes.HasPrefix(src, []byte("\xFF\xFE")):
			mark = 'l'
		case bytes.HasPrefix(src, []byte("\xFE\xFF")):
			mark = 'b'
		}
		switch {
		case d.order == 0 && mark == 0:
			return 0, 0, errNoMark
		case d.order != 0 && mark != 0 && d.order != mark:
			return 0, 0, errOtherMark
		case mark != 0:
			d.order = mark
		}
	}
	for read < len(src) {
		r, size := d.rune(src[read:], atEOF)
		if size == 0 {
			return written, read, transform.ErrShortSrc
		}
		if written+utf8.UTFMax > len(dst) {
			return written, read, transform.ErrShortDst
		}
		if r < 0 {
			dst[written] = undefinedByte
			written++
		} else {
			written += utf8.EncodeRune(dst[written:], r)
		}
		read += size
	}
	return written, read, nil
}

// rune gives the next character, -1 for half of one, and how many bytes it takes; 0 if there may be more.
func (d *utf16Decoder) rune(src []byte, atEOF bool) (r rune, size int) {
	if len(src) < 2 {
		if atEOF {
			return -1, len(src)
		}
		return 0, 0
	}
	unit := func(i int) rune {
		if d.order == 'l' {
			return rune(src[i]) | rune(src[i+1])<<8
		}
		return rune(src[i])<<8 | rune(src[i+1])
	}
	r = unit(0)
	if !utf16.IsSurrogate(r) {
		return r, 2
	}
	if len(src) < 4 {
		if atEOF {
			return -1, 2
		}
		return 0, 0
	}
	if pair := utf16.DecodeRune(r, unit(2)); pair != utf8.RuneError {
		return pair, 4
	}
	return -1, 2
}

// replacements finds what a decoder could not read, and has replaced.
type replacements struct{ transform.NopResetter }

func (replacements) Transform(dst, src []byte, atEOF bool) (written, read int, err error) {
	mark := []byte("\uFFFD")
	for read < len(src) {
		rest := src[read:]
		if bytes.HasPrefix(rest, mark) {
			if written == len(dst) {
				return written, read, transform.ErrShortDst
			}
			dst[written] = undefinedByte
			written++
			read += len(mark)
			continue
		}
		if !atEOF && len(rest) < len(mark) && bytes.HasPrefix(mark, rest) {
			return written, read, transform.ErrShortSrc
		}
		n := 1
		if i := bytes.IndexByte(rest[1:], mark[0]); i >= 0 {
			n += i
		} else {
			n = len(rest)
		}
		copied := copy(dst[written:], rest[:n])
		written += copied
		read += copied
		if copied < n {
			return written, read, transform.ErrShortDst
		}
	}
	return written, read, nil
}
