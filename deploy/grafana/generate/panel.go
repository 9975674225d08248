package main

import (
	"maps"
	"strings"
)

// object is a JSON object; its keys are written in order, so that what is committed changes only where something did.
type object = map[string]any

// property is a setting of a field, such as its unit.
type property struct {
	id    string
	value any
}

// panel is what a dashboard is made of. A row has a title and nothing else.
type panel struct {
	key                string // unchanging, unique within the dashboard: its id follows from it, and links to the panel with it
	kind               string // Grafana's type
	title, description string
	width, height      int // of 24, and in rows of 30 pixels
	targets            []object
	options, defaults  object
	overrides          []object
	transformations    []object
	links              []object
}

// datasource is the warehouse, as provisioned.
var datasource = object{"type": "grafana-clickhouse-datasource", "uid": "clickhouse-kpi"}

// Forms of an answer.
const (
	asSeries = 0
	asTable  = 1
)

// target is a statement as the data source's plugin has it.
func target(statement string, form int) object {
	return object{
		"refId": "A", "datasource": datasource, "editorType": "sql", "pluginVersion": "4.20.0",
		"queryType": map[int]string{asSeries: "timeseries", asTable: "table"}[form], "format": form,
		"rawSql": statement, "meta": object{"timezone": "UTC"},
	}
}

// override sets properties of one column.
func override(column string, properties ...property) object {
	list := []object{}
	for _, p := range properties {
		list = append(list, object{"id": p.id, "value": p.value})
	}
	return object{"matcher": object{"id": "byName", "options": column}, "properties": list}
}

// row begins a part of a dashboard.
func row(key, title string) panel {
	return panel{key: "row_" + key, kind: "row", title: title, width: 24, height: 1}
}

// tile shows the figure of the chosen month, how it moved in words, and a line of thirteen months.
func (l *library) tile(column, database, scope string, width, height int) panel {
	f, found := l.figure(column)
	if !found {
		l.fail("no metric for a tile of %s", column)
	}
	statement := l.tileStatement(f, database, scope)
	shown := []property{{"displayName", f.title()}, {"color", object{"mode": "fixed", "fixedColor": colourOf(column)}}, {"mappings", []object{missing}}}
	return panel{
		key: "tile_" + column, kind: "stat", title: f.title(), description: f.about(), width: width, height: height,
		targets: []object{target(statement, asTable)},
		options: stat("area", "horizontal"),
		overrides: []object{
			override("month", property{"displayName", "Month"}),
			override(column, append(shown, f.format()...)...),
			override("mom", property{"displayName", "MoM"}, property{"mappings", inWords}),
			override("yoy", property{"displayName", "YoY"}, property{"mappings", inWords}),
		},
	}
}

func (l *library) tileStatement(f figure, database, scope string) string {
	if f.Population != "" {
		return l.statement("shared/tile_of_population", scope, "metric", f.ID, "population", f.Population)
	}
	return l.statement("shared/tile", scope, "metric", f.ID, "database", database)
}

// stat are the options of figures side by side. The month, which the line of a tile goes by, is no figure.
func stat(graph, orientation string) object {
	return object{
		"graphMode": graph, "colorMode": "value", "justifyMode": "auto", "textMode": "value_and_name", "wideLayout": true,
		"orientation": orientation, "showPercentChange": false, "percentChangeColorMode": "standard",
		"reduceOptions": object{"calcs": []string{"last"}, "fields": "/^(?!Month$).*/", "values": false},
	}
}

func seriesColour(column string) string {
	if colour, found := series[column]; found {
		return colour
	}
	return neutral
}

// colourOf is the colour of a figure by itself.
func colourOf(column string) string {
	if strings.HasPrefix(column, "liability_") { // of a figure; the pale colours of bars cannot be read
		return liability
	}
	return seriesColour(column)
}

