package pipeline

import (
	"regexp"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// Kinds of raw columns. A text format has those that its values show.
const (
	kindEmpty   = "empty"
	kindInteger = "integer"
	kindDecimal = "decimal"
	kindDate    = "date"
	kindTime    = "time"
	kindBoolean = "boolean"
	kindText    = "text"
	kindOther   = "other" // lists, durations and the like
)

// mostSampled is how many rows tell the kind of a column of texts.
const mostSampled = 1000

// kindOf gives the kind of a column, and whether its type says so rather than its values.
func kindOf(column arrow.Array) (kind string, typed bool) {
	t := column.DataType()
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	switch {
	case t.ID() == arrow.NULL:
		return kindEmpty, false
	case arrow.IsBaseBinary(t.ID()):
		kind = kindEmpty
		for row := range min(column.Len(), mostSampled) {
			if column.IsNull(row) {
				continue
			}
			if kind = widen(kind, kindOfText(column.ValueStr(row))); kind == kindText {
				break
			}
		}
		return kind, false
	case t.ID() == arrow.BOOL:
		return kindBoolean, true
	case arrow.IsInteger(t.ID()):
		return kindInteger, true
	case arrow.IsFloating(t.ID()):
		return kindDecimal, true
	case arrow.IsDecimal(t.ID()):
		if t.(arrow.DecimalType).GetScale() == 0 {
			return kindInteger, true
		}
		return kindDecimal, true
	case t.ID() == arrow.DATE32, t.ID() == arrow.DATE64:
		return kindDate, true
	case t.ID() == arrow.TIMESTAMP:
		return kindTime, true
	}
	return kindOther, true
}

var (
	integerText = regexp.MustCompile(`^[+-]?[0-9]+$`)
	decimalText = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
)

func kindOfText(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return kindEmpty
	case integerText.MatchString(text):
		return kindInteger
	case decimalText.MatchString(text):
		return kindDecimal
	case strings.EqualFold(text, "true"), strings.EqualFold(text, "false"):
		return kindBoolean
	case len(text) < len(time.DateOnly) || text[4] != '-':
		return kindText
	case len(text) == len(time.DateOnly):
		if _, err := time.Parse(time.DateOnly, text); err == nil {
			return kindDate
		}
		return kindText
	}
	instant := text[:10] + "T" + text[11:]
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
		if _, err := time.Parse(layout, instant); err == nil && (text[10] == 'T' || text[10] == ' ') {
			return kindTime
		}
	}
	return kindText
}

// family is what a kind may turn into without being another type.
func family(kind string) string {
	switch kind {
	case kindDecimal:
		return kindInteger
	case kindTime:
		return kindDate
	}
	return kind
}

// widen gives the kind that the values of both have.
func widen(a, b string) string {
	switch {
	case a == b || b == kindEmpty:
		return a
	case a == kindEmpty:
		return b
	case family(a) != family(b):
		return kindText
	case family(a) == kindInteger:
		return kindDecimal
	}
	return kindTime
}

// fits tells whether values of a kind are of a declared type.
func fits(declared, kind string) bool {
	switch {
	case declared == "", declared == kindText, declared == kind, kind == kindEmpty:
		return true
	case declared == kindDecimal:
		return kind == kindInteger
	}
	return declared == kindTime && kind == kindDate
}
