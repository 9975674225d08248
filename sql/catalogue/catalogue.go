// Package catalogue reads the metric catalogue, sql/metrics/catalogue.sql, for programs that write files from it. It must not
// know a warehouse, nor what is written.
package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Metric is a row of the catalogue, as far as generated files need it.
type Metric struct {
	ID, Dimension, Population string
	Name                      string
	Unit                      string // what it counts, such as members, money or ratio
	Form                      string // count, money or ratio
	CanBeNull                 bool
	HigherIs                  string   // good, bad or neutral
	Warn, Critical            *float64 // readers are warned beyond this, and somebody has to act beyond that; nil: neither
	Definition                string
}

// token is a text of SQL, or anything between texts that stands for a value, an end or nothing.
var token = regexp.MustCompile(`--[^\n]*|'(?:[^']|'')*'|[A-Za-z0-9_]+|[(),]|\s+`)

// Parse reads the rows of the catalogue: SELECT * FROM VALUES('columns', (row), (row), …).
func Parse(catalogue string) ([]Metric, error) {
	_, values, found := strings.Cut(catalogue, "VALUES(")
	if !found {
		return nil, fmt.Errorf("no VALUES( in it")
	}
	var columns []string
	var metrics []Metric
	var row []string // nil outside of a row
	for values != "" {
		at := token.FindStringIndex(values)
		if at == nil || at[0] != 0 {
			return nil, fmt.Errorf("cannot be read from %.40q on: a row holds texts, whole numbers and NULL", values)
		}
		text := values[:at[1]]
		values = values[at[1]:]
		switch {
		case strings.HasPrefix(text, "--") || strings.TrimSpace(text) == "" || text == ",":
		case columns == nil:
			columns = names(unquote(text))
		case text == "(":
			row = []string{}
		case text == ")" && row == nil: // the end of VALUES
			return metrics, nil
		case text == ")":
			m, err := toMetric(columns, row)
			if err != nil {
				return nil, err
			}
			metrics, row = append(metrics, m), nil
		default:
			row = append(row, unquote(text))
		}
	}
	return nil, fmt.Errorf("VALUES( is not closed")
}

func unquote(text string) string {
	return strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(text, "'"), "'"), "''", "'")
}

var columnName = regexp.MustCompile(`(?:^|,)\s*([a-z_]+) [A-Z]`)

// names lists the columns of a structure such as 'metric String, value Nullable(Decimal(38, 12))'.
func names(structure string) []string {
	var all []string
	for _, m := range columnName.FindAllStringSubmatch(structure, -1) {
		all = append(all, m[1])
	}
	return all
}

func toMetric(columns, row []string) (Metric, error) {
	if len(row) != len(columns) {
		return Metric{}, fmt.Errorf("the row (%s …) has %d values for %d columns", strings.Join(row[:min(3, len(row))], ", "), len(row), len(columns))
	}
	value := func(column string) string {
		if i := slices.Index(columns, column); i >= 0 {
			return row[i]
		}
		return ""
	}
	m := Metric{
		ID: value("metric"), Dimension: value("dimension"), Population: value("population"),
		Name: value("name"), Unit: value("unit"), Form: value("form"), CanBeNull: value("can_be_null") == "1",
		HigherIs: value("higher_is"), Definition: value("definition"),
	}
	for column, to := range map[string]**float64{"warn": &m.Warn, "critical": &m.Critical} {
		if text := value(column); text != "" && text != "NULL" {
			number, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return m, fmt.Errorf("metric %q: its %s: %w", m.ID, column, err)
			}
			*to = &number
		}
	}
	if m.Form != "count" && m.Form != "money" && m.Form != "ratio" {
		return m, fmt.Errorf("metric %q: its form is count, money or ratio, not %q", m.ID, m.Form)
	}
	if !identifier.MatchString(m.ID) || m.Definition == "" {
		return m, fmt.Errorf("metric %q: needs an id of small letters, digits and _, and a definition", m.ID)
	}
	return m, nil
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
