package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What happens to a column that a contract does not expect.
const (
	OnChangeFail   = "fail"   // the unit fails whole: nothing of it is loaded
	OnChangeRecord = "record" // it is loaded; the change is kept in etl.column_changes, and the run that sees it first warns
	OnChangeIgnore = "ignore" // it is loaded
)

// Contract says which raw columns a source has, and what happens where a unit has others. Columns are compared with the
// declared ones; where none are declared, with those that earlier loads of the source had.
type Contract struct {
	// Columns are the columns that every unit has. An HTTP or JSON source has a column where any row of the unit has the key.
	Columns map[string]ContractColumn `yaml:"columns,omitempty"`
	// New says what happens to a unit with a column that is not declared, or was not there before: record (the default),
	// ignore or fail.
	New string `yaml:"new,omitempty"`
	// Missing says what happens to a unit that lacks a column: fail (the default for columns that are declared or that a
	// mapping reads), record (the default for others) or ignore. A mapping finds no value where a column may be missing.
	Missing string `yaml:"missing,omitempty"`
	// Retyped says what happens to a unit with a column of another type: fail (the default for declared columns), record
	// (the default for others) or ignore. A number with decimals after one without is no other type, nor is a time after a date.
	Retyped string `yaml:"retyped,omitempty"`
}

// ContractColumn is what a contract says of one column.
type ContractColumn struct {
	// Type is integer, decimal, date, time, boolean or text, which all values fit; any by default. In text formats (csv,
	// JSON) it is judged by the first thousand rows of a unit, and dates and times are ISO; others are text.
	Type string `yaml:"type,omitempty"`
	// Optional says that a unit may lack the column; a mapping finds no value then.
	Optional bool `yaml:"optional,omitempty"`
}

// MayLack tells whether a unit without that column is loaded, also where a mapping reads it: it is null then.
func (c Contract) MayLack(column string) bool {
	return c.Columns[column].Optional || c.Missing == OnChangeRecord || c.Missing == OnChangeIgnore
}

// contractTypes are what ContractColumn.Type may be.
var contractTypes = []string{"integer", "decimal", "date", "time", "boolean", "text"}

func (c Contract) check() error {
	var errs []error
	for field, value := range map[string]string{"new": c.New, "missing": c.Missing, "retyped": c.Retyped} {
		if !slices.Contains([]string{"", OnChangeFail, OnChangeRecord, OnChangeIgnore}, value) {
			errs = append(errs, fmt.Errorf("contract.%s: %q is not one of fail, record, ignore", field, value))
		}
	}
	for name, column := range c.Columns {
		if column.Type != "" && !slices.Contains(contractTypes, column.Type) {
			errs = append(errs, fmt.Errorf("contract.columns.%s: the type %q is not one of %s", name, column.Type, strings.Join(contractTypes, ", ")))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// Rows bounds how few rows a run may read of a source. A run below a bound has failed its check: it loads what there is, and
// ends with exit code 4.
type Rows struct {
	// Min is the fewest rows that a run which finds something to read may read. By default, none at all is a warning; 0 is
	// for a source whose units may be empty.
	Min *uint64 `yaml:"min,omitempty"`
	// UsualShare is the smallest share of the usual rows, from 0 to 1; 0.10 by default, 0 for no bound. Usual is the median of
	// the last 20 runs of the same job that loaded something, as soon as there are three, and if it is 20 rows or more.
	UsualShare float64 `yaml:"usual_share,omitempty"`
}

// SetDefaults sets what the file may leave out.
func (r *Rows) SetDefaults() { r.UsualShare = 0.10 }

// Bounds on what UsualShare is held against.
const (
	fewestUsualRuns = 3
	fewestUsualRows = 20 // below, chance alone brings shares down
)

// Check says which bound a run is below, or nil. Usual is what the last runs brought.
func (r Rows) Check(read, usual, runs uint64) error {
	if r.Min != nil && read < *r.Min {
		return fmt.Errorf("it brought %d rows, fewer than rows.min, %d", read, *r.Min)
	}
	if runs >= fewestUsualRuns && usual >= fewestUsualRows && float64(read) < r.UsualShare*float64(usual) {
		return fmt.Errorf("it brought %d rows, less than rows.usual_share, %g, of the %d rows that its last %d runs brought", read, r.UsualShare, usual, runs)
	}
	return nil
}

func (r Rows) check() error {
	if r.UsualShare >= 0 && r.UsualShare <= 1 { // false for NaN too
		return nil
	}
	return fmt.Errorf("rows.usual_share: %g is not between 0 and 1", r.UsualShare)
}

// What happens to rows that no mapping takes.
const (
	UnroutedIgnore = "ignore"
	UnroutedReject = "reject"
)

// mostParallel bounds Source.Parallel: each unit under way has a connection to the warehouse.
const mostParallel = 16

func (s Source) checkLoading() error {
	err := errors.Join(s.Contract.check(), s.Rows.check())
	if !slices.Contains([]string{UnroutedIgnore, UnroutedReject}, s.Unrouted) {
		err = errors.Join(err, fmt.Errorf("unrouted: %q is not one of ignore, reject", s.Unrouted))
	}
	if s.Parallel < 1 || s.Parallel > mostParallel {
		err = errors.Join(err, fmt.Errorf("parallel: %d is not between 1 and %d", s.Parallel, mostParallel))
	}
	return err
}

// Columns gives the raw columns that the config declares for the source, sorted: those that its mappings may read. It is nil
// where none are declared, so that only the data tells.
func (s Source) Columns() []string {
	columns := slices.Clone(s.Format.Columns)
	for name := range s.Contract.Columns {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	slices.Sort(columns)
	return columns
}
