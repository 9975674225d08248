package propose

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// markSteps says how a column's numbers are written, where that is not plain.
func markSteps(n *numbers) []pair {
	if n == nil || n.plainly() {
		return nil
	}
	var marks []pair
	if n.decimal != "." && (!n.integers || n.thousands == ".") {
		marks = append(marks, pair{"decimal", quoted(n.decimal)})
	}
	if n.thousands != "" {
		marks = append(marks, pair{"thousands", quoted(n.thousands)})
	}
	if len(n.symbols) > 0 {
		marks = append(marks, pair{"symbols", sequence(n.symbols)})
	}
	if n.brackets || n.trailing {
		marks = append(marks, pair{"accounting", "true"})
	}
	return []pair{{"number", flow(marks)}}
}

// wholeSteps makes an id of a number such as 17850.0.
func wholeSteps() ([]pair, []string) {
	return []pair{{"whole", "true"}}, []string{"the .0 of each is taken off"}
}

// extracted takes a member's id out of a sentence.
func extracted(p *profile) (string, []string) {
	return flow([]pair{{"from", raw(p.name)}, {"extract", quoted(literal(p.inside))}}),
		[]string{"the id in sentences such as: " + shorten(p.examples[0], 60) + "; those without one have no member"}
}

// productLine is the amount as a quantity times a price.
func (m *mapping) productLine() (string, []string) {
	pairs := []pair{{"expr", quoted(literal(factor(m.product[0]) + " * " + factor(m.product[1])))}}
	notes := []string{fmt.Sprintf("no column is the whole amount, so it is %s times %s", shorten(m.product[0].name, 40), shorten(m.product[1].name, 40))}
	n := m.product[0].numbers
	if n.decimals+m.product[1].numbers.decimals > 4 {
		pairs = append(pairs, pair{"round", "true"})
	}
	if n.negatives > 0 || m.product[1].numbers.negatives > 0 {
		to := back[m.entity.Name]
		pairs = append(pairs, pair{"negative", to})
		notes = append(notes, fmt.Sprintf("%s are negative, which means %s", percent(n.negatives+m.product[1].numbers.negatives, m.product[0].rows), to))
	}
	return flow(pairs), notes
}

// operators of the language of expressions that are words.
var operators = []string{"and", "or", "not", "in", "matches", "contains", "let", "if", "else", "true", "false", "nil", "row", "unit", "delivered"}

// factor is a column as a number in an expression.
func factor(p *profile) string {
	plainName := p.name != "" && !slices.Contains(operators, p.name) && !strings.ContainsFunc(p.name, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
	}) && !unicode.IsDigit(rune(p.name[0]))
	if plainName {
		return "number(" + p.name + ")"
	}
	return "number(column(" + quoted(p.name) + "))"
}
