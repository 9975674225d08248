package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/load"
)

func (a *app) metricsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "metrics",
		Short: "List the metrics: what each means, who owns it, where it should be",
		Long: `metrics lists the metric catalogue in force: the defaults, and what the metrics file of the config changes. Every run
puts that file in force.`,
		Example: `  partnerplus metrics
  partnerplus metrics -o json
  partnerplus metrics thresholds      # from where on a figure is an exception
  partnerplus metrics interventions   # what is suggested about risks and opportunities`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd, a, (*load.Warehouse).Metrics, metricRows)
		},
	}
	a.outputFlag(cmd)
	cmd.AddCommand(a.thresholdsCommand(), a.interventionsCommand())
	return cmd
}

func (a *app) thresholdsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "thresholds",
		Short: "List the thresholds of exceptions, trends and the portfolio lens",
		Example: `  partnerplus metrics thresholds
  partnerplus metrics thresholds -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd, a, (*load.Warehouse).Thresholds, thresholdRows)
		},
	}
	a.outputFlag(cmd)
	return cmd
}

func (a *app) interventionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "interventions",
		Short: "List what is suggested about risks and opportunities, by topic",
		Long: `interventions lists what partnerplus review risks suggests about a finding, by its topic: the defaults, and in place of all of
a topic's what the metrics file of the config says (interventions). Every run puts that file in force.`,
		Example: `  partnerplus metrics interventions
  partnerplus metrics interventions -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return show(cmd, a, (*load.Warehouse).Interventions, interventionRows)
		},
	}
	a.outputFlag(cmd)
	return cmd
}

// show prints what is read from the config's warehouse, as JSON or as a table.
func show[T any](cmd *cobra.Command, a *app, read func(*load.Warehouse, context.Context) ([]T, error), table func([]T) [][]string) (err error) {
	asJSON, err := a.wantsJSON()
	if err != nil {
		return err
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
	list, err := read(warehouse.Warehouse, cmd.Context())
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.out, list)
	}
	printRows(a.out, table(list))
	return nil
}

func metricRows(metrics []load.Metric) [][]string {
	rows := [][]string{{"METRIC", "POPULATION", "DIMENSION", "LAYER", "UNIT", "UP IS", "OWNER", "TARGET", "WARN", "CRITICAL", "DEFINITION"}}
	or := func(number *string) string {
		if number == nil {
			return ""
		}
		return *number
	}
	for _, m := range metrics {
		rows = append(rows, []string{m.Metric, m.Population, m.Dimension, m.Layer, m.Unit, m.HigherIs, m.Owner, or(m.Target), or(m.Warn), or(m.Critical), m.Definition})
	}
	return rows
}

func thresholdRows(thresholds []load.Threshold) [][]string {
	rows := [][]string{{"RULE", "THRESHOLD", "VALUE", "DEFAULT", "MEANING"}}
	for _, t := range thresholds {
		rows = append(rows, []string{t.Rule, t.Threshold, t.Value, t.Default, t.Meaning})
	}
	return rows
}

func interventionRows(interventions []load.Intervention) [][]string {
	rows := [][]string{{"KIND", "TOPIC", "FROM", "SUGGESTION"}}
	for _, i := range interventions {
		from := "metrics file"
		if i.IsDefault {
			from = "default"
		}
		rows = append(rows, []string{i.Kind, i.Topic, from, i.Suggestion})
	}
	return rows
}
