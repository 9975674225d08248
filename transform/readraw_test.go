package transform

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// readAll reads raws of which all must be readable.
func readAll(t testing.TB, raws []string) arrow.Record {
	t.Helper()
	rows, unreadable, err := ReadRaw(raws)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(rows.Release)
	for i, err := range unreadable {
		if err != nil {
			t.Fatalf("%s: %v", raws[i], err)
		}
	}
	return rows
}

func raws(rejects []Reject) []string {
	texts := make([]string, len(rejects))
	for i, r := range rejects {
		texts[i] = r.Raw
	}
	return texts
}

// TestReplayTypes: rejects of every type of raw column are rejected alike once read back, and become through
// a mapping that takes them the rows that it makes of the batch itself.
func TestReplayTypes(t *testing.T) {
	t.Parallel()
	for _, tt := range rawCases() {
		t.Run(tt.kind.String(), func(t *testing.T) {
			t.Parallel()
			c := array.NewBuilder(memory.DefaultAllocator, tt.kind)
			defer c.Release()
			tt.put(c)
			c.AppendNull()
			values := c.NewArray()
			defer values.Release()
			rows := array.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "c", Type: tt.kind, Nullable: true}}, nil), []arrow.Array{values}, int64(values.Len()))
			defer rows.Release()

			// Its format is not what the texts look like, which holds only for texts that are not times.
			const layout = `{from: c, time: {format: "02.01.2006", zone: Asia/Tokyo}}`
			takes := map[string]string{"award_id": "$row", "org_id": "c"}
			if isTime(rows.Schema().Field(0)) {
				takes["awarded_at"], takes["version"] = layout, layout
			}
			refuses := mustCompile(t, awardsYAML(map[string]string{"award_id": "$row", "kind": "{from: c, map: {no such value: award}}"}), nil)
			first := apply(t, refuses, memory.DefaultAllocator, rows, place(rows))
			if len(first.Rejects) != values.Len() {
				t.Fatalf("%d of %d rows are rejected", len(first.Rejects), values.Len())
			}
			again := readAll(t, raws(first.Rejects))
			second := apply(t, refuses, memory.DefaultAllocator, again, place(again))
			if diff := cmp.Diff(first.Rejects, second.Rejects); diff != "" {
				t.Error(diff)
			}
			taker := mustCompile(t, awardsYAML(takes), nil)
			sameRows(t, apply(t, taker, memory.DefaultAllocator, rows, place(rows)), apply(t, taker, memory.DefaultAllocator, again, place(again)))
		})
	}
}

func sameRows(t interface{ Errorf(string, ...any) }, a, b Result) {
	if a.Amount != b.Amount {
		t.Errorf("Σ amount: %v and %v", a.Amount, b.Amount)
	}
	for _, f := range a.Record.Schema().Fields() {
		if diff := cmp.Diff(show(a.Record, f.Name), show(b.Record, f.Name)); diff != "" {
			t.Errorf("%s: %s", f.Name, diff)
		}
	}
	if diff := cmp.Diff(a.Rejects, b.Rejects); diff != "" {
		t.Errorf("%s", diff)
	}
}

// TestReplayTexts replays rows of any texts and nulls, under any names.
func TestReplayTexts(t *testing.T) {
	t.Parallel()
	refuses := mustCompile(t, awardsYAML(map[string]string{"award_id": "$row", "member_id": "{from: v, lookup: none}"}), map[string]Lookup{"none": {}})
	takes := mustCompile(t, awardsYAML(map[string]string{"award_id": "$row", "org_id": "v"}), nil)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`-?[0-9]{1,30}(\.[0-9]+)?|true|null|\{"a":1\}`),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }), rapid.Just(null))
		names := append([]string{"v"}, rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"a.b", "v ", "$times", "$bytes", "x", "x"})), 0, 4).Draw(rt, "names")...)
		for i := range names[1:] {
			names[i+1] = strings.ReplaceAll(names[i+1], "|", "") + "’"
		}
		var lines []string
		for range rapid.IntRange(1, 6).Draw(rt, "rows") {
			var fields []string
			for range names {
				fields = append(fields, strings.ReplaceAll(text.Draw(rt, "text"), "|", ""))
			}
			lines = append(lines, strings.Join(fields, "|"))
		}
		rows := textRecord(t, memory.DefaultAllocator, strings.Join(names, "|"), lines...)
		defer rows.Release()
		first := apply(t, refuses, memory.DefaultAllocator, rows, place(rows))
		if len(first.Rejects) != len(lines) {
			rt.Fatalf("%d of %d rows are rejected", len(first.Rejects), len(lines))
		}
		again := readAll(t, raws(first.Rejects))
		second := apply(t, refuses, memory.DefaultAllocator, again, place(again))
		if diff := cmp.Diff(first.Rejects, second.Rejects); diff != "" {
			rt.Fatal(diff)
		}
		sameRows(rt, apply(t, takes, memory.DefaultAllocator, rows, place(rows)), apply(t, takes, memory.DefaultAllocator, again, place(again)))
	})
}

