package picture

import (
	"fmt"
	"html"
	"math"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/test/grafana/dashboard"
)

// series is a field of numbers over the months.
type series struct {
	name, colour, draw string
	values             []float64 // NaN where there is none
	right, stacked     bool
	style              dashboard.Style
}

// palette is for series without a colour of their own.
var palette = []string{"#3274d9", "#17a2a2", "#e0752d", "#7b61c4", "#b4579d", "#8a9a5b", "#5f6b7a"}

func seriesOf(frames data.Frames, styles map[*data.Field]dashboard.Style) (times []time.Time, all []series) {
	for _, frame := range frames {
		for _, f := range frame.Fields {
			style := styles[f]
			if f.Type().Time() && times == nil {
				for i := range f.Len() {
					at, _ := f.ConcreteAt(i)
					moment, _ := at.(time.Time)
					times = append(times, moment)
				}
			}
			if !f.Type().Numeric() {
				continue
			}
			s := series{name: dashboard.DisplayName(f, style), style: style, draw: "line"}
			s.colour = colourOf(0, style)
			if s.colour == "" {
				s.colour = palette[len(all)%len(palette)]
			}
			style.Get("custom.drawStyle", &s.draw)
			var placement string
			style.Get("custom.axisPlacement", &placement)
			s.right = placement == "right"
			var stacking struct{ Mode string }
			style.Get("custom.stacking", &stacking)
			s.stacked = stacking.Mode == "normal" && s.draw == "bars"
			for i := range f.Len() {
				v, err := f.NullableFloatAt(i)
				if err != nil || v == nil {
					s.values = append(s.values, math.NaN())
					continue
				}
				s.values = append(s.values, *v)
			}
			all = append(all, s)
		}
	}
	return times, all
}

// scale has the ends and the ticks of an axis.
type scale struct{ low, high, step float64 }

