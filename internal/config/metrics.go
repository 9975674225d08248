package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
)

// Metrics is the metrics file: what people decide about metrics and findings, other than by default.
type Metrics struct {
	// Metrics are by name; those of a distribution by population/name, such as awarded/gini.
	Metrics []Metric `yaml:"metrics,omitempty"`
	// Thresholds are by rule and name.
	Thresholds map[string]map[string]Decimal `yaml:"thresholds,omitempty"`
	// Interventions are what is suggested about a finding, by its topic, in place of all that is suggested by default.
	Interventions map[string][]string `yaml:"interventions,omitempty"`
}

// Metric is what is decided about one metric; what is left out stays as the catalogue has it.
type Metric struct {
	// Name is the metric's key in the file.
	Name string `yaml:"-" strict:"key"`

	// Owner is who answers for the metric.
	Owner string `yaml:"owner,omitempty"`
	// Baseline is where the metric stood when its target was set.
	Baseline Decimal `yaml:"baseline,omitempty"`
	// Target is where the metric should be.
	Target Decimal `yaml:"target,omitempty"`
	// Warn is the value beyond which readers are warned.
	Warn Decimal `yaml:"warn,omitempty"`
	// Critical is the value beyond which somebody has to act.
	Critical Decimal `yaml:"critical,omitempty"`
}

// Decimal is an exact number as the file has it, such as 0.15. It never goes through a float.
type Decimal string

var (
	decimalPattern = regexp.MustCompile(`^-?[0-9]{1,26}(\.[0-9]{1,12})?$`)
	monthsPattern  = regexp.MustCompile(`^([1-9]|1[0-2])$`)
)

// mostIntervention is how many characters an intervention may have: it is a line of a list.
const mostIntervention = 500

// MetricNames are the names that a metrics file may have. The warehouse knows them.
type MetricNames struct {
	Metrics    []string
	Thresholds map[string][]string // names by rule
	Topics     []string            // of interventions
}

// LoadMetrics reads and checks the metrics file; without one in the config, it gives an empty one. Names are checked
// only where they are known. Its error, an *Error, lists everything that is wrong with the file.
func (c *Config) LoadMetrics(known *MetricNames) (Metrics, error) {
	var m Metrics
	if c.Metrics == "" {
		return m, nil
	}
	data, err := os.ReadFile(c.Metrics)
	if errors.Is(err, fs.ErrNotExist) {
		return m, unreadable(c.Metrics, "there is no such metrics file; write it, or leave metrics out of the config")
	}
	if err != nil {
		return m, unreadable(c.Metrics, "the metrics file cannot be read: "+err.Error())
	}
	doc := strictyaml.Decode(data, &m, strictyaml.Options{File: c.Metrics})
	m.check(doc)
	if known != nil {
		m.checkNames(doc, known)
	}
	return m, doc.Err()
}

// check adds the values that are wrong by themselves to doc.
func (m Metrics) check(doc *strictyaml.Document) {
	check := func(field string, value Decimal) {
		if value != "" && !decimalPattern.MatchString(string(value)) {
			doc.Addf(field, "%q is not a decimal number such as 0.15, with up to 12 places", string(value))
		}
	}
	for _, metric := range m.Metrics {
		field := "metrics." + metric.Name + "."
		check(field+"baseline", metric.Baseline)
		check(field+"target", metric.Target)
		check(field+"warn", metric.Warn)
		check(field+"critical", metric.Critical)
	}
	for _, rule := range slices.Sorted(maps.Keys(m.Thresholds)) {
		for _, name := range slices.Sorted(maps.Keys(m.Thresholds[rule])) {
			field, value := "thresholds."+rule+"."+name, m.Thresholds[rule][name]
			switch {
			case value == "":
				doc.Addf(field, "empty; give it a value, or leave it out")
			case strings.HasSuffix(name, "_months") && !monthsPattern.MatchString(string(value)):
				doc.Addf(field, "%q is not a number of months from 1 to 12", string(value))
			default:
				check(field, value)
			}
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(m.Interventions)) {
		field := "interventions." + topic
		if len(m.Interventions[topic]) == 0 {
			doc.Addf(field, "empty; say what to do, or leave it out for what is suggested by default")
		}
		for i, intervention := range m.Interventions[topic] {
			field := fmt.Sprintf("%s[%d]", field, i)
			switch {
			case strings.TrimSpace(intervention) == "":
				doc.Addf(field, "empty; say what to do, or leave it out")
			case utf8.RuneCountInString(intervention) > mostIntervention:
				doc.Addf(field, "longer than %d characters", mostIntervention)
			case strings.ContainsFunc(intervention, unicode.IsControl):
				doc.Addf(field, "%q has a line break or another control character; write one line", intervention)
			}
		}
	}
}

// checkNames adds the metrics, rules, thresholds and topics that there are not to doc.
func (m Metrics) checkNames(doc *strictyaml.Document, known *MetricNames) {
	for _, metric := range m.Metrics {
		if slices.Contains(known.Metrics, metric.Name) {
			continue
		}
		inPopulations := slices.DeleteFunc(slices.Clone(known.Metrics), func(name string) bool { return !strings.HasSuffix(name, "/"+metric.Name) })
		if len(inPopulations) > 0 {
			doc.Addf("metrics."+metric.Name, "a distribution is of a population: write %s", strings.Join(inPopulations, " or "))
			continue
		}
		doc.Addf("metrics."+metric.Name, "there is no such metric; %s", meant(metric.Name, known.Metrics, "partnerplus metrics lists them"))
	}
	rules := slices.Sorted(maps.Keys(known.Thresholds))
	for _, rule := range slices.Sorted(maps.Keys(m.Thresholds)) {
		names, ok := known.Thresholds[rule]
		if !ok {
			doc.Addf("thresholds."+rule, "there is no such rule; %s", meant(rule, rules, "there are: "+strings.Join(rules, ", ")))
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(m.Thresholds[rule])) {
			if !slices.Contains(names, name) {
				doc.Addf("thresholds."+rule+"."+name, "%s has no such threshold; %s", rule, meant(name, names, "it has: "+strings.Join(names, ", ")))
			}
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(m.Interventions)) {
		if !slices.Contains(known.Topics, topic) {
			doc.Addf("interventions."+topic, "there is no such topic of findings; %s", meant(topic, known.Topics, "there are: "+strings.Join(known.Topics, ", ")))
		}
	}
}

// meant says which known name may be meant, or else that.
func meant(name string, known []string, otherwise string) string {
	if best := strictyaml.Nearest(name, known); best != "" {
		return "did you mean " + best + "?"
	}
	return otherwise
}