// trend draws columns over the months of the time range: as lines, those in bars as bars. What is not in the unit of the first
// has an axis of its own.
func (l *library) trend(key, title, description, statement string, bars []string, columns ...string) panel {
	p := panel{
		key: key, kind: "timeseries", title: title, description: description, width: 12, height: 9,
		targets: []object{target(statement, asSeries)},
		options: object{"legend": legend, "tooltip": object{"mode": "multi", "sort": "none"}},
		defaults: object{"custom": object{
			"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": 0, "showPoints": "always", "pointSize": 5, "spanNulls": false,
			"axisPlacement": "auto", "stacking": object{"mode": "none", "group": "A"},
		}},
	}
	var unit any
	for i, column := range columns {
		properties := l.shown(column)
		of := map[string]any{}
		for _, property := range properties {
			of[property.id] = property.value
		}
		if i == 0 {
			unit = of["unit"]
		} else if of["unit"] != unit || column == "unspent_dollars" { // a stock beside flows
			properties = append(properties, property{"custom.axisPlacement", "right"}, property{"custom.axisLabel", of["displayName"]})
		}
		if strings.Contains(" "+strings.Join(bars, " ")+" ", " "+column+" ") {
			properties = append(properties, property{"custom.drawStyle", "bars"}, property{"custom.fillOpacity", 70}, property{"custom.lineWidth", 0}, property{"custom.showPoints", "never"})
		}
		p.overrides = append(p.overrides, override(column, append(properties, property{"color", object{"mode": "fixed", "fixedColor": seriesColour(column)}})...))
	}
	return p
}

// stacked makes the bars of a trend stand on each other.
func (p panel) stacked() panel {
	custom := maps.Clone(p.defaults["custom"].(object))
	custom["stacking"] = object{"mode": "normal", "group": "A"}
	custom["drawStyle"], custom["fillOpacity"], custom["lineWidth"], custom["showPoints"] = "bars", 85, 0, "never"
	p.defaults = maps.Clone(p.defaults)
	p.defaults["custom"] = custom
	return p
}

func (p panel) sized(width, height int) panel {
	p.width, p.height = width, height
	return p
}

var legend = object{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}}

// plain names columns that are no metrics, where their own name is not what people say.
var plain = map[string]string{
	"month": "Month", "program_id": "Programme", "org_id": "Organisation", "segment": "Segment", "member_id": "Member", "scope": "Scope",
	"mom": "MoM", "yoy": "YoY", "mom_pct": "MoM", "yoy_pct": "YoY",
}

// shown says how a column is called and written.
func (l *library) shown(column string) []property {
	if f, found := l.figure(column); found {
		return append([]property{{"displayName", f.title()}}, f.format()...)
	}
	return append([]property{{"displayName", nameOf(column)}}, formats[column]...)
}

// nameOf makes a name for people of a column's.
func nameOf(column string) string {
	if name, found := plain[column]; found {
		return name
	}
	return strings.ToUpper(column[:1]) + strings.ReplaceAll(column[1:], "_", " ")
}

// formats are how columns that are no metrics are written; numbers without one are whole.
var formats = map[string][]property{
	"mom_pct": {{"unit", "percentunit"}, {"decimals", 1}}, "yoy_pct": {{"unit", "percentunit"}, {"decimals", 1}},
	"share": {{"unit", "percentunit"}, {"decimals", 1}}, "max_share": {{"unit", "percentunit"}, {"decimals", 1}},
	"dollars": money, "actual_dollars": money, "projected_dollars": money, "avg_awarded": money, "avg_redeemed": money, "avg_expired": money,
	"awarded_to_date": money, "redeemed_to_date": money, "unspent_of_all": money, "month_before": money, "change": money, "in_six_months": money,
	"over_180_days": {{"unit", "percentunit"}, {"decimals", 1}}, "dollar_share": {{"unit", "percentunit"}, {"decimals", 1}},
	"months_until_run_off": {{"unit", "suffix: months"}, {"decimals", 1}},
	"month":                {{"unit", "time:YYYY-MM"}}, "forecast_month": {{"unit", "time:YYYY-MM"}},
	"first_event_on": day, "oldest_unspent_on": day,
	"seconds": {{"unit", "s"}, {"decimals", 1}}, "bytes_read": {{"unit", "decbytes"}, {"decimals", 1}},
	"hours_ago": {{"unit", "suffix: h"}, {"decimals", 1}}, "limit_hours": {{"unit", "suffix: h"}, {"decimals", 1}},
}

var (
	money = []property{{"unit", "locale"}, {"decimals", 2}}
	day   = []property{{"unit", "time:YYYY-MM-DD"}}
)
