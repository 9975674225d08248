package transform

import (
	"errors"
	"fmt"
	"regexp"
)

// rules are those of the mapping for one column's canonical values.
type rules struct {
	min, max   *limit
	pattern    *regexp.Regexp
	references bool
}

// limit is a bound that is within the range.
type limit struct {
	text string
	bits int64 // as in cell
}

// compileRules checks the mapping's rules for the column.
func (c *column) compileRules(lookups map[string]Lookup) error {
	spec := &c.spec
	if spec.Min == nil && spec.Max == nil && spec.Pattern == "" && spec.Reference == "" {
		return nil
	}
	r := &rules{references: spec.Reference != ""}
	errs := []error{checkLookup("reference", spec.Reference, lookups)}
	if c.Type != Text && (spec.Pattern != "" || spec.Reference != "") {
		errs = append(errs, errors.New("pattern and reference are for texts only"))
	}
	if spec.Pattern != "" {
		var err error
		if r.pattern, err = regexp.Compile(`\A(?:` + spec.Pattern + `)\z`); err != nil {
			errs = append(errs, fmt.Errorf("pattern: %w", err))
		}
	}
	var err error
	if r.min, err = c.limit("min", spec.Min); err != nil {
		errs = append(errs, err)
	}
	if r.max, err = c.limit("max", spec.Max); err != nil {
		errs = append(errs, err)
	}
	if r.min != nil && r.max != nil && c.less(r.max.bits, r.min.bits) {
		errs = append(errs, fmt.Errorf("min %s is above max %s", r.min.text, r.max.text))
	}
	c.rules = r
	return errors.Join(errs...)
}

// limit reads a bound in the terms of the canonical value: no scale, no number form, times in ISO.
func (c *column) limit(field string, text *string) (*limit, error) {
	if text == nil {
		return nil, nil
	}
	if c.Type == Text || c.Type == Flag {
		return nil, fmt.Errorf("%s is for numbers, dates and times only", field)
	}
	plain := &column{Column: c.Column, factor: one, clock: &clock{zone: c.clock.zone}}
	if c.Type == Version && c.spec.Time != nil {
		plain.spec.Time = &TimeSpec{}
	}
	value, why := newBound(plain).parse([]byte(*text), true)
	if why != nil {
		return nil, fmt.Errorf("%s: %s", field, why.reason)
	}
	if *text == "" {
		return nil, fmt.Errorf("%s is empty", field)
	}
	return &limit{text: *text, bits: value.bits}, nil
}

// less compares canonical values, of which some are unsigned.
func (c *column) less(a, b int64) bool {
	if c.Type == Count || c.Type == Version {
		return uint64(a) < uint64(b) //nolint:gosec // they are the bits of unsigned numbers
	}
	return a < b
}

// check gives the first rule that a value breaks.
func (r *rules) check(b *bound, c cell, text []byte) *breach {
	switch {
	case r.min != nil && b.less(c.bits, r.min.bits):
		return &breach{RuleRange, b.shown(c, text) + " is below the min of " + r.min.text}
	case r.max != nil && b.less(r.max.bits, c.bits):
		return &breach{RuleRange, b.shown(c, text) + " is above the max of " + r.max.text}
	case b.Type != Text || len(c.text) == 0:
		return nil
	case r.pattern != nil && !r.pattern.Match(c.text):
		return &breach{RulePattern, quote(c.text) + " does not match the pattern " + b.spec.Pattern}
	}
	if r.references {
		if _, known := b.reference[string(c.text)]; !known {
			return &breach{RuleReference, quote(c.text) + " is not in the lookup " + b.spec.Reference}
		}
	}
	return nil
}

// shown gives a value as the source has it, and as it is compared where that differs.
func (b *bound) shown(c cell, text []byte) string {
	places, amount := b.Type.places()
	if !amount || b.spec.Scale == "" && !b.spec.Negate && b.negative == negativeReject {
		return quote(text)
	}
	return fmt.Sprintf("%s (%s)", quote(text), scaledText(c.bits, places))
}
