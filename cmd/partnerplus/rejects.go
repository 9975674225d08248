package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) rejectsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rejects",
		Short: "Look at the rows that were rejected, hand them on, and replay them",
		Example: `  partnerplus rejects list
  partnerplus rejects replay --source acme-awards`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("rejects list, show, export or replay; see partnerplus rejects --help")}
		},
	}
	cmd.AddCommand(a.rejectsList(), a.rejectsShow(), a.rejectsExport(), a.rejectsReplay())
	return cmd
}

// filterFlags adds the flags that choose rejects.
func filterFlags(cmd *cobra.Command, filter *load.RejectFilter) {
	cmd.Flags().StringVar(&filter.Source, "source", "", "only this source")
	cmd.Flags().StringVar(&filter.Unit, "unit", "", "only of this unit")
	cmd.Flags().StringVar(&filter.Run, "run", "", "only of units that this run loaded")
	cmd.Flags().StringVar(&filter.Reason, "reason", "", "only with this text in the reason, in whatever case")
	cmd.Flags().StringVar(&filter.Rule, "rule", "", "only with this rule, such as type, lookup, rate, format or unrouted")
}

// onWarehouse does something with the config's warehouse.
func (a *app) onWarehouse(ctx context.Context, do func(*opened) error) (err error) {
	c, err := a.load()
	if err != nil {
		return err
	}
	warehouse, err := a.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, warehouse.Close()) }()
	return do(warehouse)
}

func (a *app) rejectsList() *cobra.Command {
	var filter load.RejectFilter
	var by string
	limit := uint32(50)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rows that are rejected, with rule, reason, position and raw row",
		Long: `list shows the rejects of each unit's newest load, and the ledger entries that count nowhere for want of an exchange rate
(rule rate). Mend the mapping, and replay them (rejects replay): a row that is good then leaves the list.`,
		Example: `  partnerplus rejects list --source acme-awards -n 5
  partnerplus rejects list --by reason
  partnerplus rejects list --rule lookup -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if by != "" && by != "reason" {
				return &usageError{fmt.Errorf("--by %s: rejects are summed up by reason", by)}
			}
			return a.onWarehouse(cmd.Context(), func(warehouse *opened) error {
				if by == "reason" {
					return a.listReasons(cmd.Context(), warehouse, filter, asJSON)
				}
				return a.listRejects(cmd.Context(), warehouse, filter, limit, asJSON)
			})
		},
	}
	filterFlags(cmd, &filter)
	cmd.Flags().StringVar(&by, "by", "", "reason: sum them up by reason, whatever values it names")
	cmd.Flags().Uint32VarP(&limit, "limit", "n", limit, "rejects to show")
	a.outputFlag(cmd)
	return cmd
}

func (a *app) listRejects(ctx context.Context, warehouse *opened, filter load.RejectFilter, limit uint32, asJSON bool) error {
	rejects, err := warehouse.Rejects(ctx, filter, limit)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.out, notNull(rejects))
	}
	rows := [][]string{{"ID", "SOURCE", "UNIT", "ROW", "ENTITY", "RULE", "REASON", "RAW"}}
	for _, r := range rejects {
		rows = append(rows, []string{r.ID, r.Source, r.Unit, thousands(r.Position), r.Entity, r.Rule, r.Reason, r.Raw})
	}
	printRows(a.out, rows)
	_, err = fmt.Fprintf(a.out, "%d rejects shown (at most %d: see -n)\n", len(rejects), limit)
	return err
}

func (a *app) listReasons(ctx context.Context, warehouse *opened, filter load.RejectFilter, asJSON bool) error {
	reasons, err := warehouse.RejectReasons(ctx, filter)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.out, notNull(reasons))
	}
	rows := [][]string{{"ROWS", "SOURCE", "ENTITY", "COLUMN", "RULE", "EXAMPLE", "ID OF IT"}}
	for _, r := range reasons {
		rows = append(rows, []string{thousands(r.Rejects), r.Source, r.Entity, r.Column, r.Rule, r.Example, r.FirstID})
	}
	printRows(a.out, rows)
	return nil
}

// notNull gives an empty list where there is none, which JSON would call null.
func notNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (a *app) rejectsShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID…",
		Short: "Show rejects whole: what is wrong, where they are from, and the raw row column by column",
		Long:  `show takes ids of rejects list, or their beginnings.`,
		Example: `  partnerplus rejects show 3f9c01ab77de
  partnerplus rejects show 3f9c 81b2 -o json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			return a.onWarehouse(cmd.Context(), func(warehouse *opened) error {
				var all []load.RejectDetail
				for _, id := range ids {
					found, err := warehouse.RejectsByID(cmd.Context(), strings.ToLower(id))
					if err != nil {
						return err
					}
					if len(found) == 0 {
						return &usageError{fmt.Errorf("no reject that stands has the id %s: it was replayed or loaded again, or see partnerplus rejects list", id)}
					}
					all = append(all, found...)
				}
				if asJSON {
					return printJSON(a.out, all)
				}
				for i, r := range all {
					if i > 0 {
						_, _ = fmt.Fprintln(a.out)
					}
					a.showReject(r)
				}
				return nil
			})
		},
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) showReject(r load.RejectDetail) {
	mapping := "none"
	if r.Mapping > 0 {
		mapping = fmt.Sprintf("%d (%s)", r.Mapping, r.Entity)
	}
	printRows(a.out, [][]string{
		{"reject", r.ID},
		{"reason", r.Reason},
		{"rule", r.Rule},
		{"column", r.Column},
		{"source", r.Source},
		{"unit", fmt.Sprintf("%s (%s, version %s)", r.Unit, r.Status, r.Version)},
		{"row", thousands(r.Position)},
		{"mapping", mapping},
		{"run", r.RunID},
		{"delivered", r.RecordedAt.UTC().Format("2006-01-02 15:04:05Z")},
	})
	columns, ok := rawColumns(r.Raw)
	if !ok {
		_, _ = fmt.Fprintf(a.out, "raw: %s\n", r.Raw)
		return
	}
	rows := [][]string{{"RAW COLUMN", "VALUE"}}
	for _, c := range columns {
		rows = append(rows, []string{c.name, c.value})
	}
	printRows(a.out, rows)
}

// rawColumn is a column of a raw row, as text; NULL is empty.
type rawColumn struct{ name, value string }

// rawColumns takes a raw row apart; not ok where it is no row of columns, such as a line that the format could not read.
func rawColumns(raw string) ([]rawColumn, bool) {
	decoder := json.NewDecoder(strings.NewReader(raw))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, false
	}
	var columns []rawColumn
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, false
		}
		text := string(value)
		switch {
		case text == "null":
			text = ""
		case strings.HasPrefix(text, `"`):
			if json.Unmarshal(value, &text) != nil {
				return nil, false
			}
		}
		columns = append(columns, rawColumn{fmt.Sprint(name), text})
	}
	if _, err := decoder.Token(); err != nil {
		return nil, false
	}
	_, err := decoder.Token()
	return columns, err == io.EOF
}
