package transform

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
)

// preparation is the steps that change a value's text before anything is made of it.
type preparation struct {
	extract *regexp.Regexp
	change  func([]byte) []byte // upper or lower case
	whole   bool
}

// newPreparation gives nil where there are no such steps.
func newPreparation(spec *ColumnSpec) (*preparation, error) {
	p := &preparation{whole: spec.Whole}
	var errs []error
	if spec.Extract != "" {
		var err error
		if p.extract, err = regexp.Compile(spec.Extract); err != nil {
			errs = append(errs, fmt.Errorf("extract: %w", err))
		} else if p.extract.NumSubexp() > 1 {
			errs = append(errs, fmt.Errorf("extract has %d groups; mark one, and write (?:…) for the others", p.extract.NumSubexp()))
		}
	}
	switch spec.Case {
	case "":
	case "upper":
		p.change = bytes.ToUpper
	case "lower":
		p.change = bytes.ToLower
	default:
		errs = append(errs, fmt.Errorf("case %q is neither upper nor lower", spec.Case))
	}
	if p.extract == nil && p.change == nil && !p.whole {
		return nil, errors.Join(errs...)
	}
	return p, errors.Join(errs...)
}

func (p *preparation) apply(b *bound, text []byte) ([]byte, bool, *breach) {
	if p.extract != nil {
		var ok bool
		if text, ok = captured(p.extract, text, p.extract.NumSubexp()); !ok {
			return nil, false, nil
		}
	}
	if p.change != nil {
		text = p.change(text)
	}
	if p.whole && len(text) > 0 && !contains(b.spec.Nulls, text) {
		number, ok := wholeNumber(text, b.prepared[:0])
		if !ok {
			return nil, false, &breach{RuleType, quote(text) + " is not a whole number"}
		}
		text, b.prepared = number, number
	}
	return text, true, nil
}

// captured gives what a group of a regular expression matched; ok is false where it matched nothing.
func captured(regex *regexp.Regexp, text []byte, group int) (match []byte, ok bool) {
	found := regex.FindSubmatchIndex(text)
	if found == nil || found[2*group] < 0 {
		return nil, false
	}
	return text[found[2*group]:found[2*group+1]], true
}

// wholeNumber takes decimals off that are zeros. What is before them stays as it is, leading zeros too,
// unless there is an exponent, as spreadsheets write long ids.
func wholeNumber(text, dst []byte) (whole []byte, ok bool) {
	d, ok := parseDecimal(text)
	if !ok || !d.bounded() {
		return nil, false
	}
	if d.exp < 0 && d.rounded(0).compare(d) != 0 {
		return nil, false
	}
	if bytes.ContainsAny(text, "eE") {
		return d.rounded(0).appendText(dst), true
	}
	digits, _, _ := bytes.Cut(text, []byte("."))
	if bytes.IndexFunc(digits, func(r rune) bool { return r >= '0' && r <= '9' }) < 0 { // .0
		digits = []byte("0")
	}
	return append(dst, digits...), true
}
