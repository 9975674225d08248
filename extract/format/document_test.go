package format_test

import (
	"io"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/extract/format"
)

// White space that never ends is given up: whoever looks for what follows would look through it again and again. In a
// text, it is a text.
func TestDocumentOfSpaces(t *testing.T) {
	t.Parallel()
	few, many := strings.Repeat(" ", 100<<10), strings.Repeat(" \n", 1<<20)
	for name, test := range map[string]struct{ text, want string }{
		"few":              {few + `[` + few + `{"a":1}` + few + `,` + few + `2` + few + `]` + few, ""},
		"before":           {many + `[1,2]`, "white space in a row"},
		"before a record":  {`[` + many + `1,2]`, "white space in a row"},
		"after a record":   {`[1` + many + `,2]`, "white space in a row"},
		"after the end":    {`[1,2]` + many, "white space in a row"},
		"within a record":  {`[{` + many + `"a":1},2]`, ""},
		"in a text":        {`["` + strings.ReplaceAll(many, "\n", " ") + `",2]`, ""},
		"many, but broken": {`[1,` + many + `x]`, "invalid character 'x'"},
	} {
		document := format.NewDocument(strings.NewReader(test.text), "")
		records := 0
		var err error
		for err == nil {
			if _, err = document.Next(); err == nil {
				records++
			}
		}
		switch {
		case test.want == "" && (err != io.EOF || records != 2):
			t.Errorf("%s: %d records and %v", name, records, err)
		case test.want != "" && !strings.Contains(err.Error(), test.want):
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