func TestReadRaw(t *testing.T) {
	t.Parallel()
	const notRaw = "it is not a row as rejects keep them, a JSON object of columns; replay it from its source"
	texts := []string{
		`{"user.id":1e2,"n":"a","n":null,"at":"2024-01-31","$times":["at"]}`,
		`{"user.id":12345678901234567890.10,"extra":true,"b":"a�","$bytes":{"b":"Yf8="}}`,
		`{"id":"","$truncated":true}`,
		`1;2;3`,
		`["a"]`,
		`{"a":{"b":1}}`,
		`{"a":1} {}`,
		`{"a":1`,
		``,
		`{"at":"31/01/2024"}`,
		`{"a":1,"$times":["b"]}`,
		`{"$bytes":{"b":"!"}}`,
		`{"at":null,"$times":["at"]}`,
	}
	want := []string{
		"", "", "its text was cut short at 65536 bytes; replay it from its source",
		notRaw, notRaw, notRaw, notRaw, notRaw, notRaw,
		`its column "at" is a time in some rows and not in others; replay those apart`,
		`$times names "b", which is not a time of the row; replay it from its source`,
		notRaw, "",
	}
	rows, unreadable, err := ReadRaw(texts)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Release()
	for i, err := range unreadable {
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want[i] {
			t.Errorf("%s: got %s\nwant %s", texts[i], got, want[i])
		}
	}
	var got []string
	for i, f := range rows.Schema().Fields() {
		line := f.Name
		column, err := readColumn(rows.Column(i))
		if err != nil {
			t.Fatal(err)
		}
		for row := range int(rows.NumRows()) {
			text, ok := column.at(row)
			if !ok {
				text = []byte("null")
			}
			line += "|" + string(text)
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{
		"user.id|1e2|12345678901234567890.10|null", "n|a|null|null", "n|null|null|null", "at|2024-01-31|null|null", "extra|null|true|null", "b|null|a\xff|null",
	}, got); diff != "" {
		t.Error(diff)
	}
	none, _, err := ReadRaw(nil)
	if err != nil || none.NumRows() != 0 {
		t.Errorf("got %v, %v", none, err)
	}
}

// FuzzReadRaw: whatever is read reads the same once it was rejected again.
func FuzzReadRaw(f *testing.F) {
	for _, text := range []string{`{"v":1,"w":"a","$times":["w"]}`, `{"v":"2024-01-31","$times":["v"]}`, `{"v":"\ufffd","$bytes":{"v":"/w=="}}`, `{"v":true,"v":"5"}`, `{"$truncated":true}`, `{`, `[]`} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		rows, unreadable, err := ReadRaw([]string{a, b})
		if err != nil || len(unreadable) != 2 {
			t.Fatal(unreadable, err)
		}
		defer rows.Release()
		columns := make([]texts, rows.NumCols())
		for i := range columns {
			columns[i], _ = readColumn(rows.Column(i))
		}
		var again []string
		for row := range int(rows.NumRows()) {
			again = append(again, rawJSON(rows, columns, row))
		}
		second, unreadable, err := ReadRaw(again)
		if err != nil {
			t.Fatal(err)
		}
		defer second.Release()
		for i, err := range unreadable {
			if err != nil && !strings.Contains(err.Error(), "cut short") {
				t.Fatalf("%s: %v", again[i], err)
			}
		}
	})
}
