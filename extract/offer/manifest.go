package offer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/partnerplus/warehouse/extract"
)

const (
	// mostManifestBytes bounds a manifest: some 100,000 names.
	mostManifestBytes = 16 << 20
	// manifestsAtOnce is how many manifests are read at once.
	manifestsAtOnce = 8
)

// ManifestError says what is wrong with a manifest, or with the delivery that it names.
type ManifestError struct {
	Manifest string
	Err      error
}

func (e *ManifestError) Error() string { return fmt.Sprintf("manifest %q: %v", e.Manifest, e.Err) }
func (e *ManifestError) Unwrap() error { return e.Err }

// entry is a file that a manifest names.
type entry struct {
	name string
	size int64 // -1 where it does not say
	etag string
}

// keepListed keeps the units that manifests name. It fails for a manifest that cannot be read, and where a named file
// is missing or another than was named: then the delivery is not complete, and nothing tells what else is wrong with it.
func (c *Choice) keepListed(ctx context.Context, place Place) error {
	lists := make([][]entry, len(c.manifests))
	group, reading := errgroup.WithContext(ctx)
	group.SetLimit(manifestsAtOnce)
	for i, manifest := range c.manifests {
		group.Go(func() error {
			text, err := place.Read(reading, manifest, mostManifestBytes)
			if err != nil {
				return &ManifestError{manifest.Name, err}
			}
			if lists[i], err = parse(text); err != nil {
				return &ManifestError{manifest.Name, err}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	latest := map[string]extract.Unit{}
	for _, unit := range slices.Concat(c.withheld, c.units) {
		if seen, ok := latest[unit.Name]; !ok || !unit.Delivered.Before(seen.Delivered) {
			latest[unit.Name] = unit
		}
	}
	listed := map[string]bool{}
	for i, manifest := range c.manifests {
		var wrong []error
		for _, entry := range lists[i] {
			name, err := c.find(ctx, place, manifest.Name, entry, latest)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil && len(wrong) < mostWrong {
				wrong = append(wrong, err)
			}
			listed[name] = true
		}
		if len(wrong) > 0 {
			return &ManifestError{manifest.Name, errors.Join(wrong...)}
		}
	}
	unlisted := func(unit extract.Unit) bool { return !listed[unit.Name] }
	c.units, c.withheld = slices.DeleteFunc(c.units, unlisted), slices.DeleteFunc(c.withheld, unlisted)
	return nil
}

// find gives the file that an entry names; the empty name for one that the source does not choose.
func (c *Choice) find(ctx context.Context, place Place, manifest string, e entry, latest map[string]extract.Unit) (string, error) {
	candidates, err := c.candidates(place, manifest, e.name)
	if err != nil {
		return "", fmt.Errorf("it names %q: %w", e.name, err)
	}
	var found, others []string
	chosen := false
	for _, name := range candidates {
		_, known := latest[name]
		_, matches, err := c.rules.Match(name)
		switch {
		case known:
			found = append(found, name)
		case c.rules.excluded(name) || !matches && err == nil:
			others = append(others, name)
		default:
			chosen = true
		}
	}
	switch {
	case len(found) > 1:
		return "", fmt.Errorf("it names %q, which is both %q and %q", e.name, found[0], found[1])
	case len(found) == 1:
		return found[0], agree(place, e, latest[found[0]])
	case !chosen:
		return "", nil
	}
	for _, name := range others {
		if exists, err := place.Has(ctx, name); exists || err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("it names %q, which is missing", e.name)
}

func agree(place Place, e entry, file extract.Unit) error {
	switch {
	case e.size >= 0 && e.size != file.Size:
		return fmt.Errorf("it names %q with %d bytes, it has %d", e.name, e.size, file.Size)
	case e.etag != "" && !place.Same(file, e.etag):
		return fmt.Errorf("it names %q with the ETag %s, it has %s", e.name, e.etag, file.Version)
	}
	return nil
}

// candidates are what a manifest may mean by a name: below its own folder, below the source's, or in the whole place.
func (c *Choice) candidates(place Place, manifest, name string) ([]string, error) {
	if strings.Contains(name, "://") {
		resolved, err := place.Resolve(name)
		return []string{resolved}, err
	}
	if rest, whole := strings.CutPrefix(name, "/"); whole {
		return []string{rest}, nil
	}
	var candidates []string
	for _, folder := range []string{folderOf(manifest), c.rules.root, ""} {
		candidate := folder + name
		if slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return part == "." || part == ".." }) {
			candidate = path.Clean(candidate)
		}
		if !slices.Contains(candidates, candidate) {
			candidates = append(candidates, candidate)
		}
	}
	return candidates, nil
}

// parse reads a manifest: JSON if it begins like an array or an object, else a name in each line.
func parse(text []byte) ([]entry, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	begin := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(begin) == 0:
		return nil, errors.New("it is empty; one that names nothing is []")
	case !utf8.Valid(text):
		return nil, errors.New("it is not UTF-8")
	case begin[0] == '[', begin[0] == '{':
		return parseJSON(text)
	}
	var entries []entry
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) != "" {
			entries = append(entries, entry{name: line, size: -1})
		}
	}
	return entries, nil
}

func parseJSON(text []byte) ([]entry, error) {
	var items []json.RawMessage
	var object struct{ Files, Entries *[]json.RawMessage }
	decoder := json.NewDecoder(bytes.NewReader(text))
	var into any = &items
	if bytes.TrimLeft(text, " \t\r\n")[0] == '{' {
		into = &object
	}
	if err := decoder.Decode(into); err != nil {
		return nil, fmt.Errorf("it is not a manifest: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows its end")
	}
	if into == any(&object) {
		if object.Files == nil && object.Entries == nil {
			return nil, errors.New("it has neither files nor entries")
		}
		for _, list := range []*[]json.RawMessage{object.Files, object.Entries} {
			if list != nil {
				items = append(items, *list...)
			}
		}
	}
	entries := make([]entry, 0, len(items))
	for i, item := range items {
		e, err := parseItem(item)
		if err != nil {
			return nil, fmt.Errorf("its file %d: %w", i+1, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func parseItem(item json.RawMessage) (entry, error) {
	e := entry{size: -1}
	if bytes.HasPrefix(bytes.TrimSpace(item), []byte(`"`)) {
		if err := json.Unmarshal(item, &e.name); err != nil {
			return e, err
		}
		return e, named(e.name)
	}
	var object struct {
		Key, URL, Path, ETag string
		Size                 *int64
		Meta                 struct {
			ContentLength *int64 `json:"content_length"`
		}
	}
	if err := json.Unmarshal(item, &object); err != nil {
		return e, err
	}
	for _, name := range []string{object.URL, object.Key, object.Path} {
		if e.name == "" {
			e.name = name
		}
	}
	for _, size := range []*int64{object.Meta.ContentLength, object.Size} {
		if size != nil {
			e.size = *size
		}
	}
	if e.size < -1 || object.Size != nil && *object.Size < 0 {
		return e, fmt.Errorf("a size of %d", e.size)
	}
	e.etag = strings.Trim(object.ETag, `"`)
	return e, named(e.name)
}

func named(name string) error {
	if strings.Trim(name, "/") == "" {
		return errors.New("it has no key, url or path")
	}
	return nil
}
