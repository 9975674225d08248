package review

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

const summaryName = "Summary"

// rows are rows of a sheet, one below the other, with the first error.
type rows struct {
	to   *workbook
	out  *excelize.StreamWriter
	next int
	err  error
}

func (r *rows) add(style string, data ...datum) {
	r.next++
	line := make([]any, len(data))
	for i, d := range data {
		if r.err == nil {
			line[i], r.err = r.to.cell(d, style)
		}
	}
	if r.err == nil {
		r.err = r.out.SetRow(fmt.Sprintf("A%d", r.next), line)
	}
}

func (r *rows) texts(style string, texts ...string) {
	data := make([]datum, len(texts))
	for i, text := range texts {
		data[i] = txt(text)
	}
	r.add(style, data...)
}

// headed adds a heading behind an empty row.
func (r *rows) headed(texts ...string) {
	r.next++
	r.texts(styleHead, texts...)
}

// list adds what the first screen of the page lists.
func (r *rows) list(title string, items []Item) {
	r.headed(title)
	for _, i := range items {
		r.texts("", badgeWord(i.Badge), i.Lead+i.Name+i.Text)
	}
	if len(items) == 0 {
		r.texts("", "", "Nothing.")
	}
}

// summary writes what the first screen of the page says.
func (w *workbook) summary(p *Pack, title string) error {
	changed, err := p.Headlines()
	if err != nil {
		return err
	}
	atRisk, err := p.AtRisk()
	if err != nil {
		return err
	}
	out, err := w.begin(summaryName, []float64{broad, broad + medium, medium, medium, medium, medium, medium, medium, narrow, broad}, 0)
	if err != nil {
		return err
	}
	r := &rows{to: w, out: out}
	r.texts(styleTitle, title)
	r.texts("", "Data as of", p.Data.NewestEvent)
	r.texts("", "Computed", p.Data.ComputedAt)
	r.texts("", "Times in", p.Data.Zone)
	r.texts("", "Amounts in", p.Data.Currency)
	complete := "yes"
	if !p.Complete() {
		complete = "no: the data do not reach the month's last day, or it was not over when the figures were computed"
	}
	r.texts("", "Complete month", complete)
	p.summariseReview(r)
	r.headed("Lens", "Of", "Value", p.Month.Add(-1).Title(), "Difference", "Relative", p.Month.Add(1-trendMonths).Title(), "Difference", "Status", "Worst programmes")
	for _, i := range p.Lens {
		f := i.Figure
		worst := make([]string, len(i.Worst))
		for k, program := range i.Worst {
			worst[k] = p.Named(program).Name
		}
		r.add("", txt(i.Name), txt(f.Metric.Name), f.Metric.of(f.Value), f.Metric.of(f.Previous), f.Metric.apart(f.MoM), num(f.MoMPct, formatSignedPercent),
			f.Metric.of(f.YearBefore), f.Metric.apart(f.YoY), txt(badgeOf(i.Status).Word), txt(strings.Join(worst, listed)))
		if beside := i.Beside; beside.Metric.ID != "" {
			r.add("", txt(""), txt(beside.Metric.Name), beside.Metric.of(beside.Value))
		}
	}
	r.list("What changed", changed)
	r.list("At risk", atRisk)
	r.list(p.ToDecideTitle(), p.ToDecide())
	listing := "The restatements listed are all, of all months."
	if all := uint64(len(p.Restated.Figures)); all < p.Restated.OfAll {
		listing = fmt.Sprintf("The restatements listed are the first %d of %d.", all, p.Restated.OfAll)
	}
	r.headed("About this file")
	for _, sentence := range []string{
		"An empty cell is n/a: nothing to compare with, or nothing to divide by.",
		"Excel keeps 15 digits of a number. An amount that has more stands as a text, to the last digit; no sum counts it.",
		"Differences of shares are in points: +1.5% is from 20.0% to 21.5%.",
		listing,
		"The CSV files have every number exactly.",
	} {
		r.texts("", sentence)
	}
	if r.err != nil {
		return r.err
	}
	return out.Flush()
}

// summariseReview says how far the review is.
func (p *Pack) summariseReview(r *rows) {
	record := p.Review
	if record == nil {
		r.texts("", "Review", "not opened")
		return
	}
	r.texts("", "Review", fmt.Sprintf("%s, round %d", record.State, record.Round))
	for _, line := range [][2]string{
		{"Next", record.Next()},
		{"Opened", by(record.OpenedOn, record.OpenedBy, record.Note)},
		{"Sources that lacked rows", strings.Join(record.incomplete(), listed)},
		{"Failed checks", strings.Join(record.FailedChecks, listed)},
		{"Waived checks", strings.Join(record.WaivedChecks, listed)},
		{"No action needed", by(record.DecidedOn, record.DecidedBy, record.Decision)},
		{"Closed", by(record.ClosedOn, record.ClosedBy, "")},
		{"Reopened", by(record.ReopenedOn, record.ReopenedBy, record.Reason)},
	} {
		if line[1] != "" {
			r.texts("", line[0], line[1])
		}
	}
}

// by says when something was done, by whom, and what they said.
func by(on, who, said string) string {
	if on == "" {
		return ""
	}
	text := on + " by " + who
	if said != "" {
		text += ": " + said
	}
	return text
}

// badgeWord is what a badge says; empty where there is none.
func badgeWord(status string) string {
	if status == "" {
		return ""
	}
	return badgeOf(status).Word
}
