package transform

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// column is a compiled ColumnSpec with the contract that it has to meet.
type column struct {
	Column
	spec     ColumnSpec
	origin   origin
	fallback *string // the mapping's default, else the contract's
	factor   decimal // what amounts are multiplied by
	mode     rounding
	negative negativeRule
	clock    *clock
	sign     *column // of a kind column: the amount whose sign may decide the kind
	separate []byte
	expr     *expression
	prepare  *preparation // nil: nothing to do
	number   *numberForm  // nil: plain numbers
	rules    *rules       // nil: those of the contract only
}

type origin int

const (
	fromNothing origin = iota // the mapping does not name the column
	fromColumn
	fromValue
	fromJoin
	fromDate
	fromExpr
)

type negativeRule int

const (
	negativeReject negativeRule = iota
	negativeAbsolute
	negativeKind
)

const (
	kindColumn = "kind"
	keepValue  = "$keep"
)

// places gives the decimals of an amount's type; ok is false for the other types.
func (t Type) places() (n int, ok bool) {
	switch t {
	case Money:
		return 4, true
	case Seconds:
		return 6, true
	case Rate:
		return 8, true
	}
	return 0, false
}

// reads gives the names of the raw and pseudo columns that the column is made of.
func (c *column) reads() []string {
	switch c.origin {
	case fromColumn:
		return []string{c.spec.From}
	case fromJoin:
		return c.spec.Join
	case fromDate:
		var names []string
		for _, part := range []string{c.spec.DateFrom.Year, c.spec.DateFrom.Month, c.spec.DateFrom.Day} {
			if _, literal := dateLiteral(part); !literal {
				names = append(names, part)
			}
		}
		return names
	case fromExpr:
		return c.expr.columns
	}
	return nil
}

// compileColumn checks one column's spec. What it returns is complete only without problems.
func compileColumn(e Entity, contract Column, spec ColumnSpec, mapped bool, lookups map[string]Lookup) (c *column, problems []error) {
	c = &column{Column: contract, spec: spec, factor: one, separate: []byte("/")}
	if contract.Default != "" {
		c.fallback = &contract.Default
	}
	if !mapped {
		if (contract.Key || contract.Required) && c.fallback == nil {
			problems = append(problems, fmt.Errorf("every %s row needs it; say where it comes from", e.Name))
		}
		c.clock, _ = newClock(nil)
		return c, problems
	}
	// The contract's default stands in for a column that the source does not have. Where it has the column and leaves a
	// required one empty, that is an error of the row.
	if spec.Default != nil || contract.Required {
		c.fallback = spec.Default
	}
	check := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	check(c.compileOrigin())
	check(c.compileSteps(lookups))
	check(c.compileAmount(e))
	check(c.compileTime())
	check(c.compileNumber())
	check(c.compileRules(lookups))
	if len(problems) == 0 {
		check(c.checkConstants())
	}
	return c, problems
}

