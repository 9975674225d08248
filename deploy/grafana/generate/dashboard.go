package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io/fs"
)

// The dashboards by their uids, which links and bookmarks hold.
const (
	uidPortfolio    = "partnerplus-portfolio"
	uidProgram      = "partnerplus-program"
	uidOrganisation = "partnerplus-organisation"
	uidSegment      = "partnerplus-segment"
	uidMembers      = "partnerplus-members"
	uidDistribution = "partnerplus-distribution"
	uidLiability    = "partnerplus-liability"
	uidEngagement   = "partnerplus-engagement"
	uidQuality      = "partnerplus-quality"
)

// dashboard is one dashboard. Its panels are laid out as text is: from left to right, and on where a line is full.
type dashboard struct {
	name               string // of its file
	uid                string
	title, description string
	database           string // that it reads: kpi, or kpi_engagement, which says nothing about money
	variables          []object
	panels             []panel
}

// render makes all files, with their paths below deploy/grafana.
func render(statements fs.FS) (map[string][]byte, error) {
	l, err := newLibrary(statements)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, d := range dashboards(l) {
		whole, err := d.json(l)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(whole); err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.name, err)
		}
		files["dashboards/"+d.name+".json"] = text.Bytes()
	}
	if files["provisioning/alerting/kpi.yaml"], err = l.alerts(); err != nil {
		return nil, err
	}
	if l.err != nil {
		return nil, l.err
	}
	return files, l.unused()
}

func (d dashboard) json(l *library) (object, error) {
	seen := map[int]string{}
	panels := []object{}
	x, y, lowest := 0, 0, 0
	for _, p := range append([]panel{l.asOf(d.database)}, d.panels...) {
		id := number(p.key)
		if other, taken := seen[id]; taken {
			return nil, fmt.Errorf("dashboard %s: the panels %s and %s have the same id: rename one", d.name, p.key, other)
		}
		seen[id] = p.key
		if x+p.width > 24 || p.kind == "row" {
			x, y = 0, lowest
		}
		panels = append(panels, p.json(id, x, y))
		x, lowest = x+p.width, max(lowest, y+p.height)
	}
	return object{
		"uid": d.uid, "title": d.title, "description": d.description, "tags": []string{"partnerplus"},
		"schemaVersion": 42, "version": 1, "editable": false, "graphTooltip": 1, "timezone": "utc", "weekStart": "", "refresh": "5m",
		"time":       object{"from": "now-14M/M", "to": "now"}, // thirteen months, also where the newest is not over or has yet to come
		"timepicker": object{},
		"templating": object{"list": d.variables},
		"annotations": object{"list": []object{{
			"name": "Open month", "enable": true, "iconColor": expired, "datasource": datasource,
			"target": target(l.statement("shared/open_month", "", "database", d.database), asTable),
		}}},
		"links": []object{{
			"type": "dashboards", "title": "Partner Plus", "tags": []string{"partnerplus"}, "asDropdown": false, "includeVars": true, "keepTime": true, "targetBlank": false, "icon": "dashboard", "tooltip": "", "url": "",
		}},
		"panels": panels,
	}, nil
}

// number makes a panel's id of its key: it stays when panels are added or moved.
func number(key string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // a hash does not fail
	return int(h.Sum32() >> 8)
}

func (p panel) json(id, x, y int) object {
	whole := object{"id": id, "type": p.kind, "title": p.title, "gridPos": object{"x": x, "y": y, "w": p.width, "h": p.height}}
	if p.kind == "row" {
		whole["collapsed"], whole["panels"] = false, []object{}
		return whole
	}
	whole["options"], whole["transparent"] = p.options, false
	if p.description != "" {
		whole["description"] = p.description
	}
	defaults := object{"noValue": "n/a", "mappings": []object{missing}}
	for key, value := range p.defaults {
		defaults[key] = value
	}
	whole["datasource"], whole["targets"] = datasource, p.targets
	whole["fieldConfig"] = object{"defaults": defaults, "overrides": append([]object{}, p.overrides...)}
	if p.transformations != nil {
		whole["transformations"] = p.transformations
	}
	if p.links != nil {
		whole["links"] = p.links
	}
	return whole
}

// asOf is the first line of every dashboard: what its figures contain.
func (l *library) asOf(database string) panel {
	names := map[string]string{"data_as_of": "Data as of", "computed_at": "Computed", "shown": "Month shown", "open_months": "Open months (figures still grow)"}
	statement := l.statement("shared/as_of", "")
	if database == "kpi_engagement" {
		statement = l.statement("engagement/as_of", "")
	}
	p := panel{
		key: "as_of", kind: "stat", title: "", width: 24, height: 3,
		description: "The newest event in the figures, when they were computed, and the month that is shown. A month is complete once it is over and its last day has events.",
		targets:     []object{target(statement, asTable)},
		options:     stat("none", "vertical"),
	}
	p.options["colorMode"] = "none"
	for _, column := range []string{"data_as_of", "computed_at", "shown", "open_months"} {
		p.overrides = append(p.overrides, override(column, property{"displayName", names[column]}))
	}
	return p
}

// variable is a choice that the statement gives: values in its first column, labels in its second.
func variable(name, label, statement string) object {
	return object{
		"type": "query", "name": name, "label": label, "datasource": datasource, "query": statement, "definition": statement,
		"refresh": 1, "sort": 0, "multi": false, "includeAll": false, "hide": 0, "regex": "", "skipUrlSync": false, "current": object{"text": "", "value": ""}, "options": []object{},
	}
}

// withAll adds a choice of all, which stands for value in statements; it is what is chosen at first.
func withAll(v object, value string) object {
	v["includeAll"] = true
	if value != "" {
		v["allValue"] = value
	}
	v["current"] = object{"text": "All", "value": "$__all", "selected": true}
	return v
}

func (l *library) month(database string) object {
	return variable("month", "Month", l.statement("shared/month", "", "database", database))
}

func (l *library) program(database string) object {
	return variable("program", "Programme", l.statement("shared/program", "", "database", database))
}

// orPortfolio adds the portfolio to the choice of a programme: in statements, the empty programme (sql/dashboards/scope/chosen.sql).
func orPortfolio(v object) object {
	return withAll(v, "''")
}
