package main

// column is a column of a table; those of a statement that a table does not list are shown under their own names.
type column struct {
	name     string
	title    string // in the place of its usual name
	hidden   bool   // there for links and for who reads the data
	link     *link
	mappings []object // of states
	shaded   bool     // the darker the larger the share is
	width    int
	wrapped  bool // a sentence: on as many lines as it takes
}

// link leads from a cell to another dashboard, with the variables that name what the row is about.
type link struct {
	title, uid string
	variables  []string // name=column pairs, such as program=program_id
}

// url keeps the month and the time range. A column's value is that of the row.
func (k link) url() string {
	text := "/d/" + k.uid + "?${month:queryparam}&${__url_time_range}"
	for i := 0; i+1 < len(k.variables); i += 2 {
		text += "&var-" + k.variables[i] + "=${__data.fields." + k.variables[i+1] + ":percentencode}"
	}
	return text
}

// table shows the statement's answer; figures of the catalogue are called, written and coloured as everywhere.
func (l *library) table(key, title, description, statement string, columns ...column) panel {
	p := panel{
		key: key, kind: "table", title: title, description: description, width: 24, height: 9,
		targets:  []object{target(statement, asTable)},
		options:  object{"showHeader": true, "cellHeight": "sm", "frameIndex": 0},
		defaults: object{"noValue": "n/a", "mappings": []object{missing}, "custom": object{"align": "auto", "inspect": false, "filterable": true}},
	}
	for _, c := range columns {
		p.overrides = append(p.overrides, override(c.name, l.cell(c)...))
	}
	return p
}

func (l *library) cell(c column) []property {
	properties := l.shown(c.name)
	f, isFigure := l.figure(c.name)
	thresholds, words := object(nil), ""
	if isFigure {
		thresholds, words = f.colours()
	}
	switch {
	case c.title != "":
		properties[0].value = c.title
	case words != "":
		properties[0].value = properties[0].value.(string) + " (" + words + ")"
	}
	if thresholds != nil {
		look := "color-background"
		if f.movement != "" {
			look = "color-text"
		}
		properties = append(properties, property{"thresholds", thresholds}, property{"color", object{"mode": "thresholds"}}, property{"custom.cellOptions", object{"type": look, "mode": "basic"}})
	}
	if c.mappings != nil {
		properties = append(properties, property{"mappings", c.mappings}, property{"custom.cellOptions", object{"type": "color-background", "mode": "basic"}})
	}
	if c.shaded {
		properties = append(properties, property{"color", object{"mode": "continuous-blues"}}, property{"min", 0}, property{"max", 1}, property{"custom.cellOptions", object{"type": "color-background", "mode": "gradient"}})
	}
	if c.wrapped {
		properties = append(properties, property{"custom.cellOptions", object{"type": "auto", "wrapText": true}})
	}
	if c.hidden {
		properties = append(properties, property{"custom.hidden", true}, property{"custom.hideFrom", object{"viz": true, "legend": true, "tooltip": true}})
	}
	if c.width > 0 {
		properties = append(properties, property{"custom.width", c.width})
	}
	if c.link != nil {
		properties = append(properties, property{"links", []object{{"title": c.link.title, "url": c.link.url(), "targetBlank": false}}})
	}
	return properties
}

// hidden lists key columns that stay in the data only.
func hidden(names ...string) []column {
	var all []column
	for _, name := range names {
		all = append(all, column{name: name, hidden: true})
	}
	return all
}

// figures lists columns of figures that are shown as usual.
func figures(names ...string) []column {
	var all []column
	for _, name := range names {
		all = append(all, column{name: name})
	}
	return all
}

// cohort is a share that is the darker the larger it is.
func cohort(name string) column {
	return column{name: name, shaded: true}
}
