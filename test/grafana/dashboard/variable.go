package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Every is the value that stands for all values of a variable.
const Every = "$__all"

// Variable is one of a dashboard's.
type Variable struct {
	Name, Type, Label string
	Query             json.RawMessage
	Multi, IncludeAll bool
	AllValue          *string
	Regex             string
	Current           struct{ Value json.RawMessage }
	Options           []struct{ Text, Value string }
	Hide              int
}

// choice is a variable with its values and which of them are chosen.
type choice struct {
	Variable
	options []option
	chosen  []string // or Every
}

type option struct{ value, text string }

// statement is the SQL of a variable's query.
func (v Variable) statement() (string, error) {
	var text string
	if json.Unmarshal(v.Query, &text) == nil {
		return text, nil
	}
	var query struct {
		RawSQL string `json:"rawSql"`
	}
	if err := json.Unmarshal(v.Query, &query); err != nil || query.RawSQL == "" {
		return "", errors.Join(fmt.Errorf("the query of $%s is no SQL: %s", v.Name, v.Query), err)
	}
	return query.RawSQL, nil
}

// open finds a variable's values and chooses among them: those asked for, else those of the file, else the first.
func (v *View) open(ctx context.Context, variable Variable, asked []string) (*choice, error) {
	c := &choice{Variable: variable}
	switch variable.Type {
	case "query":
		if err := v.query(ctx, c); err != nil {
			return nil, err
		}
	case "custom", "constant", "textbox":
		var text string
		if err := json.Unmarshal(variable.Query, &text); err != nil {
			return nil, fmt.Errorf("$%s: %w", variable.Name, err)
		}
		values := []string{text}
		if variable.Type == "custom" {
			values = strings.Split(text, ",")
		}
		for _, value := range values {
			label, key, isPair := strings.Cut(value, " : ")
			if !isPair {
				key = label
			}
			c.options = append(c.options, option{strings.TrimSpace(key), strings.TrimSpace(label)})
		}
	default:
		return nil, fmt.Errorf("$%s: a variable of type %s is not known here", variable.Name, variable.Type)
	}
	if variable.Regex != "" {
		return nil, fmt.Errorf("$%s: a regex is not known here: the query can do that", variable.Name)
	}
	return c, c.choose(asked)
}

func (c *choice) choose(asked []string) error {
	for _, values := range [][]string{asked, c.current()} {
		if len(values) > 0 && !slices.ContainsFunc(values, func(value string) bool { return !c.has(value) }) {
			c.chosen = values
			break
		}
		if len(asked) > 0 {
			return fmt.Errorf("$%s has no value %q", c.Name, asked)
		}
	}
	switch {
	case c.chosen != nil:
	case c.IncludeAll:
		c.chosen = []string{Every}
	case len(c.options) > 0:
		c.chosen = []string{c.options[0].value}
	default:
		c.chosen = []string{""}
	}
	if len(c.chosen) > 1 && !c.Multi {
		return fmt.Errorf("$%s takes one value, not %q", c.Name, c.chosen)
	}
	return nil
}

func (c *choice) has(value string) bool {
	if value == Every {
		return c.IncludeAll
	}
	return c.Type == "textbox" || slices.ContainsFunc(c.options, func(o option) bool { return o.value == value })
}

// current is what the file has chosen.
func (c *choice) current() []string {
	var one string
	var many []string
	if json.Unmarshal(c.Current.Value, &one) == nil {
		many = []string{one}
	} else if json.Unmarshal(c.Current.Value, &many) != nil {
		return nil
	}
	if len(many) == 1 && many[0] == "" {
		return nil
	}
	return many
}

// values are what the variable stands for; raw, where it is one that is not formatted.
func (c *choice) values() (values []string, raw bool) {
	if !slices.Equal(c.chosen, []string{Every}) {
		return c.chosen, false
	}
	if c.AllValue != nil && *c.AllValue != "" {
		return []string{*c.AllValue}, true
	}
	for _, o := range c.options {
		values = append(values, o.value)
	}
	return values, false
}

func (c *choice) text(value string) string {
	for _, o := range c.options {
		if o.value == value {
			return o.text
		}
	}
	if value == Every {
		return "All"
	}
	return value
}

// query asks for the options: the first column has the values, the second what people read.
func (v *View) query(ctx context.Context, c *choice) error {
	statement, err := c.statement()
	if err != nil {
		return err
	}
	frames, err := v.ask(ctx, map[string]any{"rawSql": statement, "editorType": "sql", "format": 1, "refId": c.Name}, v.chosen)
	if err != nil {
		return fmt.Errorf("$%s: %w", c.Name, err)
	}
	if len(frames) != 1 || len(frames[0].Fields) == 0 {
		return fmt.Errorf("$%s: its query has no columns", c.Name)
	}
	values := frames[0].Fields[0]
	labels := values
	if len(frames[0].Fields) > 1 {
		labels = frames[0].Fields[1]
	}
	for i := range values.Len() {
		o := option{Text(values, i), Text(labels, i)}
		if slices.ContainsFunc(c.options, func(other option) bool { return other.value == o.value }) {
			return fmt.Errorf("$%s: two of its values are %q", c.Name, o.value)
		}
		c.options = append(c.options, o)
	}
	return nil
}

// Text is a value of a field as a string.
func Text(f *data.Field, row int) string {
	value, ok := f.ConcreteAt(row)
	if !ok {
		return ""
	}
	if raw, isJSON := value.(json.RawMessage); isJSON {
		return string(raw)
	}
	return fmt.Sprint(value)
}
