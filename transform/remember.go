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
	values        [256]struct {
		known bool
		raw   []byte
		cell  cell
	}
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
	v := &r.values[maphash.Bytes(r.seed, raw)%uint64(len(r.values))]
	if v.known && bytes.Equal(v.raw, raw) {
		return v.cell, true
	}
	r.missed++
	v.raw = append(v.raw[:0], raw...)
	value, why := r.column.cell(row)
	if v.known = why == nil && !value.null; v.known {
		v.cell.text, v.cell.bits = append(v.cell.text[:0], value.text...), value.bits
	}
	return v.cell, v.known
}

func (c *bound) rememberedNumbers() numberRun {
	known := c.remember()
	return func(to []int64, rows []int) int {
		for i, row := range rows {
			value, ok := known.cell(row)
			if !ok {
				return i
			}
			to[i] = value.bits
		}
		return len(rows)
	}
}

func (c *bound) rememberedTexts() textRun {
	known := c.remember()
	return func(to *textBuffer, rows []int) int {
		for i, row := range rows {
			value, ok := known.cell(row)
			if !ok {
				return i
			}
			to.append(value.text)
		}
		return len(rows)
	}
}
