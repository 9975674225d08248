package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

// maxPreview bounds what a preview keeps in memory.
const maxPreview = 10_000

func (a *app) previewCommand() *cobra.Command {
	request := pipeline.PreviewRequest{Rows: 20}
	cmd := &cobra.Command{
		Use:   "preview SOURCE",
		Short: "Show a source's rows, raw beside standardised; writes nothing",
		Long: `Show the first rows of a source's first unit that has any, each canonical value beside the raw columns that it was
made of, or why the row is rejected. Rows that every mapping leaves out are marked, and so are those that the
format could not read. It writes nothing and needs no warehouse.`,
		Example: `  partnerplus preview acme-awards -n 5
  partnerplus preview acme-awards --unit awards/2024-03.csv
  partnerplus preview acme-awards --rejected        # reads on until it has found some
  partnerplus preview ledger --mapping 2 -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := a.wantsJSON()
			switch {
			case err != nil:
				return err
			case request.Rows < 1 || request.Rows > maxPreview:
				return &usageError{fmt.Errorf("-n %d: at least one row, at most %d", request.Rows, maxPreview)}
			case request.Mapping < 0:
				return &usageError{fmt.Errorf("--mapping %d: mappings are numbered from 1", request.Mapping)}
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			request.Source = args[0]
			p := &pipeline.Pipeline{Config: c, Log: zap.NewNop()}
			preview, err := p.Preview(cmd.Context(), request)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.out, preview)
			}
			printPreview(a.out, preview, request)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.IntVarP(&request.Rows, "rows", "n", request.Rows, "rows to show")
	flags.StringVar(&request.Unit, "unit", "", "look at this unit only")
	flags.BoolVar(&request.Rejected, "rejected", false, "show only rejected rows")
	flags.IntVar(&request.Mapping, "mapping", 0, "apply only the mapping of this place in the config, from 1")
	a.outputFlag(cmd)
	return cmd
}
