package transform

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Mapping is a compiled MappingSpec. It never changes, and is safe for concurrent use.
//
// Raw values are read as texts: a float as the shortest decimal that means the same (1e-7 as 0.0000001),
// a date or a timestamp as ISO whatever the mapping's time format. Null is no value; so is the empty text,
// but for Text columns, where it stays the empty text, unless the mapping's null lists "".
//
// Decimals are exact, with an optional exponent, without marks for thousands. ISO times are cut off at
// microseconds. A local time that clocks skipped is a reject, and one that they showed twice is the
// earlier; a date alone is the first instant of its day.
//
// Expressions are of texts (the columns, by name or as column("Unit Price"), and $row, $unit, $delivered),
// exact decimals and conditions. Columns are texts until number(…) reads them: what is not a number makes
// the row a reject, and so does a division by zero; what is empty is null. Arithmetic with null is null.
// Compared with == and !=, a null text is the empty text and a null number equals none; <, <=, > and >= are
// false with null. There are + - *, divide(a, b, places), round(a, places), abs; and, or, not, ?:, ??, in [];
// contains, startsWith, endsWith, matches; extract, split, slice, replace, upper, lower, trim, concat, text,
// length, coalesce, is_empty; no floats, no clocks, no loops.
type Mapping struct {
	entity  Entity
	schema  *arrow.Schema
	columns []*column // in the entity's order
	where   []condition
	require []requirement
	lookups map[string]Lookup
	sources []string
	memory  memory.Allocator
	singly  bool // by cell alone; for tests
}

// Compile checks a mapping and makes it ready for use. All that can be known without data is checked, and
// all that is wrong is reported, joined.
//
// Lookups names the tables that the mapping may use. A table may still be nil then: Apply reads the map, so
// tables may be put into it until Apply is first called, but no longer while it runs.
//
// Unless WithColumns tells the source's columns, Apply is the first to find that one is missing.
func Compile(spec MappingSpec, lookups map[string]Lookup, options ...Option) (*Mapping, error) {
	var given settings
	for _, option := range options {
		option(&given)
	}
	entity, ok := EntityByName(spec.Entity)
	if !ok {
		names := make([]string, len(Entities))
		for i, e := range Entities {
			names[i] = e.Name
		}
		return nil, fmt.Errorf("mapping %s: entity %q is not known%s; it is one of %s",
			spec.Entity, spec.Entity, suggest(spec.Entity, names), strings.Join(names, ", "))
	}
	m := &Mapping{entity: entity, schema: entity.Schema(), lookups: lookups, memory: memory.DefaultAllocator}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(spec.Columns)) {
		if _, ok := entity.Column(name); !ok {
			errs = append(errs, columnError(entity.Name, name, unknownColumn(entity, name)))
		}
	}
	for _, contract := range entity.Columns {
		columnSpec, mapped := spec.Columns[contract.Name]
		c, problems := compileColumn(entity, contract, columnSpec, mapped, lookups)
		if len(problems) == 0 {
			problems = given.unknown(c.reads())
		}
		for _, err := range problems {
			errs = append(errs, columnError(entity.Name, contract.Name, err))
		}
		m.columns = append(m.columns, c)
	}
	for i, condition := range spec.Where {
		c, err := compileCondition(condition)
		if err == nil {
			err = errors.Join(given.unknown(c.reads())...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("mapping %s: where condition %d: %w", entity.Name, i+1, err))
		}
		m.where = append(m.where, c)
	}
	for i, required := range spec.Require {
		r, err := compileRequirement(required)
		if err == nil {
			err = errors.Join(given.unknown(r.columns)...)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("mapping %s: require condition %d: %w", entity.Name, i+1, err))
		}
		m.require = append(m.require, r)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	m.linkKinds()
	m.sources = m.sourceColumns()
	return m, nil
}

// Option tells Compile more than the mapping says.
type Option func(*settings)

type settings struct {
	columns []string // nil: not known
}

// WithColumns tells which raw columns the source has, so that a mapping that names another is an error.
func WithColumns(names []string) Option { return func(s *settings) { s.columns = names } }

// unknown gives an error for each raw column that the source is known not to have.
func (s *settings) unknown(reads []string) []error {
	if s.columns == nil {
		return nil
	}
	var errs []error
	for _, name := range reads {
		if !isPseudo(name) && !slices.Contains(s.columns, name) {
			errs = append(errs, fmt.Errorf("the source has no column %q%s; it has %s", name, suggest(name, s.columns), strings.Join(s.columns, ", ")))
		}
	}
	return errs
}

// WithAllocator gives the same mapping with another allocator of Arrow memory than memory.DefaultAllocator.
func (m *Mapping) WithAllocator(mem memory.Allocator) *Mapping {
	other := *m
	other.memory = mem
	return &other
}

// Entity gives the entity that the mapping's rows become.
func (m *Mapping) Entity() Entity { return m.entity }

// SourceColumns gives the raw columns that the mapping reads, each once, without the pseudo columns.
func (m *Mapping) SourceColumns() []string { return slices.Clone(m.sources) }

func (m *Mapping) sourceColumns() []string {
	var all []string
	for _, c := range m.columns {
		all = append(all, c.reads()...)
	}
	for i := range m.where {
		all = append(all, m.where[i].reads()...)
	}
	for _, r := range m.require {
		all = append(all, r.columns...)
	}
	var sources []string
	for _, name := range all {
		if !isPseudo(name) && !slices.Contains(sources, name) {
			sources = append(sources, name)
		}
	}
	return sources
}

// linkKinds tells the kind column of an amount whose sign decides the kind.
func (m *Mapping) linkKinds() {
	for _, amount := range m.columns {
		if amount.negative != negativeKind {
			continue
		}
		for _, kind := range m.columns {
			if kind.Name == kindColumn {
				kind.sign = amount
			}
		}
	}
}

func columnError(entity, column string, err error) error {
	return fmt.Errorf("mapping %s: column %s: %w", entity, column, err)
}

func unknownColumn(e Entity, name string) error {
	names := make([]string, len(e.Columns))
	for i, c := range e.Columns {
		names[i] = c.Name
	}
	return fmt.Errorf("%s has no such column%s; it has %s", e.Name, suggest(name, names), strings.Join(names, ", "))
}

// Pseudo columns, which every row has.
const (
	pseudoRow       = "$row"
	pseudoUnit      = "$unit"
	pseudoDelivered = "$delivered"
)

var pseudos = []string{pseudoRow, pseudoUnit, pseudoDelivered}

func isPseudo(name string) bool { return strings.HasPrefix(name, "$") }

// checkSource makes sure that a name can be a raw or pseudo column.
func checkSource(name string) error {
	switch {
	case name == "":
		return errors.New("a source column has no name")
	case isPseudo(name) && !slices.Contains(pseudos, name):
		return fmt.Errorf("%q is not known%s; names with $ are %s", name, suggest(name, pseudos), strings.Join(pseudos, ", "))
	}
	return nil
}

// suggest offers the nearest of the known names, where one is near.
func suggest(name string, known []string) string {
	best, least := "", len(name)/3+2
	for _, k := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// editDistance counts the insertions, deletions and replacements of bytes between two names.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
