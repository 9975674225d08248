package picture

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/test/grafana/dashboard"
)

// said is a value as people read it, in its colour: "" is that of text.
type said struct{ text, colour string }

// say writes a field's value by its style.
func say(f *data.Field, row int, style dashboard.Style) said {
	v, ok := f.ConcreteAt(row)
	if !ok {
		return special(style)
	}
	switch v := v.(type) {
	case time.Time:
		layout := "2006-01-02 15:04"
		var unit string
		style.Get("unit", &unit)
		if moment, isTime := strings.CutPrefix(unit, "time:"); isTime {
			layout = strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02").Replace(moment)
		}
		return said{text: v.UTC().Format(layout)}
	case string:
		return mapped(v, style)
	}
	n, err := f.FloatAt(row)
	if err != nil {
		return said{text: dashboard.Text(f, row)}
	}
	return said{text: number(n, style), colour: colourOf(n, style)}
}

// number writes a number with its unit and decimals.
func number(n float64, style dashboard.Style) string {
	unit, decimals := "", -1
	style.Get("unit", &unit)
	style.Get("decimals", &decimals)
	after := ""
	switch {
	case unit == "percentunit":
		n, after = n*100, "%"
	case strings.HasPrefix(unit, "suffix:"):
		after = strings.TrimPrefix(unit, "suffix:")
	case unit == "s":
		after = " s"
	}
	text := strconv.FormatFloat(n, 'f', decimals, 64)
	sign, whole, rest := "", text, ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	if dot := strings.IndexByte(whole, '.'); dot >= 0 {
		whole, rest = whole[:dot], whole[dot:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest + after
}

// short writes a number of an axis.
func short(n float64, style dashboard.Style) string {
	var unit string
	style.Get("unit", &unit)
	if unit == "percentunit" {
		return strconv.FormatFloat(n*100, 'f', -1, 64) + "%"
	}
	switch a := math.Abs(n); {
	case a >= 1e6:
		return strconv.FormatFloat(n/1e6, 'f', -1, 64) + " M"
	case a >= 1e3:
		return strconv.FormatFloat(n/1e3, 'f', -1, 64) + " k"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// colourOf is the colour of a number: a fixed one, or that of its threshold.
func colourOf(n float64, style dashboard.Style) string {
	var colour struct{ Mode, FixedColor string }
	style.Get("color", &colour)
	if colour.Mode == "fixed" {
		return colour.FixedColor
	}
	var thresholds struct {
		Steps []struct {
			Color string
			Value *float64
		}
	}
	style.Get("thresholds", &thresholds)
	found := ""
	for _, step := range thresholds.Steps {
		if step.Value == nil || n >= *step.Value {
			found = step.Color
		}
	}
	if found == "text" {
		return ""
	}
	return found
}

type mapping struct {
	Type    string
	Options json.RawMessage
}

type result struct {
	Text, Color string
	Index       int
}

func mappings(style dashboard.Style) []mapping {
	var all []mapping
	style.Get("mappings", &all)
	return all
}

// special is what stands for a value that is not there.
func special(style dashboard.Style) said {
	for _, m := range mappings(style) {
		var option struct {
			Match  string
			Result result
		}
		if m.Type == "special" && json.Unmarshal(m.Options, &option) == nil {
			return said{text: option.Result.Text}
		}
	}
	text := ""
	style.Get("noValue", &text)
	return said{text: text}
}

func mapped(text string, style dashboard.Style) said {
	for _, m := range mappings(style) {
		switch m.Type {
		case "value":
			var options map[string]result
			if json.Unmarshal(m.Options, &options) != nil {
				continue
			}
			if found, ok := options[text]; ok {
				if found.Text != "" {
					text = found.Text
				}
				return said{text, found.Color}
			}
		case "regex":
			var option struct {
				Pattern string
				Result  result
			}
			if json.Unmarshal(m.Options, &option) != nil {
				continue
			}
			if pattern, err := regexp.Compile(option.Pattern); err == nil && pattern.MatchString(text) {
				if option.Result.Text != "" {
					text = option.Result.Text
				}
				return said{text, option.Result.Color}
			}
		}
	}
	return said{text: text}
}
