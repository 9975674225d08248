package format

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/bmatcuk/doublestar/v4"
	"github.com/klauspost/compress/flate"

	"github.com/partnerplus/warehouse/extract"
)

// archiveDecoder reads the files of a zip archive one after the other. Its rows are numbered through.
type archiveDecoder struct {
	format  Format
	members []*zip.File
	current decoder
	content io.Closer
	schema  *arrow.Schema // of the first member that is a table
	before  uint64        // rows in the members before
	last    uint64
	name    string
}

func newArchive(f Format, b Bytes) (decoder, error) {
	archive, err := openZip(b)
	if err != nil {
		return nil, err
	}
	members, err := f.members(archive)
	if err != nil {
		return nil, err
	}
	return &archiveDecoder{format: f, members: members}, nil
}

// openZip reads the archive's directory.
func openZip(b Bytes) (*zip.Reader, error) {
	blocks := newBlocks(b, b.Size())
	if err := checkedFile(blocks, "PK"); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(blocks, b.Size())
	if errors.Is(err, zip.ErrFormat) {
		return nil, fmt.Errorf("the zip archive has no directory at its end: %w", io.ErrUnexpectedEOF)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // nothing is written under its names
		return nil, fmt.Errorf("read the zip archive's directory: %w", err)
	}
	archive.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	return archive, nil
}

// members chooses what to read, in the order of the names.
func (f Format) members(archive *zip.Reader) ([]*zip.File, error) {
	var there []string
	var members []*zip.File
	for _, m := range archive.File {
		if strings.HasSuffix(m.Name, "/") || strings.HasPrefix(m.Name, "__MACOSX/") || strings.HasPrefix(path.Base(m.Name), ".") {
			continue
		}
		there = append(there, m.Name)
		if f.spec.Member == "" || doublestar.MatchUnvalidated(f.spec.Member, m.Name) {
			members = append(members, m)
		}
	}
	if len(there) > maxArrays {
		there = append(there[:maxArrays], "…")
	}
	names := strings.Join(there, ", ")
	switch {
	case len(there) == 0:
		return nil, errors.New("the zip archive has no file in it")
	case len(members) == 0:
		return nil, fmt.Errorf("no file of the zip archive matches format.member %q; it has %s", f.spec.Member, names)
	case f.spec.Member == "" && len(members) > 1:
		return nil, fmt.Errorf("the zip archive has several files: set format.member; it has %s", names)
	}
	slices.SortStableFunc(members, func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	return members, nil
}

func (d *archiveDecoder) next() (extract.Batch, error) {
	for {
		if d.current == nil {
			if len(d.members) == 0 {
				return extract.Batch{}, io.EOF
			}
			if err := d.open(d.members[0]); err != nil {
				return extract.Batch{}, err
			}
			d.members = d.members[1:]
		}
		batch, err := d.current.next()
		if err == io.EOF {
			d.close()
			d.before = d.last
			continue
		}
		if err != nil {
			return extract.Batch{}, fmt.Errorf("%s in the zip archive: %w", d.name, err)
		}
		if err := d.number(batch); err != nil {
			batch.Record.Release()
			return extract.Batch{}, err
		}
		return batch, nil
	}
}

func (d *archiveDecoder) open(m *zip.File) error {
	d.name = m.Name
	if m.Flags&1 != 0 {
		return fmt.Errorf("%s in the zip archive is encrypted: have it delivered without a password", m.Name)
	}
	f := d.format
	if d.format.Type == "" {
		var err error
		if f, err = For(f.spec, m.Name); err != nil {
			return fmt.Errorf("in the zip archive: %w", err)
		}
	}
	if f.Type == "parquet" || f.Type == "xlsx" {
		return fmt.Errorf("%s in the zip archive: %s is compressed inside; have it delivered as it is", m.Name, f.Type)
	}
	content, err := m.Open()
	if err != nil {
		return fmt.Errorf("open %s in the zip archive: %w", m.Name, err)
	}
	d.content = content
	f.Compression = "none"
	if d.current, err = f.textDecoder(content); err != nil {
		d.close()
	}
	return err
}

// number makes the positions those of the whole archive, and sees to it that its tables have the same columns.
func (d *archiveDecoder) number(b extract.Batch) error {
	if !b.Sparse {
		if d.schema == nil {
			d.schema = b.Record.Schema()
		}
		if !d.schema.Equal(b.Record.Schema()) {
			return fmt.Errorf("%s in the zip archive has other columns than the file before it", d.name)
		}
	}
	for i := range b.Positions {
		b.Positions[i] += d.before
		d.last = max(d.last, b.Positions[i])
	}
	for i := range b.Malformed {
		b.Malformed[i].Position += d.before
		d.last = max(d.last, b.Malformed[i].Position)
	}
	return nil
}

func (d *archiveDecoder) close() {
	if d.current != nil {
		d.current.close()
		_ = d.content.Close() // it is read to its end, or given up
		d.current = nil
	}
}

const (
	blockBytes = 1 << 20
	maxBlocks  = 4
)

// blocks reads a unit in large pieces and keeps the last few, so that small reads out of order are not each a request.
type blocks struct {
	r    io.ReaderAt
	size int64

	mu   sync.Mutex
	held []block // the latest last
}

type block struct {
	number int64
	data   []byte
}

func newBlocks(r io.ReaderAt, size int64) *blocks { return &blocks{r: r, size: size} }

func (b *blocks) ReadAt(p []byte, offset int64) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for n < len(p) {
		at := offset + int64(n)
		if at >= b.size {
			return n, io.EOF
		}
		data, err := b.block(at / blockBytes)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], data[at%blockBytes:])
	}
	return n, nil
}

func (b *blocks) block(number int64) ([]byte, error) {
	for i, held := range b.held {
		if held.number == number {
			b.held = append(slices.Delete(b.held, i, i+1), held)
			return held.data, nil
		}
	}
	var data []byte
	if len(b.held) == maxBlocks {
		data = b.held[0].data[:cap(b.held[0].data)]
		b.held = slices.Delete(b.held, 0, 1)
	}
	start := number * blockBytes
	want := min(blockBytes, b.size-start)
	if int64(len(data)) < want {
		data = make([]byte, want)
	}
	n, err := b.r.ReadAt(data[:want], start)
	if int64(n) < want {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	b.held = append(b.held, block{number: number, data: data[:want]})
	return data[:want], nil
}
