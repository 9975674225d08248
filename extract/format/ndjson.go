package format

import (
	"errors"
	"io"

	"github.com/partnerplus/warehouse/extract"
)

// ndjsonDecoder reads one JSON object per line. Empty lines are skipped, but counted.
type ndjsonDecoder struct {
	text  *readAhead
	lines *window
	rows  *Rows
}

func (d *ndjsonDecoder) next() (extract.Batch, error) {
	for !d.rows.Full() {
		line, err := d.lines.line()
		if errors.Is(err, errTooLong) {
			d.rows.addMalformed("the line is "+err.Error(), d.lines.skipLine())
			continue
		}
		if err == io.EOF && !d.rows.Empty() {
			break
		}
		if err != nil {
			return extract.Batch{}, err
		}
		d.lines.take(len(line))
		if line = trimSpace(line); len(line) == 0 {
			d.rows.Skip()
			continue
		}
		d.rows.Add(line)
	}
	return d.rows.Batch(), nil
}

func (d *ndjsonDecoder) close() { d.text.close() }
