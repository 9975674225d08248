package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// Events of columns.
const (
	columnNew     = "new"
	columnMissing = "missing"
	columnRetyped = "retyped"
)

// unitColumns is what the batches of one unit show of its raw columns. A schema is looked at once, values only in the
// batch in which a column comes up first.
type unitColumns struct {
	columns map[string]*load.SourceColumn
	schema  *arrow.Schema // of the batch before
	batches int
	sparse  bool
}

func (u *unitColumns) see(rows arrow.Record, sparse bool) {
	u.batches++
	if !sparse && u.schema != nil && (u.schema == rows.Schema() || u.schema.Equal(rows.Schema())) {
		return
	}
	u.schema, u.sparse = rows.Schema(), sparse
	if u.columns == nil {
		u.columns = map[string]*load.SourceColumn{}
	}
	filled := map[string]bool{}
	for i, field := range rows.Schema().Fields() {
		column := rows.Column(i)
		filled[field.Name] = !sparse || column.NullN() == 0
		if u.columns[field.Name] == nil {
			kind, typed := kindOf(column)
			u.columns[field.Name] = &load.SourceColumn{Name: field.Name, Kind: kind, Typed: typed, Always: u.batches == 1}
		}
	}
	for name, column := range u.columns {
		column.Always = column.Always && filled[name]
	}
}

// sourceColumns compares the columns of a source's units with its contract, and gathers what they show. Units are compared
// with what was known before the run, in whatever order they are loaded.
type sourceColumns struct {
	contract config.Contract
	reads    []string // by mappings
	known    map[string]load.SourceColumn

	mu      sync.Mutex
	shown   map[string]load.SourceColumn // by the units that are good
	changes map[[2]string]load.ColumnChange

	recording sync.Mutex                   // held while columns are written
	written   map[string]load.SourceColumn // of those, as they stand in the warehouse
	told      map[[2]string]bool           // changes that stand there
}

// contractError says how a unit breaks its source's contract.
type contractError struct{ problems []string }

func (e *contractError) Error() string {
	return "its columns are not those of the contract: " + strings.Join(e.problems, "; ") +
		": nothing of it is loaded; mend the source or the mapping, or say under contract that this may happen"
}

// policy gives what is to be done about an event.
func policy(given, otherwise string) string {
	if given != "" {
		return given
	}
	return otherwise
}

