package picture

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/partnerplus/warehouse/test/grafana/dashboard"
)

// Width is that of a page in pixels.
const Width = 1500

// step is the height of a row of the dashboard's grid, with the gap below a panel, gap.
const (
	step = 34
	gap  = 6
)

// Page draws a dashboard as somebody opened it, and says how high the page is.
func Page(ctx context.Context, v *dashboard.View, caption string) (page string, height int, err error) {
	panels, err := v.Shown()
	if err != nil {
		return "", 0, err
	}
	marked, err := marks(ctx, v)
	if err != nil {
		return "", 0, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><meta charset="utf-8"><title>%s</title><style>%s</style><header><b>%s</b><span>%s</span></header><main>`,
		html.EscapeString(v.Title), style, html.EscapeString(v.Title), html.EscapeString(caption))
	for _, s := range panels {
		body, err := draw(ctx, v, s, marked)
		if err != nil {
			return "", 0, fmt.Errorf("panel %q: %w", s.Title, err)
		}
		title, err := v.TitleOf(s)
		if err != nil {
			return "", 0, err
		}
		x, y, w, h := place(s)
		height = max(height, y+h)
		fmt.Fprintf(&b, `<section class="%s" style="left:%dpx;top:%dpx;width:%dpx;height:%dpx">`, s.Type, x, y, w, h)
		if title != "" {
			fmt.Fprintf(&b, `<h2>%s</h2>`, html.EscapeString(title))
		}
		b.WriteString(body + "</section>")
	}
	return b.String() + "</main>", height + 60, nil
}

func place(s dashboard.Shown) (x, y, w, h int) {
	x, y = s.GridPos.X*Width/24, s.GridPos.Y*step
	return x + gap/2, y, s.GridPos.W*Width/24 - gap, s.GridPos.H*step - gap
}

// marks are the months that the dashboard's annotations mark, with their colour.
func marks(ctx context.Context, v *dashboard.View) (map[time.Time]string, error) {
	all, err := v.Annotate(ctx)
	if err != nil {
		return nil, err
	}
	marked := map[time.Time]string{}
	for _, a := range v.Annotations.List {
		for _, frame := range all[a.Name] {
			for _, f := range frame.Fields {
				for i := range f.Len() {
					if at, ok := f.ConcreteAt(i); ok && f.Name == "time" {
						moment, _ := at.(time.Time)
						marked[moment.UTC()] = a.IconColor
					}
				}
			}
		}
	}
	return marked, nil
}

// heading is how high a panel's title is.
const heading = 30

func draw(ctx context.Context, v *dashboard.View, s dashboard.Shown, marked map[time.Time]string) (string, error) {
	if s.Type == "row" {
		return "", nil
	}
	frames, err := v.Run(ctx, s)
	if err != nil {
		return "", err
	}
	styles, problems := dashboard.Styles(s.Panel, frames)
	if len(problems) > 0 && len(frames) > 0 && len(frames[0].Fields) > 0 {
		return "", problems[0]
	}
	_, _, w, h := place(s)
	switch s.Type {
	case "stat":
		return stat(s, frames, styles, w, h)
	case "timeseries":
		return trend(frames, styles, w-8, h-heading, marked), nil
	case "table":
		return table(frames, styles, h-heading), nil
	}
	return "", fmt.Errorf("panels of type %s are not drawn here", s.Type)
}

// stat draws figures: one large, with its months below and its movements beside; several side by side or one below the other.
func stat(s dashboard.Shown, frames data.Frames, styles map[*data.Field]dashboard.Style, width, height int) (string, error) {
	var options struct {
		GraphMode, Orientation, ColorMode string
		ReduceOptions                     struct{ Fields string }
	}
	if err := json.Unmarshal(s.Options, &options); err != nil {
		return "", err
	}
	var figures, texts []string
	spark := ""
	for _, frame := range frames {
		for _, f := range frame.Fields {
			name := dashboard.DisplayName(f, styles[f])
			shown, err := dashboard.Matches(options.ReduceOptions.Fields, name)
			if err != nil {
				return "", err
			}
			if options.ReduceOptions.Fields == "" {
				shown = f.Type().Numeric()
			}
			if !shown || f.Len() == 0 {
				continue
			}
			of := say(f, f.Len()-1, styles[f])
			colour := of.colour
			if colour == "" || options.ColorMode == "none" {
				colour = "#24292f"
			}
			if options.GraphMode == "area" && !f.Type().Numeric() {
				texts = append(texts, fmt.Sprintf(`<p><i>%s</i> <span style="color:%s">%s</span></p>`, html.EscapeString(name), colour, html.EscapeString(of.text)))
				continue
			}
			if options.GraphMode == "area" {
				figures = append(figures, fmt.Sprintf(`<strong style="color:%s">%s</strong>`, colour, html.EscapeString(of.text)))
				spark = sparkline(f, colour, width-2, height*3/10)
				continue
			}
			figures = append(figures, fmt.Sprintf(`<div><i>%s</i><strong style="color:%s">%s</strong></div>`, html.EscapeString(name), colour, html.EscapeString(of.text)))
		}
	}
	if options.GraphMode == "area" {
		return `<div class="figure">` + strings.Join(figures, "") + `<div class="moves">` + strings.Join(texts, "") + "</div></div>" + spark, nil
	}
	way := "row"
	if width < height*2 {
		way = "column"
	}
	return `<div class="figures ` + way + `">` + strings.Join(figures, "") + "</div>", nil
}

// table draws as many rows as there is room for, as a panel shows without scrolling.
func table(frames data.Frames, styles map[*data.Field]dashboard.Style, height int) string {
	const header, rowHeight = 52, 26
	var b strings.Builder
	for _, frame := range frames {
		fields := slices.DeleteFunc(slices.Clone(frame.Fields), func(f *data.Field) bool {
			hidden := false
			styles[f].Get("custom.hidden", &hidden)
			return hidden
		})
		if len(fields) == 0 {
			return `<p class="none">No data</p>`
		}
		b.WriteString("<table><tr>")
		for _, f := range fields {
			width := 0
			styles[f].Get("custom.width", &width)
			of := ""
			if width > 0 {
				of = fmt.Sprintf(` style="width:%dpx"`, width)
			}
			fmt.Fprintf(&b, `<th class="%s"%s>%s</th>`, kind(f), of, html.EscapeString(dashboard.DisplayName(f, styles[f])))
		}
		b.WriteString("</tr>")
		for i := range min(frame.Rows(), max((height-header)/rowHeight, 1)) {
			b.WriteString("<tr>")
			for _, f := range fields {
				cell(&b, f, i, styles[f])
			}
			b.WriteString("</tr>")
		}
		b.WriteString("</table>")
	}
	return b.String()
}

func cell(b *strings.Builder, f *data.Field, row int, style dashboard.Style) {
	of := say(f, row, style)
	var options struct{ Type string }
	style.Get("custom.cellOptions", &options)
	var links []dashboard.Link
	style.Get("links", &links)
	class, colour := kind(f), ""
	switch {
	case of.colour == "":
	case options.Type == "color-background":
		colour = fmt.Sprintf(` style="background:%s;color:#fff"`, of.colour)
	case options.Type == "color-text":
		colour = fmt.Sprintf(` style="color:%s"`, of.colour)
	}
	if len(links) > 0 {
		class += " link"
	}
	fmt.Fprintf(b, `<td class="%s"%s>%s</td>`, class, colour, html.EscapeString(of.text))
}

func kind(f *data.Field) string {
	if f.Type().Numeric() {
		return "number"
	}
	return "text"
}

const style = `
* { box-sizing: border-box; margin: 0 }
body { background: #eef1f4; color: #24292f; font: 13px/1.35 "Inter", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; width: 1500px }
header { display: flex; justify-content: space-between; align-items: baseline; padding: 14px 14px 10px }
header b { font-size: 19px } header span { color: #57606a; font-size: 12px }
main { position: relative }
section { position: absolute; background: #fff; border: 1px solid #d8dee4; border-radius: 4px; overflow: hidden }
section.row { background: none; border: none } section.row h2 { font-size: 15px; padding: 4px 4px }
h2 { font-size: 13px; font-weight: 600; padding: 7px 10px 0; white-space: nowrap }
.figure { padding: 0 10px } .figure strong { font-size: 25px; letter-spacing: -.4px }
.moves { white-space: nowrap; font-size: 12px } .moves i { display: inline-block; width: 29px } i { font-style: normal; color: #6e7781 }
.spark { position: absolute; left: 0; bottom: 0 }
.figures { display: flex; justify-content: space-around; align-items: center; height: calc(100% - 4px); padding: 4px 10px }
.figures.column { flex-direction: column; height: calc(100% - 34px) }
.figures div { text-align: center } .figures i { display: block; font-size: 12px } .figures strong { font-size: 19px }
.figures.column strong { font-size: 30px }
table { border-collapse: collapse; width: calc(100% - 12px); margin: 6px; table-layout: auto }
th { text-align: left; font-size: 11.5px; color: #57606a; border-bottom: 1px solid #d8dee4; padding: 3px 7px; white-space: normal; line-height: 1.15 }
td { height: 26px; padding: 2px 7px; border-bottom: 1px solid #eef1f4; white-space: nowrap; font-size: 12px; overflow: hidden; text-overflow: ellipsis; max-width: 640px }
.number { text-align: right; font-variant-numeric: tabular-nums } td.link { color: #1f5fbf }
.none { padding: 20px; color: #6e7781 }
svg { display: block; margin-left: 4px } svg.spark { margin: 0 }
.grid { stroke: #e4e8ec } .tick { fill: #6e7781; font-size: 11px } .legend { fill: #24292f; font-size: 12px } .mark { fill: #6e7781; font-size: 10px; text-anchor: middle }
`