func scaleOf(all []series, right bool) scale {
	var s scale
	sums := map[int]float64{}
	for _, one := range all {
		if one.right != right {
			continue
		}
		for i, v := range one.values {
			if math.IsNaN(v) {
				continue
			}
			if one.stacked {
				sums[i] += v
				v = sums[i]
			}
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
	if s.high == s.low {
		s.high = s.low + 1
	}
	raw := (s.high - s.low) / 4
	magnitude := math.Pow(10, math.Floor(math.Log10(raw)))
	s.step = 10 * magnitude
	for _, nice := range []float64{1, 2, 2.5, 5} {
		if nice*magnitude >= raw {
			s.step = nice * magnitude
			break
		}
	}
	s.low, s.high = math.Floor(s.low/s.step)*s.step, math.Ceil(s.high/s.step)*s.step
	return s
}

// trend draws a panel of type timeseries; marked are the months that the dashboard marks.
func trend(frames data.Frames, styles map[*data.Field]dashboard.Style, width, height int, marked map[time.Time]string) string {
	times, all := seriesOf(frames, styles)
	const top, bottom, left = 8, 44, 58
	right := 14
	hasRight := false
	for _, s := range all {
		hasRight = hasRight || s.right
	}
	if hasRight {
		right = 58
	}
	w, h := float64(width-left-right), float64(height-top-bottom)
	axes := map[bool]scale{false: scaleOf(all, false), true: scaleOf(all, true)}
	slot := w / float64(max(len(times), 1))
	x := func(i int) float64 { return left + slot*(float64(i)+0.5) }
	y := func(v float64, onRight bool) float64 {
		of := axes[onRight]
		return top + h - (v-of.low)/(of.high-of.low)*h
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg width="%d" height="%d">`, width, height)
	for i, at := range times {
		if colour, ok := marked[at]; ok {
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%.1f" fill="%s" opacity=".14"/><text class="mark" x="%.1f" y="%d">open</text>`, x(i)-slot/2, top, slot, h, colour, x(i), top+11)
		}
	}
	grid(&b, all, axes, hasRight, width, right, y)
	for i, at := range times {
		if every := 1 + len(times)*52/max(int(w), 1); i%every == 0 {
			fmt.Fprintf(&b, `<text class="tick" x="%.1f" y="%d" text-anchor="middle">%s</text>`, x(i), height-bottom+16, at.UTC().Format("2006-01"))
		}
	}
	bars(&b, all, slot, x, y)
	for _, s := range all {
		if s.draw != "bars" {
			line(&b, s, x, y)
		}
	}
	at := float64(left)
	for _, s := range all {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="14" height="4" rx="2" fill="%s"/><text class="legend" x="%.1f" y="%d">%s</text>`, at, height-13, s.colour, at+19, height-7, html.EscapeString(s.name))
		at += 34 + 6.4*float64(len([]rune(s.name)))
	}
	return b.String() + "</svg>"
}

func grid(b *strings.Builder, all []series, axes map[bool]scale, hasRight bool, width, right int, y func(float64, bool) float64) {
	for _, onRight := range []bool{false, true} {
		if onRight && !hasRight {
			continue
		}
		var style dashboard.Style
		for _, s := range all {
			if s.right == onRight {
				style = s.style
			}
		}
		if style == nil {
			continue
		}
		of := axes[onRight]
		for v := of.low; v <= of.high+of.step/2; v += of.step {
			if onRight {
				fmt.Fprintf(b, `<text class="tick" x="%d" y="%.1f">%s</text>`, width-right+7, y(v, true)+4, short(tidy(v, of.step), style))
				continue
			}
			fmt.Fprintf(b, `<line class="grid" x1="58" x2="%d" y1="%.1f" y2="%[2]f"/><text class="tick" x="51" y="%.1f" text-anchor="end">%s</text>`, width-right, y(v, false), y(v, false)+4, short(tidy(v, of.step), style))
		}
	}
}

// tidy takes away what adding steps leaves behind.
func tidy(v, step float64) float64 {
	digits := math.Pow(10, 3-math.Floor(math.Log10(step)))
	return math.Round(v*digits) / digits
}

func bars(b *strings.Builder, all []series, slot float64, x func(int) float64, y func(float64, bool) float64) {
	count, nth := 0, 0
	for _, s := range all {
		if s.draw == "bars" && !s.stacked {
			count++
		}
	}
	base := map[int]float64{}
	for _, s := range all {
		if s.draw != "bars" {
			continue
		}
		wide, shift := slot*0.62, 0.0
		if !s.stacked {
			wide = slot * 0.72 / float64(count)
			shift = (float64(nth) - float64(count-1)/2) * wide
			nth++
		}
		for i, v := range s.values {
			if math.IsNaN(v) {
				continue
			}
			from := 0.0
			if s.stacked {
				from = base[i]
				base[i] += v
				v = base[i]
			}
			top, low := min(y(v, s.right), y(from, s.right)), max(y(v, s.right), y(from, s.right))
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" opacity=".88"/>`, x(i)+shift-wide/2, top, max(wide-1.5, 1), low-top, s.colour)
		}
	}
}

func line(b *strings.Builder, s series, x func(int) float64, y func(float64, bool) float64) {
	var path strings.Builder
	move := "M"
	for i, v := range s.values {
		if math.IsNaN(v) {
			move = "M"
			continue
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", move, x(i), y(v, s.right))
		move = "L"
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.6" fill="%s"/>`, x(i), y(v, s.right), s.colour)
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`, path.String(), s.colour)
}

// sparkline draws a figure's months below it.
func sparkline(f *data.Field, colour string, width, height int) string {
	var values []float64
	low, high := math.Inf(1), math.Inf(-1)
	for i := range f.Len() {
		v, err := f.NullableFloatAt(i)
		if err != nil || v == nil {
			values = append(values, math.NaN())
			continue
		}
		values = append(values, *v)
		low, high = min(low, *v), max(high, *v)
	}
	if len(values) < 2 || math.IsInf(low, 0) {
		return ""
	}
	if high == low {
		high, low = high+1, low-1
	}
	var path strings.Builder
	move, first, last := "M", -1.0, 0.0
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		x := float64(i) / float64(len(values)-1) * float64(width)
		fmt.Fprintf(&path, "%s%.1f %.1f", move, x, 4+(1-(v-low)/(high-low))*float64(height-8))
		move, last = "L", x
		if first < 0 {
			first = x
		}
	}
	area := fmt.Sprintf("%sL%.1f %dL%.1f %dZ", path.String(), last, height, first, height)
	return fmt.Sprintf(`<svg class="spark" width="%d" height="%d"><path d="%s" fill="%s" opacity=".15"/><path d="%s" fill="none" stroke="%[4]s" stroke-width="1.6"/></svg>`,
		width, height, area, colour, path.String())
}
