package gunzip

import "math/bits"

// An entry of a table says what a code stands for: the value in bits 16 and up, how many bits follow the code in 12 to 15,
// its kind in 8 to 10, and in 0 to 3 how long the code is. Of a kindMore, the value is where the codes go on that begin
// so, and the bits that follow choose among them; the lengths of those are without what led there.
const (
	kindLiteral = iota << 8
	kindBase    // of a match's length or distance
	kindEnd     // of the block
	kindMore    // the code is longer than the first look
	kindBad
	kindMask = 7 << 8
)

func valueOf(entry uint32) int  { return int(entry >> 16) }
func extraOf(entry uint32) uint { return uint(entry >> 12 & 15) }
func sizeOf(entry uint32) uint  { return uint(entry & 15) }

const (
	maxCode     = 15 // bits
	endOfBlock  = 256
	maxLiterals = 286
	maxDistance = 30

	// How many bits are looked at first.
	literalBits  = 11
	distanceBits = 9
	lengthBits   = 7
)

// What the codes of the three alphabets stand for; sizes are added by build.
var (
	literalEntries  = makeLiteralEntries()
	distanceEntries = makeDistanceEntries()
	lengthEntries   = makeLengthEntries()
)

func makeLiteralEntries() (e [288]uint32) {
	for i := range endOfBlock {
		e[i] = uint32(i)<<16 | kindLiteral
	}
	e[endOfBlock] = kindEnd
	base := uint32(3)
	for i := range uint32(28) {
		extra := uint32(0)
		if i >= 8 {
			extra = i/4 - 1
		}
		e[257+i] = base<<16 | extra<<12 | kindBase
		base += 1 << extra
	}
	e[285] = 258<<16 | kindBase
	e[286], e[287] = kindBad, kindBad
	return e
}

func makeDistanceEntries() (e [32]uint32) {
	base := uint32(1)
	for i := range uint32(maxDistance) {
		extra := uint32(0)
		if i >= 4 {
			extra = i/2 - 1
		}
		e[i] = base<<16 | extra<<12 | kindBase
		base += 1 << extra
	}
	e[30], e[31] = kindBad, kindBad
	return e
}

func makeLengthEntries() (e [19]uint32) {
	for i := range e {
		e[i] = uint32(i) << 16
	}
	return e
}

// table finds the symbol that a Huffman code stands for.
type table struct {
	entries []uint32 // 1<<bits of the first look, then those of longer codes
	bits    uint
	least   uint // bits without which no code is looked for
}

// build makes the table of a code from its symbols' lengths. It refuses what compress/flate refuses: too many codes or
// too few, except none at all, or a single one of one bit.
func (t *table) build(lengths []uint8, symbols []uint32, first uint) bool {
	var count [maxCode + 1]int
	for _, n := range lengths {
		count[n]++
	}
	count[0] = 0
	var next [maxCode + 1]int
	code, longest, shortest := 0, 0, 0
	for n := 1; n <= maxCode; n++ {
		code <<= 1
		next[n] = code
		code += count[n]
		if count[n] > 0 {
			longest = n
			if shortest == 0 {
				shortest = n
			}
		}
	}
	code >>= maxCode - longest
	single := longest == 1 && code == 1
	if longest > 0 && !single && code != 1<<longest {
		return false
	}
	t.bits, t.least = first, uint(shortest)
	t.clear(kindBad|uint32(shortest), longest < 2)
	for symbol, n := range lengths {
		if n > 0 {
			t.put(symbols[symbol], next[n], uint(n), uint(longest))
			next[n]++
		}
	}
	return true
}

// clear makes room for the first look. Every entry is put later, except where the code is incomplete.
func (t *table) clear(bad uint32, incomplete bool) {
	size := 1 << t.bits
	if cap(t.entries) < size {
		t.entries = make([]uint32, size, 3*size)
	}
	t.entries = t.entries[:size]
	clear(t.entries) // no kindMore of before may stay
	if incomplete {
		for i := range t.entries {
			t.entries[i] = bad
		}
	}
}

// put enters a symbol wherever its code, n bits, is at the lowest bits of the index.
func (t *table) put(symbol uint32, code int, n, longest uint) {
	index := int(bits.Reverse16(uint16(code)) >> (16 - n))
	if n <= t.bits {
		for size := 1 << t.bits; index < size; index += 1 << n {
			t.entries[index] = symbol | uint32(n)
		}
		return
	}
	low := index & (1<<t.bits - 1)
	more := longest - t.bits
	if t.entries[low]&kindMask != kindMore {
		t.entries[low] = uint32(len(t.entries))<<16 | uint32(more)<<12 | kindMore | uint32(t.bits)
		for range 1 << more {
			t.entries = append(t.entries, kindBad)
		}
	}
	at := valueOf(t.entries[low])
	for i := index >> t.bits; i < 1<<more; i += 1 << (n - t.bits) {
		t.entries[at+i] = symbol | uint32(n-t.bits)
	}
}
