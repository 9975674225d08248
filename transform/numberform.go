package transform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// numberForm is a compiled NumberSpec.
type numberForm struct {
	decimal    string
	thousands  []string // any of them, but the same all over a number
	symbols    []string
	accounting bool
}

// spaces are what " " as a mark for thousands stands for: also no-break, narrow no-break and thin ones.
var spaces = []string{" ", "\u00a0", "\u202f", "\u2009"}

// numberMarks are what may separate groups of digits or decimals.
const numberMarks = `"," "." " " "'" "’" "_"`

func newNumberForm(spec NumberSpec) (*numberForm, error) {
	f := &numberForm{decimal: ".", symbols: spec.Symbols, accounting: spec.Accounting}
	var errs []error
	if spec.Decimal != "" {
		f.decimal = spec.Decimal
	}
	if f.decimal != "." && f.decimal != "," && f.decimal != "'" && f.decimal != "٫" {
		errs = append(errs, fmt.Errorf(`number: decimal %q is not known; it is "." or ","`, f.decimal))
	}
	switch t := spec.Thousands; t {
	case "":
	case " ":
		f.thousands = spaces
	case ",", ".", "'", "’", "_", "\u00a0", "\u202f", "\u2009", "٬":
		f.thousands = []string{t}
	default:
		errs = append(errs, fmt.Errorf("number: thousands %q is not known; it is one of %s", t, numberMarks))
	}
	if spec.Thousands == f.decimal {
		errs = append(errs, fmt.Errorf("number: decimal and thousands are both %q", f.decimal))
	}
	for _, s := range spec.Symbols {
		if strings.TrimSpace(s) == "" || strings.ContainsAny(s, "0123456789+-()") || strings.Contains(s, f.decimal) {
			errs = append(errs, fmt.Errorf("number: symbol %q could be part of a number", s))
		}
	}
	return f, errors.Join(errs...)
}

// compileNumber checks how the column's numbers are written.
func (c *column) compileNumber() error {
	if c.spec.Number == nil {
		return nil
	}
	_, amount := c.Type.places()
	switch {
	case !amount && c.Type != Count:
		return errors.New("number is for amounts and counts only")
	case c.expr != nil && c.expr.kind == numberKind:
		return errors.New("number is of no use with an expr that is a number already")
	}
	var err error
	c.number, err = newNumberForm(*c.spec.Number)
	return err
}

// plainNumber gives a number's text without marks and symbols.
func (b *bound) plainNumber(text []byte) ([]byte, *breach) {
	if b.number == nil {
		return text, nil
	}
	plain, ok := b.number.plain(text, b.plain[:0])
	if !ok {
		return nil, &breach{RuleType, quote(text) + " is not a decimal number as number says"}
	}
	b.plain = plain
	return plain, nil
}

// plain appends a number to dst as parseDecimal reads it.
func (f *numberForm) plain(text, dst []byte) ([]byte, bool) {
	text = bytes.TrimSpace(text)
	neg, signed := false, false
	sign := func(negative bool) bool { // at most one
		first := !signed
		signed, neg = true, negative
		return first
	}
	if f.accounting && len(text) > 1 && text[0] == '(' && text[len(text)-1] == ')' {
		text = bytes.TrimSpace(text[1 : len(text)-1])
		sign(true)
	}
	ok := true
	// A sign stands before the symbol or after it: -€5, €-5.
	for range 2 {
		if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
			ok = ok && sign(text[0] == '-')
			text = bytes.TrimLeft(text[1:], " ")
		}
		if f.accounting && len(text) > 1 && text[len(text)-1] == '-' {
			ok = ok && sign(true)
			text = bytes.TrimRight(text[:len(text)-1], " ")
		}
		text = f.withoutSymbol(text)
	}
	if !ok || len(text) == 0 {
		return nil, false
	}
	if neg {
		dst = append(dst, '-')
	}
	return f.ungrouped(text, dst)
}

// withoutSymbol takes one symbol off the beginning or the end.
func (f *numberForm) withoutSymbol(text []byte) []byte {
	for _, s := range f.symbols {
		if rest, found := bytes.CutPrefix(text, []byte(s)); found {
			return bytes.TrimSpace(rest)
		}
		if rest, found := bytes.CutSuffix(text, []byte(s)); found {
			return bytes.TrimSpace(rest)
		}
	}
	return text
}

// ungrouped takes the marks out of digits: those for thousands have three digits between them, and one to
// three before the first.
func (f *numberForm) ungrouped(text, dst []byte) ([]byte, bool) {
	mark, group, digits, whole := "", 0, 0, true
	for len(text) > 0 {
		if c := text[0]; c >= '0' && c <= '9' {
			dst = append(dst, c)
			group++
			digits++
			text = text[1:]
			continue
		}
		switch next := f.markAt(text); {
		case !whole:
			return nil, false
		case next != "" && (mark == "" && group >= 1 && group <= 3 || mark == next && group == 3):
			mark, group, text = next, 0, text[len(next):]
		case bytes.HasPrefix(text, []byte(f.decimal)) && (mark == "" || group == 3):
			dst = append(dst, '.')
			whole, text = false, text[len(f.decimal):]
		default:
			return nil, false
		}
	}
	if whole && mark != "" && group != 3 || digits == 0 {
		return nil, false
	}
	return dst, true
}

// markAt gives the mark for thousands that a text begins with.
func (f *numberForm) markAt(text []byte) string {
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError {
		return ""
	}
	for _, mark := range f.thousands {
		if string(text[:size]) == mark {
			return mark
		}
	}
	return ""
}
