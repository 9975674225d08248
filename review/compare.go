package review

// CompareTable is a table of the programmes, with a column a headline metric.
type CompareTable struct {
	Name    string
	Metrics []Metric
	Rows    []CompareRow
}

// CompareRow is a programme in it; the portfolio comes last, without places.
type CompareRow struct {
	Program string // id; empty: the portfolio
	Cells   []CompareCell
}

// CompareCell is a programme's figure, with its place among the others.
type CompareCell struct {
	Figure Cell
	Place  uint64 // 0: none
	Share  Decimal
}

// Compared gives the programmes beside each other, the dimensions apart.
func (p *Pack) Compared() (tables []CompareTable) {
	type key struct{ metric, program string }
	places := map[key]Compared{}
	for _, c := range p.Assessment.Comparison {
		for _, program := range c.Programs {
			places[key{c.Metric, program.Program}] = program
		}
	}
	row := func(program string, figures Figures) CompareRow {
		r := CompareRow{Program: program}
		for _, f := range figures {
			place := places[key{f.Metric.ID, program}]
			r.Cells = append(r.Cells, CompareCell{Cell{f.Metric, f.Value, "value"}, place.Place, place.Share})
		}
		return r
	}
	for _, dimension := range []string{dimensionFinancial, dimensionEngagement} {
		t := CompareTable{Name: dimension}
		for _, f := range p.Portfolio.Headline(dimension) {
			t.Metrics = append(t.Metrics, f.Metric)
		}
		for _, program := range p.Programs {
			t.Rows = append(t.Rows, row(program.ID, program.Figures.Headline(dimension)))
		}
		t.Rows = append(t.Rows, row("", p.Portfolio.Headline(dimension)))
		tables = append(tables, t)
	}
	return tables
}
