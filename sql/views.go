package sql

import (
	"io/fs"
	"regexp"
)

// Views are the views with parameters that the figures are computed by, by their names: what each selects.
//
// For the server such a view is a query of its own, which it analyses once to know the columns and once more to read them,
// and those inside of it at each of the two. Three deep, on little data, that is most of what a refresh costs. So statements
// are sent with their views written out; the warehouse has them for whoever reads there.
type Views map[string]string

var (
	parameter = regexp.MustCompile(`\{(\w+):[^{}]*\}`)
	argument  = regexp.MustCompile(`(\w+) = (\{\w+:[^{}]*\})`)
	viewCall  = regexp.MustCompile(`(\w+\.\w+)\((\w+ = \{\w+:[^{}]*\}(?:, \w+ = \{\w+:[^{}]*\})*)\)`)
	selection = regexp.MustCompile(`(?s)^.*?\bCREATE OR REPLACE VIEW \S+ AS\n(.+);\s*$`)
)

// Views gives the views of the folders core and rules that have parameters, with those of overlays in their place.
func (c *Cluster) Views(overlays ...fs.FS) (Views, error) {
	views := Views{}
	for _, folder := range []string{"core", "rules"} {
		scripts, err := c.Scripts(folder, overlays...)
		if err != nil {
			return nil, err
		}
		for _, script := range scripts {
			if found := selection.FindStringSubmatch(script.Text); found != nil && parameter.MatchString(found[1]) {
				views[script.View()] = found[1]
			}
		}
	}
	return views, nil
}

// WrittenOut gives a statement with what its views select in their place, however deep they are nested. The arguments of a
// view are parameters of the statement.
func (v Views) WrittenOut(statement string) string {
	return viewCall.ReplaceAllStringFunc(statement, func(call string) string {
		parts := viewCall.FindStringSubmatch(call)
		selected, known := v[parts[1]]
		if !known {
			return call
		}
		values := map[string]string{}
		for _, pair := range argument.FindAllStringSubmatch(parts[2], -1) {
			values[pair[1]] = pair[2]
		}
		selected = parameter.ReplaceAllStringFunc(selected, func(own string) string {
			if value, given := values[parameter.FindStringSubmatch(own)[1]]; given {
				return value
			}
			return own
		})
		return "(\n" + v.WrittenOut(selected) + "\n)"
	})
}
