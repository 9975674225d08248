package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// formats are the outputs of query, as ClickHouse names them.
var formats = map[string]string{"table": "PrettyCompactMonoBlock", "csv": "CSVWithNames", "json": "JSONEachRow", "parquet": "Parquet", "xlsx": ""}

func (a *app) queryCommand() *cobra.Command {
	output, write := "table", false
	cmd := &cobra.Command{
		Use:   `query "SQL"`,
		Short: "Ask the warehouse, and print the answer as a table, csv, json, Parquet or xlsx",
		Long: `query prints the answer of one statement. JSON is one object a line, with decimals as strings so that no digit is lost.
It can only read, unless --write is given. With - as the statement, it is read from standard input.`,
		Example: `  partnerplus query "SELECT month, dollars_awarded, unspent_dollars FROM kpi.portfolio_financial_monthly ORDER BY month DESC LIMIT 6"
  partnerplus query "SELECT * FROM kpi.program_engagement_monthly" -o csv > engagement.csv
  partnerplus query "SELECT * FROM kpi.metric_monthly" -o xlsx > metrics.xlsx`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			format, ok := formats[output]
			if !ok {
				return &usageError{fmt.Errorf("-o %s: the output is one of %s", output, strings.Join(slices.Sorted(maps.Keys(formats)), ", "))}
			}
			statement := args[0]
			if statement == "-" {
				text, err := io.ReadAll(a.in)
				if err != nil {
					return fmt.Errorf("read the statement: %w", err)
				}
				statement = string(text)
			}
			if (output == "parquet" || output == "xlsx") && isTerminal(a.out) {
				return &usageError{fmt.Errorf("-o %s is not for a terminal: redirect the output into a file", output)}
			}
			c, err := a.loadOrDefault(cmd)
			if err != nil {
				return err
			}
			warehouse, err := a.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, warehouse.Close()) }()
			if output == "xlsx" {
				return warehouse.QueryXLSX(cmd.Context(), statement, a.out)
			}
			result, err := warehouse.Ask(cmd.Context(), format, statement, write, hasColour(a.out))
			if err != nil {
				return err
			}
			_, err = io.Copy(a.out, result)
			return errors.Join(err, result.Close())
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", output, "table, csv, json, parquet or xlsx")
	cmd.Flags().BoolVar(&write, "write", false, "let the statement change the warehouse")
	return cmd
}
