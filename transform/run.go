package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

type numberRun = runOf[[]int64]

// numberRun gives how a column's values are read many at a time, if that is known.
func (b *batch) numberRun(c *bound) runner[[]int64] {
	if b.singly {
		return runner[[]int64]{}
	}
	var run numberRun
	raw, isRaw := c.source.(values)
	switch positions, isRow := c.source.(*rowNumbers); {
	case c.steady:
		run = c.steadyNumbers()
	case !c.asIs():
	case isRow && (c.Type == Count || c.Type == Version && c.spec.Time == nil):
		run = positionRun(positions.positions)
	case isRaw:
		if text, isText := raw.texts.(*bytesColumn[int32]); isText {
			run = c.within(c.readTexts(text))
		} else if typed, isTyped := raw.texts.(*writtenColumn); isTyped && c.spec.Nulls == nil {
			run = c.within(c.convert(typed.Array))
		}
	}
	if run == nil && c.isPure() {
		run = c.rememberedNumbers()
	}
	return runner[[]int64]{run: run}
}

// isPure tells whether equal raw values give equal canonical ones.
func (c *bound) isPure() bool {
	_, isRaw := c.source.(values)
	return isRaw && c.origin == fromColumn
}

// asIs tells whether no step but trim and nulls comes between a raw column's text and its value.
func (c *bound) asIs() bool {
	return c.origin == fromColumn && c.prepare == nil && c.spec.Map == nil && c.table == nil && c.number == nil
}

// steadyNumbers is of a column that has the same value in all rows.
func (c *bound) steadyNumbers() numberRun {
	return func(to []int64, rows []int) int {
		value, why := c.cell(rows[0])
		if why != nil || value.null {
			return 0
		}
		for i := range rows {
			to[i] = value.bits
		}
		return len(rows)
	}
}

func positionRun(positions []uint64) numberRun {
	return func(to []int64, rows []int) int {
		for i, row := range rows {
			to[i] = int64(positions[row])
		}
		return len(rows)
	}
}

// within ends a run at the first value that breaks the mapping's min or max.
func (c *bound) within(run numberRun) numberRun {
	if run == nil || c.rules == nil {
		return run
	}
	least, most := c.rules.min, c.rules.max
	return func(to []int64, rows []int) int {
		n := run(to, rows)
		for i, value := range to[:n] {
			if least != nil && c.less(value, least.bits) || most != nil && c.less(most.bits, value) {
				return i
			}
		}
		return n
	}
}

// readTexts reads the texts of a raw column as the column's type.
func (c *bound) readTexts(raw *bytesColumn[int32]) numberRun {
	switch c.Type {
	case Money, Rate, Seconds:
		if shift, ok := c.shift(); ok {
			return readRun(c, raw, func(text []byte) (int64, bool) { return c.plainAmount(text, shift) })
		}
	case Count:
		return readRun(c, raw, plainCount)
	case Version:
		if c.spec.Time == nil {
			return readRun(c, raw, plainCount)
		}
		if c.iso || c.clock.kind == isoClock {
			return readRun(c, raw, func(text []byte) (int64, bool) {
				micros, ok := c.plainInstant(text)
				return micros, ok && micros >= 0
			})
		}
	case Instant:
		if c.iso || c.clock.kind == isoClock {
			return readRun(c, raw, c.plainInstant)
		}
	case Day:
		if c.iso || c.clock.kind == isoClock {
			return readRun(c, raw, plainDay)
		}
	case Flag:
		return readRun(c, raw, plainFlag)
	}
	return nil
}

func readRun(c *bound, raw *bytesColumn[int32], read func(text []byte) (int64, bool)) numberRun {
	offsets, data, none := raw.offsets, raw.data, c.spec.Nulls
	return func(to []int64, rows []int) int {
		for i, row := range rows {
			text := data[offsets[row]:offsets[row+1]]
			n, ok := read(text)
			if !ok || raw.nulls && raw.IsNull(row) || none != nil && contains(none, text) {
				return i
			}
			to[i] = n
		}
		return len(rows)
	}
}

// shift gives the power of ten that turns an amount into units of the column's last place, if it is one.
func (c *bound) shift() (int, bool) {
	places, _ := c.Type.places()
	return places + c.factor.exp, c.factor.coef == 1 && c.factor.wide == nil && !c.spec.Negate
}

// plainAmount reads digits with an optional point where they need no rounding.
func (c *bound) plainAmount(text []byte, shift int) (int64, bool) {
	coef, decimals, ok := plainDecimal(text)
	shift -= decimals
	if !ok || shift < 0 || shift > 18 || coef >= pow10[18-shift] || coef == 0 && c.Type == Rate {
		return 0, false
	}
	return int64(coef * pow10[shift]), true
}

