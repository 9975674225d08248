package review

import (
	"slices"
	"strconv"
)

// sheet is a part of the pack as a table: a sheet of the workbook, a file of the CSV form, or both.
type sheet struct {
	name    string // of the sheet; empty: the workbook has it in another way
	file    string // of the CSV file, without .csv; empty: other files have its figures
	columns []field
	rows    [][]datum
}

type field struct {
	id    string // heads it in a CSV file
	title string // heads it in the workbook
	width float64
}

// Widths of columns, in characters. In those for sentences, lines are broken.
const (
	narrow    = 12
	medium    = 18
	broad     = 28
	sentences = 70
)

// datum is what a cell holds: a text, a day, or a number.
type datum struct {
	text   string
	number Decimal // empty, where format is a number's: NULL
	format string  // how a workbook shows it; empty: a text
}

// Formats of cells, in the language of .xlsx.
const (
	formatDay     = "yyyy-mm-dd"
	formatMoney   = "#,##0.00"
	formatCount   = "#,##0"
	formatPercent = "0.0%"
	formatIndex   = "0.0000"
	formatNumber  = "General"
)

func txt(text string) datum { return datum{text: text} }

// day is a day such as 2026-10-31; empty where there is none.
func day(text string) datum {
	if text == "" {
		return datum{}
	}
	return datum{text: text, format: formatDay}
}

func yes(is bool) datum {
	if is {
		return txt("yes")
	}
	return txt("no")
}

// counted is a number of things.
func counted(n uint64) Decimal { return Decimal(strconv.FormatUint(n, 10)) }

func num(d Decimal, format string) datum { return datum{number: d, format: format} }

func (m Metric) cellFormat() string {
	switch {
	case m.index():
		return formatIndex
	case m.share():
		return formatPercent
	case m.Form == "money", m.Form == "ratio":
		return formatMoney
	}
	return formatCount
}

// of is a value of the metric.
func (m Metric) of(d Decimal) datum { return num(d, m.cellFormat()) }

// apart is a difference of two values of the metric, shown with its sign; that of shares is in points.
func (m Metric) apart(d Decimal) datum { return num(d, signedFormat(m.cellFormat())) }

func signedFormat(format string) string { return "+" + format + ";-" + format + ";" + format }

var formatSignedPercent = signedFormat(formatPercent)

// whose is the portfolio or a programme, with all its figures.
type whose struct {
	scope, program, name string
	figures              Figures
}

func (p *Pack) everyone() []whose {
	all := []whose{{"portfolio", "", "Portfolio", p.Portfolio}}
	for _, program := range p.Programs {
		all = append(all, whose{"program", program.ID, program.Title(), program.Figures})
	}
	return all
}

// scoped are the columns that say whose a row is, behind the month.
var scoped = []field{{"month", "Month", narrow}, {"scope", "Scope", narrow}, {"program_id", "Programme id", medium}, {"program", "Programme", broad}}

func (p *Pack) scoped(scope, program, name string) []datum {
	return []datum{txt(p.Month.String()), txt(scope), txt(program), txt(name)}
}

// ofProgram is scoped where only a programme's id is at hand, which is empty for the portfolio.
func (p *Pack) ofProgram(program string) []datum {
	scope := "program"
	if program == "" {
		scope = "portfolio"
	}
	return p.scoped(scope, program, p.Named(program).Name)
}

func columns(first []field, more ...field) []field { return slices.Concat(first, more) }

func cells(first []datum, more ...datum) []datum { return slices.Concat(first, more) }

// sheets gives the pack as tables, in the order of the page.
func (p *Pack) sheets() ([]sheet, error) {
	figures, movements, err := p.figureSheets()
	if err != nil {
		return nil, err
	}
	return []sheet{
		p.reviewSheet(), p.lensSheet(),
		figures, movements, p.trendSheet(), p.trendFile(), p.comparisonSheet(), p.shiftSheet(), p.growthSheet(),
		p.exceptionSheet(), p.findingSheet(), p.distributionSheet(), p.ageingSheet(),
		p.checkSheet(), p.rejectSheet(), p.unratedSheet(), p.correctedSheet(), p.restatementSheet(),
		p.planSheet(), p.decisionSheet(), p.metricSheet(),
	}, nil
}
