// Package file reads units from a local folder: every file that a pattern matches is one.
//
// It must not know what is inside the files; extract/format decodes them.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/format"
	"github.com/partnerplus/warehouse/extract/offer"
)

// Source is a folder.
type Source struct {
	name    string
	root    string
	rules   *offer.Rules
	format  extract.FormatSpec
	options extract.Options
}

var _ extract.Source = (*Source)(nil)

// Open gives the source of a valid spec. It does not look at the folder.
func Open(name string, spec extract.FileSpec, f extract.FormatSpec, options ...extract.Option) (*Source, error) {
	s := &Source{name: name, root: spec.Path, format: f, options: extract.NewOptions(options...)}
	var err error
	if s.rules, err = offer.Compile(spec.ChoiceSpec, "", spec.Glob); err != nil {
		return nil, s.fail("open", "", "", err)
	}
	return s, nil
}

// Units implements extract.Source.
func (s *Source) Units(ctx context.Context, within extract.Range) ([]extract.Unit, error) {
	choice := s.rules.Begin(s.options.Now())
	err := fs.WalkDir(os.DirFS(s.root), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case path != "." && strings.HasPrefix(entry.Name(), ".") && !s.rules.Marks(path):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir() || !s.rules.Concern(path):
			return nil
		}
		info, err := os.Stat(s.path(path)) // follows a link
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went while the folder was listed
		}
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			choice.Add(extract.Unit{Name: path, Version: version(info), Delivered: info.ModTime(), Size: info.Size()})
		}
		return nil
	})
	if err != nil {
		return nil, s.fail("list", "", "check file.path, and that this user may read the folder", err)
	}
	units, _, err := choice.Units(ctx, s)
	if err != nil {
		return nil, s.fail("list", "", offer.Hint(err, "file"), err)
	}
	extract.Arrange(units)
	return extract.Within(units, within), nil
}

var _ offer.Place = (*Source)(nil)

// Has implements offer.Place.
func (s *Source) Has(_ context.Context, name string) (bool, error) {
	if !fs.ValidPath(name) {
		return false, nil
	}
	_, err := os.Stat(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Read implements offer.Place.
func (s *Source) Read(_ context.Context, file extract.Unit, most int64) (text []byte, err error) {
	opened, err := os.Open(s.path(file.Name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	text, err = io.ReadAll(io.LimitReader(opened, most+1))
	if int64(len(text)) > most {
		return nil, fmt.Errorf("it has more than %d bytes", most)
	}
	return text, err
}

// Resolve implements offer.Place.
func (s *Source) Resolve(string) (string, error) {
	return "", errors.New("an address, where the source is a folder")
}

// Same implements offer.Place. Files have no ETags.
func (s *Source) Same(extract.Unit, string) bool { return true }

// version tells deliveries apart without reading them.
func version(info fs.FileInfo) string {
	return fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())
}

// Open implements extract.Source.
func (s *Source) Open(ctx context.Context, unit extract.Unit) (extract.Reader, error) {
	if ctx.Err() != nil {
		return nil, s.fail("open", unit.Name, "", context.Cause(ctx))
	}
	if !fs.ValidPath(unit.Name) {
		return nil, s.fail("open", unit.Name, "", errors.New("the name leads out of the folder"))
	}
	f, err := format.For(s.format, unit.Name)
	if err != nil {
		return nil, s.fail("open", unit.Name, "", err)
	}
	opened, err := os.Open(s.path(unit.Name))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: the file is gone", extract.ErrChanged)
	}
	if err != nil {
		return nil, s.fail("open", unit.Name, "", err)
	}
	content := &content{File: opened, unit: unit}
	if err := content.Verify(); err != nil {
		return nil, s.fail("open", unit.Name, "", errors.Join(err, opened.Close()))
	}
	return format.NewReader(s.name, unit, f, content), nil
}

// Close implements extract.Source.
func (s *Source) Close() error { return nil }

func (s *Source) path(unit string) string { return filepath.Join(s.root, filepath.FromSlash(unit)) }

func (s *Source) fail(op, unit, hint string, err error) error {
	return &extract.Error{Source: s.name, Unit: unit, Op: op, Hint: hint, Err: err}
}

// content is an open file.
type content struct {
	*os.File
	unit extract.Unit
	read atomic.Int64
}

var _ format.Bytes = (*content)(nil)

func (c *content) Read(p []byte) (int, error) {
	n, err := c.File.Read(p)
	c.read.Add(int64(n))
	return n, err
}

func (c *content) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.File.ReadAt(p, offset)
	c.read.Add(int64(n))
	if err == io.EOF && n == len(p) {
		err = nil
	}
	return n, err
}

func (c *content) Close() error {
	if err := c.File.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func (c *content) Size() int64      { return c.unit.Size }
func (c *content) BytesRead() int64 { return c.read.Load() }

// Verify looks at the open file and at whatever has its name by now: a delivery may write into the one, or put
// another in its place.
func (c *content) Verify() error {
	named, err := os.Stat(c.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // what is open stays whole
	}
	if err != nil {
		return err
	}
	opened, err := c.Stat()
	if err != nil {
		return err
	}
	if version(opened) != c.unit.Version || version(named) != c.unit.Version {
		return extract.ErrChanged
	}
	return nil
}
