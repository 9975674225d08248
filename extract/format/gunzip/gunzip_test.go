package gunzip_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	klauspost "github.com/klauspost/compress/gzip"

	"github.com/partnerplus/warehouse/extract/format/gunzip"
)

// pieces gives at most size bytes at once, and at the end err.
type pieces struct {
	data []byte
	size int
	err  error
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, p.err
	}
	n := copy(b[:min(len(b), p.size)], p.data)
	p.data = p.data[n:]
	return n, nil
}

// all reads as much as there is. An error before the first byte may be one of opening.
func all(r io.Reader, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, struct{ io.Reader }{r})
	return b.Bytes(), err
}

// kind is what a caller can tell of an error.
func kind(err error) string {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) {
		return "corrupt"
	}
	return fmt.Sprint(err)
}

// same reads a stream with this package and with compress/gzip, and fails the test where they differ.
func same(t *testing.T, data []byte, size int, end error) ([]byte, error) {
	t.Helper()
	r, err := gzip.NewReader(&pieces{data, size, end})
	want, wantErr := all(r, err)
	z, err := gunzip.NewReader(&pieces{data, size, end})
	got, gotErr := all(z, err)
	if kind(gotErr) != kind(wantErr) {
		t.Fatalf("%d bytes in pieces of %d: error %v, want %v", len(data), size, gotErr, wantErr)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%d bytes in pieces of %d: %d bytes unpacked, want %d; the same up to %d",
			len(data), size, len(got), len(want), commonPrefix(got, want))
	}
	return got, gotErr
}

