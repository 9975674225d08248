package load

import (
	"context"

	"github.com/partnerplus/warehouse/sql"
)

// Metric is a metric of the catalogue in force. Numbers are decimals as text, nil where there is none.
type Metric struct {
	Metric     string  `ch:"metric" json:"metric"`
	Population string  `ch:"population" json:"population"`
	Dimension  string  `ch:"dimension" json:"dimension"`
	Name       string  `ch:"name" json:"name"`
	Layer      string  `ch:"layer" json:"layer"`
	Unit       string  `ch:"unit" json:"unit"`
	Form       string  `ch:"form" json:"form"`
	HigherIs   string  `ch:"higher_is" json:"higher_is"`
	IsHeadline bool    `ch:"is_headline" json:"is_headline"`
	Owner      string  `ch:"owner" json:"owner"`
	Baseline   *string `ch:"baseline" json:"baseline"`
	Target     *string `ch:"target" json:"target"`
	Warn       *string `ch:"warn" json:"warn"`
	Critical   *string `ch:"critical" json:"critical"`
	Cadence    string  `ch:"cadence" json:"cadence"`
	Section    string  `ch:"section" json:"section"`
	Definition string  `ch:"definition" json:"definition"`
}

// Threshold is a threshold in force. Numbers are decimals as text.
type Threshold struct {
	Rule      string `ch:"rule" json:"rule"`
	Threshold string `ch:"threshold" json:"threshold"`
	Value     string `ch:"value" json:"value"`
	Default   string `ch:"default_value" json:"default_value"`
	Meaning   string `ch:"meaning" json:"meaning"`
}

// Intervention is what is suggested about the findings of a topic, one of several.
type Intervention struct {
	Topic      string `ch:"topic" json:"topic"`
	Kind       string `ch:"kind" json:"kind"` // risk or opportunity
	Position   uint32 `ch:"position" json:"position"`
	Suggestion string `ch:"suggestion" json:"suggestion"`
	IsDefault  bool   `ch:"is_default" json:"is_default"`
}

// Interventions reads the interventions in force, risks first.
func (w *Warehouse) Interventions(ctx context.Context) ([]Intervention, error) {
	var interventions []Intervention
	err := w.selectInto(ctx, "read the interventions", sql.Text("status/interventions.sql"), nil, &interventions)
	return interventions, err
}

// Metrics reads the metric catalogue in force.
func (w *Warehouse) Metrics(ctx context.Context) ([]Metric, error) {
	var metrics []Metric
	err := w.selectInto(ctx, "read the metrics", sql.Text("status/metrics.sql"), nil, &metrics)
	return metrics, err
}

// Thresholds reads the thresholds in force.
func (w *Warehouse) Thresholds(ctx context.Context) ([]Threshold, error) {
	var thresholds []Threshold
	err := w.selectInto(ctx, "read the thresholds", sql.Text("status/thresholds.sql"), nil, &thresholds)
	return thresholds, err
}
