package transform

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// Origins gives, for each canonical column that the mapping makes of the source's columns, their names in the order
// in which it reads them; pseudo columns such as $row are among them. A constant has no origin.
func (m *Mapping) Origins() map[string][]string {
	origins := map[string][]string{}
	for _, c := range m.columns {
		if names := c.reads(); len(names) > 0 {
			origins[c.Name] = slices.Clone(names)
		}
	}
	return origins
}

// Texts gives the values of a raw column as mappings read them; ok is false for null. A column of a type that has no
// text, such as a list, is shown as Arrow writes it: no mapping can read it.
func Texts(a arrow.Array) func(row int) (text string, ok bool) {
	column, err := readColumn(a)
	if err != nil {
		return func(row int) (string, bool) { return a.ValueStr(row), !a.IsNull(row) }
	}
	return func(row int) (string, bool) {
		text, ok := column.at(row)
		return string(text), ok
	}
}