func commonPrefix(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func pack(t testing.TB, level int, text []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rows are like those that are loaded, and pack as badly.
func rows(n int) []byte {
	random := rand.New(rand.NewPCG(5, 8))
	var b bytes.Buffer
	for range n {
		fmt.Fprintf(&b, "A%016x,program-%d,M%07d,%d.%02d,USD,2024-%02d-%02d %02d:%02d:%02d.%03d\n", random.Uint64(), random.IntN(12),
			random.IntN(300_000), random.IntN(1000), random.IntN(100), random.IntN(12)+1, random.IntN(28)+1, random.IntN(24),
			random.IntN(60), random.IntN(60), random.IntN(1000))
	}
	return b.Bytes()
}

func noise(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// distances repeats a text at all distances from one to the window's size, and beyond.
func distances() []byte {
	text := noise(40 << 10)
	for distance := 1; distance < 33<<10; distance += distance/16 + 1 {
		text = append(text, text[len(text)-distance:][:min(distance, 40)]...)
	}
	return text
}

// TestUnpacks unpacks what compress/gzip makes, by each of its ways, of texts of every kind, in pieces of any size.
func TestUnpacks(t *testing.T) {
	texts := map[string][]byte{
		"nothing": nil, "a byte": {'x'}, "rows": rows(10_000), "noise": noise(300_000), "a run": bytes.Repeat([]byte{'a'}, 1<<20),
		"short runs": []byte(strings.Repeat("abcabcabdx", 50_000)), "distances": distances(),
	}
	for name, text := range texts {
		for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, gzip.BestSpeed, 5, gzip.BestCompression} {
			packed := pack(t, level, text)
			for _, size := range []int{1, 5000, 1 << 20} {
				got, err := same(t, packed, size, io.EOF)
				if err != nil || !bytes.Equal(got, text) {
					t.Fatalf("%s at level %d in pieces of %d: %d bytes, %v; want %d", name, level, size, len(got), err, len(text))
				}
			}
		}
	}
}

func TestMembers(t *testing.T) {
	one, two := pack(t, 6, rows(3000)), pack(t, gzip.NoCompression, noise(70_000))
	for name, c := range map[string]struct {
		stream []byte
		want   string
	}{
		"two":                   {slices.Concat(one, two), "<nil>"},
		"all that a header has": {slices.Concat(one, withHeader(t), two), "<nil>"},
		"empty ones":            {slices.Concat(pack(t, 6, nil), pack(t, 0, nil), one, pack(t, 9, nil)), "<nil>"},
		"zeros follow":          {slices.Concat(one, make([]byte, 512)), "gzip: invalid header"},
		"a text follows":        {slices.Concat(one, []byte("more than ten")), "gzip: invalid header"},
		"half a header follows": {slices.Concat(one, one[:3]), "unexpected EOF"},
		"no stream":             {nil, "EOF"},
		"a text":                {[]byte("award_id,amount\n"), "gzip: invalid header"},
		"a long name":           {slices.Concat([]byte{0x1F, 0x8B, 8, 8}, bytes.Repeat([]byte{'n'}, 600)), "gzip: invalid header"},
		"a match into the member before": {slices.Concat(one, bare(func(b *bitWriter) {
			b.put(0b011, 3) // the last block, fixed codes
			b.code(1, 7)    // three bytes
			b.code(0, 5)    // from one byte before
		})), "corrupt"},
	} {
		for _, size := range []int{1, 100, 1 << 20} {
			if _, err := same(t, c.stream, size, io.EOF); kind(err) != c.want {
				t.Errorf("%s in pieces of %d: error %v, want %s", name, size, err, c.want)
			}
		}
	}
}

// withHeader packs a text under a header with every optional field; compress/gzip writes all but the checksum.
func withHeader(t testing.TB) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment, w.Extra = "caf\u00e9.csv", "a comment", []byte("extra")
	_, err := w.Write([]byte("a text, a text, a text"))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	stream := b.Bytes()
	stream[3] |= 2
	end := 10 + 2 + len("extra") + len("caf\u00e9.csv") - 1 + 1 + len("a comment") + 1
	sum := crc32.ChecksumIEEE(stream[:end])
	return slices.Insert(stream, end, byte(sum), byte(sum>>8))
}

// samples are short streams of every kind of block.
func samples(t testing.TB) [][]byte {
	short := []byte("A1,acme,12.50\nA2,acme,12.50\n")
	text := rows(6)
	return [][]byte{
		pack(t, gzip.NoCompression, short), pack(t, gzip.BestSpeed, short), pack(t, gzip.HuffmanOnly, text),
		pack(t, gzip.BestCompression, text), withHeader(t), slices.Concat(withHeader(t), pack(t, 9, short)),
	}
}

// TestDamaged cuts streams after each byte, and turns each bit of them.
func TestDamaged(t *testing.T) {
	broken := errors.New("the line is broken")
	for _, stream := range samples(t) {
		for n := range stream {
			for _, size := range []int{1, 1 << 20} {
				_, _ = same(t, stream[:n], size, io.EOF)
				if _, err := same(t, stream[:n], size, broken); !errors.Is(err, broken) {
					t.Errorf("broken after %d bytes of %d: %v", n, len(stream), err)
				}
			}
			for bit := range 8 {
				damaged := bytes.Clone(stream)
				damaged[n] ^= 1 << bit
				_, _ = same(t, damaged, n%40+1, io.EOF)
			}
		}
	}
}

// TestCodes unpacks random bits under random codes: complete ones, which give all symbols at all lengths, and such as
// have too many, too few, one or no symbol.
func TestCodes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	kinds := map[string]int{}
	window := noise(40_000)
	for range 1000 {
		stream := bare(func(b *bitWriter) { randomBlock(b, window, random) })
		_, err := same(t, stream, 1+random.IntN(3000), io.EOF)
		kinds[kind(err)]++
	}
	if kinds["corrupt"] == 0 || kinds["unexpected EOF"] == 0 {
		t.Errorf("the errors are %v", kinds)
	}
}

// randomBlock follows a stored block, as long as a match may reach, with one that has codes of its own.
func randomBlock(b *bitWriter, window []byte, random *rand.Rand) {
	b.put(0, 8)
	b.put(uint32(len(window)), 16)
	b.put(^uint32(len(window))&0xFFFF, 16)
	b.bytes = append(b.bytes, window...)

	literals, distances := 257+random.IntN(30), 1+random.IntN(30)
	b.put(0b100, 3)
	b.put(uint32(literals-257), 5)
	b.put(uint32(distances-1), 5)
	b.put(15, 4)
	whole := random.IntN(30) > 0
	for i := range 19 {
		switch {
		case !whole:
			b.put(uint32(1/(i+1)), 3) // a single code
		case i < 3:
			b.put(0, 3) // no repeats
		default:
			b.put(4, 3) // sixteen lengths of four bits
		}
	}
	for _, lengths := range [][]int{randomCode(literals, random), randomCode(distances, random)} {
		for _, n := range lengths {
			b.code(uint32(n), 4)
		}
	}
	for range 100 + random.IntN(3000) {
		b.put(random.Uint32()&0xFF, 8)
	}
}

