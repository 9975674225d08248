package review_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/partnerplus/warehouse/load"
)

// told is a figure as a page tells it.
type told struct{ exact, shown string }

// figuresOf gives all figures of a page that say what they are of, by month, programme, population, metric and kind.
func figuresOf(t *testing.T, page string) map[[5]string][]told {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	figures := map[[5]string][]told{}
	var visit func(node *html.Node, of map[string]string)
	visit = func(node *html.Node, of map[string]string) {
		own := of
		if len(node.Attr) > 0 {
			own = map[string]string{}
			for key, value := range of {
				own[key] = value
			}
			for _, a := range node.Attr {
				own[a.Key] = a.Val
			}
		}
		if node.Type == html.ElementNode && node.Data == "data" {
			kind := own["data-is"]
			if own["data-indicator"] != "" {
				own["data-metric"], kind = own["data-indicator"], "lens "+kind
			}
			key := [5]string{own["data-month"], own["data-program"], own["data-population"], own["data-metric"], kind}
			figures[key] = append(figures[key], told{own["value"], strings.TrimSpace(text(node))})
			return
		}
		for child := range node.ChildNodes() {
			visit(child, own)
		}
	}
	visit(root, map[string]string{})
	return figures
}

func text(node *html.Node) (all string) {
	if node.Type == html.TextNode {
		return node.Data
	}
	for child := range node.ChildNodes() {
		all += text(child)
	}
	return all
}

// compareFigures holds every figure of a page to the KPI tables, as the warehouse itself rounds and writes them, and finds every
// figure of the month on the page.
func compareFigures(t *testing.T, w *load.Warehouse, page, month string) {
	t.Helper()
	figures := figuresOf(t, page)
	wanted := answer(t, w, `
		SELECT formatDateTime(month, '%Y-%m'), program_id, population, metric, is, ifNull(toString(exact), ''), multiIf(
			exact IS NULL, 'n/a',
			is NOT IN ('value', 'lens value', 'lens beside'), '',
			metric IN ('gini', 'hhi'), toDecimalString(round(exact, 4), 4),
			unit = 'ratio', concat(toDecimalString(round(exact * 100, 1), 1), ' %'),
			form = 'count', toString(toInt128(round(exact, 0))),
			toDecimalString(round(exact, 2), 2)) AS shown,
			month = '`+month+`' AS must
		FROM
		(
			SELECT month, program_id, population, metric, part.1 AS is, part.2 AS exact
			FROM kpi.metric_monthly
			ARRAY JOIN [('value', value), ('mom_abs', mom_abs), ('yoy_abs', yoy_abs)] AS part
			WHERE scope IN ('portfolio', 'program') AND month <= '`+month+`'
		) AS m
		INNER JOIN (SELECT metric, population, unit, form FROM kpi.metrics) AS c USING (metric, population)
		UNION ALL
		SELECT formatDateTime(month, '%Y-%m'), '', '', indicator, is, ifNull(toString(exact), ''), multiIf(
			exact IS NULL, 'n/a',
			is = 'lens beside', if(indicator = 'growth', toString(toInt128(exact)), toDecimalString(round(exact, 2), 2)),
			is != 'lens value', '',
			indicator IN ('growth', 'engagement'), toString(toInt128(exact)),
			indicator = 'liability', toDecimalString(round(exact, 2), 2),
			concat(toDecimalString(round(exact * 100, 1), 1), ' %')), 1
		FROM
		(
			SELECT month, indicator, part.1 AS is, part.2 AS exact
			FROM kpi.portfolio_lens
			ARRAY JOIN [('lens value', value), ('lens mom_abs', mom_abs), ('lens yoy_abs', yoy_abs), ('lens beside', beside)] AS part
			WHERE month = '`+month+`' AND (part.1 != 'lens beside' OR indicator IN ('growth', 'engagement'))
		)`)
	compared, inMonth := 0, 0
	for _, row := range wanted {
		key := [5]string(row[:5])
		if row[7] == "1" {
			inMonth++
			if len(figures[key]) == 0 {
				t.Errorf("the page does not have %v", key)
			}
		}
		for _, got := range figures[key] {
			compared++
			if got.exact != row[5] || row[6] != "" && strings.ReplaceAll(got.shown, ",", "") != row[6] {
				t.Errorf("%v is %q, shown as %q, on the page, %q in kpi, to be shown as %q", key, got.exact, got.shown, row[5], row[6])
			}
		}
		delete(figures, key)
	}
	for key, left := range figures {
		t.Errorf("the page has %v as %v, kpi does not", key, left)
	}
	if inMonth < 600 || compared < inMonth {
		t.Errorf("%d figures compared, %d of them of the month", compared, inMonth)
	}
}
