package load

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"

	"github.com/partnerplus/warehouse/sql"
)

// given are rows that a statement reads as the table of that name: values that are too many for parameters. Each is sent
// as it is, in one block, so that an INSERT … SELECT of them comes in whole or not at all.
type given struct {
	columns []givenColumn
	rows    [][]any
}

type givenColumn struct {
	name string
	kind column.Type
}

func (g *given) add(row ...any) { g.rows = append(g.rows, row) }

// execGiven runs a statement of package sql on rows that it is given. It may be repeated.
func (w *Warehouse) execGiven(ctx context.Context, op, file string, params Params, g given) error {
	columns := make([]func(*ext.Table) error, len(g.columns))
	for i, c := range g.columns {
		columns[i] = ext.Column(c.name, c.kind)
	}
	table, err := ext.NewTable("given", columns...)
	if err != nil {
		return fmt.Errorf("warehouse: %s: %w", op, err)
	}
	for _, row := range g.rows {
		if err := table.Append(row...); err != nil {
			return fmt.Errorf("warehouse: %s: %w", op, err)
		}
	}
	return w.do(ctx, op, func(ctx context.Context) error {
		return w.conn.Exec(clickhouse.Context(with(ctx, params), clickhouse.WithExternalTable(table)), sql.Text(file))
	})
}
