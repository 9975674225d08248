package dashboard

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// inner is an address of a dashboard here.
var inner = regexp.MustCompile(`/d/([A-Za-z0-9_-]+)[^\s"'<>)]*`)

// CheckLinks looks at every text of a dashboard that has the address of one: whether that is among all, and has the variables that
// the address sets. Lists of dashboards by tags must have some.
func (d *Dashboard) CheckLinks(all []*Dashboard) []error {
	var problems []error
	var walk func(any)
	walk = func(node any) {
		switch n := node.(type) {
		case map[string]any:
			for _, child := range n {
				walk(child)
			}
		case []any:
			for _, child := range n {
				walk(child)
			}
		case string:
			for _, address := range inner.FindAllString(n, -1) {
				if err := d.checkAddress(address, all); err != nil {
					problems = append(problems, err)
				}
			}
		}
	}
	walk(d.Raw)
	for _, link := range d.Links {
		tagged := slices.ContainsFunc(all, func(other *Dashboard) bool {
			return !slices.ContainsFunc(link.Tags, func(tag string) bool { return !slices.Contains(other.Tags, tag) })
		})
		if link.Type == "dashboards" && !tagged {
			problems = append(problems, fmt.Errorf("no dashboard has the tags %q of the link %s", link.Tags, link.Title))
		}
	}
	return problems
}

var (
	setVariable = regexp.MustCompile(`[?&]var-([^=&]+)=`)
	asParameter = regexp.MustCompile(`\$\{(\w+):queryparam\}`)
)

func (d *Dashboard) checkAddress(address string, all []*Dashboard) error {
	uid := inner.FindStringSubmatch(address)[1]
	at := slices.IndexFunc(all, func(other *Dashboard) bool { return other.UID == uid })
	if at < 0 {
		return fmt.Errorf("%s: there is no dashboard %s", address, uid)
	}
	for _, found := range append(setVariable.FindAllStringSubmatch(address, -1), asParameter.FindAllStringSubmatch(address, -1)...) {
		if !all[at].has(found[1]) {
			return fmt.Errorf("%s: the dashboard %s has no variable $%s", address, uid, found[1])
		}
	}
	for _, found := range variableName.FindAllStringSubmatch(address, -1) {
		if name := found[1] + found[2]; !strings.HasPrefix(name, "__") && !d.has(name) {
			return fmt.Errorf("%s: there is no variable $%s", address, name)
		}
	}
	return nil
}

func (d *Dashboard) has(variable string) bool {
	return slices.ContainsFunc(d.Templating.List, func(v Variable) bool { return v.Name == variable })
}

// Followed is where a link of a value leads.
type Followed struct {
	UID       string
	Variables map[string][]string
	// Fields are the values of the row that the address is made of.
	Fields []string
}

// Follow works out where a link of a field leads from one of its frame's rows.
func (v *View) Follow(s Shown, address string, frame *data.Frame, row int) (Followed, error) {
	var to Followed
	var missing error
	replaced, err := replace(address, func(name, path string) (value, bool) {
		if name != "__data" {
			return v.scope(s)(name, path)
		}
		f, err := fieldOf(frame, path)
		if err != nil {
			missing = fmt.Errorf("%s: %w", address, err)
			return value{}, false
		}
		to.Fields = append(to.Fields, Text(f, row))
		return value{all: []string{Text(f, row)}}, true
	})
	if err != nil || missing != nil {
		return to, errorOf(err, missing)
	}
	if strings.Contains(replaced, "${") {
		return to, fmt.Errorf("%s: a variable is not known: %s", address, replaced)
	}
	parsed, err := url.Parse(replaced)
	if err != nil {
		return to, fmt.Errorf("%s leads to no address: %w", address, err)
	}
	to.UID = strings.TrimPrefix(parsed.Path, "/d/")
	to.UID, _, _ = strings.Cut(to.UID, "/")
	to.Variables = map[string][]string{}
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil {
		return to, fmt.Errorf("%s leads to no address: %w", address, err)
	}
	for name, values := range query {
		if variable, ok := strings.CutPrefix(name, "var-"); ok {
			to.Variables[variable] = values
		}
	}
	return to, nil
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// fieldOf finds the field of a path such as fields.name or fields["a name"].
func fieldOf(frame *data.Frame, path string) (*data.Field, error) {
	name := strings.TrimPrefix(strings.TrimPrefix(path, "fields"), ".")
	if quoted, err := strconv.Unquote(strings.Trim(name, "[]")); err == nil {
		name = quoted
	}
	for _, f := range frame.Fields {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("the frame has no field %q", name)
}
