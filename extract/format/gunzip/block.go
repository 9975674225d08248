package gunzip

import "sync"

// lengths are the code lengths of a block that brings its own codes.
type lengths struct {
	code [maxLiterals + maxDistance]uint8
	of   table // of the code in which they are written
}

// fixed are the codes of the blocks that bring none.
var fixed = sync.OnceValue(func() [2]*table {
	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144 || i >= 280:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		default:
			lengths[i] = 7
		}
	}
	var five [32]uint8
	for i := range five {
		five[i] = 5
	}
	var literals, distances table
	literals.build(lengths[:], literalEntries[:], literalBits)
	distances.build(five[:], distanceEntries[:], distanceBits)
	return [2]*table{&literals, &distances}
})

// block reads a block's header.
func (z *Reader) block() error {
	head, err := z.in.take(3)
	if err != nil {
		return err
	}
	final := head&1 == 1
	switch head >> 1 {
	case 0:
		err = z.storedHeader()
	case 1:
		tables := fixed()
		z.literals, z.distances, z.coded = tables[0], tables[1], true
	case 2:
		err = z.ownCodes()
	default:
		err = z.corrupt()
	}
	z.final = final
	return err
}

func (z *Reader) storedHeader() error {
	z.in.align()
	var head [4]byte
	if err := z.in.full(head[:]); err != nil {
		return early(err)
	}
	if head[0] != ^head[2] || head[1] != ^head[3] {
		return z.corrupt()
	}
	z.stored = int(head[0]) | int(head[1])<<8
	return nil
}

// copyStored copies what is read and fits.
func (z *Reader) copyStored() error {
	if z.in.pos == z.in.end {
		if err := z.in.fill(); err != nil {
			return early(err)
		}
	}
	n := min(z.stored, z.in.end-z.in.pos)
	n = copy(z.out[z.made:], z.in.buf[z.in.pos:z.in.pos+n])
	z.in.pos += n
	z.made += n
	z.stored -= n
	return nil
}

// codeOrder is the order in which the lengths come that the lengths are written with.
var codeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// ownCodes reads the codes that a block brings.
func (z *Reader) ownCodes() error {
	head, err := z.in.take(14)
	if err != nil {
		return err
	}
	literals, distances, codes := head&31+257, head>>5&31+1, head>>10+4
	if literals > maxLiterals || distances > maxDistance {
		return z.corrupt()
	}
	var small [19]uint8
	for _, symbol := range codeOrder[:codes] {
		n, err := z.in.take(3)
		if err != nil {
			return err
		}
		small[symbol] = uint8(n)
	}
	if !z.lengths.of.build(small[:], lengthEntries[:], lengthBits) {
		return z.corrupt()
	}
	code := z.lengths.code[:literals+distances]
	if err := z.readLengths(code); err != nil {
		return err
	}
	if !z.own[0].build(code[:literals], literalEntries[:], literalBits) ||
		!z.own[1].build(code[literals:], distanceEntries[:], distanceBits) {
		return z.corrupt()
	}
	// No block ends without its last symbol: an input that ends before is cut short, whatever its last bits mean.
	z.own[0].least = max(z.own[0].least, uint(code[endOfBlock]))
	z.literals, z.distances, z.coded = &z.own[0], &z.own[1], true
	return nil
}

// repeats are the symbols that stand for a length many times.
var repeats = [...]struct {
	bits  uint
	least int
}{{2, 3}, {3, 3}, {7, 11}}

func (z *Reader) readLengths(code []uint8) error {
	for i := 0; i < len(code); {
		entry, err := z.symbol(&z.lengths.of)
		if err != nil {
			return err
		}
		if entry&kindMask == kindBad {
			return z.corrupt()
		}
		symbol := valueOf(entry)
		if symbol < 16 {
			code[i] = uint8(symbol)
			i++
			continue
		}
		length := uint8(0)
		if symbol == 16 {
			if i == 0 {
				return z.corrupt()
			}
			length = code[i-1]
		}
		more, err := z.in.take(repeats[symbol-16].bits)
		if err != nil {
			return err
		}
		end := i + more + repeats[symbol-16].least
		if end > len(code) {
			return z.corrupt()
		}
		for ; i < end; i++ {
			code[i] = length
		}
	}
	return nil
}