// plainInstant reads ISO times of the years that the column holds.
func (c *bound) plainInstant(text []byte) (int64, bool) {
	m, ok := parseISO(text)
	if !ok {
		return 0, false
	}
	if !m.fixed {
		if m.seconds, ok = c.zone.instant(m.seconds); !ok {
			return 0, false
		}
	}
	return m.seconds*1e6 + m.micros, isSecond(m.seconds)
}

func plainDay(text []byte) (int64, bool) {
	m, ok := parseISO(text)
	day := m.seconds / daySeconds
	return day, ok && m.dateOnly && inYears(day)
}

func plainCount(text []byte) (int64, bool) {
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range text {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

func plainFlag(text []byte) (int64, bool) {
	if len(text) != 1 || text[0]-'0' > 1 {
		return 0, false
	}
	return int64(text[0] - '0'), true
}

// convert gives the values of a raw column that is not text without writing them first.
func (c *bound) convert(raw arrow.Array) numberRun {
	switch raw := raw.(type) {
	case *array.Int8:
		return convertInts(c, raw, raw.Int8Values())
	case *array.Int16:
		return convertInts(c, raw, raw.Int16Values())
	case *array.Int32:
		return convertInts(c, raw, raw.Int32Values())
	case *array.Int64:
		return convertInts(c, raw, raw.Int64Values())
	case *array.Uint8:
		return convertInts(c, raw, raw.Uint8Values())
	case *array.Uint16:
		return convertInts(c, raw, raw.Uint16Values())
	case *array.Uint32:
		return convertInts(c, raw, raw.Uint32Values())
	case *array.Uint64:
		return convertInts(c, raw, raw.Uint64Values())
	case *array.Decimal128:
		return c.convertDecimals(raw)
	case *array.Date32:
		if c.Type == Day && c.iso {
			return convertRun(raw, raw.Date32Values(), func(day arrow.Date32) (int64, bool) { return int64(day), inYears(int64(day)) })
		}
	case *array.Timestamp:
		if c.iso && (c.Type == Instant || c.Type == Version && c.spec.Time != nil) {
			return c.convertTimes(raw)
		}
	}
	return nil
}

func convertRun[T any](raw arrow.Array, values []T, convert func(T) (int64, bool)) numberRun {
	nulls := raw.NullN() > 0
	return func(to []int64, rows []int) int {
		for i, row := range rows {
			n, ok := convert(values[row])
			if !ok || nulls && raw.IsNull(row) {
				return i
			}
			to[i] = n
		}
		return len(rows)
	}
}

func convertInts[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](c *bound, raw arrow.Array, values []T) numberRun {
	switch c.Type {
	case Money, Rate, Seconds:
		shift, ok := c.shift()
		if !ok || shift < 0 || shift > 18 {
			return nil
		}
		least, limit, factor := c.leastAmount(), int64(pow10[18-shift]), int64(pow10[shift])
		return convertRun(raw, values, func(n T) (int64, bool) { return int64(n) * factor, int64(n) >= least && int64(n) < limit })
	case Count:
		return convertRun(raw, values, func(n T) (int64, bool) { return int64(n), n >= 0 })
	case Version:
		if c.spec.Time == nil {
			return convertRun(raw, values, func(n T) (int64, bool) { return int64(n), n >= 0 })
		}
	case Flag:
		return convertRun(raw, values, func(n T) (int64, bool) { return int64(n), n == 0 || n == 1 })
	}
	return nil
}

// leastAmount is in units of whatever place.
func (c *bound) leastAmount() int64 {
	if c.Type == Rate {
		return 1
	}
	return 0
}

func (c *bound) convertDecimals(raw *array.Decimal128) numberRun {
	shift, ok := c.shift()
	shift -= int(raw.DataType().(*arrow.Decimal128Type).Scale)
	if _, amount := c.Type.places(); !amount || !ok || shift < 0 || shift > 18 {
		return nil
	}
	least, limit, factor := uint64(c.leastAmount()), pow10[18-shift], pow10[shift]
	return convertRun(raw, raw.Values(), func(n decimal128.Num) (int64, bool) {
		low := n.LowBits()
		return int64(low * factor), n.HighBits() == 0 && low >= least && low < limit
	})
}

func (c *bound) convertTimes(raw *array.Timestamp) numberRun {
	t := raw.DataType().(*arrow.TimestampType)
	perSecond := int64(pow10[3*int(t.Unit)])
	least := firstSecond
	if c.Type == Version {
		least = 0
	}
	fixed, zone, micros := t.TimeZone != "", &c.zone, int64(1e6)
	return convertRun(raw, raw.TimestampValues(), func(at arrow.Timestamp) (int64, bool) {
		seconds := floorDiv(int64(at), perSecond)
		rest := int64(at) - seconds*perSecond
		if perSecond > micros {
			rest /= perSecond / micros
		} else {
			rest *= micros / perSecond
		}
		ok := true
		if !fixed {
			seconds, ok = zone.instant(seconds)
		}
		return seconds*micros + rest, ok && seconds >= least && isSecond(seconds)
	})
}