// randomCode gives the lengths of a code, complete as a rule, with random symbols.
func randomCode(symbols int, random *rand.Rand) []int {
	lengths := make([]int, symbols)
	leaves := []int{0}
	if symbols > 1 {
		for want := 2 + random.IntN(symbols-1); len(leaves) < want; {
			i := random.IntN(len(leaves))
			if random.IntN(2) == 0 {
				i = len(leaves) - 1 // gives long codes
			}
			if leaves[i] == 15 {
				break
			}
			leaves[i]++
			leaves = append(leaves, leaves[i])
		}
	}
	switch random.IntN(12) {
	case 0:
		leaves = leaves[:len(leaves)-1]
	case 1:
		leaves = []int{1 + random.IntN(2)}
	case 2:
		leaves[random.IntN(len(leaves))] = 1 + random.IntN(15)
	}
	for i, symbol := range random.Perm(symbols)[:len(leaves)] {
		lengths[symbol] = leaves[i]
	}
	return lengths
}

// bitWriter writes as deflate does: from the lowest bit up, codes the other way.
type bitWriter struct {
	bytes []byte
	free  uint // bits of the last byte
}

func (b *bitWriter) put(v uint32, n uint) {
	for i := range n {
		if b.free == 0 {
			b.bytes, b.free = append(b.bytes, 0), 8
		}
		b.bytes[len(b.bytes)-1] |= byte(v>>i&1) << (8 - b.free)
		b.free--
	}
}

func (b *bitWriter) code(v uint32, n uint) { b.put(bits.Reverse32(v)>>(32-n), n) }

// bare writes a member without its trailer.
func bare(write func(*bitWriter)) []byte {
	b := &bitWriter{bytes: []byte{0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF}}
	write(b)
	return b.bytes
}

// TestReadsNoFurther proves that what can be unpacked is given without waiting for more.
func TestReadsNoFurther(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	text := rows(100)
	_, err := w.Write(text)
	if err := errors.Join(err, w.Flush()); err != nil {
		t.Fatal(err)
	}
	waits := errors.New("this would wait")
	z, err := gunzip.NewReader(&pieces{packed.Bytes(), 1000, waits})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if n, err := io.ReadFull(z, got); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes of %d, %v", n, len(text), err)
	}
	if _, err := z.Read(got); !errors.Is(err, waits) {
		t.Errorf("the error after it is %v", err)
	}
}

func TestReaderWithoutProgress(t *testing.T) {
	if _, err := gunzip.NewReader(&pieces{[]byte("x"), 0, io.EOF}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v", err)
	}
}

// FuzzGunzip holds the package to compress/gzip on anything. With deflate, the data is what follows a header.
func FuzzGunzip(f *testing.F) {
	for _, stream := range samples(f) {
		f.Add(stream, uint16(0), false)
		f.Add(stream[10:], uint16(2), true)
	}
	for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ {
		f.Add(pack(f, level, rows(60))[10:], uint16(500), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint16, deflate bool) {
		if deflate {
			data = slices.Concat(bare(func(*bitWriter) {}), data)
		}
		_, _ = same(t, data, int(size)+1, io.EOF)
	})
}

// BenchmarkReader compares what there is, on rows that pack as badly as real ones.
func BenchmarkReader(b *testing.B) {
	text := rows(300_000)
	packed := pack(b, gzip.DefaultCompression, text)
	for name, open := range map[string]func(io.Reader) (io.Reader, error){
		"own":       func(r io.Reader) (io.Reader, error) { return gunzip.NewReader(r) },
		"klauspost": func(r io.Reader) (io.Reader, error) { return klauspost.NewReader(bufio.NewReaderSize(r, 256<<10)) },
		"standard":  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(bufio.NewReaderSize(r, 256<<10)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			chunk := make([]byte, 256<<10)
			for b.Loop() {
				r, err := open(&pieces{packed, 1 << 20, io.EOF})
				for err == nil {
					_, err = r.Read(chunk)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
