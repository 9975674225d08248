package transform

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// condition is a compiled Condition.
type condition struct {
	column  string
	test    test
	list    []string // in, notIn
	text    []byte   // notEqual
	number  decimal  // above, below, notEqual
	numeric bool     // notEqual: text is a number
}

type test int

const (
	in test = iota
	notIn
	empty
	notEmpty
	above
	below
	notEqual
)

func compileCondition(spec Condition) (condition, error) {
	c := condition{column: spec.Column}
	var given []string
	var errs []error
	list := func(name string, values []string, t test) {
		if values == nil {
			return
		}
		given = append(given, name)
		c.test, c.list = t, values
		if len(values) == 0 {
			errs = append(errs, fmt.Errorf("%s lists no value", name))
		}
	}
	number := func(name string, value *string, t test) {
		if value == nil {
			return
		}
		given = append(given, name)
		c.test, c.text = t, []byte(*value)
		c.number, c.numeric = parseDecimal(c.text)
		if !c.numeric && t != notEqual {
			errs = append(errs, fmt.Errorf("%s %q is not a decimal number", name, *value))
		}
	}
	list("in", spec.In, in)
	list("not_in", spec.NotIn, notIn)
	if spec.Empty != nil {
		given = append(given, "empty")
		c.test = notEmpty
		if *spec.Empty {
			c.test = empty
		}
	}
	number("above", spec.Above, above)
	number("below", spec.Below, below)
	number("not_equal", spec.NotEqual, notEqual)
	switch len(given) {
	case 0:
		errs = append(errs, errors.New("it has no test; give one of in, not_in, empty, above, below, not_equal"))
	case 1:
	default:
		errs = append(errs, fmt.Errorf("%s exclude each other; write a condition for each", strings.Join(given, " and ")))
	}
	errs = append(errs, checkSource(spec.Column))
	return c, errors.Join(errs...)
}

// holds tests a value; null is tested as the empty text. What cannot be compared is neither true nor
// false: it is said why.
func (c *condition) holds(text []byte) (holds bool, why *breach) {
	switch c.test {
	case in:
		return contains(c.list, text), nil
	case notIn:
		return !contains(c.list, text), nil
	case empty:
		return len(text) == 0, nil
	case notEmpty:
		return len(text) > 0, nil
	case notEqual:
		if bytes.Equal(text, c.text) {
			return false, nil
		}
		if c.numeric {
			if n, ok := parseDecimal(text); ok {
				return n.compare(c.number) != 0, nil
			}
		}
		return true, nil
	}
	if len(text) == 0 {
		return false, nil
	}
	n, ok := parseDecimal(text)
	if !ok {
		return false, &breach{RuleType, fmt.Sprintf("the condition on %s: %s is not a decimal number", c.column, quote(text))}
	}
	if c.test == above {
		return n.compare(c.number) > 0, nil
	}
	return n.compare(c.number) < 0, nil
}

// contains looks a text up in a short list.
func contains(list []string, text []byte) bool {
	return slices.ContainsFunc(list, func(s string) bool { return s == string(text) })
}
