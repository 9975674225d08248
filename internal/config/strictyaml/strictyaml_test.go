package strictyaml

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type inner struct {
	Text  string            `yaml:"text,omitempty"`
	Texts map[string]string `yaml:"texts,omitempty"`
}

type item struct {
	Name  string  `yaml:"-" strict:"key"`
	Inner inner   `yaml:",inline"`
	Share float64 `yaml:"share"`
}

func (i *item) SetDefaults() { i.Share = 0.5 }

type top struct {
	On     bool          `yaml:"on"`
	Count  *int          `yaml:"count"`
	Small  uint8         `yaml:"small"`
	Wait   time.Duration `yaml:"wait"`
	Words  []string      `yaml:"words"`
	Items  []item        `yaml:"items"`
	Shorts []inner       `yaml:"shorts"`
}

var options = Options{
	File:  "f.yaml",
	Short: map[reflect.Type]string{reflect.TypeFor[inner](): "text"},
	Expand: func(_, text string) (string, error) {
		if text == "$bad" {
			return "", errors.New("it is bad")
		}
		return strings.ReplaceAll(text, "$inject", "x\nitems: {evil: 1}"), nil
	},
}

func TestDecode(t *testing.T) {
	seven := 7
	tests := []struct {
		name, yaml string
		want       top
	}{
		{"scalars", "on: true\ncount: 007\nsmall: 255\nwait: 1h30m\nwords: [1, 0.10, true, 'x', \"y\", 0x1F]\n",
			top{On: true, Count: &seven, Small: 255, Wait: 90 * time.Minute, Words: []string{"1", "0.10", "true", "x", "y", "0x1F"}}},
		{"order and defaults", "items:\n  z: {text: a}\n  a: {share: 0}\n  m: {texts: {2: two}}\n", top{Items: []item{
			{Name: "z", Inner: inner{Text: "a"}, Share: 0.5}, {Name: "a"},
			{Name: "m", Inner: inner{Texts: map[string]string{"2": "two"}}, Share: 0.5}}}},
		{"short forms", "shorts: [one, {text: two}, 3]\n", top{Shorts: []inner{{Text: "one"}, {Text: "two"}, {Text: "3"}}}},
		{"anchors, aliases and merges", "items:\n  a: &a {text: x, share: 1}\n  b: *a\n  c:\n    <<: *a\n    text: y\n  d: {<<: [*a], texts: {k: v}}\n",
			top{Items: []item{
				{Name: "a", Inner: inner{Text: "x"}, Share: 1}, {Name: "b", Inner: inner{Text: "x"}, Share: 1},
				{Name: "c", Inner: inner{Text: "y"}, Share: 1}, {Name: "d", Inner: inner{Text: "x", Texts: map[string]string{"k": "v"}}, Share: 1}}}},
		{"days", "wait: 2d1h30m\n", top{Wait: 49*time.Hour + 30*time.Minute}},
		{"whole days", "wait: 100000d\n", top{Wait: 100_000 * 24 * time.Hour}},
		{"keys without a value are left out", "on:\ncount: ~\nitems:\n", top{}},
		{"expanded text is never YAML", "words: [$inject]\nshorts: [$inject]\n",
			top{Words: []string{"x\nitems: {evil: 1}"}, Shorts: []inner{{Text: "x\nitems: {evil: 1}"}}}},
		{"block text and tags", "words:\n  - |\n    a\n    b\n  - !!str 12\n", top{Words: []string{"a\nb\n", "12"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got top
			if err := Decode([]byte(tt.yaml), &got, options).Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(item{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecodeProblems(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"kinds", "on: yes\nsmall: 256\nwait: [1]\nwords: one\nitems: [a]\nshorts: [[a]]\n", `
f.yaml:1:5: on: "yes" is not true or false
f.yaml:2:8: small: "256" is not a whole number from 0
f.yaml:3:7: wait: must be a duration such as 90s, 10m or 2h, not a list
f.yaml:4:8: words: must be a list, not a single value
f.yaml:5:8: items: must be a mapping of keys to values, not a list
f.yaml:6:10: shorts[0]: must be a mapping of keys to values, not a list`},
		{"too many days", "wait: 100001d\n", `
f.yaml:1:7: wait: "100001d" is not a duration such as 90s, 10m or 2h`},
		{"half a day", "wait: 0.5d\n", `
f.yaml:1:7: wait: "0.5d" is not a duration such as 90s, 10m or 2h`},
		{"expansion", "words: [$bad]\n", `
f.yaml:1:9: words[0]: "$bad": it is bad`},
		{"elements without a value", "words: [a, ]\nitems:\n  a:\n  b: {texts: {k: }}\n", `
f.yaml:3:3: items.a: has no value; give it one, or leave it out
f.yaml:4:15: items.b.texts.k: has no value; give it one, or leave it out`},
		{"aliases", "words: *w\nitems:\n  a: &a\n    <<: *a\n", `
f.yaml:1:8: words: *w: no &w stands above it
f.yaml:4:5: items.a: a mapping that is merged into itself`},
		{"near keys", "itmes: {}\nWORDS: []\nwaits: 1s\nshort: []\nanything: 1\n", `
f.yaml:1:1: itmes: unknown key; did you mean items?
f.yaml:2:1: WORDS: unknown key; did you mean words?
f.yaml:3:1: waits: unknown key; did you mean wait?
f.yaml:4:1: short: unknown key; did you mean shorts?
f.yaml:5:1: anything: unknown key; known here: on, count, small, wait, words, items, shorts`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Decode([]byte(tt.yaml), new(top), options).Err()
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(strings.TrimSpace(tt.want), err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAdd(t *testing.T) {
	doc := Decode([]byte("words: [a, b]\nitems:\n  a: {text: x}\n"), new(top), options)
	doc.Add("items.a", nil)
	doc.Add("items.a", errors.Join(errors.New("text: too short"), errors.New("texts.k: missing"), errors.New("Not: a field")))
	doc.Addf("words[1]", "bad")
	doc.Addf("words[7]", "not there")
	want := `f.yaml:3:7: items.a.text: too short
f.yaml:3:3: items.a.texts.k: missing
f.yaml:3:3: items.a: Not: a field
f.yaml:1:12: words[1]: bad
f.yaml:1:1: words[7]: not there`
	if diff := cmp.Diff(want, doc.Err().Error()); diff != "" {
		t.Error(diff)
	}
}

// Whatever the bytes: no panic, and an error that is not empty.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "a: &a\n  <<: *a\n", "? {a: b}\n: c\n", "items: {a: !!x *b}\n", "- - -", "{[a]: b}", "x: &x *x\n", "on: !!bool\n", "%YAML 1.2\n---\non: true\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := Decode(data, new(top), options).Err(); err != nil && err.Error() == "" {
			t.Error("an error without a text")
		}
	})
}
