// Package offer decides which of a place's files are units: those that the pattern chooses and no exclusion takes
// away, that are old enough, whose folder is marked as complete, and that a manifest names, as far as the source asks
// for any of it.
//
// It must not know how a place works: the place lists its files to it and answers its questions.
package offer

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/pattern"
)

// Rules are what a source asks for.
type Rules struct {
	*pattern.Pattern
	root     string // the source's folder, empty or with a slash at its end
	exclude  []*pattern.Pattern
	marker   string
	manifest *pattern.Pattern // nil for none
	minAge   time.Duration
}

// Compile reads the rules of a valid spec, whose glob starts below the folder.
func Compile(spec extract.ChoiceSpec, folder, glob string) (*Rules, error) {
	zone, err := spec.Location()
	if err != nil {
		return nil, fmt.Errorf("zone %q: %w", spec.Zone, err)
	}
	r := &Rules{marker: spec.Marker, minAge: spec.MinAge}
	if r.Pattern, err = pattern.Compile(folder, glob, zone); err != nil {
		return nil, err
	}
	if inner, err := pattern.Compile(folder, "", zone); err == nil {
		r.root = inner.Literal()[:strings.LastIndexByte(inner.Literal(), '/')+1]
	}
	below := strings.TrimSuffix(r.root, "/")
	for _, text := range spec.Exclude {
		exclude, err := pattern.Compile(below, text, zone)
		if err != nil {
			return nil, err
		}
		r.exclude = append(r.exclude, exclude)
	}
	if spec.Manifest != "" {
		r.manifest, err = pattern.Compile(below, spec.Manifest, zone)
	}
	return r, err
}

// Root is the source's folder: empty, or with a slash at its end.
func (r *Rules) Root() string { return r.root }

// Literal is what the names that matter begin with.
func (r *Rules) Literal() string {
	chosen := r.Pattern.Literal()
	if r.manifest == nil {
		return chosen
	}
	manifests := r.manifest.Literal()
	n := 0
	for n < len(chosen) && n < len(manifests) && chosen[n] == manifests[n] {
		n++
	}
	return strings.ToValidUTF8(chosen[:n], "")
}

// Marks tells whether the name is that of a marker.
func (r *Rules) Marks(name string) bool { return r.marker != "" && path.Base(name) == r.marker }

// Concern tells whether adding a file of that name makes a difference.
func (r *Rules) Concern(name string) bool {
	if r.excluded(name) {
		return false
	}
	_, chosen, err := r.Match(name)
	return chosen || err != nil || r.Marks(name) || r.isManifest(name)
}

func (r *Rules) isManifest(name string) bool {
	if r.manifest == nil {
		return false
	}
	_, chosen, err := r.manifest.Match(name)
	return chosen && err == nil
}

// Whole tells whether a choice needs every name that begins with Literal, and not only those of some dates.
func (r *Rules) Whole() bool { return r.manifest != nil }

// Place is what is asked about the place.
type Place interface {
	// Has tells whether the place has a file of that name, which was not added.
	Has(ctx context.Context, name string) (bool, error)
	// Read gives the content of a file that was added. One with more bytes than that is an error.
	Read(ctx context.Context, file extract.Unit, most int64) ([]byte, error)
	// Resolve gives the name of a file from an address, such as s3://bucket/name.
	Resolve(address string) (name string, err error)
	// Same tells whether a file's content may be that of the ETag; true where the place has none.
	Same(file extract.Unit, etag string) bool
}

// Choice is one listing on its way through the rules. Its memory grows with what matters only.
type Choice struct {
	rules     *Rules
	newest    time.Time
	units     []extract.Unit
	markers   map[string]bool // by folder
	manifests []extract.Unit
	wrong     []error
	wrongs    int
	withheld  []extract.Unit
}

// mostWrong is how many names an error lists.
const mostWrong = 10

// Begin starts a choice as of now.
func (r *Rules) Begin(now time.Time) *Choice {
	return &Choice{rules: r, newest: now.Add(-r.minAge), markers: map[string]bool{}}
}

