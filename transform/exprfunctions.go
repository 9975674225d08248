package transform

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// function is what an expression may call. Without nulls it is null where an argument is.
type function struct {
	usage    string
	params   []kind // nullKind: a text or a number
	optional int    // how many of the last may be left out
	variadic bool   // the last may be repeated
	literal  []int  // which have to be literals: whole numbers, or regular expressions
	result   kind   // nullKind: that of the arguments
	nulls    bool   // it looks at nulls itself
	call     func(args []*value, out *value) error
	test     func(args []*value) bool // instead of call, for a condition; a null text is the empty text
}

// negate is the operator - before a number.
const negate = "negate"

// maxLiteral bounds literal whole numbers, which are places, positions and the like.
const maxLiteral = 1000

// functions are what users may call; operators are what their operators become.
var (
	functions = map[string]*function{
		"number":  {usage: "number(text, decimal mark, mark for thousands)", params: []kind{nullKind, textKind, textKind}, optional: 2, literal: []int{1, 2}, result: numberKind, call: callNumber},
		"text":    {usage: "text(value)", params: []kind{nullKind}, result: textKind, call: callText},
		"abs":     {usage: "abs(number)", params: []kind{numberKind}, result: numberKind, call: callAbs},
		"round":   {usage: "round(number, places)", params: []kind{numberKind, numberKind}, literal: []int{1}, result: numberKind, call: callRound},
		"divide":  {usage: "divide(number, by, places)", params: []kind{numberKind, numberKind, numberKind}, literal: []int{2}, result: numberKind, call: callDivide},
		"upper":   {usage: "upper(text)", params: []kind{textKind}, result: textKind, call: changed(bytes.ToUpper)},
		"lower":   {usage: "lower(text)", params: []kind{textKind}, result: textKind, call: changed(bytes.ToLower)},
		"trim":    {usage: "trim(text)", params: []kind{textKind}, result: textKind, call: callTrim},
		"replace": {usage: "replace(text, old, new)", params: []kind{textKind, textKind, textKind}, result: textKind, call: callReplace},
		"slice": {usage: "slice(text, from, to): characters, counted from 0", params: []kind{textKind, numberKind, numberKind}, optional: 1,
			literal: []int{1, 2}, result: textKind, call: callSlice},
		"split":    {usage: "split(text, separator, part): parts are counted from 1", params: []kind{textKind, textKind, numberKind}, literal: []int{2}, result: textKind, call: callSplit},
		"length":   {usage: "length(text): in characters", params: []kind{textKind}, result: numberKind, call: callLength},
		"concat":   {usage: "concat(text, text, …)", params: []kind{textKind}, variadic: true, result: textKind, nulls: true, call: callConcat},
		"coalesce": {usage: "coalesce(value, value, …)", params: []kind{nullKind}, variadic: true, nulls: true, call: callCoalesce},
		"extract":  {usage: "extract(text, regular expression, group)", params: []kind{textKind, textKind, numberKind}, optional: 1, literal: []int{1, 2}, result: textKind, call: callExtract},
		"is_empty": {usage: "is_empty(value)", params: []kind{nullKind}, test: func(a []*value) bool { return a[0].null || a[0].kind == textKind && len(a[0].text) == 0 }},
	}
	operators = map[string]*function{
		"+": {params: []kind{numberKind, numberKind}, result: numberKind, call: func(a []*value, out *value) error { return out.setNumber(a[0].number.plus(a[1].number)) }},
		"-": {params: []kind{numberKind, numberKind}, result: numberKind, call: func(a []*value, out *value) error {
			return out.setNumber(a[0].number.plus(a[1].number.negated()))
		}},
		"*":          {params: []kind{numberKind, numberKind}, result: numberKind, call: func(a []*value, out *value) error { return out.setNumber(a[0].number.times(a[1].number)) }},
		negate:       {params: []kind{numberKind}, result: numberKind, call: func(a []*value, out *value) error { return out.setNumber(a[0].number.negated()) }},
		"<":          {params: []kind{numberKind, numberKind}, test: func(a []*value) bool { return ordered(a) && a[0].number.compare(a[1].number) < 0 }},
		"<=":         {params: []kind{numberKind, numberKind}, test: func(a []*value) bool { return ordered(a) && a[0].number.compare(a[1].number) <= 0 }},
		">":          {params: []kind{numberKind, numberKind}, test: func(a []*value) bool { return ordered(a) && a[0].number.compare(a[1].number) > 0 }},
		">=":         {params: []kind{numberKind, numberKind}, test: func(a []*value) bool { return ordered(a) && a[0].number.compare(a[1].number) >= 0 }},
		"==":         {params: []kind{nullKind, nullKind}, test: equal},
		"!=":         {params: []kind{nullKind, nullKind}, test: func(a []*value) bool { return !equal(a) }},
		"in":         {params: []kind{nullKind}, variadic: true, test: among},
		"contains":   {params: []kind{textKind, textKind}, test: func(a []*value) bool { return bytes.Contains(a[0].text, a[1].text) }},
		"startsWith": {params: []kind{textKind, textKind}, test: func(a []*value) bool { return bytes.HasPrefix(a[0].text, a[1].text) }},
		"endsWith":   {params: []kind{textKind, textKind}, test: func(a []*value) bool { return bytes.HasSuffix(a[0].text, a[1].text) }},
		"matches":    {params: []kind{textKind, textKind}, literal: []int{1}, test: func(a []*value) bool { return a[1].regex.Match(a[0].text) }},
	}
)

func functionNames() []string { return slices.Sorted(maps.Keys(functions)) }

func ordered(args []*value) bool { return !args[0].null && !args[1].null }

