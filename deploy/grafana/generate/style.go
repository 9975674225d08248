package main

import (
	"fmt"
	"strings"

	"github.com/partnerplus/warehouse/sql/catalogue"
)

// The colours of everything. They can be told apart by people who do not see all colours; still, none stands alone: beside it
// is an arrow, a sign or a word.
const (
	good    = "#2e9e4f"
	watch   = "#e0a100"
	act     = "#d64541"
	neutral = "text"

	awarded   = "#3274d9"
	redeemed  = "#17a2a2"
	expired   = "#8e8e8e"
	liability = "#e0752d"
	members   = "#7b61c4"
	visitors  = "#b4579d"
)

// series are the colours of columns that trends draw.
var series = map[string]string{
	"dollars_awarded": awarded, "dollars_redeemed": redeemed, "dollars_expired": expired, "unspent_dollars": liability,
	"actual_dollars": liability, "projected_dollars": "#f2b48c",
	"users_awarded": awarded, "users_redeeming": redeemed, "total_users": members, "active_users": visitors, "sessions": members,
	"awarded_to_redeemed": redeemed, "redemption_velocity": awarded, "funding_utilisation": members,
	"activation_rate": redeemed, "program_activation_rate": awarded, "portal_active_rate": visitors,
	"conversion_30d": "#9ad0d0", "conversion_60d": "#4db6b6", "conversion_90d": "#0e6e6e",
	"sessions_per_active_user": members, "page_views_per_session": visitors, "avg_session_seconds": expired,
	"liability_0_30": "#fbe3d3", "liability_31_60": "#f6c5a5", "liability_61_90": "#efa374", "liability_91_180": liability,
	"liability_181_365": "#b5531a", "liability_365_plus": "#7a3410",
	"awarded_gini": awarded, "unspent_gini": liability, "awarded_hhi": awarded, "unspent_hhi": liability,
	"awarded_top1_share": "#1f4e99", "awarded_top10_share": awarded, "awarded_top20_share": "#8ab0ee",
	"unspent_top1_share": "#b5531a", "unspent_top10_share": liability, "unspent_top20_share": "#f6c5a5",
	"awarded_share": awarded, "unspent_share": liability, "equality": expired,
	"rows_loaded": good, "rows_rejected": act, "rows_read": expired,
}

// movements are what the wide views have beside a metric, with how people call it.
var movements = []struct{ suffix, name string }{
	{"_mom_pct", "MoM"}, {"_mom_abs", "MoM change"}, {"_yoy_pct", "YoY"}, {"_yoy_abs", "YoY change"},
}

// figure is what a column is about: a metric of the catalogue, or its movement.
type figure struct {
	catalogue.Metric
	movement string // suffix of movements, empty for the metric itself
}

// figure reads the name of a column: the id of a metric, of a distribution with its population before it, and the suffix of
// a movement.
func (l *library) figure(column string) (figure, bool) {
	f := figure{}
	for _, m := range movements {
		if id, found := strings.CutSuffix(column, m.suffix); found {
			column, f.movement = id, m.suffix
		}
	}
	metric, found := l.metric("", column)
	for _, population := range []string{"awarded", "unspent"} {
		if id, is := strings.CutPrefix(column, population+"_"); is && !found {
			metric, found = l.metric(population, id)
		}
	}
	f.Metric = metric
	return f, found
}

// title is what people call it.
func (f figure) title() string {
	name := f.Name
	if f.Population != "" && !strings.Contains(strings.ToLower(name), f.Population) {
		name += " (" + f.Population + ")"
	}
	for _, m := range movements {
		if m.suffix == f.movement {
			name += " " + m.name
		}
	}
	return name
}

// about is the description of a panel of it.
func (f figure) about() string {
	text := f.Definition + "."
	switch f.HigherIs {
	case "good", "bad":
		text += " Up is " + f.HigherIs + "."
	}
	return text + " KPI: " + f.ID + "."
}

