package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// unit is a part of a date; a larger one is finer.
type unit int

const (
	year unit = iota + 1
	month
	day
	hour
	minute
	second
)

var layouts = []struct {
	text string
	unit unit
}{{"2006", year}, {"01", month}, {"02", day}, {"15", hour}, {"04", minute}, {"05", second}}

func (u unit) String() string {
	return [...]string{"", "year", "month", "day", "hour", "minute", "second"}[u]
}

func (u unit) digits() int {
	if u == year {
		return 4
	}
	return 2
}

func (u unit) of(t time.Time) int {
	return [...]int{0, t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}[u]
}

// length is that of an hour and what is finer.
func (u unit) length() time.Duration {
	switch u {
	case hour:
		return time.Hour
	case minute:
		return time.Minute
	}
	return time.Second
}

type kind int

const (
	literal kind = iota
	field
	wildcard // text is a part of a glob
)

type piece struct {
	kind kind
	text string
	unit unit // of a field
	held bool // by a placeholder
}

// scan takes a pattern apart. Without wildcards only placeholders are special.
func scan(text string, wildcards bool) ([]piece, error) {
	var pieces []piece
	for i := 0; i < len(text); {
		rest := text[i:]
		if name, size := placeholder(rest); size > 0 {
			fields, err := fieldsOf(name)
			if err != nil {
				return nil, fmt.Errorf("%q: %s: %w", text, rest[:size], err)
			}
			for j := range fields {
				fields[j].held = true
			}
			pieces = append(pieces, fields...)
			i += size
			continue
		}
		size := 1
		switch c := rest[0]; {
		case !wildcards, !strings.ContainsRune(`\*?[{`, rune(c)):
			pieces = append(pieces, piece{kind: literal, text: rest[:1]})
		case c == '\\' && len(rest) > 1:
			pieces = append(pieces, piece{kind: literal, text: rest[1:2]})
			size = 2
		default:
			var err error
			if size, err = wildcardSize(rest); err != nil {
				return nil, fmt.Errorf("%q: %w", text, err)
			}
			pieces = append(pieces, piece{kind: wildcard, text: rest[:size]})
		}
		i += size
	}
	return pieces, nil
}

var placeholders = regexp.MustCompile(`^\{(date(?::([^{}]*))?|year|month|day|hour)\}`)

// placeholder gives the layout of the placeholder that the text begins with, and its length; 0 for none.
func placeholder(text string) (layout string, size int) {
	m := placeholders.FindStringSubmatch(text)
	if m == nil {
		return "", 0
	}
	switch m[1] {
	case "date":
		layout = "2006-01-02"
	case "year":
		layout = "2006"
	case "month":
		layout = "01"
	case "day":
		layout = "02"
	case "hour":
		layout = "15"
	default:
		layout = m[2]
	}
	return layout, len(m[0])
}

// fieldsOf takes a layout apart.
func fieldsOf(layout string) (pieces []piece, err error) {
	found := false
next:
	for layout != "" {
		for _, l := range layouts {
			if rest, ok := strings.CutPrefix(layout, l.text); ok {
				pieces, layout, found = append(pieces, piece{kind: field, unit: l.unit}), rest, true
				continue next
			}
		}
		if !strings.ContainsRune("-_./: TZ=", rune(layout[0])) {
			return nil, fmt.Errorf("a layout may hold 2006, 01, 02, 15, 04, 05 and marks between them, but not %q", layout)
		}
		pieces, layout = append(pieces, piece{kind: literal, text: layout[:1]}), layout[1:]
	}
	if !found {
		return nil, errors.New("a layout must hold a part of a date, such as 20060102")
	}
	return pieces, nil
}

// wildcardSize is the length of the wildcard that the text begins with.
func wildcardSize(text string) (int, error) {
	switch text[0] {
	case '[':
		for i := 1; i < len(text); i++ {
			switch {
			case text[i] == '\\':
				i++
			case text[i] == ']' && i > 1:
				return i + 1, nil
			}
		}
		return 0, errors.New("a [ without a ]")
	case '{':
		return alternativesSize(text)
	case '*':
		if strings.HasPrefix(text, "**") {
			return 2, nil
		}
	}
	return 1, nil
}

func alternativesSize(text string) (int, error) {
	depth, choice := 0, false
	for i := 0; i < len(text); i++ {
		if _, size := placeholder(text[i:]); size > 0 {
			return 0, fmt.Errorf("the placeholder %s stands among alternatives; give each a source of its own", text[i:i+size])
		}
		switch text[i] {
		case '\\':
			i++
		case '{':
			depth++
		case ',':
			choice = choice || depth == 1
		case '}':
			if depth--; depth > 0 {
				continue
			}
			if !choice {
				return 0, fmt.Errorf("%s is neither alternatives, such as {a,b}, nor one of {date}, {date:20060102}, "+
					"{year}, {month}, {day} and {hour}", text[:i+1])
			}
			return i + 1, nil
		}
	}
	return 0, errors.New("a { without a }")
}

// join makes one of literals in a row.
func join(pieces []piece) (joined []piece) {
	for _, p := range pieces {
		if n := len(joined); p.kind == literal && n > 0 && joined[n-1].kind == literal {
			joined[n-1].text += p.text
			continue
		}
		joined = append(joined, p)
	}
	return joined
}

// loosened has, for each placeholder, one field in each folder that it spans.
func loosened(pieces []piece) (loose []piece) {
	for _, p := range pieces {
		p.held = p.held && p.text != "/"
		if n := len(loose); p.held && n > 0 && loose[n-1].held {
			continue
		}
		if p.held {
			p.kind = field
		}
		loose = append(loose, p)
	}
	return loose
}

// leading gives the pieces up to the last of the placeholders that come first, from the year down.
func leading(pieces []piece) []piece {
	end, next := 0, year
	for i, p := range pieces {
		if p.kind == wildcard || p.kind == field && p.unit != next {
			break
		}
		if p.kind == field {
			end, next = i+1, next+1
		}
	}
	return pieces[:end]
}
