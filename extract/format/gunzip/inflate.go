package gunzip

import "encoding/binary"

const (
	// symbolRoom is what out has free when a symbol is unpacked: two literals before it, the longest match, and what
	// copying it eight bytes at a time writes behind it.
	symbolRoom = 2 + 258 + 8
	// symbolBytes of input are there when fast goes on: two loads of eight bytes, of which the first uses at most seven.
	symbolBytes = 16
)

// inflate unpacks symbols until the block ends or out is full.
func (z *Reader) inflate() error {
	for z.coded && z.made+symbolRoom <= len(z.out) {
		var err error
		if z.in.end-z.in.pos >= symbolBytes {
			err = z.fast()
		} else {
			err = z.careful()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// symbol takes the next code of a table. It asks for no more bytes than it needs.
func (z *Reader) symbol(t *table) (uint32, error) {
	for {
		entry := t.entries[z.in.bits&(1<<t.bits-1)]
		n := sizeOf(entry)
		if entry&kindMask == kindMore {
			entry = t.entries[valueOf(entry)+int(z.in.bits>>t.bits&(1<<extraOf(entry)-1))]
			n = t.bits + sizeOf(entry)
		}
		// The bits that are missing are zero here, with which no code is longer than it will be.
		if max(n, t.least) <= z.in.count {
			z.in.drop(n)
			return entry, nil
		}
		if err := z.in.more(); err != nil {
			return 0, err
		}
	}
}

// careful unpacks one symbol near the end of the bytes that are there.
func (z *Reader) careful() error {
	entry, err := z.symbol(z.literals)
	if err != nil {
		return err
	}
	switch entry & kindMask {
	case kindLiteral:
		z.out[z.made] = byte(valueOf(entry))
		z.made++
		return nil
	case kindEnd:
		z.coded = false
		return nil
	case kindBad:
		return z.corrupt()
	}
	more, err := z.in.take(extraOf(entry))
	if err != nil {
		return err
	}
	length := valueOf(entry) + more
	if entry, err = z.symbol(z.distances); err != nil {
		return err
	}
	if entry&kindMask == kindBad {
		return z.corrupt()
	}
	if more, err = z.in.take(extraOf(entry)); err != nil {
		return err
	}
	distance := valueOf(entry) + more
	if distance > z.made-z.begin {
		return z.corrupt()
	}
	for range length {
		z.out[z.made] = z.out[z.made-distance]
		z.made++
	}
	return nil
}

// fast unpacks symbols as careful does, as long as there is room for any symbol, and input for it. What is read and
// written is in variables of its own, which the compiler keeps in registers.
func (z *Reader) fast() error {
	in, pos, bits, count := z.in.buf[:z.in.end], z.in.pos, z.in.bits, z.in.count
	out, made, begin := z.out, z.made, z.begin
	literals, longLiterals := (*[1 << literalBits]uint32)(z.literals.entries), z.literals.entries
	distances, longDistances := (*[1 << distanceBits]uint32)(z.distances.entries), z.distances.entries
	bad := false
	for pos+symbolBytes <= len(in) && made+symbolRoom <= len(out) {
		// At least 56 bits are there after a load, and a match takes 48. The bits above count are those that come next.
		bits |= binary.LittleEndian.Uint64(in[pos:]) << (count & 63)
		pos += int(63-count) >> 3
		count |= 56
		entry := literals[bits&(1<<literalBits-1)]
		if entry&kindMask == kindLiteral {
			out[made] = byte(entry >> 16)
			made++
			bits >>= entry & 15
			count -= uint(entry & 15)
			entry = literals[bits&(1<<literalBits-1)]
			if entry&kindMask == kindLiteral {
				out[made] = byte(entry >> 16)
				made++
				bits >>= entry & 15
				count -= uint(entry & 15)
				entry = literals[bits&(1<<literalBits-1)]
				if entry&kindMask == kindLiteral {
					out[made] = byte(entry >> 16)
					made++
					bits >>= entry & 15
					count -= uint(entry & 15)
					continue
				}
			}
			bits |= binary.LittleEndian.Uint64(in[pos:]) << (count & 63)
			pos += int(63-count) >> 3
			count |= 56
		}
		if entry&kindMask == kindMore {
			bits >>= literalBits
			count -= literalBits
			entry = longLiterals[entry>>16+uint32(bits)&(1<<(entry>>12&15)-1)]
			if entry&kindMask == kindLiteral {
				out[made] = byte(entry >> 16)
				made++
				bits >>= entry & 15
				count -= uint(entry & 15)
				continue
			}
		}
		bits >>= entry & 15
		count -= uint(entry & 15)
		if entry&kindMask != kindBase {
			z.coded, bad = false, entry&kindMask == kindBad
			break
		}
		extra := entry >> 12 & 15
		length := int(entry>>16) + int(bits&(1<<extra-1))
		bits >>= extra
		count -= uint(extra)

		entry = distances[bits&(1<<distanceBits-1)]
		if entry&kindMask == kindMore {
			bits >>= distanceBits
			count -= distanceBits
			entry = longDistances[entry>>16+uint32(bits)&(1<<(entry>>12&15)-1)]
		}
		bits >>= entry & 15
		count -= uint(entry & 15)
		extra = entry >> 12 & 15
		distance := int(entry>>16) + int(bits&(1<<extra-1))
		bits >>= extra
		count -= uint(extra)
		if entry&kindMask != kindBase || distance > made-begin {
			bad = true
			break
		}
		end := made + length
		if distance >= 8 {
			for from := made - distance; made < end; made, from = made+8, from+8 {
				binary.LittleEndian.PutUint64(out[made:], binary.LittleEndian.Uint64(out[from:]))
			}
			made = end
		} else {
			for ; made < end; made++ {
				out[made] = out[made-distance]
			}
		}
	}
	// Whole bytes go back, and with them what is above count.
	z.in.pos, z.in.count, z.in.bits, z.made = pos-int(count>>3), count&7, bits&(1<<(count&7)-1), made
	if bad {
		return z.corrupt()
	}
	return nil
}
