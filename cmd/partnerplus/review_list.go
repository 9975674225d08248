package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) reviewList() *cobra.Command {
	var month string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the reviews of all months, or the steps of one",
		Long: `list shows how far the review of each month is that is over: due, where none has begun; open, with the step that comes next;
or closed, with how many of its figures changed since. With --month it lists what was done in the review of that month:
when, by whom, and why.`,
		Example: `  partnerplus review list
  partnerplus review list --month 2026-09
  partnerplus review list -o csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if !slices.Contains([]string{"table", "json", "csv"}, a.output) {
				return &usageError{fmt.Errorf("-o %s: the output is table, json or csv", a.output)}
			}
			of, err := flagMonth(cmd, month)
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			warehouse, err := a.openMigrated(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			if !of.IsZero() {
				steps, err := warehouse.ReviewSteps(cmd.Context(), of)
				if err != nil {
					return err
				}
				if len(steps) == 0 {
					return &usageError{fmt.Errorf("there is no review of %s; partnerplus review list shows those that there are", month)}
				}
				return a.printList(orEmpty(steps), stepRows(steps))
			}
			reviews, err := warehouse.Reviews(cmd.Context())
			if err != nil {
				return err
			}
			return a.printList(orEmpty(reviews), reviewRows(reviews))
		},
	}
	cmd.Flags().StringVar(&month, "month", "", "month such as 2026-09, whose steps are listed")
	cmd.Flags().StringVarP(&a.output, "output", "o", "table", "table, json or csv")
	return cmd
}

// printList shows values as JSON, or the rows of them, of which the first is the header.
func (a *app) printList(values any, rows [][]string) error {
	switch a.output {
	case "json":
		return printJSON(a.out, values)
	case "csv":
		w := csv.NewWriter(a.out)
		for i := range rows[0] {
			rows[0][i] = strings.ToLower(strings.ReplaceAll(rows[0][i], " ", "_"))
		}
		return w.WriteAll(rows)
	}
	printRows(a.out, rows)
	return nil
}

// orEmpty makes a list one that JSON writes as such.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func reviewRows(reviews []load.Review) [][]string {
	rows := [][]string{{"MONTH", "STATE", "NEXT", "ROUND", "WAIVED", "ACTIONS", "CLOSED", "CLOSED BY", "RESTATED"}}
	for _, r := range reviews {
		state, round, actions, restated := r.State, strconv.FormatUint(uint64(r.Round), 10), strconv.FormatUint(r.Actions, 10), ""
		if r.State == load.ReviewNone {
			state, round, actions = "due", "", ""
		}
		if r.Closings > 0 {
			restated = strconv.FormatUint(r.Restated, 10)
		}
		rows = append(rows, []string{r.Month, state, r.NextStep, round, strings.Join(r.WaivedChecks, " "), actions, minute(r.ClosedAt), r.ClosedBy, restated})
	}
	return rows
}

func stepRows(steps []load.DoneStep) [][]string {
	rows := [][]string{{"AT", "ROUND", "STEP", "BY", "NOTE", "VERDICT", "DETAILS"}}
	for _, s := range steps {
		var details []string
		for _, name := range slices.Sorted(maps.Keys(s.Details)) {
			if name != "figures" {
				details = append(details, name+": "+s.Details[name])
			}
		}
		rows = append(rows, []string{minute(&s.At), strconv.FormatUint(uint64(s.Round), 10), s.Step, s.By, s.Note, s.Verdict, strings.Join(details, "; ")})
	}
	return rows
}

// minute writes a time as lists do; nothing where there is none.
func minute(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