func (c *column) compileOrigin() error {
	var given []string
	if c.spec.From != "" {
		given, c.origin = append(given, "from"), fromColumn
	}
	if c.spec.Value != nil {
		given, c.origin = append(given, "value"), fromValue
	}
	if c.spec.Join != nil {
		given, c.origin = append(given, "join"), fromJoin
	}
	if c.spec.DateFrom != nil {
		given, c.origin = append(given, "date_from"), fromDate
	}
	if c.spec.Expr != "" {
		given, c.origin = append(given, "expr"), fromExpr
	}
	switch len(given) {
	case 0:
		return errors.New("it says not where its value comes from; give one of from, value, join, date_from, expr")
	case 1:
	default:
		return fmt.Errorf("%s exclude each other; give one", strings.Join(given, " and "))
	}
	var errs []error
	switch c.origin {
	case fromJoin:
		if len(c.spec.Join) == 0 {
			errs = append(errs, errors.New("join names no column"))
		}
		if c.spec.Separator != nil {
			c.separate = []byte(*c.spec.Separator)
		}
	case fromDate:
		if c.Type != Day && c.Type != Instant {
			errs = append(errs, errors.New("date_from is for dates and times only"))
		}
		parts := *c.spec.DateFrom
		if parts.Day == "" {
			parts.Day = "1"
		}
		c.spec.DateFrom = &parts
		if parts.Year == "" || parts.Month == "" {
			errs = append(errs, errors.New("date_from needs a year and a month, each a column or a number"))
			return errors.Join(errs...)
		}
		errs = append(errs, checkDateLiterals(parts))
	case fromExpr:
		expr, err := compileExpr(c.spec.Expr)
		if err != nil {
			return err
		}
		c.expr = expr
		errs = append(errs, c.checkExprKind())
	}
	if c.origin != fromJoin && c.spec.Separator != nil {
		errs = append(errs, errors.New("separator is of no use without join"))
	}
	if c.Type == Version && c.spec.From == pseudoDelivered && c.spec.Time == nil {
		errs = append(errs, errors.New("leave it out to take the delivery time"))
	}
	for _, name := range c.reads() {
		errs = append(errs, checkSource(name))
	}
	return errors.Join(errs...)
}

// checkExprKind makes sure that an expression's values can be the column's, unless a step replaces them.
func (c *column) checkExprKind() error {
	if c.spec.Map != nil || c.spec.Lookup != "" || c.spec.Extract != "" {
		return nil
	}
	_, amount := c.Type.places()
	switch k := c.expr.kind; {
	case k == nullKind:
		return errors.New("expr is nil for every row; leave the column out")
	case k == flagKind && c.Type != Flag:
		return errors.New("expr is a condition, true or false; write condition ? value : other, or give it a map")
	case k == numberKind && c.Type == Flag:
		return errors.New("expr is a number; a flag needs a condition")
	case k == numberKind && (c.Type == Day || c.Type == Instant) && (c.spec.Time == nil || c.spec.Time.Format == "" && c.spec.Time.Formats == nil):
		return errors.New("expr is a number; a date or a time of numbers needs a time format such as unix")
	case k != numberKind && k != textKind && amount:
		return errors.New("expr is not a number")
	}
	return nil
}

func (c *column) compileSteps(lookups map[string]Lookup) error {
	var errs []error
	if c.spec.MapElse != nil && c.spec.Map == nil {
		errs = append(errs, errors.New("map_else is of no use without map"))
	}
	if c.spec.Map != nil && len(c.spec.Map) == 0 {
		errs = append(errs, errors.New("map lists no value"))
	}
	var err error
	c.prepare, err = newPreparation(&c.spec)
	return errors.Join(append(errs, err, checkLookup("lookup", c.spec.Lookup, lookups))...)
}

// checkLookup makes sure that a lookup table exists, if one is named.
func checkLookup(field, name string, lookups map[string]Lookup) error {
	if _, ok := lookups[name]; ok || name == "" {
		return nil
	}
	names := slices.Sorted(maps.Keys(lookups))
	known := "there is none in the config"
	if len(names) > 0 {
		known = "there are " + strings.Join(names, ", ")
	}
	return fmt.Errorf("%s %q is not known%s; %s", field, name, suggest(name, names), known)
}

