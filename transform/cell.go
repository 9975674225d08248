package transform

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// cell is one canonical value.
type cell struct {
	text []byte // of Text columns; valid until the next value is read
	bits int64  // of the others: the scaled decimal, the day, the microseconds, the bits of the count
	null bool
}

// bound is a column at work on one batch.
type bound struct {
	*column
	source   source
	steady   bool   // every row has the same value, unless a sign decides
	iso      bool   // the source's texts are ISO times, whatever the clock
	table    Lookup // the lookup's, nil without one
	sign     *bound // as column.sign
	fallback []byte // as column.fallback
	zone     zoneTimes
	fetched  []byte // what a map or a lookup gave
	// delivered is the unit's delivery time in microseconds, negative where it is not known.
	delivered int64
	reference Lookup // the table of the column's reference, nil without one
	prepared  []byte // what the preparation made
	plain     []byte // what the number form made
}

func newBound(c *column) *bound {
	b := &bound{column: c, zone: zoneTimes{zone: c.clock.zone}}
	if c.fallback != nil {
		b.fallback = []byte(*c.fallback)
	}
	return b
}

// isEmpty is the reason of a row that lacks a value.
const isEmpty = "is empty"

// maxText bounds texts: none that is longer is an id or a name.
const maxText = 1 << 20

// cell gives the canonical value of a row, or says why it has none.
func (b *bound) cell(row int) (cell, *breach) {
	text, ok, why := b.value(row)
	if why != nil {
		return cell{}, why
	}
	c, why := b.parse(text, ok)
	if why == nil && b.sign != nil && b.sign.isNegative(row) {
		c.text = []byte(b.sign.spec.Negative)
	}
	if why == nil && b.rules != nil && ok && len(text) > 0 {
		why = b.rules.check(b, c, text)
	}
	return c, why
}

// value gives the standardised text of a row; ok is false where there is none.
func (b *bound) value(row int) (text []byte, ok bool, why *breach) {
	if b.source != nil {
		if text, ok, why = b.source.read(row); why != nil {
			return nil, false, why
		}
	}
	return b.standardise(text, ok)
}

// standardise takes a value through the steps from trim to required.
func (b *bound) standardise(text []byte, ok bool) ([]byte, bool, *breach) {
	if ok && b.spec.Trim {
		text = bytes.TrimSpace(text)
	}
	given := text
	if ok && b.prepare != nil {
		var why *breach
		if text, ok, why = b.prepare.apply(b, text); why != nil {
			return nil, false, why
		}
	}
	if ok && len(b.spec.Nulls) > 0 && contains(b.spec.Nulls, text) {
		text, ok = nil, false
	}
	if !ok || len(text) == 0 { // an empty text is no value
		text, ok = nil, false
	}
	if b.spec.Map != nil {
		to, listed := b.spec.Map[string(text)] // no value has the key ""
		switch {
		case listed:
			text, ok = b.fetch(to), true
		case !ok:
		case b.spec.MapElse == nil:
			return nil, false, &breach{RuleMap, quote(text) + " is not in the map (" + listKeys(b.spec.Map) + ")"}
		case *b.spec.MapElse != keepValue:
			text = b.fetch(*b.spec.MapElse)
		}
	}
	if b.table != nil {
		to, listed := b.table[string(text)] // no value has the key ""
		switch {
		case listed:
			text, ok = b.fetch(to), true
		case !ok:
		case b.spec.Default == nil:
			return nil, false, &breach{RuleLookup, quote(text) + " is not in the lookup " + b.spec.Lookup}
		default:
			ok = false
		}
	}
	if !ok || len(text) == 0 {
		text, ok = b.fallback, b.fallback != nil
	}
	if len(text) == 0 && (b.Key || b.Required || b.spec.Required) {
		if b.spec.Extract != "" && len(given) > 0 {
			return nil, false, &breach{RuleRequired, isEmpty + ": extract finds nothing in " + quote(given)}
		}
		return nil, false, &breach{RuleRequired, isEmpty}
	}
	return text, ok, nil
}

func (b *bound) fetch(text string) []byte {
	b.fetched = append(b.fetched[:0], text...)
	return b.fetched
}

