package dashboard

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dlclark/regexp2"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Style is how a field is shown: the defaults of its panel, and what the overrides that match it change, by the paths of the
// JSON, such as custom.hidden.
type Style map[string]json.RawMessage

// Get reads a property into a pointer; it stays as it is where there is none.
func (s Style) Get(path string, into any) {
	if raw, ok := s[path]; ok {
		_ = json.Unmarshal(raw, into)
	}
}

// Styles works out how each field of a panel's frames is shown. An override that matches no field is an error: it was meant for
// one that is not there.
func Styles(p Panel, frames data.Frames) (styles map[*data.Field]Style, problems []error) {
	styles = map[*data.Field]Style{}
	defaults := Style{}
	flatten(defaults, "", p.FieldConfig.Defaults)
	for _, frame := range frames {
		for _, f := range frame.Fields {
			styles[f] = maps.Clone(defaults)
		}
	}
	for _, o := range p.FieldConfig.Overrides {
		matched := false
		for _, frame := range frames {
			for _, f := range frame.Fields {
				ok, err := o.matches(frame, f, styles[f])
				if err != nil {
					return styles, append(problems, err)
				}
				if !ok {
					continue
				}
				matched = true
				for _, property := range o.Properties {
					styles[f][property.ID] = property.Value
				}
			}
		}
		if !matched {
			problems = append(problems, fmt.Errorf("an override is for %s %s, which no frame has: there are %s", o.Matcher.ID, o.Matcher.Options, names(frames)))
		}
	}
	return styles, problems
}

func (o Override) matches(frame *data.Frame, f *data.Field, style Style) (bool, error) {
	var option string
	if err := json.Unmarshal(o.Matcher.Options, &option); err != nil {
		return false, fmt.Errorf("an override %s: %w", o.Matcher.ID, err)
	}
	switch o.Matcher.ID {
	case "byName":
		return option == f.Name || option == DisplayName(f, style), nil
	case "byRegexp":
		return Matches(option, DisplayName(f, style))
	case "byType":
		return option == "number" && f.Type().Numeric() || option == "time" && f.Type().Time() ||
			option == "string" && (f.Type() == data.FieldTypeString || f.Type() == data.FieldTypeNullableString), nil
	case "byFrameRefID":
		return option == frame.RefID, nil
	}
	return false, fmt.Errorf("a matcher %s is not known here", o.Matcher.ID)
}

// Matches says whether a pattern such as /^a/, or a whole name, is that of a name.
func Matches(pattern, name string) (bool, error) {
	if !strings.HasPrefix(pattern, "/") || !strings.HasSuffix(pattern, "/") || len(pattern) < 2 {
		return pattern == name, nil
	}
	compiled, err := regexp2.Compile(pattern[1:len(pattern)-1], regexp2.ECMAScript)
	if err != nil {
		return false, fmt.Errorf("the pattern %s: %w", pattern, err)
	}
	return compiled.MatchString(name)
}

// DisplayName is what a field is called: by its style, else by its name and labels.
func DisplayName(f *data.Field, style Style) string {
	var name string
	style.Get("displayName", &name)
	if name != "" {
		return strings.ReplaceAll(name, "${__field.labels.program_id}", f.Labels["program_id"])
	}
	if f.Config != nil && f.Config.DisplayName != "" {
		return f.Config.DisplayName
	}
	name = f.Name
	for _, label := range slices.Sorted(maps.Keys(f.Labels)) {
		if len(f.Labels) == 1 {
			name += " " + f.Labels[label]
		} else {
			name += fmt.Sprintf(" %s=%q", label, f.Labels[label])
		}
	}
	return name
}

// flatten has the properties of an object by their paths: custom's one by one, others whole.
func flatten(into Style, path string, raw json.RawMessage) {
	var object map[string]json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &object) != nil {
		return
	}
	for name, value := range object {
		if name == "custom" && path == "" {
			flatten(into, "custom.", value)
			continue
		}
		into[path+name] = value
	}
}

func names(frames data.Frames) string {
	var all []string
	for _, frame := range frames {
		for _, f := range frame.Fields {
			all = append(all, f.Name)
		}
	}
	return strings.Join(all, ", ")
}
