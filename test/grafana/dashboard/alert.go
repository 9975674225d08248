package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"go.yaml.in/yaml/v3"

	"github.com/partnerplus/warehouse/test/grafana/source"
)

// Rule is an alert rule of a file of provisioning.
type Rule struct {
	UID, Title, Condition string
	Data                  []Step
	Labels, Annotations   map[string]string
}

// Step is a query of a rule, or what is worked out of other steps.
type Step struct {
	RefID             string `yaml:"refId"`
	RelativeTimeRange struct{ From, To int }
	DatasourceUID     string `yaml:"datasourceUid"`
	Model             map[string]any
}

// expressions is the uid of what works steps out.
const expressions = "__expr__"

// LoadRules reads the alert rules of a file. Grafana replaces the variables of the environment in all its texts: $$ is a dollar, and
// what a single one leads is gone.
func LoadRules(path string) ([]Rule, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(content, &tree); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	expand(&tree)
	var file struct {
		Groups []struct {
			Rules []Rule
		}
	}
	if err := tree.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var rules []Rule
	for _, group := range file.Groups {
		rules = append(rules, group.Rules...)
	}
	return rules, nil
}

func expand(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode {
		parts := strings.Split(node.Value, "$$")
		for i, part := range parts {
			parts[i] = os.Expand(part, func(string) string { return "" })
		}
		node.Value = strings.Join(parts, "$")
	}
	for _, child := range node.Content {
		expand(child)
	}
}

// Outcome is what a rule finds for one set of labels.
type Outcome struct {
	Labels data.Labels
	Value  float64
	Fires  bool
}

// Evaluate asks a rule's queries and works out what fires, for the forms of steps that our rules have: a query whose rows are
// numbers with labels, or whose frame is a wide time series; reduce by last; one threshold.
func (r Rule) Evaluate(ctx context.Context, asker Asker, now time.Time) ([]Outcome, data.Frames, error) {
	var frames data.Frames
	values := map[string][]Outcome{}
	var condition []Outcome
	for _, step := range r.Data {
		var found []Outcome
		var err error
		switch {
		case step.DatasourceUID != expressions:
			frames, err = step.ask(ctx, asker, now)
			if err == nil {
				found, err = reducible(frames)
			}
		case step.Model["type"] == "reduce":
			if step.Model["reducer"] != "last" {
				return nil, nil, fmt.Errorf("%s: the reducer %v is not known here", step.RefID, step.Model["reducer"])
			}
			found, err = input(values, step)
		case step.Model["type"] == "threshold":
			found, err = step.threshold(values)
		default:
			err = fmt.Errorf("an expression of type %v is not known here", step.Model["type"])
		}
		if err != nil {
			return nil, frames, fmt.Errorf("%s: %w", step.RefID, err)
		}
		values[step.RefID] = found
		if step.RefID == r.Condition {
			condition = found
		}
	}
	if condition == nil {
		return nil, frames, fmt.Errorf("the condition %s has no values", r.Condition)
	}
	return condition, frames, nil
}

func (s Step) ask(ctx context.Context, asker Asker, now time.Time) (data.Frames, error) {
	raw, err := json.Marshal(s.Model)
	if err != nil {
		return nil, err
	}
	if statement, _ := s.Model["rawSql"].(string); strings.Contains(statement, "${") {
		return nil, fmt.Errorf("a rule has no variables: %s", statement)
	}
	ago := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	return asker.Ask(ctx, source.Query{
		Model:    raw,
		Range:    backend.TimeRange{From: ago(s.RelativeTimeRange.From), To: ago(s.RelativeTimeRange.To)},
		Interval: time.Second, MaxDataPoints: 43200,
	})
}

// reducible makes numbers of frames: each row of a table of one number and texts is one; of a wide series, the last value is.
func reducible(frames data.Frames) ([]Outcome, error) {
	var all []Outcome
	seen := map[string]bool{}
	add := func(labels data.Labels, f *data.Field, row int) error {
		if seen[labels.String()] {
			return fmt.Errorf("two values have the labels {%s}", labels)
		}
		seen[labels.String()] = true
		v, err := f.NullableFloatAt(row)
		if err != nil || v == nil {
			return errors.Join(fmt.Errorf("{%s} has no value", labels), err)
		}
		all = append(all, Outcome{Labels: labels, Value: *v})
		return nil
	}
	for _, frame := range frames {
		kind := frame.TimeSeriesSchema().Type
		numbers := frame.TypeIndices(data.NumericFieldTypes()...)
		switch times := frame.TypeIndices(data.FieldTypeTime, data.FieldTypeNullableTime); {
		case kind == data.TimeSeriesTypeWide:
			for _, i := range numbers {
				if f := frame.Fields[i]; f.Len() > 0 {
					if err := add(f.Labels, f, f.Len()-1); err != nil {
						return nil, err
					}
				}
			}
		case len(times) == 0 && len(numbers) == 1:
			f := frame.Fields[numbers[0]]
			for row := range f.Len() {
				labels := data.Labels{}
				for i, other := range frame.Fields {
					if i != numbers[0] {
						labels[other.Name] = Text(other, row)
					}
				}
				if err := add(labels, f, row); err != nil {
					return nil, err
				}
			}
		default:
			return nil, fmt.Errorf("it cannot be reduced: neither a wide time series nor a table of one number and texts, but %s of %s", kind, names(data.Frames{frame}))
		}
	}
	if len(all) == 0 {
		return nil, errors.New("it has no values")
	}
	return all, nil
}

func input(values map[string][]Outcome, s Step) ([]Outcome, error) {
	name, _ := s.Model["expression"].(string)
	found, ok := values[name]
	if !ok {
		return nil, fmt.Errorf("there is no step %q before it", name)
	}
	return found, nil
}

func (s Step) threshold(values map[string][]Outcome) ([]Outcome, error) {
	found, err := input(values, s)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(s.Model["conditions"])
	if err != nil {
		return nil, err
	}
	var conditions []struct {
		Evaluator struct {
			Type   string
			Params []float64
		}
	}
	if err := json.Unmarshal(raw, &conditions); err != nil || len(conditions) != 1 || len(conditions[0].Evaluator.Params) == 0 {
		return nil, errors.Join(fmt.Errorf("%s is no one threshold", raw), err)
	}
	is := conditions[0].Evaluator
	fired := make([]Outcome, len(found))
	for i, o := range found {
		switch is.Type {
		case "gt":
			o.Fires = o.Value > is.Params[0]
		case "lt":
			o.Fires = o.Value < is.Params[0]
		default:
			return nil, fmt.Errorf("the threshold %s is not known here", is.Type)
		}
		fired[i] = o
	}
	return fired, nil
}
