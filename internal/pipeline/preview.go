package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/transform"
)

// previewLimit is how many rows a preview of rejects looks at before it gives up.
const previewLimit = 1_000_000

// PreviewRequest says what is to be shown of a source.
type PreviewRequest struct {
	Source string
	// Rows is how many rows are shown at most.
	Rows int
	// Unit names the only unit to look at; by default it is the first that has a row.
	Unit string
	// Rejected shows only rows that are rejected, and goes on through the units until it has found enough of them.
	Rejected bool
	// Mapping is the place of the only mapping to be applied, from 1; 0 applies all.
	Mapping int
}

// Preview is the beginning of a source, each raw row with what became of it.
type Preview struct {
	Source   string `json:"source"`
	Unit     string `json:"unit"`     // the last one that was looked at
	Units    int    `json:"units"`    // how many the source has
	Format   string `json:"format"`   // such as csv, gzip
	Encoding string `json:"encoding"` // empty for a format that is not text
	// Read is how many rows were looked at.
	Read int `json:"read"`
	// Unmapped are the raw columns that no mapping reads.
	Unmapped []string     `json:"unmapped"`
	Rows     []PreviewRow `json:"rows"`
}

// PreviewRow is a raw row with what each mapping makes of it. Of a row that the format could not read, there are only
// the reason and the text.
type PreviewRow struct {
	Unit      string           `json:"unit"`
	Position  uint64           `json:"position"`
	Raw       Fields           `json:"raw,omitempty"`
	Malformed *PreviewFault    `json:"malformed,omitempty"`
	Text      string           `json:"text,omitempty"`     // of a malformed row
	Unrouted  *PreviewFault    `json:"unrouted,omitempty"` // where the source rejects rows that no mapping takes
	Outcomes  []PreviewOutcome `json:"rows"`
}

// LeftOut reports whether no mapping takes the row.
func (r PreviewRow) LeftOut() bool {
	return r.Malformed == nil && !slices.ContainsFunc(r.Outcomes, func(o PreviewOutcome) bool { return !o.LeftOut })
}

// Rejected reports whether the row, or what a mapping makes of it, is rejected.
func (r PreviewRow) Rejected() bool {
	return r.Malformed != nil || r.Unrouted != nil || slices.ContainsFunc(r.Outcomes, func(o PreviewOutcome) bool { return o.Reject != nil })
}

// PreviewOutcome is what a mapping makes of a row: values, a reject, or nothing.
type PreviewOutcome struct {
	Mapping int           `json:"mapping"` // its place in the config, from 1
	Entity  string        `json:"entity"`
	Values  Fields        `json:"values,omitempty"`
	Reject  *PreviewFault `json:"reject,omitempty"`
	LeftOut bool          `json:"left_out,omitempty"`
}

// PreviewFault is why a row is rejected.
type PreviewFault struct {
	Column string `json:"column,omitempty"`
	Rule   string `json:"rule"` // one of transform's Rule… constants
	Reason string `json:"reason"`
}

// Fields are named values in their order; in JSON they are an object.
type Fields []Field

// Field is a named value.
type Field struct {
	Name string
	Text string
	Null bool
	// From names the raw columns that a canonical value was made of; a constant and a default have none.
	From []string
	// Constant says that the mapping itself gives the value.
	Constant bool
}

