package grafana

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/test/grafana/dashboard"
)

// shape says what is wrong with frames for a panel of that type.
func shape(s dashboard.Shown, frames data.Frames) (problems []string) {
	var options struct {
		GraphMode     string
		ReduceOptions struct {
			Fields string
			Values bool
		}
		XField string
		SortBy []struct{ DisplayName string }
	}
	if len(s.Options) > 0 {
		if err := json.Unmarshal(s.Options, &options); err != nil {
			return []string{err.Error()}
		}
	}
	styles, wrong := dashboard.Styles(s.Panel, frames)
	for _, err := range wrong {
		problems = append(problems, err.Error())
	}
	displayed := map[string]bool{}
	for f, style := range styles {
		displayed[dashboard.DisplayName(f, style)] = true
	}
	for _, frame := range frames {
		kinds := frame.TimeSeriesSchema()
		times, numbers := 0, 0
		for _, f := range frame.Fields {
			if f.Type().Time() {
				times++
			}
			if f.Type().Numeric() {
				numbers++
			}
		}
		switch s.Type {
		case "timeseries":
			if kinds.Type != data.TimeSeriesTypeWide {
				problems = append(problems, fmt.Sprintf("it is no wide time series, but %s: %s", kinds.Type, fieldTypes(frame)))
			}
			problems = append(problems, ascending(frame)...)
		case "stat", "gauge", "bargauge":
			if options.GraphMode == "area" && (times != 1 || numbers == 0) {
				problems = append(problems, "a sparkline needs one field of time and a number: "+fieldTypes(frame))
			}
			if options.GraphMode == "area" {
				problems = append(problems, ascending(frame)...)
			}
			if pattern := options.ReduceOptions.Fields; pattern != "" && !slices.ContainsFunc(frame.Fields, func(f *data.Field) bool {
				ok, _ := dashboard.Matches(pattern, dashboard.DisplayName(f, styles[f]))
				return ok
			}) {
				problems = append(problems, fmt.Sprintf("no field is %s", pattern))
			}
		case "barchart":
			if numbers == 0 || options.XField != "" && fieldOf(frame, options.XField) == nil && !displayed[options.XField] {
				problems = append(problems, "bars need a number and the field of their axis: "+fieldTypes(frame))
			}
		case "xychart", "trend", "table", "piechart", "histogram", "state-timeline":
			if s.Type != "table" && numbers == 0 {
				problems = append(problems, "it has no numbers: "+fieldTypes(frame))
			}
		default:
			problems = append(problems, "a panel of type "+s.Type+" is not known here")
		}
	}
	for _, by := range options.SortBy {
		if !displayed[by.DisplayName] {
			problems = append(problems, "it sorts by "+by.DisplayName+", which is no field")
		}
	}
	return problems
}

func ascending(frame *data.Frame) []string {
	for _, f := range frame.Fields {
		if !f.Type().Time() {
			continue
		}
		for i := 1; i < f.Len(); i++ {
			if compareNumbers(cell(f, i-1), cell(f, i)) >= 0 {
				return []string{"its times do not ascend"}
			}
		}
		break
	}
	return nil
}

func fieldTypes(frame *data.Frame) string {
	var all []string
	for _, f := range frame.Fields {
		all = append(all, f.Name+" "+f.Type().ItemTypeString())
	}
	return strings.Join(all, ", ")
}

// links follows the links of every value: each must lead to a dashboard, with the values of the row in its variables as they are.
func links(v *dashboard.View, s dashboard.Shown, frames data.Frames) (followed []dashboard.Followed, problems []string) {
	styles, _ := dashboard.Styles(s.Panel, frames)
	for _, frame := range frames {
		for _, f := range frame.Fields {
			var of []dashboard.Link
			styles[f].Get("links", &of)
			for _, link := range of {
				for i := range f.Len() {
					to, err := v.Follow(s, link.URL, frame, i)
					if err != nil {
						problems = append(problems, err.Error())
						break
					}
					for _, text := range to.Fields {
						if !slices.ContainsFunc(slices.Collect(maps.Values(to.Variables)), func(values []string) bool { return slices.Contains(values, text) }) {
							problems = append(problems, fmt.Sprintf("the link %s of %q sets %q", link.URL, text, to.Variables))
						}
					}
					if !slices.Contains(to.Fields, "") { // an empty cell has no link to follow
						followed = append(followed, to)
					}
				}
			}
		}
	}
	return followed, problems
}
