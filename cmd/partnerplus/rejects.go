package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) rejectsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rejects",
		Short:   "Look at the rows that were rejected",
		Example: `  partnerplus rejects list`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return &usageError{errors.New("rejects list; see partnerplus rejects --help")}
		},
	}
	cmd.AddCommand(a.rejectsList())
	return cmd
}

func (a *app) rejectsList() *cobra.Command {
	var source, run string
	limit := uint32(50)
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rejected rows that stand, with reason, position and raw row",
		Long: `list shows the rejects of each unit's newest load. Mend the mapping and load the unit again (run --full --source S): a
row that is good then leaves the list.`,
		Example: `  partnerplus rejects list --source acme-awards -n 5
  partnerplus rejects list -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			warehouse, err := a.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			rejects, err := warehouse.Rejects(cmd.Context(), source, run, limit)
			if err != nil {
				return err
			}
			if asJSON {
				if rejects == nil {
					rejects = []load.Reject{} // not null
				}
				return printJSON(a.out, rejects)
			}
			rows := [][]string{{"SOURCE", "UNIT", "ROW", "ENTITY", "REASON", "RAW"}}
			for _, r := range rejects {
				rows = append(rows, []string{r.Source, r.Unit, thousands(r.Position), r.Entity, r.Reason, r.Raw})
			}
			printRows(a.out, rows)
			_, err = fmt.Fprintf(a.out, "%d rejects shown (at most %d: see -n)\n", len(rejects), limit)
			return err
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "only this source")
	cmd.Flags().StringVar(&run, "run", "", "only of this run")
	cmd.Flags().Uint32VarP(&limit, "limit", "n", limit, "rejects to show")
	a.outputFlag(cmd)
	return cmd
}
