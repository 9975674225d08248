package format

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// The functions of this file read JSON as encoding/json does, without making anything of it: each gives what follows the
// thing that begins at b[i], or bad if there is no such thing, or not all of it.

const (
	bad = -1
	// maxNesting is how deep encoding/json follows objects and arrays.
	maxNesting = 10_000
)

// validJSON reports whether b is one JSON value.
func validJSON(b []byte) bool {
	end := valueEnd(b, skipSpace(b, 0), 0)
	return end != bad && skipSpace(b, end) == len(b)
}

// valueEnd reads a value within so many others.
func valueEnd(b []byte, i, depth int) int {
	if i >= len(b) {
		return bad
	}
	switch c := b[i]; c {
	case '"':
		end, _ := textEnd(b, i)
		return end
	case '{', '[':
		return nestedEnd(b, i, depth)
	case 't':
		return wordEnd(b, i, "true")
	case 'f':
		return wordEnd(b, i, "false")
	case 'n':
		return wordEnd(b, i, "null")
	}
	return numberEnd(b, i)
}

// nestedEnd reads an object or an array.
func nestedEnd(b []byte, i, depth int) int {
	if depth == maxNesting {
		return bad
	}
	object := b[i] == '{'
	closing := b[i] + 2 // both pairs stand two apart in ASCII
	if i = skipSpace(b, i+1); i < len(b) && b[i] == closing {
		return i + 1
	}
	for {
		if object {
			_, i, _ = keyEnd(b, i)
			if i == bad {
				return bad
			}
		}
		if i = valueEnd(b, i, depth+1); i == bad {
			return bad
		}
		if i = skipSpace(b, i); i == len(b) {
			return bad
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case closing:
			return i + 1
		default:
			return bad
		}
	}
}

// keyEnd reads a key with its colon and gives where its value begins.
func keyEnd(b []byte, i int) (key []byte, value int, plain bool) {
	if i >= len(b) || b[i] != '"' {
		return nil, bad, false
	}
	end, plain := textEnd(b, i)
	if end == bad {
		return nil, bad, false
	}
	colon := skipSpace(b, end)
	if colon == len(b) || b[colon] != ':' {
		return nil, bad, false
	}
	return b[i+1 : end-1], skipSpace(b, colon+1), plain
}

// textEnd reads a string; it is plain if nothing in it is escaped.
func textEnd(b []byte, i int) (next int, plain bool) {
	plain = true
	for i++; ; {
		for ; i+8 <= len(b); i += 8 {
			// Of what is found the first is sure: what is borrowed goes upwards only.
			word := binary.LittleEndian.Uint64(b[i:])
			quote, escape := word^ones*'"', word^ones*'\\'
			found := ((quote-ones)&^quote | (escape-ones)&^escape | (word-ones*' ')&^word) & highs
			if found != 0 {
				i += bits.TrailingZeros64(found) >> 3
				break
			}
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
			i++
		}
		switch {
		case i == len(b) || b[i] < ' ':
			return bad, false
		case b[i] == '"':
			return i + 1, plain
		}
		plain = false
		if i = escapeEnd(b, i); i == bad {
			return bad, false
		}
	}
}

// escapeEnd reads a backslash and what it is about.
func escapeEnd(b []byte, i int) int {
	if i+1 >= len(b) {
		return bad
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if _, ok := hex4(b, i+2); ok {
			return i + 6
		}
	}
	return bad
}

// hex4 reads the four digits of an escaped character.
func hex4(b []byte, i int) (r rune, ok bool) {
	if i+4 > len(b) {
		return 0, false
	}
	for _, c := range b[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func wordEnd(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return bad
	}
	return i + len(word)
}

func numberEnd(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	switch digits := digitsEnd(b, i); {
	case digits == i:
		return bad
	case b[i] == '0':
		i++ // nothing but a point or an exponent goes on from there
	default:
		i = digits
	}
	if i < len(b) && b[i] == '.' {
		digits := digitsEnd(b, i+1)
		if digits == i+1 {
			return bad
		}
		i = digits
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		digits := digitsEnd(b, i)
		if digits == i {
			return bad
		}
		i = digits
	}
	return i
}

func digitsEnd(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// trimSpace leaves out the white space of JSON, and no other, at both ends.
func trimSpace(b []byte) []byte {
	end := len(b)
	for end > 0 && (b[end-1] == ' ' || b[end-1] == '\n' || b[end-1] == '\t' || b[end-1] == '\r') {
		end--
	}
	return b[min(skipSpace(b, 0), end):end]
}

var errSurrogate = errors.New("half of a surrogate pair, which is no character")

// appendUnescaped appends what the inside of a JSON string says.
func appendUnescaped(text, inside []byte) ([]byte, error) {
	for i := 0; i < len(inside); {
		c := inside[i]
		if c != '\\' {
			text = append(text, c)
			i++
			continue
		}
		c = inside[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, _ := hex4(inside, i)
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if i+1 < len(inside) && inside[i] == '\\' && inside[i+1] == 'u' {
					low, _ = hex4(inside, i+2)
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					return text, errSurrogate
				}
				i += 6
			}
			text = utf8.AppendRune(text, r)
			continue
		}
		text = append(text, c)
	}
	return text, nil
}