// parse reads a standardised text as the column's type.
func (b *bound) parse(text []byte, ok bool) (c cell, why *breach) {
	if b.Type == Text {
		return cell{text: text, null: !ok && b.Nullable}, b.checkText(text)
	}
	if !ok || len(text) == 0 {
		switch {
		case b.Type != Version:
			return cell{null: b.Nullable}, nil
		case b.delivered < 0:
			return cell{}, &breach{RuleRequired, "is empty, and the unit's delivery time, which would stand in, is not known"}
		}
		return cell{bits: b.delivered}, nil
	}
	switch b.Type {
	case Money, Rate, Seconds:
		if c.bits, why = b.amount(text); why == nil {
			c.bits, why = b.checkSign(c.bits, text)
		}
	case Count:
		if text, why = b.plainNumber(text); why == nil {
			c.bits, why = parseCount(text)
		}
	case Flag:
		c.bits, why = parseFlag(text)
	case Day:
		c.bits, why = b.clock.day(text, b.iso, b.spec.Time != nil, &b.zone)
	case Instant:
		c.bits, why = b.clock.instant(text, b.iso, &b.zone)
	case Version:
		if b.spec.Time == nil {
			if c.bits, why = parseCount(text); why != nil {
				if _, isTime := parseISO(text); isTime {
					why.reason += "; set time: {format: iso} to take the time for the version"
				}
			}
			break
		}
		if c.bits, why = b.clock.instant(text, b.iso, &b.zone); why == nil && c.bits < 0 {
			why = &breach{RuleRange, quote(text) + " is before 1970, too early for a version"}
		}
	}
	return c, why
}

func (b *bound) checkText(text []byte) *breach {
	switch {
	case len(b.Allowed) > 0 && !contains(b.Allowed, text):
		return &breach{RuleAllowed, quote(text) + " is not one of " + strings.Join(b.Allowed, ", ")}
	case len(text) > maxText:
		return &breach{RuleLength, fmt.Sprintf("%s is too long: %d bytes, at most %d are taken", quote(text), len(text), maxText)}
	case !utf8.Valid(text):
		return &breach{RuleType, quote(text) + " is not valid UTF-8; the source has to be read in its own encoding"}
	case bytes.IndexByte(text, 0) >= 0:
		return &breach{RuleType, quote(text) + " holds a NUL character"}
	}
	return nil
}

// amount reads a decimal with its sign, in units of the column's last place.
func (b *bound) amount(text []byte) (n int64, why *breach) {
	text, why = b.plainNumber(text)
	if why != nil {
		return 0, why
	}
	d, ok := parseDecimal(text)
	if !ok {
		return 0, &breach{RuleType, quote(text) + " is not a decimal number"}
	}
	places, _ := b.Type.places()
	n, state := d.scaled(b.factor, places, b.mode)
	if state != fits {
		times := ""
		if b.spec.Scale != "" {
			times = " × " + b.spec.Scale
		}
		if state == tooLarge {
			return 0, &breach{RuleRange, fmt.Sprintf("%s%s is too large: at most %d digits fit before the point", quote(text), times, 18-places)}
		}
		return 0, &breach{RulePrecision, fmt.Sprintf("%s%s has more than %d decimals; set round to round it", quote(text), times, places)}
	}
	if b.spec.Negate {
		n = -n
	}
	return n, nil
}

// isNegative tells whether a row's amount is below zero. What is no amount is not.
func (b *bound) isNegative(row int) bool {
	text, ok, why := b.value(row)
	if why != nil || !ok || len(text) == 0 {
		return false
	}
	n, why := b.amount(text)
	return why == nil && n < 0
}

func (b *bound) checkSign(n int64, text []byte) (int64, *breach) {
	switch {
	case b.Type == Rate && n <= 0:
		return 0, &breach{RuleRange, quote(text) + " is not above zero"}
	case n >= 0:
		return n, nil
	case b.Type != Money:
		return 0, &breach{RuleNegative, quote(text) + " is negative"}
	case b.negative == negativeReject:
		negated := ""
		if b.spec.Negate {
			negated = " once negated"
		}
		return 0, &breach{RuleNegative, quote(text) + " is negative" + negated + "; set negative to absolute, or to the kind of such rows"}
	}
	return -n, nil
}

func parseCount(text []byte) (int64, *breach) {
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil {
		return 0, &breach{RuleType, quote(text) + " is not an unsigned integer"}
	}
	return int64(n), nil
}

func parseFlag(text []byte) (int64, *breach) {
	switch {
	case string(text) == "1", bytes.EqualFold(text, []byte("true")):
		return 1, nil
	case string(text) == "0", bytes.EqualFold(text, []byte("false")):
		return 0, nil
	}
	return 0, &breach{RuleType, quote(text) + " is not a flag: 0, 1, true or false"}
}

// listKeys shows what a map lists, the first few.
func listKeys(m map[string]string) string {
	const shown = 10
	keys := slices.Sorted(maps.Keys(m))
	more := ""
	if len(keys) > shown {
		keys, more = keys[:shown], ", …"
	}
	for i, k := range keys {
		if k == "" || strings.ContainsAny(k, ", ()") {
			keys[i] = strconv.Quote(k)
		}
	}
	return strings.Join(keys, ", ") + more
}
