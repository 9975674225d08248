package load

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/partnerplus/warehouse/sql"
)

// Settings are what people decide about metrics and findings, and who may see which programmes, as the metrics file and the config
// have them: whole, so that what they no longer have falls back to the default. Numbers are decimals as text, empty for the default.
type Settings struct {
	Metrics       map[string]MetricSetting     // by metric, or population/metric of a distribution
	Thresholds    map[string]map[string]string // by rule and name
	Interventions map[string][]string          // by topic of kpi.findings
	Managers      map[string][]string          // programmes by the user of the warehouse who manages them
}

// MetricSetting is what is decided about one metric.
type MetricSetting struct {
	Owner    string `json:"owner,omitempty"`
	Baseline string `json:"baseline,omitempty"`
	Target   string `json:"target,omitempty"`
	Warn     string `json:"warn,omitempty"`
	Critical string `json:"critical,omitempty"`
}

// SettingNames are what Settings may name.
type SettingNames struct {
	Metrics    []string
	Thresholds map[string][]string // names by rule
	Topics     []string            // of interventions
}

// SettingNames reads the names that Settings may have: those of the metric catalogue and of the defaults of thresholds and
// interventions.
func (w *Warehouse) SettingNames(ctx context.Context) (SettingNames, error) {
	var rows []struct {
		Kind string `ch:"kind"` // metric, threshold or topic
		Rule string `ch:"rule"` // of a threshold
		Name string `ch:"name"`
	}
	if err := w.selectInto(ctx, "read the names of metrics, thresholds and topics", sql.Text("load/setting_names.sql"), nil, &rows); err != nil {
		return SettingNames{}, err
	}
	names := SettingNames{Thresholds: map[string][]string{}}
	for _, row := range rows {
		switch row.Kind {
		case "metric":
			names.Metrics = append(names.Metrics, row.Name)
		case "topic":
			names.Topics = append(names.Topics, row.Name)
		default:
			names.Thresholds[row.Rule] = append(names.Thresholds[row.Rule], row.Name)
		}
	}
	return names, nil
}

// KnownPrograms reads the ids of the programmes that the data know.
func (w *Warehouse) KnownPrograms(ctx context.Context) ([]string, error) {
	var rows []struct {
		Program string `ch:"program_id"`
	}
	err := w.selectInto(ctx, "read the programmes", sql.Text("load/known_programs.sql"), nil, &rows)
	programs := make([]string, len(rows))
	for i, row := range rows {
		programs[i] = row.Program
	}
	return programs, err
}

// ApplySettings puts the settings in force, and tells whether that changed any; names that SettingNames does not have
// change nothing. Metric settings, interventions and managers show at once. With other thresholds the figures have to be computed anew: the next
// Refresh does it.
//
// The touch comes after the change, so that a refresh which saw the old thresholds leaves it open. A crash between the
// two leaves thresholds without a touch after them, which the next call sees.
func (w *Warehouse) ApplySettings(ctx context.Context, settings Settings) (changed bool, err error) {
	params := settings.params()
	var rows []struct {
		MetricsDiffer       bool `ch:"metrics_differ"`
		InterventionsDiffer bool `ch:"interventions_differ"`
		ThresholdsDiffer    bool `ch:"thresholds_differ"`
		ManagersDiffer      bool `ch:"managers_differ"`
		IsUntouched         bool `ch:"is_untouched"`
	}
	if err := w.selectInto(ctx, "read the settings in force", sql.Text("load/settings_state.sql"), params, &rows); err != nil {
		return false, err
	}
	state := rows[0]
	for _, step := range []struct {
		needed     bool
		file, what string
	}{
		{state.MetricsDiffer, "load/set_metrics.sql", "set the metrics' owners and targets"},
		{state.InterventionsDiffer, "load/set_interventions.sql", "set the interventions"},
		{state.ManagersDiffer, "load/set_managers.sql", "set who manages which programmes"},
		{state.ThresholdsDiffer, "load/set_thresholds.sql", "set the thresholds"},
		{state.ThresholdsDiffer || state.IsUntouched, "load/touched_figures.sql", "touch the figures"},
	} {
		if !step.needed {
			continue
		}
		if err := w.exec(ctx, step.what, sql.Text(step.file), params); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// params writes the settings as JSON, always in the same order, so that equal settings are equal texts.
func (s Settings) params() Params {
	metrics, thresholds, interventions, managers := map[string]MetricSetting{}, map[string]string{}, map[string][]string{}, map[string][]string{}
	maps.Copy(metrics, s.Metrics)
	maps.Copy(interventions, s.Interventions)
	for user, programs := range s.Managers {
		if len(programs) > 0 {
			managers[user] = programs
		}
	}
	for rule, values := range s.Thresholds {
		for name, value := range values {
			thresholds[rule+"."+name] = value
		}
	}
	written := func(set any) string {
		text, _ := json.Marshal(set) // of texts, which cannot fail
		return string(text)
	}
	return Params{"metrics": written(metrics), "thresholds": written(thresholds), "interventions": written(interventions), "managers": written(managers)}
}
