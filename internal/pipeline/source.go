package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/extract"
	opener "github.com/partnerplus/warehouse/extract/source"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/transform"
)

// source is a source of the config, opened, with its mappings ready.
type source struct {
	extract.Source
	declared    config.Source
	mappings    []*transform.Mapping
	optional    []string // columns that mappings read, and units may lack
	fingerprint string   // of the mappings, for the ledger
	place       string   // fingerprint of where and how it is read, for its cursor
	columns     *sourceColumns
	cursor      *string // where the source goes on once all listed units are loaded; nil where it does not
	report      SourceReport
	log         *zap.Logger // of a run
	span        spanned     // of this run; its units' are below it
}

// UnknownSourceError says that the config has no source of that name.
type UnknownSourceError struct {
	Name  string
	Known []string
}

func (e *UnknownSourceError) Error() string {
	return fmt.Sprintf("there is no source %q in the config; it has %s", e.Name, strings.Join(e.Known, ", "))
}

// open prepares the named sources, or all of them, in the config's order, and fills the lookups that they use.
func (p *Pipeline) open(ctx context.Context, names []string) ([]*source, error) {
	chosen := p.Config.Sources
	if len(names) > 0 {
		chosen = nil
		for _, name := range names {
			s, ok := p.Config.Source(name)
			if !ok {
				return nil, &UnknownSourceError{Name: name, Known: p.Config.SourceNames()}
			}
			chosen = append(chosen, s)
		}
	}
	lookups, err := p.lookups(ctx, chosen)
	if err != nil {
		return nil, err
	}
	sources := make([]*source, 0, len(chosen))
	for _, declared := range chosen {
		s, err := p.prepare(ctx, declared, lookups)
		if err != nil {
			return nil, err
		}
		if s.place, err = p.placeOf(declared); err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

func (p *Pipeline) prepare(ctx context.Context, declared config.Source, lookups map[string]transform.Lookup) (*source, error) {
	s := &source{declared: declared, report: SourceReport{Name: declared.Name}}
	digest := sha256.New()
	for _, spec := range declared.Mappings {
		m, err := transform.Compile(spec, lookups, transform.WithColumns(declared.Columns()))
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", declared.Name, err)
		}
		s.mappings = append(s.mappings, m)
		for _, name := range m.SourceColumns() {
			if declared.Contract.MayLack(name) {
				s.optional = append(s.optional, name)
			}
		}
		if err := json.NewEncoder(digest).Encode(spec); err != nil {
			return nil, fmt.Errorf("source %s: fingerprint of its mappings: %w", declared.Name, err)
		}
	}
	s.fingerprint = hex.EncodeToString(digest.Sum(nil)[:8])
	var err error
	s.Source, err = opener.Open(ctx, declared.Name, declared.Spec, p.counted(declared.Name))
	return s, err
}

// placeOf gives a fingerprint of where and how a source is read, whatever its secrets are.
func (p *Pipeline) placeOf(declared config.Source) (string, error) {
	spec, err := json.Marshal(declared.Spec)
	if err != nil {
		return "", fmt.Errorf("source %s: fingerprint of its place: %w", declared.Name, err)
	}
	digest := sha256.Sum256([]byte(p.Config.Redact(string(spec))))
	return hex.EncodeToString(digest[:8]), nil
}

// fresh is a unit to load.
type fresh struct {
	extract.Unit
	known  string // the version loaded last, empty where there is none or it does not matter
	failed bool   // since then
}

// list gives the units of a source that the ledger does not have yet.
func (r *run) list(ctx context.Context, s *source) ([]fresh, error) {
	r.Progress.Begin(s.declared.Name, 0, 0)
	units, goesOn, err := r.units(ctx, s)
	if err != nil {
		return nil, err
	}
	ledger, err := r.ledger(ctx, s)
	if err != nil {
		return nil, err
	}
	ledger.apart = extract.Apart(units)
	var todo []fresh
	for _, unit := range units {
		newest, known := ledger.newest[unit.Name]
		if known && newest.Mapping != s.fingerprint {
			s.report.Stale++
		}
		switch {
		case r.request.Full:
			todo = append(todo, fresh{Unit: unit})
		case unit.Version != "" && ledger.has(unit):
		case unit.Version == "" && known && (goesOn || s.declared.Settled(unit, newest.At)):
		case unit.Version == "" && known:
			todo = append(todo, fresh{Unit: unit, known: newest.Version, failed: ledger.failed[unit.Name].After(newest.At)})
		default:
			todo = append(todo, fresh{Unit: unit})
		}
	}
	s.report.Listed, s.report.New = len(units), len(todo)
	return todo, nil
}

// units lists a source: what may be new since the last run, where the source can tell and nothing else is asked for.
// GoesOn says that a unit without a version is the same for ever: what comes late is listed under another name.
func (r *run) units(ctx context.Context, s *source) (units []extract.Unit, goesOn bool, err error) {
	incremental, ok := s.Source.(extract.Incremental)
	if !ok || r.request.Within != (extract.Range{}) {
		units, err = s.Units(ctx, r.request.Within)
		return units, false, err
	}
	var cursor, next string
	if !r.request.Full {
		if cursor, err = r.Warehouse.Cursor(ctx, s.declared.Name, s.place); err != nil {
			return nil, false, err
		}
	}
	if units, next, err = incremental.UnitsSince(ctx, cursor); err != nil {
		return nil, false, err
	}
	s.report.goesOn = cursor != ""
	if next != cursor {
		s.cursor = &next
	}
	return units, true, nil
}

type ledger struct {
	loaded map[[2]string]time.Time    // by unit and version: its delivery
	newest map[string]load.LoadedUnit // by unit: loaded last
	failed map[string]time.Time       // by unit: failed last
	apart  time.Duration              // by how much a listing may have moved a delivery
}

// has tells whether this delivery of the unit is loaded. The same content delivered anew, after another in between, is
// a new delivery: it wins again. One that only stands after more units of its own time than before is none.
func (l ledger) has(unit extract.Unit) bool {
	delivered, loaded := l.loaded[[2]string{unit.Name, unit.Version}]
	return loaded && !unit.Delivered.Truncate(time.Microsecond).After(delivered.Add(l.apart))
}

func (r *run) ledger(ctx context.Context, s *source) (ledger, error) {
	l := ledger{loaded: map[[2]string]time.Time{}, newest: map[string]load.LoadedUnit{}, failed: map[string]time.Time{}}
	if r.request.Full {
		return l, nil
	}
	rows, err := r.Warehouse.Units(ctx, s.declared.Name)
	if err != nil {
		return l, err
	}
	for _, row := range rows {
		if row.Status == load.StatusFailed && row.At.After(l.failed[row.Name]) {
			l.failed[row.Name] = row.At
		}
		if row.Status != load.StatusLoaded {
			continue
		}
		l.loaded[[2]string{row.Name, row.Version}] = row.Delivered
		if row.At.After(l.newest[row.Name].At) {
			l.newest[row.Name] = row
		}
	}
	return l, nil
}

// Check opens every source and lists it, or asks for its beginning; it reads and writes nothing else. It returns one
// error for each source that cannot be read.
func (p *Pipeline) Check(ctx context.Context) error {
	var errs []error
	for _, declared := range p.Config.Sources {
		s, err := opener.Open(ctx, declared.Name, declared.Spec)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, opener.Check(ctx, s), s.Close())
	}
	return errors.Join(errs...)
}
