package review

import (
	"fmt"
	"math/big"
)

// Chart is a drawing with axes, in units of its own. Its classes are of the page's style sheet.
type Chart struct {
	ID            string
	Title         string
	Description   string // what a person who cannot see it is told, besides the table of the same figures
	Width, Height int64
	Guides        []Guide
	Bars          []Bar
	Curves        []Curve
	Dots          []Dot
	Texts         []Text
	Keys          []Key
}

// Guide is a straight line of an axis or a grid.
type Guide struct{ X1, Y1, X2, Y2, Class string }

// Bar is a rectangle.
type Bar struct{ X, Y, Width, Height, Class string }

// Curve is a line through points.
type Curve struct{ Points, Class string }

// Dot marks a value on a curve.
type Dot struct{ X, Y, Class string }

// Text is a word or a number at a place; its anchor is start, middle or end.
type Text struct{ X, Y, Anchor, Content string }

// Key says what a class of shapes means.
type Key struct {
	Class, Label string
	Line         bool // the shapes are curves
}

// Frame of the charts that have a column a month.
const (
	monthsWidth = 720
	plotLeft    = 64
	plotRight   = monthsWidth - 8
)

// scaleY draws the ticks of a vertical axis with its unit above them.
func (c *Chart) scaleY(ys axis, ticks []*big.Rat, unit string) error {
	size, words := magnitude(ticks)
	c.text(whole(plotLeft-8), whole(ys.to-14), "start", unit+words)
	c.Texts[len(c.Texts)-1].X = "0"
	for _, tick := range ticks {
		label, err := tickText(tick, size)
		if err != nil {
			return err
		}
		y := spot(ys.at(tick))
		class := "grid"
		if tick.Sign() == 0 {
			class = "base"
		}
		c.Guides = append(c.Guides, Guide{whole(plotLeft), y, whole(plotRight), y, class})
		c.text(whole(plotLeft-8), spot(new(big.Rat).Add(ys.at(tick), big.NewRat(4, 1))), "end", label)
	}
	return nil
}

// column is the left end of a month's column and the columns' width.
func column(i, of int) (left, width *big.Rat) {
	width = big.NewRat(plotRight-plotLeft, int64(of))
	left = new(big.Rat).Mul(width, big.NewRat(int64(i), 1))
	return left.Add(left, big.NewRat(plotLeft, 1)), width
}

// middle is the place of a month's middle.
func middle(i, of int) string {
	left, width := column(i, of)
	return spot(left.Add(left, width.Mul(width, big.NewRat(1, 2))))
}

// scaleX names the months below the columns; the year stands under the first and each January. An open month is said to be so.
func (c *Chart) scaleX(points []Point, y int64, complete bool) {
	for i, point := range points {
		c.text(middle(i, len(points)), whole(y), "middle", point.Month.Short())
		switch {
		case i == len(points)-1 && !complete:
			c.text(middle(i, len(points)), whole(y+15), "middle", "so far")
		case i == 0 || point.Month.Month == 1:
			c.text(middle(i, len(points)), whole(y+15), "middle", fmt.Sprint(point.Month.Year))
		}
	}
}

func (c *Chart) text(x, y, anchor, content string) {
	c.Texts = append(c.Texts, Text{x, y, anchor, content})
}

// bar draws from one value of the axis to another, over a part of a month's column.
func (c *Chart) bar(ys axis, i, of int, part [2]int64, low, high *big.Rat, class string) {
	if low.Cmp(high) > 0 {
		low, high = high, low
	}
	left, width := column(i, of)
	x := new(big.Rat).Add(left, new(big.Rat).Mul(width, big.NewRat(part[0], 100)))
	top, bottom := ys.at(high), ys.at(low)
	c.Bars = append(c.Bars, Bar{
		X: spot(x), Y: spot(top), Width: spot(new(big.Rat).Mul(width, big.NewRat(part[1]-part[0], 100))), Height: spot(bottom.Sub(bottom, top)), Class: class,
	})
}

// history gives the numbers of a metric's months.
func (p *Pack) history(metric string) (Figure, []*big.Rat, error) {
	figure, _ := p.Portfolio.Find(metric, "")
	values, err := exacts(figure.History)
	return figure, values, err
}

// Flows draws what was awarded and redeemed in each month as bars, and below them what was unspent at its end as a line. It is
// nil where there are no months.
func (p *Pack) Flows() (*Chart, error) {
	awarded, gave, err := p.history("dollars_awarded")
	if err != nil {
		return nil, err
	}
	_, took, err := p.history("dollars_redeemed")
	if err != nil {
		return nil, err
	}
	_, owed, err := p.history("unspent_dollars")
	if err != nil || len(gave) == 0 || len(gave) != len(took) || len(gave) != len(owed) {
		return nil, err
	}
	first, last := awarded.History[0].Month, awarded.History[len(gave)-1].Month
	c := &Chart{
		ID: "flows", Title: "Dollars awarded and redeemed, and the liability, by month", Width: monthsWidth, Height: 412,
		Description: fmt.Sprintf("Bars of the dollars awarded and redeemed in each month from %s to %s; below, a line of the dollars unspent at each month's end. The table by month has the same figures.", first.Title(), last.Title()),
		Keys:        []Key{{"awarded", "Awarded in the month", false}, {"redeemed", "Redeemed in the month", false}, {"owed", "Unspent at its end: the liability", true}},
	}
	flows, ticks := span(append(append([]*big.Rat{}, gave...), took...), 214, 28)
	if err := c.scaleY(flows, ticks, "Awarded and redeemed, "+p.Data.Currency); err != nil {
		return nil, err
	}
	stock, ticks := span(owed, 368, 268)
	if err := c.scaleY(stock, ticks, "Unspent, "+p.Data.Currency); err != nil {
		return nil, err
	}
	zero := new(big.Rat)
	for i := range gave {
		if gave[i] != nil {
			c.bar(flows, i, len(gave), [2]int64{12, 48}, zero, gave[i], "awarded")
		}
		if took[i] != nil {
			c.bar(flows, i, len(gave), [2]int64{52, 88}, zero, took[i], "redeemed")
		}
		if owed[i] != nil {
			c.Dots = append(c.Dots, Dot{middle(i, len(owed)), spot(stock.at(owed[i])), "owed"})
		}
	}
	for _, piece := range pieces(owed, func(i int) (x, y string) { return middle(i, len(owed)), spot(stock.at(owed[i])) }) {
		c.Curves = append(c.Curves, Curve{piece, "owed"})
	}
	c.scaleX(awarded.History, 388, p.Complete())
	return c, nil
}

