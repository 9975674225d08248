package review

import (
	"cmp"
	"slices"
)

// figureSheets give every metric of the portfolio and of each programme, and the headline metrics that moved: the unwelcome first, then
// by how far.
func (p *Pack) figureSheets() (all, moved sheet, err error) {
	about := []field{
		{"dimension", "Dimension", narrow}, {"population", "Population", narrow}, {"metric", "Metric id", broad}, {"name", "Metric", broad},
		{"unit", "Unit", narrow}, {"headline", "Headline", narrow},
	}
	compared := []field{
		{"value", "Value", medium}, {"previous", "Month before", medium}, {"mom_abs", "Difference", medium}, {"mom_pct", "Difference, relative", narrow},
		{"year_before", "Year before", medium}, {"yoy_abs", "Difference from the year before", medium}, {"yoy_pct", "Difference from the year before, relative", narrow},
		{"direction", "Moved", narrow}, {"verdict", "That is", narrow}, {"trend", "Trend", narrow}, {"higher_is", "Higher is", narrow},
	}
	all = sheet{name: "KPIs", file: "figures", columns: columns(scoped, slices.Concat(about, compared)...)}
	moved = sheet{name: "Movements", columns: all.columns}
	type row struct {
		cells   []datum
		verdict int
		far     Decimal
	}
	var rows []row
	for _, of := range p.everyone() {
		for _, f := range of.figures {
			movement, err := f.AgainstMonth()
			if err != nil {
				return all, moved, err
			}
			m := f.Metric
			line := cells(p.scoped(of.scope, of.program, of.name),
				txt(m.Dimension), txt(m.Population), txt(m.ID), txt(m.Name), txt(m.Unit), yes(m.Headline),
				m.of(f.Value), m.of(f.Previous), m.apart(f.MoM), num(f.MoMPct, formatSignedPercent),
				m.of(f.YearBefore), m.apart(f.YoY), num(f.YoYPct, formatSignedPercent),
				txt(movement.Word), txt(movement.Verdict), txt(f.Trend), txt(m.Polarity))
			all.rows = append(all.rows, line)
			if m.Headline && movement.Verdict != "" {
				rows = append(rows, row{line, verdictRank[movement.Verdict], f.MoMPct.abs()})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.verdict, b.verdict), b.far.compare(a.far)) })
	for _, r := range rows {
		moved.rows = append(moved.rows, r.cells)
	}
	return all, moved, nil
}

var trended = []field{{"population", "Population", narrow}, {"metric", "Metric id", broad}, {"name", "Metric", broad}}

// trendSheet gives the last months side by side, for charts.
func (p *Pack) trendSheet() sheet {
	s := sheet{name: "Trends", columns: columns(scoped[1:], trended...)}
	first := p.Month.Add(1 - trendMonths)
	for i := range trendMonths {
		month := first.Add(i).String()
		s.columns = append(s.columns, field{month, month, medium})
	}
	for _, of := range p.everyone() {
		for _, f := range of.figures {
			if len(f.History) == 0 {
				continue
			}
			values := map[Month]Decimal{}
			for _, point := range f.History {
				values[point.Month] = point.Value
			}
			line := cells(p.scoped(of.scope, of.program, of.name)[1:], txt(f.Metric.Population), txt(f.Metric.ID), txt(f.Metric.Name))
			for i := range trendMonths {
				line = append(line, f.Metric.of(values[first.Add(i)]))
			}
			s.rows = append(s.rows, line)
		}
	}
	return s
}

// trendFile gives the last months one below the other, as programs want them.
func (p *Pack) trendFile() sheet {
	s := sheet{file: "trends", columns: columns(scoped, columns(trended, field{"value", "Value", medium})...)}
	for _, of := range p.everyone() {
		for _, f := range of.figures {
			for _, point := range f.History {
				line := cells(p.scoped(of.scope, of.program, of.name), txt(f.Metric.Population), txt(f.Metric.ID), txt(f.Metric.Name), f.Metric.of(point.Value))
				line[0] = txt(point.Month.String())
				s.rows = append(s.rows, line)
			}
		}
	}
	return s
}