// format says how a figure is written: the one place that does.
func (f figure) format() []property {
	unit, decimals := "locale", 2
	switch {
	case strings.HasSuffix(f.movement, "_pct"):
		unit, decimals = "percentunit", 1
	case f.ID == "gini": // between 0 and 1, but no share of anything
		unit, decimals = "none", 3
	case f.ID == "hhi": // small where there are many members
		unit, decimals = "none", 5
	case f.Unit == "ratio":
		unit, decimals = "percentunit", 1
	case f.Form == "count":
		decimals = 0
	}
	switch {
	case f.movement == "" && f.Unit == "days":
		unit = "suffix: days"
	case f.movement == "" && f.Unit == "seconds":
		unit, decimals = "suffix: s", 0
	}
	return []property{{"unit", unit}, {"decimals", decimals}}
}

// steps are thresholds: the colours from the lowest value up.
func steps(base string, more ...step) object {
	all := []object{{"color": base, "value": nil}}
	for _, s := range more {
		all = append(all, object{"color": s.colour, "value": s.from})
	}
	return object{"mode": "absolute", "steps": all}
}

type step struct {
	from   float64
	colour string
}

// colours are those of a movement, by whether up is good; of a metric, by where its readers are warned. The second result is
// the same in words, for the head of a column; both are empty where there is nothing to tell.
func (f figure) colours() (object, string) {
	const least = 0.0005 // what is not shown as 0.0 %
	if f.movement != "" {
		switch f.HigherIs {
		case "good":
			return steps(act, step{-least, neutral}, step{least, good}), ""
		case "bad":
			return steps(good, step{-least, neutral}, step{least, act}), "up is bad"
		}
		return nil, ""
	}
	warn, critical := f.Warn, f.Critical
	switch {
	case warn == nil:
		return nil, ""
	case f.HigherIs == "bad" && critical == nil:
		return steps(good, step{*warn, watch}), "watch ≥ " + f.limit(*warn)
	case f.HigherIs == "bad":
		return steps(good, step{*warn, watch}, step{*critical, act}), "watch ≥ " + f.limit(*warn) + ", act ≥ " + f.limit(*critical)
	case critical == nil:
		return steps(watch, step{*warn, good}), "watch < " + f.limit(*warn)
	}
	return steps(act, step{*critical, watch}, step{*warn, good}), "watch < " + f.limit(*warn) + ", act < " + f.limit(*critical)
}

// limit writes a threshold as the figure is written.
func (f figure) limit(value float64) string {
	if f.format()[0].value == "percentunit" {
		return fmt.Sprintf("%.4g %%", value*100)
	}
	return fmt.Sprintf("%g", value)
}

// missing shows NULL as n/a.
var missing = object{"type": "special", "options": object{"match": "null+nan", "result": object{"text": "n/a", "color": neutral, "index": 0}}}

// words are mappings of texts to what is shown, and its colour.
type word struct{ value, shown, colour string }

func mapped(words ...word) []object {
	options := object{}
	for i, w := range words {
		options[w.value] = object{"text": w.shown, "color": w.colour, "index": i + 1}
	}
	return []object{missing, {"type": "value", "options": options}}
}

// What states are shown as: a sign, a word and a colour.
var (
	severities = mapped(word{"critical", "✖ critical", act}, word{"warning", "▲ warning", watch}, word{"info", "● info", awarded})
	statuses   = mapped(word{"good", "✔ good", good}, word{"watch", "▲ watch", watch}, word{"act", "✖ act", act})
	verdicts   = mapped(word{"pass", "✔ pass", good}, word{"warn", "▲ warn", watch}, word{"fail", "✖ fail", act})
	reviews    = mapped(word{"open", "▲ open", watch}, word{"closed", "✔ closed", good})
	sources    = mapped(word{"good", "✔ good", good}, word{"rejecting", "▲ rejecting", watch}, word{"failing", "✖ failing", act}, word{"late", "✖ late", act})
	outcomes   = mapped(word{"done", "✔ done", good}, word{"rejects", "▲ done, with rejects", watch}, word{"checks", "✖ checks failed", act},
		word{"failed", "✖ failed", act}, word{"interrupted", "▲ interrupted", watch}, word{"skipped", "▲ skipped", watch},
		word{"running", "● running", awarded}, word{"waiting", "● waiting", awarded})
	// inWords colours movements that are texts: they say better or worse themselves.
	inWords = []object{missing,
		{"type": "regex", "options": object{"pattern": ".*better$", "result": object{"color": good, "index": 1}}},
		{"type": "regex", "options": object{"pattern": ".*worse$", "result": object{"color": act, "index": 2}}},
	}
)
