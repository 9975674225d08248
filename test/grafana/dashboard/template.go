package dashboard

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// variableName is what Grafana takes for a variable in a text.
var variableName = regexp.MustCompile(`\$(\w+)|\$\{(\w+)(?:\.([^:}]+)|(\[[^\]]*\]))?(?::([^}]+))?\}`)

// lookup finds what a name stands for.
type lookup func(name, path string) (value, bool)

// value is one value, or some.
type value struct {
	name string // of the variable, for an address
	all  []string
	text []string
	many bool // an array for the data source, even if it is one
	raw  bool // not formatted
	time time.Time
}

// replace replaces the variables of a text. Those without a format get the data source's own: an array in single quotes, and one
// value as it is. A name that nobody knows stays, as it does in Grafana; a format that nobody knows is an error.
func replace(text string, find lookup) (string, error) {
	var failed error
	replaced := variableName.ReplaceAllStringFunc(text, func(match string) string {
		part := variableName.FindStringSubmatch(match)
		v, known := find(part[1]+part[2], part[3]+part[4])
		if !known {
			return match
		}
		out, err := v.format(part[5])
		if err != nil {
			failed = fmt.Errorf("%s: %w", match, err)
		}
		return out
	})
	return replaced, failed
}

func (v value) format(format string) (string, error) {
	if v.raw && format != "text" && format != "queryparam" && format != "percentencode" {
		return strings.Join(v.all, ","), nil
	}
	name, argument, _ := strings.Cut(format, ":")
	switch name {
	case "":
		if v.many {
			return "'" + strings.Join(v.all, "','") + "'", nil
		}
		return strings.Join(v.all, ","), nil
	case "raw", "csv":
		return strings.Join(v.all, ","), nil
	case "singlequote":
		return v.each(",", func(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }), nil
	case "doublequote":
		return v.each(",", func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }), nil
	case "sqlstring":
		return v.each(",", func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }), nil
	case "pipe":
		return strings.Join(v.all, "|"), nil
	case "json":
		raw, err := json.Marshal(v.all)
		return string(raw), err
	case "percentencode":
		if v.many && len(v.all) > 1 {
			return percentEncoded("{" + strings.Join(v.all, ",") + "}"), nil
		}
		return percentEncoded(strings.Join(v.all, ",")), nil
	case "queryparam":
		return v.each("&", func(s string) string { return "var-" + v.name + "=" + percentEncoded(s) }), nil
	case "text":
		return strings.Join(v.text, " + "), nil
	case "date":
		return v.date(argument)
	}
	return "", fmt.Errorf("the format %s is not known here", format)
}

func (v value) each(separator string, write func(string) string) string {
	written := make([]string, len(v.all))
	for i, s := range v.all {
		written[i] = write(s)
	}
	return strings.Join(written, separator)
}

var moment = strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "HH", "15", "mm", "04", "ss", "05")

func (v value) date(layout string) (string, error) {
	if v.time.IsZero() {
		return "", fmt.Errorf("%q is no time", v.all)
	}
	switch layout {
	case "", "iso":
		return v.time.UTC().Format("2006-01-02T15:04:05.000Z"), nil
	case "seconds":
		return fmt.Sprint(v.time.Unix()), nil
	}
	return v.time.Format(moment.Replace(layout)), nil
}

// percentEncoded is encodeURIComponent, of !'()* too.
func percentEncoded(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

const conditionalAll = "$__conditionalAll("

// conditional replaces the plugin's macro of that name, which its browser part does before variables are replaced: its first
// argument stands unless the variable in its second is All. Commas and brackets are counted whether in quotes or not.
func conditional(statement string, find lookup) (string, error) {
	for {
		at := strings.LastIndex(statement, conditionalAll)
		if at < 0 {
			return statement, nil
		}
		arguments, length := bracketed(statement[at+len(conditionalAll):])
		if len(arguments) != 2 {
			return "", fmt.Errorf("%s%s: %d arguments, want 2", conditionalAll, statement[at+len(conditionalAll):], len(arguments))
		}
		if strings.Contains(arguments[0], "$$") || strings.Contains(arguments[0], "$&") || strings.Contains(arguments[0], "$'") || strings.Contains(arguments[0], "$`") {
			return "", fmt.Errorf("%s: its first argument means something else to a browser's replace()", statement[at:])
		}
		phrase := arguments[0]
		name := conditionalName.FindStringSubmatch(strings.TrimSpace(arguments[1]))
		if name == nil {
			return "", fmt.Errorf("%s: its second argument is no variable", statement[at:])
		}
		v, known := find(name[1]+name[2], "")
		if !known {
			return "", fmt.Errorf("%s: there is no variable %s", statement[at:], arguments[1])
		}
		if all := v.all; len(all) == 1 && (all[0] == Every || all[0] == "") || len(all) == 0 {
			phrase = "1=1"
		}
		statement = statement[:at] + phrase + statement[at+len(conditionalAll)+length:]
	}
}

// conditionalName is a name in the one or the other form, without a format: with one, the plugin does not see it.
var conditionalName = regexp.MustCompile(`^(?:\$\{(\w+)\}|\$(\w+))$`)

// bracketed splits what stands up to the bracket that closes, and gives the length of it.
func bracketed(s string) (arguments []string, length int) {
	depth, begin := 1, 0
	for i, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 || r == ',' && depth == 1 {
			arguments = append(arguments, s[begin:i])
			begin = i + 1
		}
		if depth == 0 {
			return arguments, i + 1
		}
	}
	return nil, 0
}