func (c *column) compileAmount(e Entity) error {
	var errs []error
	_, decimals := c.Type.places()
	if c.spec.Scale != "" {
		factor, ok := parseDecimal([]byte(c.spec.Scale))
		switch {
		case !decimals:
			errs = append(errs, errors.New("scale is for amounts only"))
		case !ok:
			errs = append(errs, fmt.Errorf("scale %q is not a decimal number", c.spec.Scale))
		case factor.sign() <= 0:
			errs = append(errs, fmt.Errorf("scale %q is not above zero; use negate to turn the sign around", c.spec.Scale))
		case factor.wide != nil || factor.exp < -30 || factor.exp > 30:
			errs = append(errs, fmt.Errorf("scale %q has more digits than the 19 that are kept exactly", c.spec.Scale))
		}
		c.factor = factor
	}
	if c.spec.Round {
		c.mode = halfAway
		if !decimals {
			errs = append(errs, errors.New("round is for amounts only"))
		}
	}
	if c.spec.Negate && c.Type != Money {
		errs = append(errs, errors.New("negate is for amounts of money only"))
	}
	if c.spec.Negative == "" {
		return errors.Join(errs...)
	}
	if c.Type != Money {
		return errors.Join(append(errs, errors.New("negative is for amounts of money only"))...)
	}
	switch c.spec.Negative {
	case "reject":
	case "absolute":
		c.negative = negativeAbsolute
	default:
		c.negative = negativeKind
		if kind, ok := e.Column(kindColumn); !ok || !slices.Contains(kind.Allowed, c.spec.Negative) {
			options := append([]string{"reject", "absolute"}, kind.Allowed...)
			errs = append(errs, fmt.Errorf("negative %q is not known%s; it is one of %s",
				c.spec.Negative, suggest(c.spec.Negative, options), strings.Join(options, ", ")))
		}
	}
	return errors.Join(errs...)
}

func (c *column) compileTime() error {
	var errs []error
	if c.spec.Time != nil && c.Type != Day && c.Type != Instant && c.Type != Version {
		errs = append(errs, errors.New("time is for dates, times and version only"))
	}
	var err error
	if c.clock, err = newClock(c.spec.Time); err != nil {
		errs = append(errs, err)
	}
	if c.origin == fromDate && (c.clock.kind != isoClock || c.clock.others != nil) {
		errs = append(errs, errors.New("a time format is of no use with date_from; only its zone is"))
	}
	return errors.Join(errs...)
}

// checkConstants sends the texts that the spec itself gives through the steps that follow them.
func (c *column) checkConstants() error {
	var errs []error
	b := newBound(c)
	check := func(field, text string, steps bool) {
		value, ok, why := []byte(text), true, (*breach)(nil)
		if steps {
			value, ok, why = b.standardise(value, true)
		}
		if why == nil {
			_, why = b.parse(value, ok)
		}
		switch {
		case why == nil:
		case why.reason == isEmpty:
			errs = append(errs, fmt.Errorf("%s %q is empty", field, text))
		default:
			errs = append(errs, fmt.Errorf("%s: %s", field, why.reason))
		}
	}
	output := func(field, text string) {
		// An output may be "no value", and may be what a lookup starts from.
		if c.spec.Lookup == "" && (text != "" || len(c.Allowed) > 0) {
			check(field, text, false)
		}
	}
	if c.spec.Value != nil && c.spec.Lookup == "" {
		check("value", *c.spec.Value, true)
	}
	for _, from := range slices.Sorted(maps.Keys(c.spec.Map)) {
		output("map "+strconv.Quote(from), c.spec.Map[from])
	}
	if c.spec.MapElse != nil && *c.spec.MapElse != keepValue {
		output("map_else", *c.spec.MapElse)
	}
	if c.spec.Default != nil && (*c.spec.Default != "" || len(c.Allowed) > 0) {
		check("default", *c.spec.Default, false)
	}
	return errors.Join(errs...)
}

// dateLiteral tells whether a part of a date is a number rather than a column.
func dateLiteral(part string) (n int, ok bool) {
	n, err := strconv.Atoi(part)
	return n, err == nil
}

// checkDateLiterals makes sure that the numbers in a date's parts can be part of one.
func checkDateLiterals(parts DateParts) error {
	var errs []error
	check := func(name, part string, from, to int) {
		if n, literal := dateLiteral(part); literal && (n < from || n > to) {
			errs = append(errs, fmt.Errorf("date_from: the %s %d is not between %d and %d", name, n, from, to))
		}
	}
	check("year", parts.Year, 1900, 2299)
	check("month", parts.Month, 1, 12)
	check("day", parts.Day, 1, 31)
	return errors.Join(errs...)
}
