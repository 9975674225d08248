package catalogue

import (
	"strings"
	"testing"
)

const structure = "SELECT * FROM VALUES(\n'metric String, dimension String, form String, can_be_null UInt8, warn Nullable(Decimal(38, 12)), definition String',\n"

func TestParse(t *testing.T) {
	got, err := Parse(structure + "-- it's a comment, (really)\n('a', 'financial', 'money', 0, '0.30', 'Somebody''s, (all)'),\n\n('b', 'engagement', 'ratio', 1, NULL, 'x')\n)\nCOMMENT ')'")
	if err != nil {
		t.Fatal(err)
	}
	want := []Metric{
		{ID: "a", Dimension: "financial", Form: "money", Definition: "Somebody's, (all)"},
		{ID: "b", Dimension: "engagement", Form: "ratio", CanBeNull: true, Definition: "x"},
	}
	if warn := got[0].Warn; warn == nil || *warn != 0.3 || got[0].Critical != nil || got[1].Warn != nil {
		t.Errorf("%+v, want 0.3 as the first one's warning", got)
	}
	got[0].Warn = nil
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, want %+v", got, want)
	}
	for rest, says := range map[string]string{
		"('a', 'financial', 'money', 0, NULL))":            "5 values for 6 columns",
		"('a', 'financial', 'Money', 0, NULL, 'x'))":       `"Money"`,
		"('A', 'financial', 'money', 0, NULL, 'x'))":       "small letters",
		"('a', 'financial', 'money', 0, NULL, ''))":        "a definition",
		"('a', 'financial', 'money', 0, NULL, 'x')":        "not closed",
		"('a', 'financial', 'money', 0, round(0.3), 'x'))": "cannot be read from",
		"('a', 'financial', 'money', 0, NULL, 'x), ('b'":   "cannot be read from",
	} {
		if _, err := Parse(structure + rest); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error with %q", rest, err, says)
		}
	}
	if _, err := Parse("SELECT 1"); err == nil {
		t.Error("a catalogue without VALUES is read")
	}
}
