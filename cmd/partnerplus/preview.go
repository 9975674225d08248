package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/pipeline"
)

func (a *app) previewCommand() *cobra.Command {
	rows := 20
	cmd := &cobra.Command{
		Use:     "preview SOURCE",
		Short:   "Show a source's first rows raw, standardised and rejected; writes nothing",
		Example: `  partnerplus preview acme-awards -n 5`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			asJSON, err := a.wantsJSON()
			if err != nil {
				return err
			}
			if rows < 1 {
				return &usageError{fmt.Errorf("-n %d: at least one row", rows)}
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			p := &pipeline.Pipeline{Config: c, Log: zap.NewNop()}
			preview, err := p.Preview(cmd.Context(), args[0], rows)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.out, preview)
			}
			printPreview(a.out, preview)
			return nil
		},
	}
	cmd.Flags().IntVarP(&rows, "rows", "n", rows, "rows to show")
	a.outputFlag(cmd)
	return cmd
}

func printPreview(w io.Writer, p pipeline.Preview) {
	_, _ = fmt.Fprintf(w, "unit %s, raw\n", p.Unit)
	printTable(w, p.Raw)
	for _, mapping := range p.Mappings {
		_, _ = fmt.Fprintf(w, "\n%s: %d rows, %d left out, %d rejected\n", mapping.Entity, len(mapping.Table.Rows), mapping.Filtered, len(mapping.Rejects))
		printTable(w, mapping.Table)
		printRejects(w, mapping.Rejects)
	}
	if len(p.Malformed) > 0 {
		_, _ = fmt.Fprintln(w, "\nnot readable")
		printRejects(w, p.Malformed)
	}
}

func printRejects(w io.Writer, rejects []pipeline.PreviewReject) {
	for _, r := range rejects {
		_, _ = fmt.Fprintf(w, "  rejected row %d: %s\n    %s\n", r.Position, r.Reason, r.Raw)
	}
}

func printTable(w io.Writer, t pipeline.Table) {
	printRows(w, append([][]string{t.Columns}, t.Rows...))
}
