package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// printReport shows what a run did, a line for each source.
func printReport(w io.Writer, report pipeline.Report, request pipeline.Request) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...string) { _, _ = fmt.Fprintln(table, strings.Join(cells, "\t")+"\t") }
	row("SOURCE", "UNITS", "NEW", "LOADED", "FAILED", "ROWS READ", "LOADED", "SUPERSEDED", "FILTERED", "REJECTED", "BYTES", "SECONDS")
	for _, s := range append(report.Sources, report.Total()) {
		row(s.Name, strconv.Itoa(s.Listed), strconv.Itoa(s.New), strconv.Itoa(s.Loaded), strconv.Itoa(s.Failed), thousands(s.Rows),
			thousands(s.Canonical), thousands(s.Superseded), thousands(s.Filtered), thousands(s.Rejected), bytes(s.Bytes), seconds(s.Seconds))
	}
	_ = table.Flush()
	total := report.Total()
	if request.DryRun {
		_, _ = fmt.Fprintf(w, "dry run: %d units would be loaded; nothing was written\n", total.New)
		return
	}
	figures := fmt.Sprintf("%d months refreshed in %s s", report.Months, seconds(report.RefreshSeconds))
	if request.NoRefresh {
		figures = "the figures are left to a run without --no-refresh"
	}
	_, _ = fmt.Fprintf(w, "run %s %s in %s s: %s new rows in %d units; %s\n",
		report.RunID, report.Status, seconds(report.Seconds), thousands(total.Canonical), total.Loaded, figures)
	for _, check := range report.Checks {
		_, _ = fmt.Fprintln(w, "check failed:", check)
	}
	for _, warning := range report.Warnings {
		_, _ = fmt.Fprintln(w, "warning:", warning)
	}
	if total.Unrouted > 0 {
		_, _ = fmt.Fprintf(w, "%s rows were taken by no mapping\n", thousands(total.Unrouted))
	}
	if total.Rejected > 0 {
		_, _ = fmt.Fprintf(w, "%s rows were rejected: see partnerplus rejects list\n", thousands(total.Rejected))
	}
}

// printRows shows a table whose first row is its header.
func printRows(w io.Writer, rows [][]string) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	clean := strings.NewReplacer("\t", " ", "\n", "⏎", "\r", "")
	for _, cells := range rows {
		line := make([]string, len(cells))
		for i, cell := range cells {
			line[i] = clean.Replace(cell)
		}
		_, _ = fmt.Fprintln(table, strings.Join(line, "\t"))
	}
	_ = table.Flush()
}

// thousands writes a number with a comma between every three digits.
func thousands(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 1, 64) }

// bytes writes a size as people read it.
func bytes(n int64) string {
	const unit = 1000.0
	size := float64(n)
	for _, name := range []string{"B", "kB", "MB", "GB"} {
		if size < unit {
			return strconv.FormatFloat(size, 'f', min(1, len(name)-1), 64) + " " + name
		}
		size /= unit
	}
	return strconv.FormatFloat(size, 'f', 1, 64) + " TB"
}
