package review

import (
	"fmt"
	"math/big"
	"strings"
)

// Size of a trend line, in the units of its drawing.
const (
	lineWidth  = 96
	lineHeight = 24
	lineMargin = 3
)

// Line is a column of a Trend as a drawing, from its lowest value to its highest.
type Line struct {
	Width, Height int
	Pieces        []string // points of unbroken pieces: a value that is not there breaks the line
	LastX, LastY  string   // the month under review; empty where it has no value
	Label         string   // what a person who cannot see it is told
}

// Lines draws every column.
func (t Trend) Lines() ([]Line, error) {
	lines := make([]Line, len(t.Metrics))
	for i, metric := range t.Metrics {
		var err error
		if lines[i], err = t.line(metric, i); err != nil {
			return nil, fmt.Errorf("%s: %w", metric.ID, err)
		}
	}
	return lines, nil
}

func (t Trend) line(metric Metric, column int) (Line, error) {
	line := Line{Width: lineWidth, Height: lineHeight}
	values := make([]*big.Rat, len(t.Months))
	low, high := -1, -1
	for i, month := range t.Months {
		var err error
		if values[i], err = month.Values[column].exact(); err != nil {
			return line, err
		}
		if values[i] == nil {
			continue
		}
		if low < 0 || values[i].Cmp(values[low]) < 0 {
			low = i
		}
		if high < 0 || values[i].Cmp(values[high]) > 0 {
			high = i
		}
	}
	if low < 0 {
		line.Label = "no values"
		return line, nil
	}
	var piece []string
	for i, value := range values {
		if value == nil {
			line.add(&piece)
			continue
		}
		x, y := place(i, len(values)), level(value, values[low], values[high])
		piece = append(piece, x+","+y)
		if i == len(values)-1 {
			line.LastX, line.LastY = x, y
		}
	}
	line.add(&piece)
	lowest, err := metric.Format(t.Months[low].Values[column])
	if err != nil {
		return line, err
	}
	highest, err := metric.Format(t.Months[high].Values[column])
	line.Label = fmt.Sprintf("lowest %s in %s, highest %s in %s", lowest, t.Months[low].Month, highest, t.Months[high].Month)
	return line, err
}

// add ends a piece. One value alone is drawn as a dot: a line to itself with round ends.
func (l *Line) add(piece *[]string) {
	if len(*piece) == 1 {
		*piece = append(*piece, (*piece)[0])
	}
	if len(*piece) > 0 {
		l.Pieces = append(l.Pieces, strings.Join(*piece, " "))
	}
	*piece = nil
}

// place is how far right a month is.
func place(i, of int) string {
	if of == 1 {
		return fmt.Sprint(lineWidth / 2)
	}
	return big.NewRat(int64(lineMargin*(of-1)+i*(lineWidth-2*lineMargin)), int64(of-1)).FloatString(1)
}

// level is how far down a value is; halfway where all are equal.
func level(value, low, high *big.Rat) string {
	span := new(big.Rat).Sub(high, low)
	if span.Sign() == 0 {
		return fmt.Sprint(lineHeight / 2)
	}
	share := new(big.Rat).Sub(high, value)
	share.Quo(share, span).Mul(share, big.NewRat(lineHeight-2*lineMargin, 1))
	return share.Add(share, big.NewRat(lineMargin, 1)).FloatString(1)
}