// Ageing draws the liability of each month's end by age, the youngest at the bottom. It is nil where there are no months.
func (p *Pack) Ageing() (*Chart, error) {
	buckets := p.Portfolio.starting("liability_", "")
	if len(buckets) == 0 || len(buckets[0].History) == 0 {
		return nil, nil
	}
	months := buckets[0].History
	tops := make([][]*big.Rat, 1, len(buckets)+1) // of each bucket and month
	tops[0] = make([]*big.Rat, len(months))
	for i := range months {
		tops[0][i] = new(big.Rat)
	}
	for _, bucket := range buckets {
		values, err := exacts(bucket.History)
		if err != nil {
			return nil, err
		}
		below, top := tops[len(tops)-1], make([]*big.Rat, len(months))
		for i := range months {
			top[i] = new(big.Rat).Set(below[i])
			if i < len(values) && values[i] != nil {
				top[i].Add(top[i], values[i])
			}
		}
		tops = append(tops, top)
	}
	c := &Chart{
		ID: "ageing", Title: "Liability by age, by month", Width: monthsWidth, Height: 316,
		Description: fmt.Sprintf("Stacked columns of the dollars unspent at each month's end from %s to %s, the youngest at the bottom. The table below has the same figures.", months[0].Month.Title(), months[len(months)-1].Month.Title()),
	}
	ys, ticks := span(tops[len(buckets)], 272, 28)
	if err := c.scaleY(ys, ticks, "Unspent, "+p.Data.Currency); err != nil {
		return nil, err
	}
	for b, bucket := range buckets {
		class := fmt.Sprintf("age%d", b)
		c.Keys = append(c.Keys, Key{class, bucket.Metric.Name, false})
		for i := range months {
			if tops[b][i].Cmp(tops[b+1][i]) != 0 {
				c.bar(ys, i, len(months), [2]int64{20, 80}, tops[b][i], tops[b+1][i], class)
			}
		}
	}
	c.scaleX(months, 292, p.Complete())
	return c, nil
}

// Lorenz draws which share of the dollars the lowest 10 %, 20 %, … of the members have, of both populations. It is nil where
// nobody is in either.
func (p *Pack) Lorenz() (*Chart, error) {
	c := &Chart{
		ID: "lorenz", Title: "Lorenz curves of " + p.Month.Title(), Width: 360, Height: 344,
		Description: "Which share of the dollars the lowest tenth, two tenths and so on of the members have, against a straight line of equal shares. The further below that line, the more uneven. The table has the same figures.",
		Keys:        []Key{{"equal", "Equal shares", true}},
	}
	one := big.NewRat(1, 1)
	xs, ys := axis{new(big.Rat), one, 44, 344}, axis{new(big.Rat), one, 296, 16}
	for tenth := int64(0); tenth <= 10; tenth += 2 {
		share := big.NewRat(tenth, 10)
		x, y := spot(xs.at(share)), spot(ys.at(share))
		class := "grid"
		if tenth == 0 {
			class = "base"
		}
		c.Guides = append(c.Guides, Guide{whole(xs.from), y, whole(xs.to), y, class}, Guide{x, whole(ys.from), x, whole(ys.to), class})
		c.text(whole(xs.from-6), spot(new(big.Rat).Add(ys.at(share), big.NewRat(4, 1))), "end", fmt.Sprint(tenth*10))
		c.text(x, whole(ys.from+16), "middle", fmt.Sprint(tenth*10))
	}
	c.text("0", "8", "start", "Share of the dollars, %")
	c.text(whole(xs.to), whole(ys.from+36), "end", "Share of the members, lowest first, %")
	c.Curves = append(c.Curves, Curve{fmt.Sprintf("%d,%d %d,%d", xs.from, ys.from, xs.to, ys.to), "equal"})
	drawn := false
	for _, population := range populations {
		values := []*big.Rat{new(big.Rat)}
		for _, decile := range p.Portfolio.starting("lorenz_", population) {
			value, err := decile.Value.exact()
			if err != nil {
				return nil, err
			}
			values = append(values, value)
		}
		if len(values) == 1 || values[len(values)-1] == nil {
			continue
		}
		drawn = true
		place := func(i int) (x, y string) {
			return spot(xs.at(big.NewRat(int64(i), int64(len(values)-1)))), spot(ys.at(values[i]))
		}
		for _, piece := range pieces(values, place) {
			c.Curves = append(c.Curves, Curve{piece, population})
		}
		for i := 1; i < len(values)-1; i++ {
			x, y := place(i)
			c.Dots = append(c.Dots, Dot{x, y, population})
		}
		c.Keys = append(c.Keys, Key{population, "Dollars " + population, true})
	}
	if !drawn {
		return nil, nil
	}
	return c, nil
}
