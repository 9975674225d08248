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

// Line is a figure's history as a drawing, from its lowest value to its highest.
type Line struct {
	Width, Height int
	Pieces        []string // points of unbroken pieces: a value that is not there breaks the line
	LastX, LastY  string   // the month under review; empty where it has no value
	Label         string   // what a person who cannot see it is told
}

// Line draws the figure's history.
func (f Figure) Line() (Line, error) {
	line := Line{Width: lineWidth, Height: lineHeight}
	values, err := exacts(f.History)
	if err != nil {
		return line, fmt.Errorf("%s: %w", f.Metric.ID, err)
	}
	low, high := -1, -1
	for i, value := range values {
		if value == nil {
			continue
		}
		if low < 0 || value.Cmp(values[low]) < 0 {
			low = i
		}
		if high < 0 || value.Cmp(values[high]) > 0 {
			high = i
		}
	}
	if low < 0 {
		line.Label = "no values"
		return line, nil
	}
	xs := axis{low: new(big.Rat), high: big.NewRat(int64(max(len(values)-1, 1)), 1), from: lineMargin, to: lineWidth - lineMargin}
	ys := axis{low: values[low], high: values[high], from: lineHeight - lineMargin, to: lineMargin}
	if low == high {
		ys = axis{low: new(big.Rat).Sub(values[low], big.NewRat(1, 1)), high: new(big.Rat).Add(values[low], big.NewRat(1, 1)), from: lineHeight - lineMargin, to: lineMargin}
	}
	place := func(i int) (x, y string) { return spot(xs.at(big.NewRat(int64(i), 1))), spot(ys.at(values[i])) }
	line.Pieces = pieces(values, place)
	if last := len(values) - 1; values[last] != nil {
		line.LastX, line.LastY = place(last)
	}
	lowest, err := f.Metric.Format(f.History[low].Value)
	if err != nil {
		return line, err
	}
	highest, err := f.Metric.Format(f.History[high].Value)
	line.Label = fmt.Sprintf("lowest %s in %s, highest %s in %s", lowest, f.History[low].Month, highest, f.History[high].Month)
	return line, err
}

// exacts gives the numbers of a history, nil for NULL.
func exacts(points []Point) ([]*big.Rat, error) {
	values := make([]*big.Rat, len(points))
	for i, point := range points {
		var err error
		if values[i], err = point.Value.exact(); err != nil {
			return nil, fmt.Errorf("%s: %w", point.Month, err)
		}
	}
	return values, nil
}

// pieces gives the points of a line that NULLs break. One value alone is drawn as a dot: a line to itself with round ends.
func pieces(values []*big.Rat, place func(i int) (x, y string)) (lines []string) {
	var piece []string
	end := func() {
		if len(piece) == 1 {
			piece = append(piece, piece[0])
		}
		if len(piece) > 0 {
			lines = append(lines, strings.Join(piece, " "))
		}
		piece = nil
	}
	for i, value := range values {
		if value == nil {
			end()
			continue
		}
		x, y := place(i)
		piece = append(piece, x+","+y)
	}
	end()
	return lines
}
