package pipeline

import (
	"context"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// ApplySettings reads the metrics file and puts it in force, with the config's partner managers: owners, targets, interventions and
// managers at once, thresholds with the next refresh. With a name that the warehouse does not know, all of it stays out.
func (p *Pipeline) ApplySettings(ctx context.Context) error {
	metrics, err := p.LoadMetrics(ctx)
	if err != nil {
		return err
	}
	changed, err := p.Warehouse.ApplySettings(ctx, settings(metrics, p.Config.Access))
	if changed {
		p.Log.Info("settings changed", zap.String("file", p.Config.Metrics), zap.Int("metrics", len(metrics.Metrics)), zap.Int("rules", len(metrics.Thresholds)),
			zap.Int("interventions", len(metrics.Interventions)), zap.Int("managers", len(p.Config.Access.PartnerManagers)))
	}
	return err
}

// LoadMetrics reads the metrics file and checks it, its names against those that the warehouse knows.
func (p *Pipeline) LoadMetrics(ctx context.Context) (config.Metrics, error) {
	if p.Config.Metrics == "" {
		return config.Metrics{}, nil
	}
	known, err := p.Warehouse.SettingNames(ctx)
	if err != nil {
		return config.Metrics{}, err
	}
	return p.Config.LoadMetrics(&config.MetricNames{Metrics: known.Metrics, Thresholds: known.Thresholds, Topics: known.Topics})
}

// UnknownPrograms tells of programmes that the config gives to partner managers, but that the data do not know.
func (p *Pipeline) UnknownPrograms(ctx context.Context) ([]string, error) {
	if len(p.Config.Access.PartnerManagers) == 0 {
		return nil, nil
	}
	known, err := p.Warehouse.KnownPrograms(ctx)
	if err != nil {
		return nil, err
	}
	return p.Config.Access.Unknown(known), nil
}

func settings(metrics config.Metrics, access config.Access) load.Settings {
	s := load.Settings{
		Metrics: map[string]load.MetricSetting{}, Thresholds: map[string]map[string]string{},
		Interventions: metrics.Interventions, Managers: access.PartnerManagers,
	}
	for _, m := range metrics.Metrics {
		s.Metrics[m.Name] = load.MetricSetting{
			Owner: m.Owner, Baseline: string(m.Baseline), Target: string(m.Target), Warn: string(m.Warn), Critical: string(m.Critical),
		}
	}
	for rule, values := range metrics.Thresholds {
		s.Thresholds[rule] = map[string]string{}
		for name, value := range values {
			s.Thresholds[rule][name] = string(value)
		}
	}
	return s
}
