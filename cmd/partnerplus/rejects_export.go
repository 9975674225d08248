package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/xuri/excelize/v2"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) rejectsExport() *cobra.Command {
	var filter load.RejectFilter
	format := "csv"
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write all rejects with their raw columns to a file, for whoever can mend them",
		Long: `export writes every reject that stands: id, source, unit, row, entity, column, rule and reason, then the columns of the raw
rows. A partner can mend them and deliver them again. A row that is no row of columns is in the column raw.`,
		Example: `  partnerplus rejects export --source acme-awards acme.csv
  partnerplus rejects export --format xlsx --rule lookup rejects.xlsx
  partnerplus rejects export --format ndjson > rejects.ndjson`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"csv", "ndjson", "xlsx"}, format) {
				return &usageError{fmt.Errorf("--format %s: the format is csv, ndjson or xlsx", format)}
			}
			if format == "xlsx" && len(args) == 0 && isTerminal(a.out) {
				return &usageError{errors.New("--format xlsx is not for a terminal: name a file")}
			}
			return a.onWarehouse(cmd.Context(), func(warehouse *opened) (err error) {
				out := a.out
				if len(args) == 1 {
					file, err := os.Create(args[0])
					if err != nil {
						return fmt.Errorf("write the rejects: %w", err)
					}
					defer func() { err = errors.Join(err, file.Close()) }()
					out = file
				}
				n, err := exportRejects(cmd.Context(), warehouse.Warehouse, filter, format, out)
				if err == nil && len(args) == 1 {
					_, err = fmt.Fprintf(a.out, "%s rejects are in %s\n", thousands(n), args[0])
				}
				return err
			})
		},
	}
	filterFlags(cmd, &filter)
	cmd.Flags().StringVar(&format, "format", format, "csv, ndjson or xlsx")
	return cmd
}

// table takes rows of cells one after the other.
type table interface {
	row(cells []string) error
	close() error
}

// exportColumns stand before those of the raw rows.
var exportColumns = []string{"reject_id", "reject_source", "reject_unit", "reject_row", "reject_entity", "reject_column", "reject_rule", "reject_reason"}

// exportRejects writes rejects one by one, and gives how many there are.
func exportRejects(ctx context.Context, warehouse *load.Warehouse, filter load.RejectFilter, format string, out io.Writer) (n uint64, err error) {
	if format == "ndjson" {
		return exportNDJSON(ctx, warehouse, filter, out)
	}
	names, err := warehouse.RejectColumns(ctx, filter)
	if err != nil {
		return 0, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "$") }) // notes for a replay
	place := map[string]int{}
	for i, name := range names {
		place[name] = len(exportColumns) + i
	}
	to, err := newTable(format, out)
	if err != nil {
		return 0, err
	}
	header := append(append(slices.Clone(exportColumns), names...), "raw")
	if err := to.row(header); err != nil {
		return 0, errors.Join(err, to.close())
	}
	err = warehouse.EachReject(ctx, filter, func(r load.Reject) error {
		cells := make([]string, len(header))
		copy(cells, []string{r.ID, r.Source, r.Unit, strconv.FormatUint(r.Position, 10), r.Entity, r.Column, r.Rule, r.Reason})
		columns, whole := rawColumns(r.Raw)
		for _, c := range columns {
			i, known := place[c.name]
			if known {
				cells[i] = c.value
			} else if !strings.HasPrefix(c.name, "$") || c.name == "$truncated" {
				whole = false
			}
		}
		if !whole {
			cells[len(cells)-1] = r.Raw
		}
		n++
		return to.row(cells)
	})
	return n, errors.Join(err, to.close())
}

func exportNDJSON(ctx context.Context, warehouse *load.Warehouse, filter load.RejectFilter, out io.Writer) (n uint64, err error) {
	buffer := bufio.NewWriter(out)
	lines := json.NewEncoder(buffer)
	lines.SetEscapeHTML(false)
	err = warehouse.EachReject(ctx, filter, func(r load.Reject) error {
		n++
		line := struct {
			load.Reject
			Raw any `json:"raw"`
		}{r, r.Raw}
		if json.Valid([]byte(r.Raw)) {
			line.Raw = json.RawMessage(r.Raw)
		}
		return lines.Encode(line)
	})
	return n, errors.Join(err, buffer.Flush())
}

func newTable(format string, out io.Writer) (table, error) {
	if format == "csv" {
		return csvTable{csv.NewWriter(out)}, nil
	}
	book := excelize.NewFile()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, fmt.Errorf("xlsx: %w", errors.Join(err, book.Close()))
	}
	return &xlsxTable{book: book, sheet: sheet, out: out}, nil
}

type csvTable struct{ *csv.Writer }

func (t csvTable) row(cells []string) error { return t.Write(cells) }

func (t csvTable) close() error {
	t.Flush()
	return t.Error()
}

// xlsxTable is an Excel file with one sheet. All cells are texts: ids keep their zeros, and amounts their digits.
type xlsxTable struct {
	book  *excelize.File
	sheet *excelize.StreamWriter
	out   io.Writer
	rows  int
	err   error
}

// mostCellText is how much text a cell of Excel holds.
const mostCellText = 32767

func (t *xlsxTable) row(cells []string) error {
	if t.rows == excelize.TotalRows {
		t.err = fmt.Errorf("xlsx: more than %d rows do not fit into a sheet: use --format csv, or choose fewer with --source", excelize.TotalRows)
		return t.err
	}
	t.rows++
	values := make([]any, len(cells))
	for i, cell := range cells {
		if len(cell) > mostCellText {
			t.err = fmt.Errorf("xlsx: a raw value in row %d is longer than a cell holds: use --format csv", t.rows)
			return t.err
		}
		values[i] = cell
	}
	if err := t.sheet.SetRow(fmt.Sprintf("A%d", t.rows), values); err != nil {
		t.err = fmt.Errorf("xlsx: row %d: %w", t.rows, err)
	}
	return t.err
}

func (t *xlsxTable) close() error {
	if t.err != nil {
		return t.book.Close()
	}
	err := t.sheet.Flush()
	if err == nil {
		err = t.book.Write(t.out)
	}
	return errors.Join(err, t.book.Close())
}
