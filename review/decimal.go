package review

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// Decimal is an exact number as the warehouse writes it, such as -1234.5600; empty is NULL. It never goes through a
// float.
type Decimal string

const (
	notAvailable = "n/a"
	noBreak      = "\u00a0" // between a number and its unit
	kpiPlaces    = 12       // of the figures of kpi.metric_monthly
)

var decimalText = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// exact gives the number, nil for NULL.
func (d Decimal) exact() (*big.Rat, error) {
	if d == "" {
		return nil, nil
	}
	if !decimalText.MatchString(string(d)) {
		return nil, fmt.Errorf("%q is not a decimal number", string(d))
	}
	number, _ := new(big.Rat).SetString(string(d)) // the pattern is narrower than what it reads
	return number, nil
}

// Scan reads the number as a statement gives it.
func (d *Decimal) Scan(from any) error {
	text, ok := from.(string)
	if !ok {
		return fmt.Errorf("a decimal is read as text, not as %T", from)
	}
	*d = Decimal(text)
	return nil
}

// MarshalJSON writes the number as text, so that no reader makes a float of it; null for NULL.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(d))
}

// fixed writes the number times a factor with that many places, rounded half away from zero, with a comma between
// every three digits.
func (d Decimal) fixed(factor int64, places int) (string, error) {
	number, err := d.exact()
	if err != nil || number == nil {
		return notAvailable, err
	}
	text := number.Mul(number, big.NewRat(factor, 1)).FloatString(places)
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && strings.Trim(whole, "0.") != "" { // what rounds to zero has no sign
		whole = "-" + whole
	}
	return whole, nil
}

// sign is -1, 0 or 1; known is false for NULL.
func (d Decimal) sign() (sign int, known bool, err error) {
	number, err := d.exact()
	if err != nil || number == nil {
		return 0, false, err
	}
	return number.Sign(), true, nil
}

// less is the difference of two numbers, without zeros at its end; NULL where either is.
func (d Decimal) less(other Decimal) (Decimal, error) {
	a, err := d.exact()
	if err != nil || a == nil {
		return "", err
	}
	b, err := other.exact()
	if err != nil || b == nil {
		return "", err
	}
	text := a.Sub(a, b).FloatString(kpiPlaces)
	return Decimal(strings.TrimSuffix(strings.TrimRight(text, "0"), ".")), nil
}

// compare orders numbers, NULL and what is no number first.
func (d Decimal) compare(other Decimal) int {
	a, _ := d.exact()
	b, _ := other.exact()
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return a.Cmp(b)
}

func (d Decimal) abs() Decimal { return Decimal(strings.TrimPrefix(string(d), "-")) }

// Money writes an amount in cents' precision: 1,234.50.
func Money(d Decimal) (string, error) { return d.fixed(1, 2) }

// Count writes a whole number: 1,234.
func Count(d Decimal) (string, error) { return d.fixed(1, 0) }

// Percent writes a share of one in percent: 12.3 %.
func Percent(d Decimal) (string, error) {
	text, err := d.fixed(100, 1)
	if d == "" || err != nil {
		return text, err
	}
	return text + noBreak + "%", nil
}

// Index writes a number between 0 and 1 that is no share of anything: 0.4571.
func Index(d Decimal) (string, error) { return d.fixed(1, 4) }

// withSign puts a plus before a formatted number that is above zero.
func withSign(text string) string {
	if strings.HasPrefix(text, "-") || strings.Trim(text, "0.,"+noBreak+"%") == "" || text == notAvailable {
		return text
	}
	return "+" + text
}
