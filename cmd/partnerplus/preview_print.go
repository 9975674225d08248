package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

const (
	widestValue = 40 // of a standardised value that the raw columns still stand beside
	red, faint  = "\x1b[31m", "\x1b[2m"
)

// previewPrinter writes a preview for people.
type previewPrinter struct {
	out    io.Writer
	width  int // of the terminal, 0 for no limit
	colour bool
	unit   string // that the last row came from
}

// printPreview shows raw beside standardised, a block for each row. On a terminal no line is wider than it is.
func printPreview(w io.Writer, p pipeline.Preview, request pipeline.PreviewRequest) {
	out := &previewPrinter{out: w, width: terminalWidth(w), colour: hasColour(w), unit: p.Unit}
	if len(p.Rows) > 0 {
		out.unit = p.Rows[0].Unit
	}
	how := p.Format
	if p.Encoding != "" {
		how += ", " + p.Encoding
	}
	out.line("", "%s: unit %s (of %d), %s; standardised ← raw", p.Source, out.unit, p.Units, how)
	for _, row := range p.Rows {
		out.row(row)
	}
	out.line("", "")
	if request.Rejected {
		out.line("", "%s rows looked at, %d rejected ones shown", thousands(uint64(p.Read)), len(p.Rows))
	}
	if len(p.Unmapped) > 0 {
		out.line("", "%d not read by any mapping: %s", len(p.Unmapped), strings.Join(p.Unmapped, ", "))
	} else {
		out.line("", "every column is read by a mapping")
	}
}

func (p *previewPrinter) row(row pipeline.PreviewRow) {
	if row.Unit != p.unit {
		p.unit = row.Unit
		p.line("", "\nunit %s", row.Unit)
	}
	switch {
	case row.Malformed != nil:
		p.line(red, "\nrow %d: not readable: %s", row.Position, row.Malformed.Reason)
		p.line("", "  %s", oneLine(row.Text))
	case row.Unrouted != nil:
		p.line(red, "\nrow %d: REJECTED%s: %s", row.Position, ruleOf(row.Unrouted), row.Unrouted.Reason)
		p.line("", "  %s", rawText(row.Raw))
	case row.LeftOut():
		p.line(faint, "\nrow %d: left out by every mapping", row.Position)
		p.line(faint, "  %s", rawText(row.Raw))
	default:
		p.line("", "\nrow %d", row.Position)
		for _, o := range row.Outcomes {
			p.outcome(o, row.Raw, len(row.Outcomes) > 1)
		}
	}
}

func (p *previewPrinter) outcome(o pipeline.PreviewOutcome, raw pipeline.Fields, several bool) {
	name := o.Entity
	if several {
		name = fmt.Sprintf("%d. %s", o.Mapping, o.Entity)
	}
	switch {
	case o.LeftOut:
		p.line(faint, "  %s: left out", name)
	case o.Reject != nil:
		p.line(red, "  %s: REJECTED%s: %s", name, ruleOf(o.Reject), o.Reject.Reason)
		p.line("", "    %s", rawText(raw))
	default:
		p.line("", "  %s", name)
		p.values(o.Values, raw)
	}
}

// values shows canonical values in a column, and beside each what it was made of. Columns that the mapping does not
// name are left out where they are empty.
func (p *previewPrinter) values(values, raw pipeline.Fields) {
	texts := map[string]string{}
	for _, f := range raw {
		texts[f.Name] = fieldText(f)
	}
	var rows [][3]string
	wide, long := 0, 0
	for _, v := range values {
		from := "(default)"
		switch {
		case v.Constant:
			from = "(constant)"
		case len(v.From) > 0:
			parts := make([]string, len(v.From))
			for i, name := range v.From {
				parts[i] = name
				if text, ok := texts[name]; ok {
					parts[i] += " = " + text
				} else if !strings.HasPrefix(name, "$") {
					parts[i] += " = (missing)"
				}
			}
			from = "← " + strings.Join(parts, ", ")
		case v.Null || v.Text == "" || v.Name == "is_deleted":
			continue
		case v.Name == "version":
			from = "(delivery time, µs)"
		}
		text := fieldText(v)
		rows = append(rows, [3]string{v.Name, text, from})
		wide, long = max(wide, utf8.RuneCountInString(v.Name)), max(long, min(utf8.RuneCountInString(text), widestValue))
	}
	for _, r := range rows {
		p.line("", "    %s  %s  %s", pad(r[0], wide), pad(r[1], long), r[2])
	}
}

// line writes one line, cut off at the terminal's width.
func (p *previewPrinter) line(colour, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	rest, leading := strings.TrimLeft(text, "\n"), ""
	leading = text[:len(text)-len(rest)]
	if p.width > 0 && utf8.RuneCountInString(rest) > p.width {
		rest = string([]rune(rest)[:p.width-1]) + "…"
	}
	if p.colour && colour != "" {
		rest = colour + rest + "\x1b[0m"
	}
	_, _ = fmt.Fprintln(p.out, leading+rest)
}

func ruleOf(fault *pipeline.PreviewFault) string {
	if fault.Column == "" {
		return " (" + fault.Rule + ")"
	}
	return " by " + fault.Column + " (" + fault.Rule + ")"
}

func rawText(raw pipeline.Fields) string {
	parts := make([]string, len(raw))
	for i, f := range raw {
		parts[i] = f.Name + " = " + fieldText(f)
	}
	return strings.Join(parts, ", ")
}

func fieldText(f pipeline.Field) string {
	switch {
	case f.Null:
		return "NULL"
	case f.Text == "":
		return `""`
	}
	return oneLine(f.Text)
}

// oneLine keeps control characters, which a source may well hold, away from the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r == '\t':
			return ' '
		case r < ' ', r >= 0x7f && r < 0xa0:
			return '·'
		}
		return r
	}, text)
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// terminalWidth gives a terminal's columns, and 0 for anything else.
func terminalWidth(stream any) int {
	if file, ok := stream.(*os.File); ok && isTerminal(stream) {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 1 {
			return width
		}
	}
	return 0
}