// judge compares a unit that was read to its end. It gives what is to be recorded if the unit is loaded.
func (s *sourceColumns) judge(unit string, seen *unitColumns) ([]load.ColumnChange, error) {
	if seen.batches == 0 {
		return nil, nil // nothing is known of a unit without a row
	}
	var recorded []load.ColumnChange
	var problems []string
	event := func(what load.ColumnChange, then, problem string) {
		what.Unit = unit
		switch then {
		case config.OnChangeFail:
			problems = append(problems, problem)
		case config.OnChangeRecord:
			if !s.isOld(what) {
				recorded = append(recorded, what)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(seen.columns)) {
		column := seen.columns[name]
		declared, isDeclared := s.contract.Columns[name]
		known, isKnown := s.known[name]
		switch {
		case isDeclared && !fits(declared.Type, column.Kind):
			event(load.ColumnChange{Column: name, Event: columnRetyped, Was: declared.Type, Now: column.Kind}, policy(s.contract.Retyped, config.OnChangeFail),
				fmt.Sprintf("column %q is declared as %s, but is %s", name, declared.Type, column.Kind))
		case isDeclared:
		case !isKnown && (len(s.contract.Columns) > 0 || len(s.known) > 0):
			event(load.ColumnChange{Column: name, Event: columnNew, Now: column.Kind}, policy(s.contract.New, config.OnChangeRecord),
				fmt.Sprintf("column %q is new", name))
		case isKnown && retyped(known, *column):
			event(load.ColumnChange{Column: name, Event: columnRetyped, Was: known.Kind, Now: column.Kind}, policy(s.contract.Retyped, config.OnChangeRecord),
				fmt.Sprintf("column %q was %s, but is %s now", name, known.Kind, column.Kind))
		}
	}
	expected := s.expected()
	if !seen.sparse {
		for _, name := range s.reads {
			expected[name] = expected[name] || !s.contract.Columns[name].Optional
		}
	}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if !expected[name] || seen.columns[name] != nil {
			continue
		}
		_, isDeclared := s.contract.Columns[name]
		otherwise := config.OnChangeRecord
		if isDeclared || slices.Contains(s.reads, name) {
			otherwise = config.OnChangeFail
		}
		event(load.ColumnChange{Column: name, Event: columnMissing, Was: s.known[name].Kind}, policy(s.contract.Missing, otherwise),
			fmt.Sprintf("column %q is missing", name))
	}
	if len(problems) > 0 {
		return nil, &contractError{problems}
	}
	return recorded, nil
}

// isOld tells whether a change was recorded by an earlier run.
func (s *sourceColumns) isOld(c load.ColumnChange) bool {
	known, ok := s.known[c.Column]
	switch c.Event {
	case columnMissing:
		return ok && !known.Always
	case columnRetyped:
		return ok && known.Kind == c.Now
	}
	return ok
}

// expected are the columns that a unit has to have: those declared, else those that all earlier loads had.
func (s *sourceColumns) expected() map[string]bool {
	names := map[string]bool{}
	for name, column := range s.contract.Columns {
		if !column.Optional {
			names[name] = true
		}
	}
	if len(s.contract.Columns) == 0 {
		for name, column := range s.known {
			if column.Always {
				names[name] = true
			}
		}
	}
	return names
}

// retyped tells whether a column has another type than before. Any value fits a column of texts, unless it has a type.
func retyped(known, now load.SourceColumn) bool {
	switch {
	case known.Kind == kindEmpty, now.Kind == kindEmpty, family(known.Kind) == family(now.Kind):
		return false
	}
	return known.Kind != kindText || now.Typed
}

// take adds what a good unit showed.
func (s *sourceColumns) take(unit string, seen *unitColumns, recorded []load.ColumnChange) {
	if seen.batches == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.shown == nil
	if first {
		s.shown, s.changes = map[string]load.SourceColumn{}, map[[2]string]load.ColumnChange{}
	}
	for name, column := range seen.columns {
		shown, ok := s.shown[name]
		if !ok {
			shown = *column
			shown.Unit, shown.Always = unit, shown.Always && first
		}
		shown.Kind, shown.Typed, shown.Always = widen(shown.Kind, column.Kind), shown.Typed && column.Typed, shown.Always && column.Always
		s.shown[name] = shown
	}
	for name, shown := range s.shown {
		if seen.columns[name] == nil {
			shown.Always = false
			s.shown[name] = shown
		}
	}
	for _, change := range recorded {
		key := [2]string{change.Column, change.Event}
		if before, ok := s.changes[key]; !ok || change.Unit < before.Unit {
			s.changes[key] = change
		}
	}
}

// news gives what is to be recorded: the columns that are not as the warehouse knows them, and the changes.
func (s *sourceColumns) news() ([]load.SourceColumn, []load.ColumnChange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var columns []load.SourceColumn
	for _, name := range slices.Sorted(maps.Keys(s.shown)) {
		shown := s.shown[name]
		known, isKnown := s.known[name]
		if isKnown {
			shown.Always = shown.Always && known.Always
			if !retyped(known, shown) {
				shown.Kind, shown.Typed = widen(known.Kind, shown.Kind), known.Typed
			}
			if shown.Kind == known.Kind && shown.Always == known.Always {
				continue
			}
		} else if len(s.known) > 0 {
			shown.Always = false // loads before this run did without it
		}
		columns = append(columns, shown)
	}
	var changes []load.ColumnChange
	for _, change := range s.changes {
		changes = append(changes, change)
		if _, shown := s.shown[change.Column]; change.Event != columnMissing || shown {
			continue
		}
		gone, ok := s.known[change.Column]
		if !ok {
			gone = load.SourceColumn{Name: change.Column, Kind: kindEmpty}
		}
		gone.Always, gone.Unit = false, change.Unit
		columns = append(columns, gone)
	}
	slices.SortFunc(changes, func(a, b load.ColumnChange) int { return strings.Compare(a.Column+a.Event, b.Column+b.Event) })
	columns = slices.DeleteFunc(columns, func(c load.SourceColumn) bool {
		stands, ok := s.written[c.Name]
		return ok && stands.Kind == c.Kind && stands.Always == c.Always
	})
	changes = slices.DeleteFunc(changes, func(c load.ColumnChange) bool { return s.told[[2]string{c.Column, c.Event}] })
	return columns, changes
}

// record writes what there is to be recorded.
func (s *sourceColumns) record(write func([]load.SourceColumn, []load.ColumnChange) error) error {
	s.recording.Lock()
	defer s.recording.Unlock()
	columns, changes := s.news()
	if err := write(columns, changes); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, column := range columns {
		s.written[column.Name] = column
	}
	for _, change := range changes {
		s.told[[2]string{change.Column, change.Event}] = true
	}
	return nil
}

// describe says a change in words.
func describe(source string, c load.ColumnChange) string {
	text := fmt.Sprintf("source %s: column %q ", source, c.Column)
	switch c.Event {
	case columnNew:
		text += "is new (" + c.Now + ")"
	case columnMissing:
		text += "is missing"
	default:
		text += fmt.Sprintf("was %s and is %s now", c.Was, c.Now)
	}
	return text + ", first in unit " + c.Unit
}

// knowColumns prepares the comparison of a source's columns.
func (r *run) knowColumns(ctx context.Context, s *source) error {
	known, err := r.Warehouse.SourceColumns(ctx, s.declared.Name)
	if err != nil {
		return err
	}
	s.columns = &sourceColumns{
		contract: s.declared.Contract, known: map[string]load.SourceColumn{}, written: map[string]load.SourceColumn{}, told: map[[2]string]bool{},
	}
	for _, column := range known {
		s.columns.known[column.Name] = column
	}
	for _, m := range s.mappings {
		s.columns.reads = append(s.columns.reads, m.SourceColumns()...)
	}
	return nil
}

// recordColumns records what good units show before they are loaded: after a crash they may be in the ledger, and so be read
// by no other run.
func (r *run) recordColumns(ctx context.Context, s *source, good ...*attempt) error {
	for _, a := range good {
		s.columns.take(a.unit.Name, &a.columns, a.changes)
	}
	return s.columns.record(func(columns []load.SourceColumn, changes []load.ColumnChange) error {
		return r.Warehouse.RecordColumns(ctx, s.declared.Name, r.id, columns, changes)
	})
}

// warnColumns warns of what changed in a source's columns.
func (r *run) warnColumns(_ context.Context, s *source) error {
	s.columns.mu.Lock()
	defer s.columns.mu.Unlock()
	for _, key := range slices.SortedFunc(maps.Keys(s.columns.changes), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		r.report.Warnings = append(r.report.Warnings, describe(s.declared.Name, s.columns.changes[key]))
	}
	return nil
}
