package review

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/partnerplus/warehouse/internal/actionfile"
)

// writeCSV writes a table below its header: numbers exactly, NULL as nothing. A text that a spreadsheet would take for a formula
// begins with an apostrophe, as in a file of actions.
func (s sheet) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	line := make([]string, len(s.columns))
	for i, column := range s.columns {
		line[i] = column.id
	}
	if err := w.Write(line); err != nil {
		return err
	}
	for _, row := range s.rows {
		for i, cell := range row {
			if _, err := cell.number.exact(); err != nil { // so that no text comes as a number
				return fmt.Errorf("%s.csv, column %s: %w", s.file, s.columns[i].id, err)
			}
			line[i] = string(cell.number) + actionfile.Guarded(cell.text)
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