// MarshalJSON implements json.Marshaler.
func (f Fields) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, field := range f {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(field.Name)
		if err != nil {
			return nil, err
		}
		value := []byte("null")
		if !field.Null {
			if value, err = json.Marshal(field.Text); err != nil {
				return nil, err
			}
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// Preview reads the first rows of a source and standardises them. It writes nothing, and needs no warehouse.
func (p *Pipeline) Preview(ctx context.Context, request PreviewRequest) (Preview, error) {
	sources, err := p.open(ctx, []string{request.Source})
	if err != nil {
		return Preview{}, err
	}
	s := sources[0]
	preview, err := s.preview(ctx, request)
	return preview, errors.Join(err, s.Close())
}

// previewer collects rows until there are enough.
type previewer struct {
	*source
	PreviewRequest
	mappings []numbered
	Preview
}

// numbered is a mapping with its place in the config.
type numbered struct {
	*transform.Mapping
	spec    transform.MappingSpec
	origins map[string][]string
	number  int
}

func (s *source) preview(ctx context.Context, request PreviewRequest) (Preview, error) {
	v := &previewer{source: s, PreviewRequest: request, Preview: Preview{Source: s.declared.Name, Unmapped: []string{}, Rows: []PreviewRow{}}}
	for i, m := range s.mappings {
		if request.Mapping == 0 || request.Mapping == i+1 {
			v.mappings = append(v.mappings, numbered{Mapping: m, spec: s.declared.Mappings[i], origins: m.Origins(), number: i + 1})
		}
	}
	if len(v.mappings) == 0 {
		return Preview{}, fmt.Errorf("source %s: it has no mapping %d; they are numbered from 1 to %d", s.declared.Name, request.Mapping, len(s.mappings))
	}
	units, err := s.Units(ctx, extract.Range{})
	if err != nil {
		return Preview{}, err
	}
	v.Units = len(units)
	if request.Unit != "" {
		if units, err = v.only(units); err != nil {
			return Preview{}, err
		}
	}
	for _, unit := range units {
		if err := v.read(ctx, unit); err != nil {
			return Preview{}, err
		}
		if v.enough() || v.Read > 0 && !v.PreviewRequest.Rejected {
			return v.Preview, nil
		}
	}
	if v.Read == 0 {
		return Preview{}, fmt.Errorf("source %s: none of its %d units has a row: mend its path, glob or window", s.declared.Name, len(units))
	}
	return v.Preview, nil
}

// only gives the unit that was asked for.
func (v *previewer) only(units []extract.Unit) ([]extract.Unit, error) {
	const shown = 5
	var names []string
	for _, unit := range units {
		if unit.Name == v.PreviewRequest.Unit {
			return []extract.Unit{unit}, nil
		}
		names = append(names, unit.Name)
	}
	more := ""
	if len(names) > shown {
		names, more = names[:shown], ", …"
	}
	return nil, fmt.Errorf("source %s has no unit %q; it has %d: %s%s", v.declared.Name, v.PreviewRequest.Unit, len(units), strings.Join(names, ", "), more)
}

func (v *previewer) enough() bool {
	return len(v.Preview.Rows) >= v.PreviewRequest.Rows || v.Read >= previewLimit
}

// read takes rows of a unit until there are enough.
func (v *previewer) read(ctx context.Context, unit extract.Unit) error {
	v.Preview.Unit = unit.Name
	v.Format, v.Encoding = described(v.declared.Spec, unit.Name)
	reader, err := v.Open(ctx, unit)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }() // only its beginning was wanted
	for !v.enough() {
		batch, err := reader.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		err = v.take(batch, unit.Name, reader)
		batch.Record.Release()
		if err != nil {
			return fmt.Errorf("source %s, unit %s: %w", v.declared.Name, unit.Name, err)
		}
	}
	return nil
}

// take applies the mappings to a batch, and keeps what is to be shown of it.
func (v *previewer) take(batch extract.Batch, unit string, reader extract.Reader) error {
	wanted := v.PreviewRequest.Rows - len(v.Preview.Rows)
	n := batch.Record.NumRows()
	if !v.PreviewRequest.Rejected {
		n = min(n, int64(wanted))
	}
	raw := batch.Record.NewSlice(0, n)
	defer raw.Release()
	v.noteUnmapped(raw.Schema())

	place := transform.Place{Positions: batch.Positions[:n], Unit: unit, Delivered: reader.Delivered(), Sparse: batch.Sparse, Optional: v.optional}
	outcomes, err := v.apply(raw, place)
	if err != nil {
		return err
	}
	columns := make([]func(int) (string, bool), raw.NumCols())
	for i, column := range raw.Columns() {
		columns[i] = transform.Texts(column)
	}
	next := 0 // of the malformed rows
	malformed := func(before uint64) {
		for ; next < len(batch.Malformed) && batch.Malformed[next].Position < before; next++ {
			m := batch.Malformed[next]
			v.show(PreviewRow{Unit: unit, Position: m.Position, Malformed: &PreviewFault{Rule: transform.RuleFormat, Reason: m.Reason}, Text: m.Raw, Outcomes: []PreviewOutcome{}})
		}
	}
	for row, position := range place.Positions {
		if malformed(position); len(v.Preview.Rows) >= v.PreviewRequest.Rows {
			return nil
		}
		shown := PreviewRow{Unit: unit, Position: position}
		for _, o := range outcomes {
			shown.Outcomes = append(shown.Outcomes, o[row])
		}
		if shown.LeftOut() && v.Mapping == 0 && v.declared.Unrouted == config.UnroutedReject {
			r := unroutedReject(position, "")
			shown.Unrouted = &PreviewFault{Rule: r.Rule, Reason: r.Reason}
		}
		if v.PreviewRequest.Rejected && !shown.Rejected() {
			v.Read++
			continue
		}
		for i, field := range raw.Schema().Fields() {
			if text, ok := columns[i](row); ok || !batch.Sparse {
				shown.Raw = append(shown.Raw, Field{Name: field.Name, Text: text, Null: !ok})
			}
		}
		v.show(shown)
	}
	malformed(^uint64(0))
	return nil
}

func (v *previewer) show(row PreviewRow) {
	if len(v.Preview.Rows) < v.PreviewRequest.Rows {
		v.Read++
		v.Preview.Rows = append(v.Preview.Rows, row)
	}
}

// apply gives what each mapping makes of each row. Where only rejected rows are shown, the others have no values.
func (v *previewer) apply(raw arrow.Record, place transform.Place) ([][]PreviewOutcome, error) {
	results := make([]transform.Result, 0, len(v.mappings))
	defer func() {
		for _, result := range results {
			result.Record.Release()
		}
	}()
	rejected := map[uint64]bool{}
	for _, mapping := range v.mappings {
		result, err := mapping.Apply(raw, place)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
		for _, r := range result.Rejects {
			rejected[r.Position] = true
		}
	}
	outcomes := make([][]PreviewOutcome, len(v.mappings))
	for i, mapping := range v.mappings {
		outcomes[i] = mapping.outcomes(results[i], place.Positions, func(position uint64) bool {
			return !v.PreviewRequest.Rejected || rejected[position]
		})
	}
	return outcomes, nil
}

// noteUnmapped adds the columns that no mapping reads.
func (v *previewer) noteUnmapped(schema *arrow.Schema) {
	for _, field := range schema.Fields() {
		read := slices.ContainsFunc(v.mappings, func(m numbered) bool { return slices.Contains(m.SourceColumns(), field.Name) })
		if !read && !slices.Contains(v.Unmapped, field.Name) {
			v.Unmapped = append(v.Unmapped, field.Name)
		}
	}
}

// outcomes says what became of each row of a batch, with the values of those that are to be shown.
func (m numbered) outcomes(result transform.Result, positions []uint64, shown func(position uint64) bool) []PreviewOutcome {
	outcomes := make([]PreviewOutcome, len(positions))
	rows := make(map[uint64]int, len(positions))
	for i, position := range positions {
		rows[position] = i
		outcomes[i] = PreviewOutcome{Mapping: m.number, Entity: m.Entity().Name, LeftOut: true}
	}
	for _, r := range result.Rejects {
		o := &outcomes[rows[r.Position]]
		o.LeftOut, o.Reject = false, &PreviewFault{Column: r.Column, Rule: r.Rule, Reason: r.Reason}
	}
	last := int(result.Record.NumCols()) - 1 // source_row
	places := result.Record.Column(last).(*array.Uint64)
	for i := range int(result.Record.NumRows()) {
		o := &outcomes[rows[places.Value(i)]]
		o.LeftOut = false
		if !shown(places.Value(i)) {
			continue
		}
		for j, column := range result.Record.Columns()[:last] {
			name := result.Record.ColumnName(j)
			field := Field{Name: name, Null: column.IsNull(i), From: m.origins[name], Constant: m.spec.Columns[name].Value != nil}
			if !field.Null {
				field.Text = column.ValueStr(i)
			}
			o.Values = append(o.Values, field)
		}
	}
	return outcomes
}

// described says how a unit is read, by the config or by the unit's name.
func described(spec extract.Spec, unit string) (format, encoding string) {
	how := spec.Format.ForUnit(unit)
	if spec.HTTP != nil && how.Type == "" {
		// A file's address tells its format; anything else is an API.
		unit = "answer.json"
		if address, err := url.Parse(spec.HTTP.URL); err == nil && path.Ext(address.Path) != "" {
			unit = address.Path
		}
	}
	name, packed := strings.ToLower(path.Base(unit)), ""
	for ext, compression := range map[string]string{".gz": "gzip", ".zst": "zstd", ".zip": "zip"} {
		if rest, found := strings.CutSuffix(name, ext); found {
			name, packed = rest, compression
		}
	}
	if how.Compression != "" {
		packed = strings.TrimPrefix(how.Compression, "none")
	}
	if format = how.Type; format == "" {
		format = strings.TrimPrefix(path.Ext(name), ".")
	}
	switch format {
	case "parquet", "xlsx", "xlsm":
	default:
		if encoding = strings.ToLower(how.Encoding); encoding == "" {
			encoding = "utf-8"
		}
	}
	if packed != "" {
		format += ", " + packed
	}
	return format, encoding
}
