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
	expr    *expression // instead of the rest
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
	if spec.Expr != "" {
		if spec.Column != "" || spec.In != nil || spec.NotIn != nil || spec.Empty != nil || spec.Above != nil || spec.Below != nil || spec.NotEqual != nil {
			return c, errors.New("an expr stands alone; write a condition for each")
		}
		var err error
		c.expr, err = compileCondExpr(spec.Expr)
		return c, err
	}
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
		errs = append(errs, errors.New("it has no test; give one of in, not_in, empty, above, below, not_equal, or an expr instead of the column"))
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

// reads gives the columns that the condition tests.
func (c *condition) reads() []string {
	if c.expr != nil {
		return c.expr.columns
	}
	return []string{c.column}
}

// compileCondExpr compiles an expression that is true or false.
func compileCondExpr(text string) (*expression, error) {
	e, err := compileExpr(text)
	if err == nil && e.kind != flagKind {
		err = fmt.Errorf("expr is %s, not a condition; compare it with something", e.kind)
	}
	return e, err
}

// tester is a condition at work on one batch.
type tester struct {
	condition  *condition
	source     source
	evaluation *evaluation
}

func (t *tester) holds(row int) (bool, *breach) {
	if t.evaluation != nil {
		holds, why := t.evaluation.holds(row)
		if why != nil {
			why.reason = "the condition " + t.evaluation.text() + ": " + why.reason
		}
		return holds, why
	}
	text, _, _ := t.source.read(row)
	return t.condition.holds(text)
}

// requirement is a compiled Requirement.
type requirement struct {
	*expression
	reason string
}

func compileRequirement(spec Requirement) (requirement, error) {
	e, err := compileCondExpr(spec.Expr)
	r := requirement{expression: e, reason: spec.Reason}
	if r.reason == "" {
		r.reason = "it does not meet " + spec.Expr
	}
	return r, err
}

// check gives why a row does not meet the requirement.
func (r *requirement) check(v *evaluation, row int) *breach {
	holds, why := v.holds(row)
	switch {
	case why != nil:
		return &breach{why.rule, "the condition " + v.text() + ": " + why.reason}
	case holds:
		return nil
	}
	return &breach{RuleCondition, r.reason + v.shown()}
}

// contains looks a text up in a short list.
func contains(list []string, text []byte) bool {
	return slices.ContainsFunc(list, func(s string) bool { return s == string(text) })
}
