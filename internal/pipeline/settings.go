package pipeline

import (
	"context"

	"go.uber.org/zap"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/load"
)

// ApplySettings reads the metrics file and puts it in force: owners, targets and interventions at once, thresholds with the next
// refresh. With a name that the warehouse does not know, the whole file stays out.
func (p *Pipeline) ApplySettings(ctx context.Context) error {
	metrics, err := p.LoadMetrics(ctx)
	if err != nil {
		return err
	}
	changed, err := p.Warehouse.ApplySettings(ctx, settings(metrics))
	if changed {
		p.Log.Info("metric settings changed", zap.String("file", p.Config.Metrics), zap.Int("metrics", len(metrics.Metrics)), zap.Int("rules", len(metrics.Thresholds)), zap.Int("interventions", len(metrics.Interventions)))
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

func settings(metrics config.Metrics) load.Settings {
	s := load.Settings{Metrics: map[string]load.MetricSetting{}, Thresholds: map[string]map[string]string{}, Interventions: metrics.Interventions}
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
