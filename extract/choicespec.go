package extract

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract/pattern"
)

// ChoiceSpec says which of a place's files or objects are units beyond what the glob does, and from when on.
type ChoiceSpec struct {
	// Exclude leaves out what one of these patterns matches, such as "**/tmp/**". Like the glob they start below the
	// folder of the source, which ends before the first placeholder of its prefix.
	Exclude []string `yaml:"exclude,omitempty"`
	// MinAge leaves out what was written less than this ago, such as 10m, for deliveries that are written in several goes.
	MinAge time.Duration `yaml:"min_age,omitempty"`
	// Marker is the name of a file, such as _SUCCESS, that says that a folder is complete: units are listed only once
	// their folder, or one above it within the source, holds it.
	Marker string `yaml:"marker,omitempty"`
	// Manifest matches files that name the files of a delivery, such as "**/manifest.json"; like Exclude it starts below
	// the folder of the source. Only what a manifest names is a unit, and a name without its file is an error. A manifest
	// is a JSON array of names, a JSON object with files or entries, or a text with one name in each line. A name may
	// be relative to the manifest's folder, to that of the source or to the whole place, or an s3:// address.
	Manifest string `yaml:"manifest,omitempty"`
	// Zone is the IANA zone in which the dates of placeholders begin; UTC by default.
	Zone string `yaml:"zone,omitempty"`
}

// Location gives the zone of Zone.
func (c ChoiceSpec) Location() (*time.Location, error) { return time.LoadLocation(c.Zone) }

// validate checks the choice and its glob below a folder. Place is the name of the place's key.
func (c ChoiceSpec) validate(place, folder, glob string) error {
	var err error
	zone, e := c.Location()
	if e != nil {
		err = errors.Join(err, fmt.Errorf("%s.zone: %q: %w", place, c.Zone, e))
	}
	if _, e := pattern.Compile(folder, glob, zone); e != nil {
		err = errors.Join(err, fmt.Errorf("%s.glob: %w", place, e))
	}
	for i, exclude := range c.Exclude {
		if _, e := pattern.Compile("", exclude, nil); e != nil || exclude == "" {
			err = errors.Join(err, fmt.Errorf("%s.exclude[%d]: %q: %w", place, i, exclude, orMissing(e)))
		}
	}
	if p, e := pattern.Compile("", c.Manifest, nil); e != nil || p.Dated() {
		err = errors.Join(err, fmt.Errorf("%s.manifest: %q must be a pattern without placeholders, such as \"**/manifest.json\"", place, c.Manifest))
	}
	if c.Marker != "" && strings.ContainsAny(c.Marker, `/*?[]{}\`) {
		err = errors.Join(err, fmt.Errorf("%s.marker: %q is not the plain name of a file, such as _SUCCESS", place, c.Marker))
	}
	if c.MinAge < 0 {
		err = errors.Join(err, fmt.Errorf("%s.min_age: %s is negative", place, c.MinAge))
	}
	return err
}

func orMissing(err error) error {
	if err == nil {
		return errors.New("missing")
	}
	return err
}
