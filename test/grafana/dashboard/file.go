package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Dashboard is one file.
type Dashboard struct {
	UID, Title, Timezone string
	Time                 struct{ From, To string }
	Templating           struct{ List []Variable }
	Panels               []Panel
	Links                []Link
	Annotations          struct{ List []Annotation }
	Tags                 []string

	// Raw is the whole file.
	Raw any `json:"-"`
}

// Panel is one panel, or a row of them.
type Panel struct {
	ID              int
	Type, Title     string
	Description     string
	GridPos         Grid
	Targets         []Target
	FieldConfig     FieldConfig
	Options         json.RawMessage
	Repeat          string
	RepeatDirection string
	MaxPerRow       int
	Panels          []Panel // of a collapsed row
	Transformations []Transformation
	Links           []Link
	MaxDataPoints   int64
	Interval        string
	TimeFrom        *string
	TimeShift       *string
	LibraryPanel    json.RawMessage
	Transparent     bool
}

// Grid is a place on the dashboard, in 24ths of its width and steps of 38 pixels.
type Grid struct{ X, Y, W, H int }

// Target is a query of a panel.
type Target struct {
	RefID      string
	RawSQL     string `json:"rawSql"`
	Format     int
	Hide       bool
	Datasource Datasource

	model map[string]any
}

// Annotation is what a dashboard marks in its trends.
type Annotation struct {
	Name      string
	BuiltIn   int
	IconColor string
	Target    Target
}

// Datasource says which one is asked.
type Datasource struct{ Type, UID string }

// UnmarshalJSON keeps the whole model beside what this package reads.
func (t *Target) UnmarshalJSON(raw []byte) error {
	type plain Target
	if err := json.Unmarshal(raw, (*plain)(t)); err != nil {
		return err
	}
	return json.Unmarshal(raw, &t.model)
}

// Link leads away from a dashboard, a panel or a value.
type Link struct {
	Title, URL, Type string
	Tags             []string
	IncludeVars      bool
	KeepTime         bool
}

// Transformation changes frames in the browser.
type Transformation struct {
	ID      string
	Options json.RawMessage
}

// FieldConfig says how values are shown.
type FieldConfig struct {
	Defaults  json.RawMessage
	Overrides []Override
}

// Override says it for some fields.
type Override struct {
	Matcher struct {
		ID      string
		Options json.RawMessage
	}
	Properties []struct {
		ID    string
		Value json.RawMessage
	}
}

// Load reads every dashboard of a folder and the folders in it.
func Load(folder string) ([]*Dashboard, error) {
	var all []*Dashboard
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		d, err := Parse(content)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, d)
		return nil
	})
	return all, err
}

// Parse reads a dashboard.
func Parse(content []byte) (*Dashboard, error) {
	d := new(Dashboard)
	if err := errors.Join(json.Unmarshal(content, d), json.Unmarshal(content, &d.Raw)); err != nil {
		return nil, err
	}
	if d.UID == "" || d.Title == "" {
		return nil, errors.New("it has no uid or no title")
	}
	return d, d.check()
}

// check refuses what this package does not know how to show.
func (d *Dashboard) check() error {
	var problems []error
	ids := map[int]bool{}
	for _, p := range d.All() {
		name := fmt.Sprintf("panel %d %q", p.ID, p.Title)
		if ids[p.ID] || p.ID == 0 {
			problems = append(problems, fmt.Errorf("%s: its id is not its own", name))
		}
		ids[p.ID] = true
		if p.TimeFrom != nil || p.TimeShift != nil || p.LibraryPanel != nil {
			problems = append(problems, fmt.Errorf("%s: a time or a library of its own is not known here", name))
		}
		for _, t := range p.Transformations {
			if t.ID != "organize" {
				problems = append(problems, fmt.Errorf("%s: the transformation %s is not known here", name, t.ID))
			}
		}
		refs := map[string]bool{}
		for _, t := range p.Targets {
			if t.RefID == "" || refs[t.RefID] {
				problems = append(problems, fmt.Errorf("%s: two queries are %q", name, t.RefID))
			}
			refs[t.RefID] = true
		}
		if p.Type != "row" && p.GridPos.X+p.GridPos.W > 24 {
			problems = append(problems, fmt.Errorf("%s: it is wider than the dashboard", name))
		}
	}
	return errors.Join(problems...)
}

// All lists the panels, those of collapsed rows too.
func (d *Dashboard) All() []Panel {
	var all []Panel
	for _, p := range d.Panels {
		all = append(all, p)
		all = append(all, p.Panels...)
	}
	return slices.Clip(all)
}
