package review

import "fmt"

// populations are those of the distributions.
var populations = []string{"awarded", "unspent"}

// SpreadRow is a metric of the distributions, of each population.
type SpreadRow struct {
	Name    string
	Figures []Figure // in the order of populations
}

// spreadNames are of the metrics whose name is another for each population.
var spreadNames = map[string]string{"users": "Users", "mean": "Mean", "p50": "Median", "max": "Largest"}

func spreadName(m Metric) string {
	if name, ok := spreadNames[m.ID]; ok && m.Population != "" {
		return name
	}
	return m.Name
}

// Spread gives the metrics of the distributions but their curves, the populations side by side.
func (p *Pack) Spread() (rows []SpreadRow) {
	for _, figure := range p.Portfolio.Of(dimensionDistribution, populations[0]) {
		if isLorenz(figure.Metric) {
			continue
		}
		rows = append(rows, SpreadRow{Name: spreadName(figure.Metric), Figures: p.ofPopulations(figure.Metric.ID)})
	}
	return rows
}

// DecileRow is a point of the Lorenz curves.
type DecileRow struct {
	Share   string // of the members, and what equal shares would give
	Figures []Figure
}

// Deciles gives the Lorenz curves, the populations side by side.
func (p *Pack) Deciles() (rows []DecileRow) {
	for i, figure := range p.Portfolio.starting("lorenz_", populations[0]) {
		rows = append(rows, DecileRow{Share: fmt.Sprintf("%d%s%%", 10*(i+1), noBreak), Figures: p.ofPopulations(figure.Metric.ID)})
	}
	return rows
}

func (p *Pack) ofPopulations(metric string) (figures []Figure) {
	for _, population := range populations {
		figure, _ := p.Portfolio.Find(metric, population)
		figures = append(figures, figure)
	}
	return figures
}

// AgeingFigures are the liability by age, and what is unspent in all.
func (p *Pack) AgeingFigures() Figures {
	figures := p.Portfolio.starting("liability_", "")
	if unspent, ok := p.Portfolio.Find("unspent_dollars", ""); ok {
		figures = append(figures, unspent)
	}
	return figures
}

// Before is the month before.
func (p *Pack) Before() Month { return p.Month.Add(-1) }

// Meanings is the metric catalogue with what the populations share told once.
func (p *Pack) Meanings() (metrics []Metric) {
	for _, m := range p.Metrics {
		if m.Population != "" && m.Population != populations[0] {
			continue
		}
		m.Name = spreadName(m)
		metrics = append(metrics, m)
	}
	return metrics
}
