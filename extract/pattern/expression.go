package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// globOf is the glob of pieces without fields.
func globOf(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.kind == wildcard {
			b.WriteString(p.text)
			continue
		}
		for _, c := range p.text {
			if strings.ContainsRune(`\*?[]{},`, c) {
				b.WriteByte('\\')
			}
			b.WriteRune(c)
		}
	}
	return b.String()
}

// expression translates pieces to what matches just as their glob would, with a group for each field. Where it is not
// strict, anything within a folder stands for a field.
func expression(pieces []piece, strict bool) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	slashed := false // the slash that this piece begins with is written
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		starts := i == 0 || pieces[i-1].kind == literal && strings.HasSuffix(pieces[i-1].text, "/")
		last := i+1 == len(pieces)
		text := p.text
		if slashed {
			text, slashed = text[1:], false
		}
		switch {
		case p.kind == literal:
			if rest, ok := strings.CutSuffix(text, "/"); ok && i+2 == len(pieces) && pieces[i+1].text == "**" {
				inside := `/.*`
				if strict {
					inside = `(?:/.*)?` // a/** is a, too
				}
				b.WriteString(regexp.QuoteMeta(rest) + inside)
				i++
				continue
			}
			b.WriteString(regexp.QuoteMeta(text))
		case p.kind == field && strict:
			fmt.Fprintf(&b, `([0-9]{%d})`, p.unit.digits())
		case p.kind == field:
			b.WriteString(`[^/]*`)
		case text == "**" && starts && last:
			b.WriteString(`.*`)
		case text == "**" && starts && pieces[i+1].kind == literal && strings.HasPrefix(pieces[i+1].text, "/"):
			b.WriteString(`(?:.*/)?`)
			slashed = true
		default:
			part, err := wildcardExpression(text)
			if err != nil {
				return nil, err
			}
			b.WriteString(part)
		}
	}
	b.WriteString(`\z`)
	return regexp.Compile(b.String())
}

func wildcardExpression(text string) (string, error) {
	switch text[0] {
	case '*':
		return `[^/]*`, nil
	case '?':
		return `[^/]`, nil
	case '[':
		return classExpression(text), nil
	}
	if strings.Contains(text, "**") {
		return "", errors.New("** cannot stand among alternatives beside placeholders; give each a source of its own")
	}
	var b strings.Builder
	b.WriteString(`(?:`)
	for i := 1; i < len(text)-1; i++ {
		switch c := text[i]; c {
		case ',':
			b.WriteByte('|')
		case '\\':
			i++
			b.WriteString(regexp.QuoteMeta(text[i : i+1]))
		case '*', '?', '[', '{':
			size, err := wildcardSize(text[i:])
			if err != nil {
				return "", err
			}
			inner, err := wildcardExpression(text[i : i+size])
			if err != nil {
				return "", err
			}
			b.WriteString(inner)
			i += size - 1
		default:
			if c < 0x80 {
				b.WriteString(regexp.QuoteMeta(text[i : i+1]))
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte(')')
	return b.String(), nil
}

// classExpression translates [a-z] and [!a-z].
func classExpression(text string) string {
	text = text[1 : len(text)-1]
	var b strings.Builder
	b.WriteByte('[')
	if text[0] == '!' || text[0] == '^' {
		b.WriteByte('^')
		text = text[1:]
	}
	escaped := false
	for _, c := range text {
		switch {
		case escaped && c == '-':
			b.WriteString(`\-`)
			escaped = false
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(c)))
			escaped = false
		case c == '\\':
			escaped = true
		case strings.ContainsRune(`[]^&~`, c):
			b.WriteString(`\` + string(c))
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte(']')
	return b.String()
}
