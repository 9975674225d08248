package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/partnerplus/warehouse/extract"
	opener "github.com/partnerplus/warehouse/extract/source"
	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/transform"
)

// mostLookupRows bounds the memory that a lookup takes.
const mostLookupRows = 5_000_000

// lookups reads the tables that the mappings of the sources use.
func (p *Pipeline) lookups(ctx context.Context, sources []config.Source) (map[string]transform.Lookup, error) {
	used := map[string]bool{}
	for _, s := range sources {
		for _, mapping := range s.Mappings {
			for _, column := range mapping.Columns {
				used[column.Lookup], used[column.Reference] = true, true
			}
		}
	}
	tables := map[string]transform.Lookup{}
	for _, declared := range p.Config.Lookups {
		if !used[declared.Name] {
			continue
		}
		table, err := readLookup(ctx, declared)
		if err != nil {
			return nil, fmt.Errorf("lookup %s: %w", declared.Name, err)
		}
		tables[declared.Name] = table
	}
	return tables, nil
}

// readLookup reads all units of a lookup's place, the later delivery over the earlier one.
func readLookup(ctx context.Context, declared config.Lookup) (transform.Lookup, error) {
	place, err := opener.Open(ctx, declared.Name, declared.Spec)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	units, err := place.Units(ctx, extract.Range{})
	if err != nil {
		return nil, err
	}
	if len(units) == 0 {
		return nil, errors.New("nothing matches its pattern: mend its path or glob")
	}
	table := transform.Lookup{}
	for _, unit := range units {
		if err := readLookupUnit(ctx, place, unit, declared, table); err != nil {
			return nil, err
		}
	}
	return table, nil
}

func readLookupUnit(ctx context.Context, place extract.Source, unit extract.Unit, declared config.Lookup, table transform.Lookup) error {
	reader, err := place.Open(ctx, unit)
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }() // it was read to its end, or the error is known
	for {
		batch, err := reader.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		err = addEntries(batch.Record, declared, table)
		batch.Record.Release()
		if err != nil {
			return fmt.Errorf("unit %s: %w", unit.Name, err)
		}
	}
}

func addEntries(rows arrow.Record, declared config.Lookup, table transform.Lookup) error {
	column := func(name string) (arrow.Array, error) {
		found := rows.Schema().FieldIndices(name)
		if len(found) == 0 {
			return nil, fmt.Errorf("there is no column %q", name)
		}
		return rows.Column(found[0]), nil
	}
	keys, err := column(declared.Key)
	if err != nil {
		return err
	}
	values, err := column(declared.Value)
	if err != nil {
		return err
	}
	for i := range int(rows.NumRows()) {
		if keys.IsNull(i) || values.IsNull(i) {
			continue
		}
		table[keys.ValueStr(i)] = values.ValueStr(i)
	}
	if len(table) > mostLookupRows {
		return fmt.Errorf("more than %d rows; a lookup is held in memory", mostLookupRows)
	}
	return nil
}
