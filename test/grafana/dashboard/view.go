package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/test/grafana/source"
)

// Asker answers queries.
type Asker interface {
	Ask(context.Context, source.Query) (data.Frames, error)
}

// Visit is how somebody opens a dashboard.
type Visit struct {
	// From and To are a range such as now-1y and now, or RFC 3339; empty for the dashboard's own.
	From, To string
	// Zone is the browser's.
	Zone string
	Now  time.Time
	// Variables are what the address has chosen; others are as the dashboard has them.
	Variables map[string][]string
}

// View is a dashboard that somebody opened.
type View struct {
	*Dashboard
	Range backend.TimeRange
	// Zone is where the dashboard shows its times.
	Zone *time.Location

	asker   Asker
	zone    string // as a query says it
	choices []*choice
}

// pixels is how many points a panel asks for unless it says otherwise.
const pixels = 1000

// Open works out the range and the values of all variables.
func (d *Dashboard) Open(ctx context.Context, asker Asker, visit Visit) (*View, error) {
	v := &View{Dashboard: d, asker: asker, zone: visit.Zone}
	name := visit.Zone
	switch d.Timezone {
	case "", "browser":
	case "utc":
		v.zone, name = "utc", "UTC"
	default:
		v.zone, name = d.Timezone, d.Timezone
	}
	var err error
	if v.Zone, err = time.LoadLocation(name); err != nil {
		return nil, err
	}
	from, to := visit.From, visit.To
	if from == "" {
		from, to = d.Time.From, d.Time.To
	}
	if v.Range, err = span(from, to, visit.Now, v.Zone); err != nil {
		return nil, fmt.Errorf("the range %s to %s: %w", from, to, err)
	}
	for name := range visit.Variables {
		if !slices.ContainsFunc(d.Templating.List, func(variable Variable) bool { return variable.Name == name }) {
			return nil, fmt.Errorf("it has no variable $%s", name)
		}
	}
	for _, variable := range d.Templating.List {
		c, err := v.open(ctx, variable, visit.Variables[variable.Name])
		if err != nil {
			return nil, err
		}
		v.choices = append(v.choices, c)
	}
	return v, nil
}

func span(from, to string, now time.Time, zone *time.Location) (backend.TimeRange, error) {
	r := gtime.TimeRange{From: from, To: to, Now: now}
	begin, err := r.ParseFrom(gtime.WithNow(now), gtime.WithLocation(zone))
	if err != nil {
		return backend.TimeRange{}, err
	}
	end, err := r.ParseTo(gtime.WithNow(now), gtime.WithLocation(zone))
	return backend.TimeRange{From: begin.UTC(), To: end.UTC()}, err
}

// Value is what a variable stands for on a panel: one value, or "" for All, for several, and for none.
func (v *View) Value(s Shown, name string) string {
	if own, ok := s.scoped[name]; ok {
		return own.all[0]
	}
	if values, all := v.Values(name); !all && len(values) == 1 {
		return values[0]
	}
	return ""
}

// Values are what a variable stands for, and whether that is All.
func (v *View) Values(name string) (values []string, all bool) {
	for _, c := range v.choices {
		if c.Name == name {
			values, _ = c.values()
			return values, slices.Equal(c.chosen, []string{Every})
		}
	}
	return nil, false
}

// Options are the values that a variable can have.
func (v *View) Options(name string) []string {
	var values []string
	for _, c := range v.choices {
		if c.Name == name {
			for _, o := range c.options {
				values = append(values, o.value)
			}
		}
	}
	return values
}

// Shown is a panel as it is shown: one of its repetitions, where it is repeated.
type Shown struct {
	Panel
	scoped map[string]value
}

// Shown lists what is on the dashboard.
func (v *View) Shown() ([]Shown, error) {
	var all []Shown
	for _, p := range v.All() {
		repeated, err := v.repeated(p)
		if err != nil {
			return nil, fmt.Errorf("panel %d: %w", p.ID, err)
		}
		all = append(all, repeated...)
	}
	return all, nil
}

func (v *View) repeated(p Panel) ([]Shown, error) {
	if p.Repeat == "" {
		return []Shown{{Panel: p}}, nil
	}
	if p.Type == "row" {
		return nil, errors.New("a row that repeats is not known here")
	}
	values, _ := v.Values(p.Repeat)
	if values == nil {
		return nil, fmt.Errorf("it repeats by $%s, which has no values", p.Repeat)
	}
	var all []Shown
	for _, one := range values {
		all = append(all, Shown{Panel: p, scoped: map[string]value{p.Repeat: {name: p.Repeat, all: []string{one}, text: []string{one}}}})
	}
	return all, nil
}

// Title is a panel's title with its variables replaced.
func (v *View) TitleOf(s Shown) (string, error) { return replace(s.Title, v.scope(s)) }

// Say replaces the variables of any other text of a panel.
func (v *View) Say(s Shown, text string) (string, error) { return replace(text, v.scope(s)) }

