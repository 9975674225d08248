package transform

import (
	"bytes"
	"strings"

	"github.com/expr-lang/expr/vm"
)

// run is the function as expr calls it.
func (f *function) run(args ...any) (any, error) {
	var r *room
	for _, a := range args {
		if v := a.(*value); v.room != nil {
			r = v.room
			break
		}
	}
	if r == nil { // literals only
		r = &room{}
	}
	r.args = r.args[:0]
	null := false
	for _, a := range args {
		v := a.(*value)
		null = null || v.null
		r.args = append(r.args, v)
	}
	if f.test != nil {
		return f.test(r.args), nil
	}
	out := r.next(f.result)
	if null && !f.nulls {
		out.null = true
		return out, nil
	}
	if err := f.call(r.args, out); err != nil {
		return nil, err
	}
	return out, nil
}

// evaluation is an expression at work on one batch. It belongs to one goroutine.
type evaluation struct {
	*expression
	machine vm.VM
	sources []source
	slots   []*value
	env     any
	room    room
	digits  []byte // of a number
}

func (b *batch) evaluation(e *expression) (*evaluation, error) {
	v := &evaluation{expression: e}
	env := make(map[string]any, len(e.columns))
	for _, name := range e.columns {
		s, err := b.source(name)
		if err != nil {
			return nil, err
		}
		slot := &value{kind: textKind, name: name, room: &v.room}
		v.sources, v.slots = append(v.sources, s), append(v.slots, slot)
		env[name] = slot
	}
	v.env = env
	return v, nil
}

// evaluate gives a *value or a bool.
func (v *evaluation) evaluate(row int) (any, *breach) {
	v.room.used = 0
	for i, s := range v.sources {
		text, ok, why := s.read(row)
		if why != nil {
			return nil, why
		}
		v.slots[i].text, v.slots[i].null = text, !ok
	}
	result, err := v.machine.Run(v.program, v.env)
	if err != nil {
		return nil, asBreach(err)
	}
	return result, nil
}

// read gives the expression's value as text.
func (v *evaluation) read(row int) ([]byte, bool, *breach) {
	result, why := v.evaluate(row)
	if why != nil {
		return nil, false, why
	}
	switch r := result.(type) {
	case bool:
		if r {
			return []byte("true"), true, nil
		}
		return []byte("false"), true, nil
	case *value:
		switch {
		case r.null:
			return nil, false, nil
		case r.kind == numberKind:
			v.digits = r.number.appendText(v.digits[:0])
			return withoutZeros(v.digits), true, nil
		}
		return r.text, true, nil
	}
	return nil, false, &breach{RuleExpression, "the expression has no value"}
}

// withoutZeros takes the zeros off that end a number's decimals, so that 1.5 * 2 is a count.
func withoutZeros(number []byte) []byte {
	if bytes.IndexByte(number, '.') < 0 {
		return number
	}
	return bytes.TrimSuffix(bytes.TrimRight(number, "0"), []byte("."))
}

// text shows the expression within a reason.
func (e *expression) text() string { return strings.Join(strings.Fields(e.source), " ") }

// shown gives the values that the last row's evaluation was of.
func (v *evaluation) shown() string {
	var shown []string
	for _, s := range v.slots {
		text := "null"
		if !s.null {
			text = quote(s.text)
		}
		shown = append(shown, s.name+" "+text)
	}
	if len(shown) == 0 {
		return ""
	}
	return " (" + strings.Join(shown, ", ") + ")"
}

// holds tells whether a condition is true.
func (v *evaluation) holds(row int) (bool, *breach) {
	result, why := v.evaluate(row)
	holds, _ := result.(bool)
	return holds, why
}
