package transform

import (
	"bytes"
	"hash/maphash"
)

// remembered is what cell made of a raw column's texts. Most columns that have to be mapped, looked up, matched or read in
// a form of their own hold few different ones.
type remembered struct {
	column        *bound
	texts         texts
	seed          maphash.Seed
	asked, missed int
	values        [256]known
	last          *known // that was asked for
}

type known struct {
	raw  []byte
	cell cell
	good bool // there is a value
}

// maxRemembered bounds the texts that are remembered.
const maxRemembered = 256

func (c *bound) remember() *remembered {
	return &remembered{column: c, texts: c.source.(values).texts, seed: maphash.MakeSeed()}
}

// cell gives a row's value. It is not ok where there is none, or where what was remembered is of little use.
func (r *remembered) cell(row int) (value cell, ok bool) {
	raw, ok := r.texts.at(row)
	if !ok || len(raw) > maxRemembered || r.missed > enoughLeft && r.missed > r.asked/2 {
		return cell{}, false
	}
	r.asked++
	r.last = &r.values[maphash.Bytes(r.seed, raw)%uint64(len(r.values))]
	if r.last.good && bytes.Equal(r.last.raw, raw) {
		return r.last.cell, true
	}
	r.missed++
	r.last.raw = append(r.last.raw[:0], raw...)
	value, why := r.column.cell(row)
	r.last.good = why == nil && !value.null
	r.last.cell.text, r.last.cell.bits = append(r.last.cell.text[:0], value.text...), value.bits
	return r.last.cell, r.last.good
}

// repeats gives how many of the rows, the first of which was asked for last, have the same raw value.
func (r *remembered) repeats(rows []int) int {
	for n, row := range rows {
		if raw, ok := r.texts.at(row); !ok || !bytes.Equal(raw, r.last.raw) {
			r.asked += n - 1
			return n
		}
	}
	r.asked += len(rows) - 1
	return len(rows)
}

func (c *bound) rememberedNumbers() numberRun {
	all := c.remember()
	return func(to []int64, rows []int) int {
		for i, row := range rows {
			value, ok := all.cell(row)
			if !ok {
				return i
			}
			to[i] = value.bits
		}
		return len(rows)
	}
}

func (c *bound) rememberedTexts() textRun {
	all := c.remember()
	return func(to *textBuffer, rows []int) int {
		for i := 0; i < len(rows); {
			value, ok := all.cell(rows[i])
			if !ok {
				return i
			}
			n := all.repeats(rows[i:])
			if to.repeat(value.text, n) < n {
				return i // cell finds that the next does not fit
			}
			i += n
		}
		return len(rows)
	}
}
