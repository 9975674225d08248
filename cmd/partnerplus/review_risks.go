package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
	"github.com/partnerplus/warehouse/review"
)

func (a *app) reviewRisks() *cobra.Command {
	var month, by, note string
	var of review.FindingFilter
	output := "table"
	cmd := &cobra.Command{
		Use:   "risks",
		Short: "The risks and opportunities of a month, with evidence and what may be done",
		Long: `risks lists the exceptions of a month and their opposites, sorted into risks and opportunities of the portfolio and of every
programme: the gravest first, then where the most unspent dollars are at stake. Each has its evidence and interventions that may be
considered (partnerplus metrics interventions). The list is kpi.findings.

It is a step of the month's review, after assess, and is recorded. With --program, and of a month that is closed, it only lists.`,
		Example: `  partnerplus review risks --month 2026-09 --by "A. Reviewer"
  partnerplus review risks --month 2026-09 --all -o csv > findings.csv
  partnerplus review risks --month 2026-09 --program acme -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if !slices.Contains([]string{"table", "json", "csv"}, output) {
				return &usageError{fmt.Errorf("-o %s: the output is table, json or csv", output)}
			}
			r, err := a.beginReview(cmd, month)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.warehouse.Close()) }()
			state, err := r.warehouse.Review(cmd.Context(), r.month)
			if err != nil {
				return err
			}
			records := of.Program == "" && state.State != load.ReviewClosed
			switch {
			case records:
				err = state.Allows(load.StepRisks)
			case of.Program != "":
				err = r.warehouse.CheckProgram(cmd.Context(), of.Program)
			default:
				a.printShownOnly(state)
			}
			if err != nil {
				return suggesting(err)
			}
			found, err := review.RisksOf(cmd.Context(), r.warehouse, review.Month{Year: r.month.Year(), Month: r.month.Month()}, of)
			if err != nil {
				return err
			}
			if records {
				step := load.ReviewStep{Month: r.month, Step: load.StepRisks, By: orUser(by), Note: note, Figures: found.State}
				if state, err = r.warehouse.RecordStep(cmd.Context(), step); err != nil {
					return err
				}
			}
			switch output {
			case "json":
				return printJSON(a.out, found)
			case "csv":
				return writeFindings(a.out, found)
			}
			a.printFindings(found)
			if records {
				a.printNext(state)
			}
			return nil
		},
	}
	anyMonthFlag(cmd, &month)
	cmd.Flags().StringVar(&of.Program, "program", "", "only what is about this programme, its organisations and segments with --all; records nothing")
	cmd.Flags().BoolVar(&of.AllScopes, "all", false, "of organisations and segments too")
	cmd.Flags().StringVar(&by, "by", "", "who looks at them (default: the name of the system's user)")
	cmd.Flags().StringVar(&note, "note", "", "what they have to say")
	cmd.Flags().StringVarP(&output, "output", "o", output, "table, json or csv")
	return cmd
}

// printFindings shows risks and opportunities apart, each with its evidence and interventions.
func (a *app) printFindings(found review.Findings) {
	for _, group := range []struct {
		title    string
		findings []review.Finding
	}{{"Risks", found.Risks}, {"Opportunities", found.Opportunities}} {
		_, _ = fmt.Fprintf(a.out, "%s of %s: %d\n", group.title, found.Month, len(group.findings))
		told := map[string]bool{} // topics whose interventions stand above
		for _, f := range group.findings {
			_, _ = fmt.Fprintf(a.out, "\n  %s  %s: %s\n", strings.ToUpper(f.Severity), f.Topic, f.Evidence)
			if told[f.Topic] {
				_, _ = fmt.Fprintln(a.out, "    - as above")
				continue
			}
			told[f.Topic] = true
			for _, intervention := range f.Interventions {
				_, _ = fmt.Fprintf(a.out, "    - %s\n", intervention)
			}
		}
		_, _ = fmt.Fprintln(a.out)
	}
}

func writeFindings(out io.Writer, found review.Findings) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"month", "kind", "severity", "topic", "scope", "program_id", "org_id", "segment", "rule", "metric", "observed", "expected", "at_stake", "evidence", "interventions"})
	for _, findings := range [][]review.Finding{found.Risks, found.Opportunities} {
		for _, f := range findings {
			_ = w.Write([]string{found.Month, f.Kind, f.Severity, f.Topic, f.Scope, f.Program, f.Organisation, f.Segment, f.Rule, f.Metric,
				string(f.Observed), string(f.Expected), string(f.AtStake), f.Evidence, strings.Join(f.Interventions, "; ")})
		}
	}
	w.Flush()
	return w.Error()
}
