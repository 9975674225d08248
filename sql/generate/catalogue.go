package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// metric is a row of the catalogue, as far as views need it.
type metric struct {
	id, dimension, population string
	form                      string // count, money or ratio
	canBeNull                 bool
	definition                string
}

// token is a text of SQL, or anything between texts that stands for a value, an end or nothing.
var token = regexp.MustCompile(`--[^\n]*|'(?:[^']|'')*'|[A-Za-z0-9_]+|[(),]|\s+`)

// parse reads the rows of the catalogue: SELECT * FROM VALUES('columns', (row), (row), …).
func parse(catalogue string) ([]metric, error) {
	_, values, found := strings.Cut(catalogue, "VALUES(")
	if !found {
		return nil, fmt.Errorf("no VALUES( in it")
	}
	var columns []string
	var metrics []metric
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

func toMetric(columns, row []string) (metric, error) {
	if len(row) != len(columns) {
		return metric{}, fmt.Errorf("the row (%s …) has %d values for %d columns", strings.Join(row[:min(3, len(row))], ", "), len(row), len(columns))
	}
	value := func(column string) string {
		if i := slices.Index(columns, column); i >= 0 {
			return row[i]
		}
		return ""
	}
	m := metric{
		id: value("metric"), dimension: value("dimension"), population: value("population"),
		form: value("form"), canBeNull: value("can_be_null") == "1", definition: value("definition"),
	}
	if _, err := m.columnType(); err != nil {
		return m, err
	}
	if !identifier.MatchString(m.id) || m.definition == "" {
		return m, fmt.Errorf("metric %q: needs an id of small letters, digits and _, and a definition", m.id)
	}
	return m, nil
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
