package transform

import (
	"errors"
	"regexp"
)

// kind is the type of a value in an expression.
type kind int

const (
	nullKind kind = iota
	textKind
	numberKind
	flagKind // a Go bool, never null
)

func (k kind) String() string { return [...]string{"null", "a text", "a number", "a condition"}[k] }

// value is a text or a number in an expression. Expressions pass pointers to values on, so that none is
// allocated for a row.
type value struct {
	kind   kind
	null   bool
	text   []byte
	number decimal
	name   string         // of the column that it is read from
	regex  *regexp.Regexp // of a literal that is used as one
	form   *numberForm    // of a literal with a mark of numbers
	room   *room          // nil for literals
	buffer []byte         // that text may use
}

var nullValue = &value{null: true}

func textValue(s string) *value { return &value{kind: textKind, text: []byte(s)} }

// room holds the values that one row's evaluation makes. It belongs to one goroutine.
type room struct {
	values []*value
	used   int
	args   []*value
}

func (r *room) next(k kind) *value {
	if r.used == len(r.values) {
		r.values = append(r.values, &value{room: r})
	}
	v := r.values[r.used]
	r.used++
	v.kind, v.null, v.text, v.number, v.name = k, false, nil, decimal{}, ""
	return v
}

// setNumber takes a result, if it keeps to the bounds.
func (v *value) setNumber(d decimal) error {
	if !d.bounded() {
		return failed(RuleRange, "a number of the expression has more than 100 digits before or after the point")
	}
	v.number = d
	return nil
}

// own gives the value's buffer, emptied, for a text to be appended and set.
func (v *value) own() []byte { return v.buffer[:0] }

func (v *value) set(text []byte) {
	v.buffer, v.text = text, text
}

// failure of an expression on one row.
type evalError struct{ breach }

func (e *evalError) Error() string { return e.reason }

func failed(rule, reason string) error { return &evalError{breach{rule, reason}} }

// asBreach gives why an evaluation failed.
func asBreach(err error) *breach {
	var own *evalError
	if errors.As(err, &own) {
		b := own.breach
		return &b
	}
	return &breach{RuleExpression, "it cannot be worked out: " + err.Error()}
}