func (p *Pack) comparisonSheet() sheet {
	s := sheet{name: "Programmes compared", file: "comparison", columns: columns(scoped,
		field{"metric", "Metric id", broad}, field{"name", "Metric", broad}, field{"value", "Value", medium},
		field{"place", "Place", narrow}, field{"share", "Share of the portfolio", narrow})}
	for _, c := range p.Assessment.Comparison {
		for _, of := range c.Programs {
			metric := of.KPI.Figure().Metric
			s.rows = append(s.rows, cells(p.ofProgram(of.Program),
				txt(c.Metric), txt(c.Name), metric.of(of.KPI.Value), num(place(of.Place), formatCount), num(of.Share, formatPercent)))
		}
	}
	return s
}

// place is empty for a programme that has none.
func place(n uint64) Decimal {
	if n == 0 {
		return ""
	}
	return counted(n)
}

func (p *Pack) shiftSheet() sheet {
	s := sheet{name: "Redemption shifts", file: "shifts", columns: columns(scoped,
		field{"shift", "Shift", medium}, field{"redeemed", "Redeemed", medium}, field{"previous", "Month before", medium},
		field{"mom_abs", "Difference", medium}, field{"mom_pct", "Difference, relative", narrow}, field{"sentence", "In words", sentences})}
	for _, x := range p.Assessment.Shifts {
		s.rows = append(s.rows, cells(p.ofProgram(x.Program), txt(x.Shift), num(x.Redeemed, formatMoney), num(x.Previous, formatMoney),
			num(x.MoM, signedFormat(formatMoney)), num(x.MoMPct, formatSignedPercent), txt(x.Sentence)))
	}
	return s
}

func (p *Pack) growthSheet() sheet {
	s := sheet{name: "Liability growth", file: "liability_growth", columns: columns(scoped,
		field{"severity", "Severity", narrow}, field{"unspent", "Unspent", medium}, field{"unspent_before", "Unspent a month before", medium},
		field{"grew_by", "Grew by", medium}, field{"grew_by_share", "Grew by, relative", narrow}, field{"redeemed", "Redeemed", medium},
		field{"redeemed_before", "Redeemed the month before", medium}, field{"redeemed_more", "Redeemed more", medium})}
	for _, x := range p.Assessment.Liability {
		s.rows = append(s.rows, cells(p.ofProgram(x.Program), txt(x.Severity), num(x.Unspent, formatMoney), num(x.UnspentBefore, formatMoney),
			num(x.GrewBy, signedFormat(formatMoney)), num(x.GrewByShare, formatSignedPercent), num(x.Redeemed, formatMoney), num(x.RedeemedBefore, formatMoney),
			num(x.RedeemedMore, signedFormat(formatMoney))))
	}
	return s
}

// distributionSheet gives how dollars are distributed, those awarded beside those unspent.
func (p *Pack) distributionSheet() sheet {
	s := sheet{name: "Distribution", columns: columns(scoped, field{"metric", "Metric id", broad}, field{"name", "Metric", broad})}
	for _, population := range populations {
		s.columns = append(s.columns, field{population, "Of dollars " + population, medium})
	}
	for _, of := range p.everyone() {
		for _, f := range of.figures.Of(dimensionDistribution, populations[0]) {
			line := cells(p.scoped(of.scope, of.program, of.name), txt(f.Metric.ID), txt(spreadName(f.Metric)))
			for _, population := range populations {
				beside, _ := of.figures.Find(f.Metric.ID, population)
				line = append(line, f.Metric.of(beside.Value))
			}
			s.rows = append(s.rows, line)
		}
	}
	return s
}

// ageingSheet gives the liability by age, and what is unspent in all.
func (p *Pack) ageingSheet() sheet {
	s := sheet{name: "Ageing", columns: scoped}
	for _, f := range p.AgeingFigures() {
		s.columns = append(s.columns, field{f.Metric.ID, f.Metric.Name, medium})
	}
	for _, of := range p.everyone() {
		line := p.scoped(of.scope, of.program, of.name)
		for _, f := range p.AgeingFigures() {
			own, _ := of.figures.Find(f.Metric.ID, "")
			line = append(line, f.Metric.of(own.Value))
		}
		s.rows = append(s.rows, line)
	}
	return s
}
