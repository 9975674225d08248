package review

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The page's parts, and its style sheet.
//
//go:embed page
var pageFiles embed.FS

var page = template.Must(template.New("pack.html").Funcs(template.FuncMap{
	"money":    Money,
	"count":    func(n uint64) (string, error) { return Count(Decimal(strconv.FormatUint(n, 10))) },
	"lines":    func(n int) []struct{} { return make([]struct{}, n) },
	"style":    style,
	"table":    newTable,
	"months":   newMonths,
	"badge":    badgeOf,
	"words":    words,
	"short":    short,
	"sentence": sentence,
	"percent":  Percent,
	"signed":   func(d Decimal) (string, error) { text, err := Money(d); return withSign(text), err },
	"topics":   byTopic,
	"topicOf":  func(p *Pack, t topic) ofTopic { return ofTopic{p, t} },
	"actionOf": func(p *Pack, a PlannedAction) ofAction { return ofAction{p, a} },
	"plain":    plain,
	"month":    func(f Figure) (moved, error) { m, err := f.AgainstMonth(); return moved{"mom_abs", f.MoM, m}, err },
	"year":     func(f Figure) (moved, error) { m, err := f.AgainstYear(); return moved{"yoy_abs", f.YoY, m}, err },
	"value":    func(f Figure) Cell { return Cell{f.Metric, f.Value, "value"} },
	"figured":  func(m Metric, d Decimal, is string) Cell { return Cell{m, d, is} },
}).ParseFS(pageFiles, "page/*.html"))

func style() (template.CSS, error) {
	text, err := pageFiles.ReadFile("page/style.css")
	return template.CSS(text), err //nolint:gosec // it is a file of this package
}

// WriteHTML writes the pack as one page that needs nothing else. The same pack always gives the same bytes.
func (p *Pack) WriteHTML(w io.Writer) error {
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("write the review pack of %s: %w", p.Month, err)
	}
	return nil
}

// Cell is a figure as the page shows it, with the exact number and what it is of for machines: value, mom_abs, yoy_abs, …
type Cell struct {
	Metric Metric
	Exact  Decimal
	Is     string
}

// Shown is the figure as people read it.
func (c Cell) Shown() (string, error) { return c.Metric.Format(c.Exact) }

// moved is a movement as the page shows it.
type moved struct {
	Is       string
	Exact    Decimal // the difference
	Movement Movement
}

// words writes the id of a rule or a check as people read it: rising unspent.
func words(id string) string { return strings.ReplaceAll(id, "_", " ") }

// namesMost is how many characters of a name the first screen has room for.
const namesMost = 40

// short cuts a long name, with an ellipsis.
func short(name string) string {
	letters := []rune(name)
	if len(letters) <= namesMost {
		return name
	}
	return strings.TrimRightFunc(string(letters[:namesMost-1]), unicode.IsSpace) + "…"
}

// sentence begins words with a capital letter.
func sentence(words string) string {
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// ofTopic and ofAction are a part with the pack that it is of, for the names of programmes.
type (
	ofTopic struct {
		Pack  *Pack
		Topic topic
	}
	ofAction struct {
		Pack   *Pack
		Action PlannedAction
	}
)

// plain writes a number with the decimals that it has.
func plain(d Decimal) (string, error) {
	return Metric{}.allPlaces(d)
}

// table is a table of a scope's figures.
type table struct {
	Of      string // the scope
	Program string // its id; empty for the portfolio
	Name    string // what the figures are
	Month   Month
	Figures Figures
	Dense   bool // a long list
}

func newTable(of, program, name string, month Month, figures Figures, dense bool) table {
	return table{of, program, name, month, figures, dense}
}

// Lines tells whether there are trend lines.
func (t table) Lines() bool {
	return slices.ContainsFunc(t.Figures, func(f Figure) bool { return len(f.History) > 0 })
}

// BeforeTitle and YearBeforeTitle head the columns of comparisons.
func (t table) BeforeTitle() string     { return t.Month.Add(-1).Title() }
func (t table) YearBeforeTitle() string { return t.Month.Add(1 - trendMonths).Title() }

// months is a table of the portfolio's last months, the oldest first, with a column a metric.
type months struct {
	Title   string
	Figures Figures
	Rows    []monthRow
}

type monthRow struct {
	Month   Month
	Current bool
	Open    bool // it is not complete
	Cells   []Cell
}

func newMonths(title string, p *Pack, figures Figures) months {
	t := months{Title: title, Figures: figures}
	if len(figures) == 0 {
		return t
	}
	for i, point := range figures[0].History {
		row := monthRow{Month: point.Month, Current: point.Month == p.Month, Open: p.Data.Complete.Before(point.Month)}
		for _, figure := range figures {
			c := Cell{Metric: figure.Metric, Is: "value"}
			if i < len(figure.History) {
				c.Exact = figure.History[i].Value
			}
			row.Cells = append(row.Cells, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// badge is a status that needs no colour: a mark and a word.
type badge struct{ Class, Mark, Word string }

// badges are of the lens, of checks, of severities and of actions.
var badges = map[string]badge{
	"good":      {"good", "✓", "Good"},
	"watch":     {"look", "!", "Watch"},
	"act":       {"bad", "✗", "Act"},
	"pass":      {"good", "✓", "Pass"},
	"warn":      {"look", "!", "Warning"},
	"fail":      {"bad", "✗", "Fail"},
	"waived":    {"look", "~", "Waived"},
	"critical":  {"bad", "‼", "Critical"},
	"warning":   {"look", "!", "Warning"},
	"info":      {"plain", "i", "Info"},
	opportunity: {"good", "+", "Opportunity"},
	"stable":    {"good", "=", "Stable"},
	"volatile":  {"bad", "≈", "Volatile"},
	"overdue":   {"bad", "!", "Overdue"},
	"open":      {"plain", "○", "Open"},
	"started":   {"plain", "◐", "Started"},
	"done":      {"good", "✓", "Done"},
	"dropped":   {"plain", "–", "Dropped"},
	"closed":    {"good", "✓", "Closed"},
}

func badgeOf(status string) badge {
	if b, ok := badges[status]; ok {
		return b
	}
	if status == "" {
		return badge{"plain", "–", "n/a"}
	}
	return badge{"plain", "·", status}
}
