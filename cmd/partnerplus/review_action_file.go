package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/actionfile"
	"github.com/partnerplus/warehouse/load"
)

func (a *app) actionExport() *cobra.Command {
	var f actionFilter
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write actions to a CSV file, to be worked on in a spreadsheet",
		Long: `export writes actions to a file, or to standard output where it is - or left out. What a spreadsheet would take for a formula begins
with an apostrophe. In the file, actions can be changed, and added as lines without an id; import takes it back.`,
		Example: `  partnerplus review action export plan.csv --month 2026-10
  partnerplus review action export - --status open --owner "A. Owner"`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.onWarehouse(cmd.Context(), func(warehouse *opened) (err error) {
				actions, err := f.actions(cmd.Context(), warehouse.Warehouse)
				if err != nil {
					return err
				}
				rows := make([]actionfile.Row, len(actions))
				for i, x := range actions {
					rows[i].Cells = []string{x.ID, x.Month, x.Program, x.Owner, x.Action.Action, x.Due, x.Status, x.Finding, x.Note, x.ChangedAt.UTC().Format(time.RFC3339Nano)}
				}
				if len(args) == 0 || args[0] == "-" {
					return actionfile.Write(a.out, rows)
				}
				file, err := os.Create(args[0])
				if err != nil {
					return fmt.Errorf("write the actions: %w", err)
				}
				if err := errors.Join(actionfile.Write(file, rows), file.Close()); err != nil {
					return fmt.Errorf("write the actions to %s: %w", args[0], err)
				}
				_, err = fmt.Fprintf(a.out, "%d actions are in %s\n", len(rows), args[0])
				return err
			})
		},
	}
	f.flags(cmd, "all")
	return cmd
}

// importedRow is what became of a line of the file.
type importedRow struct {
	Line   int    `json:"line"`
	ID     string `json:"id"`
	Result string `json:"result"` // added, changed, unchanged, or kept: to be added, but there already with something else, which stays
}

func (a *app) actionImport() *cobra.Command {
	var by string
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add and change actions as a CSV file says",
		Long: `import takes a file with the columns that export writes, also as Excel saves it as CSV UTF-8 (- is standard input): months such as
2026-09, days such as 2026-10-31. A line with an id changes that action; one without adds it to the plan of its month. All lines are
checked first, and where one is wrong, each is named and nothing is done (exit code 2). The same file once more changes nothing.

A line whose action was changed by somebody else since the export (changed_at) is wrong, if it would undo that; without that column, what
the file says counts. A line without an id whose action is there already with something else changes nothing either, and is named (exit
code 3).`,
		Example: `  partnerplus review action import plan.csv --by "A. Owner"
  partnerplus review action import - -o json < plan.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			lines, err := a.readActions(args[0])
			if err != nil {
				return err
			}
			rows := make([]load.ActionRow, len(lines))
			for i, l := range lines {
				c := l.Cells
				for k := range c {
					c[k] = strings.TrimSpace(c[k])
				}
				rows[i] = load.ActionRow{
					ID: strings.ToLower(c[0]), Month: c[1], Program: c[2], Owner: c[3], Action: c[4], Due: c[5], Status: strings.ToLower(c[6]), Finding: c[7], Note: c[8], ChangedAt: c[9],
				}
			}
			return a.onPlan(cmd.Context(), func(w *load.Warehouse) error {
				imported, err := w.ImportActions(cmd.Context(), orUser(by), rows)
				if wrong := new(load.ImportError); errors.As(err, &wrong) {
					return wrongLines(args[0], lines, wrong)
				}
				if err != nil {
					return err
				}
				return a.printImported(lines, imported, asJSON)
			})
		},
	}
	byFlag(cmd, &by, "who adds and changes them")
	a.outputFlag(cmd)
	return cmd
}

// readActions reads a file of actions, or standard input where it is -.
func (a *app) readActions(name string) ([]actionfile.Row, error) {
	in := a.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, &usageError{fmt.Errorf("read the actions: %w", err)}
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	rows, err := actionfile.Read(in)
	if bad := new(actionfile.Error); errors.As(err, &bad) {
		return nil, &usageError{fmt.Errorf("%s is not imported:\n%w", inputName(name), err)}
	}
	return rows, err
}

// wrongLines names each line that is wrong.
func wrongLines(file string, lines []actionfile.Row, wrong *load.ImportError) error {
	var text strings.Builder
	for _, row := range wrong.Rows {
		line := lines[row.Row].Line
		if same := new(load.SameActionError); errors.As(row.Err, &same) {
			_, _ = fmt.Fprintf(&text, "\nline %d is the same action as line %d", line, lines[same.Row].Line)
			continue
		}
		_, _ = fmt.Fprintf(&text, "\nline %d: %s", line, suggesting(row.Err))
	}
	return &usageError{fmt.Errorf("nothing of %s is imported:%s", inputName(file), text.String())}
}

// inputName is what a file that is read is called for people.
func inputName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}

// printImported shows what became of each line.
func (a *app) printImported(lines []actionfile.Row, imported []load.Imported, asJSON bool) error {
	results := make([]importedRow, len(imported))
	counts := map[string]int{}
	for i, done := range imported {
		result := "unchanged"
		switch {
		case done.Added:
			result = "added"
		case done.Changed:
			result = "changed"
		case done.Differs:
			result = "kept"
		}
		counts[result]++
		results[i] = importedRow{lines[i].Line, done.Action.ID, result}
	}
	if asJSON {
		if err := printJSON(a.out, results); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			if r.Result == "kept" {
				_, _ = fmt.Fprintf(a.errOut, "line %d: action %s is there already, and stays as it is; write its id into the line to change it\n", r.Line, r.ID)
			}
		}
		if _, err := fmt.Fprintf(a.out, "%d actions added, %d changed, %d unchanged\n", counts["added"], counts["changed"], counts["unchanged"]+counts["kept"]); err != nil {
			return err
		}
	}
	if counts["kept"] > 0 {
		return errWarnings
	}
	return nil
}
