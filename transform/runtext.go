package transform

import (
	"bytes"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

type textRun = runOf[*textBuffer]

// shared gives a raw column that is the canonical one already, in the same memory; nil where it is not.
func (b *batch) shared(c *bound, live []int) arrow.Array {
	raw := c.textsAsTheyAre()
	if b.singly || raw == nil || len(live) != raw.Len() || raw.offsets == nil || !raw.isClean() {
		return nil
	}
	filled := c.mustBeFilled()
	for row, end := range raw.offsets[1:] {
		start := raw.offsets[row]
		switch {
		case start == end:
			if filled {
				return nil
			}
		case raw.nulls && raw.IsNull(row),
			c.spec.Trim && (isEdge(raw.data[start]) || isEdge(raw.data[end-1])),
			end-start > maxText,
			c.spec.Nulls != nil && contains(c.spec.Nulls, raw.data[start:end]):
			return nil
		}
	}
	d := raw.Data()
	data := array.NewData(c.Type.Arrow(), raw.Len(), []*memory.Buffer{nil, d.Buffers()[1], d.Buffers()[2]}, nil, 0, d.Offset())
	defer data.Release()
	return array.MakeFromData(data)
}

// textsAsTheyAre gives the raw column whose texts, trimmed and not nulls, are the column's; nil where there is none.
func (c *bound) textsAsTheyAre() *bytesColumn[int32] {
	if !c.asIs() || c.Nullable || c.Allowed != nil || c.rules != nil {
		return nil
	}
	raw, _ := c.source.(values)
	texts, _ := raw.texts.(*bytesColumn[int32])
	return texts
}

// mustBeFilled tells whether a row without a value is rejected, or gets one.
func (c *bound) mustBeFilled() bool {
	return c.Key || c.Required || c.spec.Required || len(c.fallback) > 0
}

// isEdge tells whether a byte at an end of a text may be part of white space.
func isEdge(c byte) bool { return c <= ' ' || c >= utf8.RuneSelf }

// textRun gives how a column's values are read many at a time, if that is known.
func (b *batch) textRun(c *bound) runner[*textBuffer] {
	if b.singly {
		return runner[*textBuffer]{}
	}
	var run textRun
	switch raw := c.textsAsTheyAre(); {
	case c.steady:
		run = c.steadyTexts()
	case raw != nil:
		run = c.copyTexts(raw)
	case c.isPure():
		run = c.rememberedTexts()
	}
	if c.sign != nil && run != nil {
		run = c.sign.whilePositive(run)
	}
	return runner[*textBuffer]{run: run}
}

// steadyTexts is of a column that has the same value in all rows.
func (c *bound) steadyTexts() textRun {
	return func(to *textBuffer, rows []int) int {
		value, why := c.cell(rows[0])
		if why != nil || value.null {
			return 0
		}
		return to.repeat(value.text, len(rows))
	}
}

// copyTexts is of texts that may have to be trimmed, or of which only some rows are wanted.
func (c *bound) copyTexts(raw *bytesColumn[int32]) textRun {
	allClean, filled := raw.isClean(), c.mustBeFilled()
	return func(to *textBuffer, rows []int) int {
		for i, row := range rows {
			text := raw.data[raw.offsets[row]:raw.offsets[row+1]]
			if c.spec.Trim && len(text) > 0 && (isEdge(text[0]) || isEdge(text[len(text)-1])) {
				text = bytes.TrimSpace(text)
			}
			if len(text) == 0 && filled || len(text) > maxText || raw.nulls && raw.IsNull(row) ||
				c.spec.Nulls != nil && contains(c.spec.Nulls, text) || !allClean && !isClean(text) || !to.append(text) {
				return i
			}
		}
		return len(rows)
	}
}

// cleanness says whether all texts of a column are known to be clean, or not to be.
type cleanness int

const (
	unchecked cleanness = iota
	clean
	unclean
)

// isClean tells whether all texts are valid UTF-8 without NUL. Those that lie side by side are, if all of them together
// are and none begins within a character.
func (c *bytesColumn[O]) isClean() bool {
	if c.cleanness == unchecked {
		c.cleanness = unclean
		if n := len(c.offsets); n == 0 || isClean(c.data[c.offsets[0]:c.offsets[n-1]]) && !c.splitsCharacters() {
			c.cleanness = clean
		}
	}
	return c.cleanness == clean
}

func isClean(text []byte) bool { return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 }

func (c *bytesColumn[O]) splitsCharacters() bool {
	for i, start := range c.offsets[1:] {
		if start > c.offsets[i] && !utf8.RuneStart(c.data[c.offsets[i]]) {
			return true
		}
	}
	return false
}

// whilePositive ends a run of a column for which the sign of this amount may decide, at the first row whose amount may be
// below zero.
func (c *bound) whilePositive(run textRun) textRun {
	negative := c.mayBeNegative()
	if negative == nil {
		return nil
	}
	return func(to *textBuffer, rows []int) int {
		n := 0
		for n < len(rows) && !negative(rows[n]) {
			n++
		}
		if n == 0 {
			return 0
		}
		return run(to, rows[:n])
	}
}

// mayBeNegative gives what tells whether the amount of a row may be below zero; nil where nothing can tell it cheaply.
func (c *bound) mayBeNegative() func(row int) bool {
	raw, isRaw := c.source.(values)
	if !isRaw || !c.asIs() || c.spec.Negate || bytes.IndexByte(c.fallback, '-') >= 0 {
		return nil
	}
	switch raw := raw.texts.(type) {
	case *bytesColumn[int32]:
		if len(raw.offsets) > 0 && bytes.IndexByte(raw.data[raw.offsets[0]:raw.offsets[raw.Len()]], '-') < 0 {
			return func(int) bool { return false }
		}
		return func(row int) bool {
			return bytes.IndexByte(raw.data[raw.offsets[row]:raw.offsets[row+1]], '-') >= 0
		}
	case *writtenColumn:
		if decimals, ok := raw.Array.(*array.Decimal128); ok {
			values := decimals.Values()
			return func(row int) bool { return values[row].HighBits() < 0 }
		}
	}
	return nil
}
