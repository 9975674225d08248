package offer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
)

var now = time.Date(2024, 3, 10, 12, 0, 0, 0, time.UTC)

// memory is a place of texts by name. Their ETag is their length in words.
type memory map[string]string

func (m memory) Has(_ context.Context, name string) (bool, error) {
	_, ok := m[name]
	return ok, nil
}

func (m memory) Read(_ context.Context, file extract.Unit, most int64) ([]byte, error) {
	if text := m[file.Name]; int64(len(text)) <= most {
		return []byte(text), nil
	}
	return nil, errors.New("too long")
}

func (m memory) Resolve(address string) (string, error) {
	name, ok := strings.CutPrefix(address, "mem://")
	if !ok {
		return "", errors.New("not of this place")
	}
	return name, nil
}

func (m memory) Same(file extract.Unit, etag string) bool { return file.Version == etag }

// choose adds all files, in their order; those with "young" in their text were just written.
func (m memory) choose(t *testing.T, spec extract.ChoiceSpec, folder, glob string) (units, withheld []string, err error) {
	t.Helper()
	rules, err := Compile(spec, folder, glob)
	if err != nil {
		t.Fatal(err)
	}
	choice := rules.Begin(now)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !strings.HasPrefix(name, rules.Literal()) {
			continue // the place lists what begins so
		}
		file := extract.Unit{Name: name, Size: int64(len(m[name])), Version: fmt.Sprint(len(strings.Fields(m[name]))), Delivered: now.Add(-time.Hour)}
		if strings.Contains(m[name], "young") {
			file.Delivered = now.Add(-time.Minute)
		}
		choice.Add(file)
	}
	chosen, held, err := choice.Units(t.Context(), m)
	for _, unit := range chosen {
		units = append(units, unit.Name)
	}
	for _, unit := range held {
		withheld = append(withheld, unit.Name)
	}
	return units, withheld, err
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		place        memory
		spec         extract.ChoiceSpec
		folder, glob string
		want, held   []string
		wrong        []string // texts of the error
	}{
		"everything": {place: memory{"a": "", "b/c": ""}, want: []string{"a", "b/c"}},
		"exclude": {
			place:  memory{"in/a": "", "in/tmp/b": "", "in/x/tmp/c": "", "in/d.bak": "", "in/x/d.bak": ""},
			spec:   extract.ChoiceSpec{Exclude: []string{"**/tmp/**", "*.bak"}},
			folder: "in", want: []string{"in/a", "in/x/d.bak"},
		},
		"exclude beside a date": {
			place:  memory{"in/2024-03-01/a": "", "in/latest/a": "", "in/2024-03-02/tmp/a": ""},
			spec:   extract.ChoiceSpec{Exclude: []string{"latest/**", "**/tmp/**"}},
			folder: "in/{date}", want: []string{"in/2024-03-01/a"},
		},
		"wrong dates": {
			place: memory{"in/2024-03-01/a": "", "in/2024-02-30/a": "", "in/latest/a": ""},
			glob:  "in/{date}/*", wrong: []string{`"in/2024-02-30/a"`, `"in/latest/a"`},
		},
		"many wrong dates": {
			place: memory{"0": "", "1": "", "2": "", "3": "", "4": "", "5": "", "6": "", "7": "", "8": "", "9": "", "91": "", "92": ""},
			glob:  "{date}", wrong: []string{"and 2 more"},
		},
		"age": {
			place: memory{"a": "", "b": "young"}, spec: extract.ChoiceSpec{MinAge: 10 * time.Minute},
			want: []string{"a"}, held: []string{"b"},
		},
		"marker": {
			place: memory{"in/1/a": "", "in/1/_SUCCESS": "", "in/2/a": "", "in/3/x/y/a": "", "in/3/_SUCCESS": ""},
			spec:  extract.ChoiceSpec{Marker: "_SUCCESS"}, folder: "in",
			want: []string{"in/1/a", "in/3/x/y/a"}, held: []string{"in/2/a"},
		},
		"marker of the source's folder": {
			place: memory{"in/1/a": "", "in/_SUCCESS": ""}, spec: extract.ChoiceSpec{Marker: "_SUCCESS"}, folder: "in",
			want: []string{"in/1/a"},
		},
		"marker above the source": {
			place: memory{"in/1/a": "", "_SUCCESS": ""}, spec: extract.ChoiceSpec{Marker: "_SUCCESS"}, folder: "in",
			held: []string{"in/1/a"},
		},
		"marker of a sibling": {
			place: memory{"in/1/a": "", "in/10/_SUCCESS": "", "in/2/_SUCCESS": ""}, spec: extract.ChoiceSpec{Marker: "_SUCCESS"}, folder: "in",
			held: []string{"in/1/a"},
		},
		"marker that is excluded": {
			place: memory{"in/1/a": "", "in/_SUCCESS": ""}, folder: "in",
			spec: extract.ChoiceSpec{Marker: "_SUCCESS", Exclude: []string{"_SUCCESS"}}, held: []string{"in/1/a"},
		},
		"marker where the glob does not look": {
			place: memory{"in/1/a": "", "in/_SUCCESS": ""}, spec: extract.ChoiceSpec{Marker: "_SUCCESS"}, folder: "in", glob: "1/*",
			want: []string{"in/1/a"},
		},
		"manifest": {
			place: memory{"in/a": "", "in/b": "", "in/manifest.json": `["a"]`},
			spec:  extract.ChoiceSpec{Manifest: "**/manifest.json"}, folder: "in", want: []string{"in/a"},
		},
		"manifests of every form": {
			place: memory{
				"1/m": "a b.csv\r\n\nc\n", "1/a b.csv": "", "1/c": "", "1/not": "",
				"2/m": `{"files": [{"key": "2/a", "size": 3}, {"path": "./b"}, "../1/not"]}`, "2/a": "abc", "2/b": "",
				"3/m": `{"entries": [{"url": "mem://3/a", "mandatory": true, "meta": {"content_length": 0}}, {"key": "/3/b", "etag": "\"2\""}]}`, "3/a": "", "3/b": "two words",
				"4/m": "[]", "4/a": "",
			},
			spec: extract.ChoiceSpec{Manifest: "*/m"},
			want: []string{"1/a b.csv", "1/c", "1/not", "2/a", "2/b", "3/a", "3/b"},
		},
		"manifest of files that the source does not choose": {
			place: memory{"a.csv": "", "b.json": "", "m": "a.csv\nb.json\nelsewhere.json\ntmp/c.csv\n", "tmp/c.csv": ""}, glob: "*.csv",
			spec: extract.ChoiceSpec{Manifest: "m", Exclude: []string{"tmp/**"}}, want: []string{"a.csv"},
		},
		"manifest of a missing file": {
			place: memory{"1/a": "", "1/m": "a\nb\n", "2/c": "", "2/m": "c"}, spec: extract.ChoiceSpec{Manifest: "*/m"},
			wrong: []string{`manifest "1/m"`, `"b", which is missing`},
		},
		"manifest that is young": {
			place: memory{"1/a": "", "1/m": "a\nb\nyoung\n", "2/c": "", "2/m": "c"},
			spec:  extract.ChoiceSpec{Manifest: "*/m", MinAge: 10 * time.Minute}, want: []string{"2/c"},
		},
		"manifest of a young file": {
			place: memory{"a": "", "b": "young", "m": "a\nb"}, spec: extract.ChoiceSpec{Manifest: "m", MinAge: 10 * time.Minute},
			want: []string{"a"}, held: []string{"b"},
		},
		"manifest with another size": {
			place: memory{"a": "abc", "m": `[{"key": "a", "size": 4}]`}, spec: extract.ChoiceSpec{Manifest: "m"},
			wrong: []string{`manifest "m"`, `"a" with 4 bytes, it has 3`},
		},
		"manifest with another etag": {
			place: memory{"a": "abc", "m": `[{"key": "a", "etag": "7"}]`}, spec: extract.ChoiceSpec{Manifest: "m"},
			wrong: []string{`manifest "m"`, `ETag 7`},
		},
		"manifest of two minds": {
			place: memory{"in/a": "", "in/1/a": "", "in/1/m": `["a"]`}, spec: extract.ChoiceSpec{Manifest: "*/m"}, folder: "in",
			wrong: []string{`both "in/1/a" and "in/a"`},
		},
		"manifest of another place": {
			place: memory{"m": `["http://x/a"]`}, spec: extract.ChoiceSpec{Manifest: "m"}, wrong: []string{"not of this place"},
		},
		"manifest out of the place": {
			place: memory{"m": `["../../a"]`}, spec: extract.ChoiceSpec{Manifest: "m"}, wrong: []string{`"../../a", which is missing`},
		},
		"broken manifest": {
			place: memory{"a": "", "m": `["a"`}, spec: extract.ChoiceSpec{Manifest: "m"}, wrong: []string{`manifest "m": it is not a manifest`},
		},
		"empty manifest": {
			place: memory{"a": "", "m": ""}, spec: extract.ChoiceSpec{Manifest: "m"}, wrong: []string{`manifest "m": it is empty`},
		},
		"huge manifest": {
			place: memory{"m": strings.Repeat("a\n", mostManifestBytes)}, spec: extract.ChoiceSpec{Manifest: "m"}, wrong: []string{"too long"},
		},
		"marker and manifest": {
			place: memory{"1/a": "", "1/b": "", "1/m": "a", "1/_SUCCESS": "", "2/a": "", "2/m": "a"},
			spec:  extract.ChoiceSpec{Manifest: "*/m", Marker: "_SUCCESS"}, want: []string{"1/a"}, held: []string{"2/a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			units, held, err := test.place.choose(t, test.spec, test.folder, test.glob)
			if (err != nil) != (test.wrong != nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range test.wrong {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
				if Hint(err, "s3") == "" {
					t.Errorf("no hint for %v", err)
				}
			}
			if diff := cmp.Diff(test.want, units); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.held, held); diff != "" {
				t.Error("held back:", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" \n":                             "empty",
		"\xff":                            "UTF-8",
		`[1]`:                             "its file 1",
		`["a", ""]`:                       "its file 2: it has no key",
		`[{"size": 3}]`:                   "no key",
		`[{"key": "a", "size": -3}]`:      "size of -3",
		`[{"key": "a", "size": "3"}]`:     "its file 1",
		`{"objects": []}`:                 "neither files nor entries",
		`{"key": "a"}` + "\n" + `{"x":1}`: "follows its end",
		`["a"] x`:                         "follows its end",
	} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`["a", {"url": "s3://b/c", "size": 3, "etag": "x"}]`))
	f.Add([]byte(`{"files": [{"key": "a"}], "entries": null}`))
	f.Add([]byte("a\r\nb\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := parse(text)
		for _, e := range entries {
			if err == nil && (strings.TrimSpace(e.name) == "" && !strings.ContainsAny(string(text), "[{") || e.size < -1) {
				t.Errorf("%q: %v", text, e)
			}
		}
	})
}