// Run asks a panel's queries and gives its frames, as its transformations leave them.
func (v *View) Run(ctx context.Context, s Shown) (data.Frames, error) {
	var all data.Frames
	for _, t := range s.Targets {
		if t.Hide {
			continue
		}
		model := maps.Clone(t.model)
		frames, err := v.ask(ctx, model, v.scope(s), func(q *source.Query) {
			if s.MaxDataPoints > 0 {
				q.MaxDataPoints = s.MaxDataPoints
			}
		})
		if err != nil {
			return nil, fmt.Errorf("query %s: %w", t.RefID, err)
		}
		for _, f := range frames {
			f.RefID = t.RefID
		}
		all = append(all, frames...)
	}
	for _, t := range s.Transformations {
		if err := organize(all, t.Options); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Annotate asks for what a dashboard marks in its trends, by name.
func (v *View) Annotate(ctx context.Context) (map[string]data.Frames, error) {
	marks := map[string]data.Frames{}
	for _, a := range v.Annotations.List {
		if a.BuiltIn != 0 {
			continue
		}
		frames, err := v.ask(ctx, maps.Clone(a.Target.model), v.chosen)
		if err != nil {
			return nil, fmt.Errorf("annotation %s: %w", a.Name, err)
		}
		marks[a.Name] = frames
	}
	return marks, nil
}

// ask replaces what the browser replaces, and asks.
func (v *View) ask(ctx context.Context, model map[string]any, find lookup, changes ...func(*source.Query)) (data.Frames, error) {
	q := source.Query{Range: v.Range, MaxDataPoints: pixels}
	for _, change := range changes {
		change(&q)
	}
	q.Interval = gtime.RoundInterval(v.Range.Duration() / time.Duration(q.MaxDataPoints))
	statement, _ := model["rawSql"].(string)
	statement, err := conditional(statement, v.choice)
	if err != nil {
		return nil, err
	}
	statement, err = replace(statement, withInterval(find, q.Interval))
	if err != nil {
		return nil, err
	}
	if strings.Contains(statement, "${") {
		return nil, fmt.Errorf("a variable is not known: %s", statement)
	}
	model["rawSql"] = statement
	meta, _ := model["meta"].(map[string]any)
	meta = maps.Clone(meta)
	if meta == nil {
		meta = map[string]any{}
	}
	meta["timezone"] = v.zone
	model["meta"] = meta
	if q.Model, err = json.Marshal(model); err != nil {
		return nil, err
	}
	return v.asker.Ask(ctx, q)
}

// choice finds what is chosen: $__all is itself, as $__conditionalAll sees it.
func (v *View) choice(name, _ string) (value, bool) {
	for _, c := range v.choices {
		if c.Name == name {
			return value{all: c.chosen}, true
		}
	}
	return value{}, false
}

// chosen finds the value of a variable or of a name that Grafana has itself.
func (v *View) chosen(name, path string) (value, bool) {
	for _, c := range v.choices {
		if c.Name != name || path != "" {
			continue
		}
		values, raw := c.values()
		found := value{name: name, all: values, raw: raw, many: c.Multi || slices.Equal(c.chosen, []string{Every})}
		for _, chosen := range c.chosen {
			found.text = append(found.text, c.text(chosen))
		}
		return found, true
	}
	one := func(text string) (value, bool) { return value{all: []string{text}, text: []string{text}}, true }
	length := v.Range.Duration()
	switch name {
	case "__from", "__to":
		at := v.Range.From
		if name == "__to" {
			at = v.Range.To
		}
		return value{all: []string{strconv.FormatInt(at.UnixMilli(), 10)}, time: at.In(v.Zone)}, true
	case "__range":
		return one(fmt.Sprintf("%ds", int64(length/time.Second)))
	case "__range_s":
		return one(strconv.FormatInt(int64(length/time.Second), 10))
	case "__range_ms":
		return one(strconv.FormatInt(length.Milliseconds(), 10))
	case "__timezone":
		return one(v.zone)
	case "__dashboard":
		return one(v.Title)
	case "__url_time_range":
		return value{all: []string{fmt.Sprintf("from=%d&to=%d", v.Range.From.UnixMilli(), v.Range.To.UnixMilli())}, raw: true}, true
	}
	return value{}, false
}

// scope is chosen, with what a repeated panel's own value is.
func (v *View) scope(s Shown) lookup {
	return func(name, path string) (value, bool) {
		if own, ok := s.scoped[name]; ok && path == "" {
			return own, true
		}
		return v.chosen(name, path)
	}
}

func withInterval(find lookup, interval time.Duration) lookup {
	return func(name, path string) (value, bool) {
		switch name {
		case "__interval":
			return value{all: []string{gtime.FormatInterval(interval)}}, true
		case "__interval_ms":
			return value{all: []string{strconv.FormatInt(interval.Milliseconds(), 10)}}, true
		}
		return find(name, path)
	}
}

// organize hides, orders and renames the fields of all frames.
func organize(frames data.Frames, options json.RawMessage) error {
	var o struct {
		ExcludeByName map[string]bool
		IndexByName   map[string]int
		RenameByName  map[string]string
	}
	if err := json.Unmarshal(options, &o); err != nil {
		return fmt.Errorf("organize: %w", err)
	}
	for _, f := range frames {
		f.Fields = slices.DeleteFunc(f.Fields, func(field *data.Field) bool { return o.ExcludeByName[field.Name] })
		slices.SortStableFunc(f.Fields, func(a, b *data.Field) int { return o.IndexByName[a.Name] - o.IndexByName[b.Name] })
		for _, field := range f.Fields {
			if name := o.RenameByName[field.Name]; name != "" {
				if field.Config == nil {
					field.Config = &data.FieldConfig{}
				}
				field.Config.DisplayName = name
			}
		}
	}
	return nil
}