// Add looks at a file of the place, or at a version of one; the latest version of a name comes last. Its Delivered is
// when it was written. Folders are not added.
func (c *Choice) Add(file extract.Unit) {
	r := c.rules
	if r.excluded(file.Name) {
		return
	}
	if r.Marks(file.Name) {
		c.markers[folderOf(file.Name)] = true
		return
	}
	young := r.minAge > 0 && file.Delivered.After(c.newest)
	if r.isManifest(file.Name) {
		if n := len(c.manifests); n > 0 && c.manifests[n-1].Name == file.Name {
			c.manifests = c.manifests[:n-1] // an earlier version
		}
		if !young {
			c.manifests = append(c.manifests, file)
		}
		return
	}
	period, chosen, err := r.Match(file.Name)
	if err != nil {
		if c.wrongs++; c.wrongs <= mostWrong {
			c.wrong = append(c.wrong, err)
		}
		return
	}
	if !chosen {
		return
	}
	file.From, file.To = period.From, period.To
	if young {
		c.withheld = append(c.withheld, file)
		return
	}
	c.units = append(c.units, file)
}

func (r *Rules) excluded(name string) bool {
	for _, exclude := range r.exclude {
		if _, chosen, err := exclude.Match(name); chosen && err == nil { // no date: not what is excluded
			return true
		}
	}
	return false
}

// Units gives the units, in the order in which they were added, and those that are held back for now: too young, or in
// a folder that is not complete.
func (c *Choice) Units(ctx context.Context, place Place) (units, withheld []extract.Unit, err error) {
	if c.wrongs > 0 {
		if more := c.wrongs - len(c.wrong); more > 0 {
			c.wrong = append(c.wrong, fmt.Errorf("and %d more", more))
		}
		return nil, nil, &NameError{errors.Join(c.wrong...)}
	}
	if err := c.awaitMarkers(ctx, place); err != nil {
		return nil, nil, err
	}
	if c.rules.manifest != nil {
		if err := c.keepListed(ctx, place); err != nil {
			return nil, nil, err
		}
	}
	return c.units, c.withheld, nil
}

// NameError is about names that have no date where the pattern wants one.
type NameError struct{ Err error }

func (e *NameError) Error() string { return e.Err.Error() }
func (e *NameError) Unwrap() error { return e.Err }

// Hint tells what to do about an error of Units, for the place of that key; empty for an error of the place's own.
func Hint(err error, place string) string {
	var name *NameError
	var manifest *ManifestError
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("mend the name, or leave it out with %s.exclude", place)
	case errors.As(err, &manifest):
		return fmt.Sprintf("have the delivery completed, or leave the manifest out with %s.exclude", place)
	}
	return ""
}

// awaitMarkers holds units back whose folder is not marked.
func (c *Choice) awaitMarkers(ctx context.Context, place Place) error {
	if c.rules.marker == "" {
		return nil
	}
	kept := c.units[:0]
	for _, unit := range c.units {
		marked, err := c.marked(ctx, place, folderOf(unit.Name))
		if err != nil {
			return err
		}
		if marked {
			kept = append(kept, unit)
		} else {
			c.withheld = append(c.withheld, unit)
		}
	}
	c.units = kept
	return nil
}

// marked looks into the folder and those above it, up to the source's own.
func (c *Choice) marked(ctx context.Context, place Place, folder string) (bool, error) {
	marked, known := c.markers[folder]
	if !known {
		var err error
		if marked, err = c.has(ctx, place, folder+c.rules.marker); err != nil {
			return false, err
		}
		if !marked && len(folder) > len(c.rules.root) {
			if marked, err = c.marked(ctx, place, folderOf(strings.TrimSuffix(folder, "/"))); err != nil {
				return false, err
			}
		}
		c.markers[folder] = marked
	}
	return marked, nil
}

// has asks the place, unless the name is excluded.
func (c *Choice) has(ctx context.Context, place Place, name string) (bool, error) {
	if c.rules.excluded(name) {
		return false, nil
	}
	return place.Has(ctx, name)
}

// folderOf is empty, or has a slash at its end.
func folderOf(name string) string { return name[:strings.LastIndexByte(name, '/')+1] }