// equal compares as where does: a null text is the empty text. A null number equals none.
func equal(args []*value) bool {
	a, b := args[0], args[1]
	if a.kind == numberKind || b.kind == numberKind {
		return ordered(args) && a.number.compare(b.number) == 0
	}
	return bytes.Equal(a.text, b.text)
}

func among(args []*value) bool {
	pair := [2]*value{args[0]}
	for _, a := range args[1:] {
		pair[1] = a
		if equal(pair[:]) {
			return true
		}
	}
	return false
}

func callNumber(args []*value, out *value) error {
	a := args[0]
	if a.kind == numberKind {
		return out.setNumber(a.number)
	}
	if len(a.text) == 0 { // an empty text is no value
		out.null = true
		return nil
	}
	text, ok := a.text, true
	if len(args) > 1 {
		text, ok = args[1].form.plain(text, out.own())
		out.buffer = text
	}
	d, parsed := parseDecimal(text)
	if !ok || !parsed {
		return failed(RuleType, inName(a)+quote(a.text)+" is not a decimal number")
	}
	if !d.bounded() {
		return failed(RuleRange, inName(a)+quote(a.text)+" has more than 100 digits before or after the point")
	}
	out.number = d
	return nil
}

// inName says which column a value comes from.
func inName(v *value) string {
	if v.name == "" {
		return ""
	}
	return "the source's " + v.name + " "
}

func callText(args []*value, out *value) error {
	if args[0].kind == textKind {
		out.text = args[0].text
		return nil
	}
	out.set(args[0].number.appendText(out.own()))
	return nil
}

func callAbs(args []*value, out *value) error {
	out.number = args[0].number
	out.number.neg = false
	return nil
}

func callRound(args []*value, out *value) error {
	return out.setNumber(args[0].number.rounded(literalInt(args[1])))
}

func callDivide(args []*value, out *value) error {
	if args[1].number.sign() == 0 {
		return failed(RuleExpression, "the expression divides "+string(args[0].number.appendText(nil))+" by zero")
	}
	return out.setNumber(args[0].number.over(args[1].number, literalInt(args[2])))
}

// literalInt gives a literal that was checked to be a whole number.
func literalInt(v *value) int {
	n := int(v.number.coef) //nolint:gosec // at most maxLiteral
	if v.number.neg {
		return -n
	}
	return n
}

func changed(change func([]byte) []byte) func([]*value, *value) error {
	return func(args []*value, out *value) error {
		out.text = change(args[0].text)
		return nil
	}
}

func callTrim(args []*value, out *value) error {
	out.text = bytes.TrimSpace(args[0].text)
	return nil
}

func callReplace(args []*value, out *value) error {
	text, from, to := args[0].text, args[1].text, args[2].text
	if len(from) == 0 || !bytes.Contains(text, from) {
		out.text = text
		return nil
	}
	result := out.own()
	for {
		i := bytes.Index(text, from)
		if i < 0 {
			break
		}
		if result = append(append(result, text[:i]...), to...); len(result) > maxText {
			return tooLong()
		}
		text = text[i+len(from):]
	}
	out.set(append(result, text...))
	return nil
}

func tooLong() error {
	return failed(RuleLength, fmt.Sprintf("a text of the expression is longer than %d bytes", maxText))
}

func callSlice(args []*value, out *value) error {
	text := args[0].text
	n := utf8.RuneCount(text)
	from, to := clip(literalInt(args[1]), n), n
	if len(args) > 2 {
		to = clip(literalInt(args[2]), n)
	}
	if from >= to {
		return nil
	}
	out.text = text[offset(text, from):offset(text, to)]
	return nil
}

// clip counts from the end where a position is negative.
func clip(position, n int) int {
	if position < 0 {
		position += n
	}
	return min(max(position, 0), n)
}

// offset gives where a character of a text begins.
func offset(text []byte, characters int) int {
	at := 0
	for ; characters > 0 && at < len(text); characters-- {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

func callSplit(args []*value, out *value) error {
	rest, separator := args[0].text, args[1].text
	if len(separator) == 0 {
		return failed(RuleExpression, "split has an empty separator")
	}
	for n := literalInt(args[2]); ; n-- {
		part, after, more := bytes.Cut(rest, separator)
		if n <= 1 {
			out.text, out.null = part, n < 1
			return nil
		}
		if !more {
			out.null = true
			return nil
		}
		rest = after
	}
}

func callLength(args []*value, out *value) error {
	out.number = decimal{coef: uint64(utf8.RuneCount(args[0].text))} //nolint:gosec // never negative
	return nil
}

func callConcat(args []*value, out *value) error {
	text := out.own()
	for _, a := range args {
		if text = append(text, a.text...); len(text) > maxText {
			return tooLong()
		}
	}
	out.set(text)
	return nil
}

// callCoalesce takes the first value that is neither null nor empty.
func callCoalesce(args []*value, out *value) error {
	for _, a := range args {
		if !a.null && (a.kind == numberKind || len(a.text) > 0) {
			out.kind, out.text, out.number, out.name = a.kind, a.text, a.number, a.name
			return nil
		}
	}
	out.null = true
	return nil
}

// callExtract gives what a group matched, the first by default, or all where there is none.
func callExtract(args []*value, out *value) error {
	regex, group := args[1].regex, min(args[1].regex.NumSubexp(), 1)
	if len(args) > 2 {
		group = literalInt(args[2])
	}
	text, ok := captured(regex, args[0].text, group)
	out.text, out.null = text, !ok
	return nil
}

func kindName(k kind) string {
	if k == nullKind {
		return "a text or a number"
	}
	return k.String()
}

func ordinal(n int) string { return "argument " + strconv.Itoa(n) }
