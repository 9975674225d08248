// Package placeholder turns the named placeholders of a SQL query into bind parameters: $from into $1. Values never
// become part of the query's text.
//
// It must not know what the values are, nor of any server.
package placeholder

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Query is one statement with numbered parameters.
type Query struct {
	// Text is the statement without a semicolon at its end. It is as long as what it was made from up to there, so that a
	// position that a server names is right in both.
	Text string
	// Uses are the placeholders in their order.
	Uses []Use
}

// Use is a placeholder at its place.
type Use struct {
	Name string
	// Operator is what stands right before the placeholder, such as <=; empty where that is no operator.
	Operator string
}

// Operators gives the operators that stand before a name's uses, one for each use.
func (q Query) Operators(name string) []string {
	var operators []string
	for _, use := range q.Uses {
		if use.Name == name {
			operators = append(operators, use.Operator)
		}
	}
	return operators
}

// Translate reads a query as PostgreSQL does with standard_conforming_strings on: what stands in literals, quoted names
// and comments is no placeholder. The first name becomes $1.
func Translate(query string, names ...string) (Query, error) {
	s := &scanner{text: query, names: names}
	for s.at < len(s.text) {
		if err := s.token(); err != nil {
			return Query{}, err
		}
	}
	if !s.begun {
		return Query{}, errors.New("there is no statement in it")
	}
	return Query{Text: s.out.String(), Uses: s.uses}, nil
}

// scanner goes through a query token by token.
type scanner struct {
	text     string
	names    []string
	at       int
	out      strings.Builder
	uses     []Use
	operator string // the last token, where it is an operator
	begun    bool   // there was more than comments
	ended    bool   // after a semicolon
}

var errUnfinished = errors.New("a literal, a quoted name or a comment in it does not end")

// token takes one token, or a run of space.
func (s *scanner) token() error {
	rest := s.text[s.at:]
	switch {
	case isSpace(rest[0]):
		s.take(1)
		return nil
	case strings.HasPrefix(rest, "--"):
		n := strings.IndexByte(rest, '\n')
		if n < 0 {
			n = len(rest)
		}
		s.take(n)
		return nil
	case strings.HasPrefix(rest, "/*"):
		return s.takeAll(comment(rest))
	case rest[0] == ';':
		s.ended = true
		s.at++
		return nil
	}
	if s.ended {
		return errors.New("it holds more than one statement")
	}
	s.begun = true
	if n := run(rest, isOperator); n > 0 {
		s.takeOperator(rest[:n])
		return nil
	}
	before := s.operator
	s.operator = ""
	switch c := rest[0]; {
	case c == '\'', c == '"':
		return s.takeAll(quoted(rest, false))
	case (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		s.take(1)
		return s.takeAll(quoted(s.text[s.at:], true))
	case c == '$':
		return s.dollar(rest, before)
	case isNameStart(c):
		s.take(run(rest, func(c byte) bool { return isName(c) || c == '$' }))
	default:
		s.take(1)
	}
	return nil
}

func (s *scanner) take(n int) {
	if !s.ended {
		s.out.WriteString(s.text[s.at : s.at+n])
	}
	s.at += n
}

// takeAll takes what ends after n bytes, or nowhere.
func (s *scanner) takeAll(n int) error {
	if n < 0 {
		return errUnfinished
	}
	s.take(n)
	return nil
}

// takeOperator takes an operator up to a comment that begins right after it.
func (s *scanner) takeOperator(text string) {
	for _, begin := range []string{"--", "/*"} {
		if i := strings.Index(text, begin); i > 0 {
			text = text[:i]
		}
	}
	s.operator = text
	s.take(len(text))
}

// dollar takes a placeholder or a dollar-quoted literal.
func (s *scanner) dollar(rest, before string) error {
	name := rest[1 : 1+run(rest[1:], isName)]
	after := rest[1+len(name):]
	digit := name != "" && name[0] >= '0' && name[0] <= '9'
	if strings.HasPrefix(after, "$") && !digit {
		tag := rest[:len(name)+2]
		end := strings.Index(rest[len(tag):], tag)
		if end < 0 {
			return errUnfinished
		}
		s.take(len(tag) + end + len(tag))
		return nil
	}
	i := slices.Index(s.names, name)
	switch {
	case i < 0 && len(s.names) == 0:
		return fmt.Errorf("$%s: it takes no placeholders", name)
	case i < 0:
		return fmt.Errorf("$%s is no placeholder; there are $%s", name, strings.Join(s.names, " and $"))
	}
	s.uses = append(s.uses, Use{Name: name, Operator: before})
	number := "$" + strconv.Itoa(i+1)
	s.out.WriteString(number + strings.Repeat(" ", max(0, 1+len(name)-len(number))))
	s.at += 1 + len(name)
	return nil
}

// comment gives the length of a comment, which may hold others; -1 where it does not end.
func comment(text string) int {
	depth := 0
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth, i = depth+1, i+2
		case strings.HasPrefix(text[i:], "*/"):
			depth, i = depth-1, i+2
		default:
			i++
		}
		if depth == 0 {
			return i
		}
	}
	return -1
}

// quoted gives the length of a quoted text, in which the quote is written twice, or after a backslash; -1 where it does
// not end.
func quoted(text string, backslash bool) int {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case backslash && text[i] == '\\':
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return -1
}

// run counts the bytes at the beginning that are of a kind.
func run(text string, of func(byte) bool) int {
	n := 0
	for n < len(text) && of(text[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool    { return strings.IndexByte(" \t\r\n\f\v", c) >= 0 }
func isOperator(c byte) bool { return strings.IndexByte("+-*/<>=~!@#%^&|`?", c) >= 0 }
func isNameStart(c byte) bool {
	return c == '_' || c >= 0x80 || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
func isName(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }
