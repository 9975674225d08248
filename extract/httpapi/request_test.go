package httpapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/partnerplus/warehouse/extract"
)

// What paging and time add goes where the spec says, in the form that it has there.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	day := func(w extract.WindowSpec) extract.WindowSpec {
		w.Every, w.Start = "day", "2024-03-15"
		return w
	}
	cursor := extract.PagingSpec{Type: "cursor", CursorPath: "next"}
	for name, test := range map[string]struct {
		spec extract.HTTPSpec
		want []string
	}{
		"parameters in the body": {extract.HTTPSpec{
			Body:   `{"site":"a<b","range":["",""],"big":12345678901234567890,"rate":1.50}`,
			Paging: extract.PagingSpec{Type: "offset", In: "body", Param: "pagination.offset", SizeParam: "pagination.limit", Size: 2},
			Window: day(extract.WindowSpec{In: "body", FromParam: "range.0", ToParam: "range.1"}),
		}, []string{
			`POST / {"big":12345678901234567890,"pagination":{"limit":2,"offset":0},"range":["2024-03-15T00:00:00Z","2024-03-16T00:00:00Z"],"rate":1.50,"site":"a<b"}`,
			`POST / {"big":12345678901234567890,"pagination":{"limit":2,"offset":1},"range":["2024-03-15T00:00:00Z","2024-03-16T00:00:00Z"],"rate":1.50,"site":"a<b"}`,
			`POST / {"big":12345678901234567890,"pagination":{"limit":2,"offset":2},"range":["2024-03-15T00:00:00Z","2024-03-16T00:00:00Z"],"rate":1.50,"site":"a<b"}`,
		}},
		"placeholders in the body": {extract.HTTPSpec{
			Body:   `{"from":"{from}","to":"{last}","offset":"{offset}","limit":"{size}","none":""}`,
			Paging: extract.PagingSpec{Type: "offset", Size: 2}, Window: day(extract.WindowSpec{Format: "2006-01-02"}),
		}, []string{
			`POST / {"from":"2024-03-15","limit":"2","none":"","offset":"0","to":"2024-03-15"}`,
			`POST / {"from":"2024-03-15","limit":"2","none":"","offset":"1","to":"2024-03-15"}`,
			`POST / {"from":"2024-03-15","limit":"2","none":"","offset":"2","to":"2024-03-15"}`,
		}},
		"unix numbers in an empty body": {extract.HTTPSpec{
			Method: "POST", Window: day(extract.WindowSpec{In: "body", Format: "unix"}),
		}, []string{`POST / {"from":1710460800,"to":1710547200}`}},
		"a form": {extract.HTTPSpec{
			Body: "a=1&a=2&date={from},{last}&c={cursor}", ContentType: "application/x-www-form-urlencoded",
			Paging: cursor, Window: day(extract.WindowSpec{Format: "2006-01-02"}),
		}, []string{
			"POST / a=1&a=2&date=2024-03-15%2C2024-03-15",
			`POST / a=1&a=2&c=c%221&date=2024-03-15%2C2024-03-15`,
			`POST / a=1&a=2&c=c%222&date=2024-03-15%2C2024-03-15`,
		}},
		"a cursor in JSON": {extract.HTTPSpec{Body: `{"after":"{cursor}","q":"x"}`, Paging: cursor}, []string{
			`POST / {"q":"x"}`, `POST / {"after":"c\"1","q":"x"}`, `POST / {"after":"c\"2","q":"x"}`,
		}},
		"a cursor in JSON by its path": {extract.HTTPSpec{Body: `{"q":"x"}`, Paging: extract.PagingSpec{Type: "cursor", CursorPath: "next", In: "body", Param: "page.after"}}, []string{
			`POST / {"q":"x"}`, `POST / {"page":{"after":"c\"1"},"q":"x"}`, `POST / {"page":{"after":"c\"2"},"q":"x"}`,
		}},
		"placeholders in the address": {extract.HTTPSpec{
			URL: "/export/{from}/{page}", Query: map[string]string{"until": "{to}"},
			Paging: extract.PagingSpec{Type: "page"}, Window: day(extract.WindowSpec{Format: "20060102"}),
		}, []string{"GET /export/20240315/1?until=20240316 ", "GET /export/20240315/2?until=20240316 ", "GET /export/20240315/3?until=20240316 "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			test.spec.URL = serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = append(got, fmt.Sprint(r.Method, " ", r.URL, " ", string(body)))
				switch n := len(got); {
				case n < 3:
					_, _ = fmt.Fprintf(w, `{"items":[{"id":%d}],"next":"c\"%d"}`, n, n)
				default:
					_, _ = io.WriteString(w, `{"items":[]}`)
				}
			}) + test.spec.URL
			test.spec.Records = "items"
			if _, _, err := read(t, open(t, test.spec, &pauses{})); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A place that the body does not have is found before anything is asked for.
func TestNoSuchPlace(t *testing.T) {
	t.Parallel()
	for _, param := range []string{"range.2", "range.x", "site.from"} {
		spec := extract.HTTPSpec{
			URL: "http://127.0.0.1:1/", Body: `{"range":["",""],"site":"x"}`,
			Window: extract.WindowSpec{Every: "day", Start: "2024-01-01", In: "body", FromParam: param},
		}
		if _, err := openSpec(spec, extract.FormatSpec{}); err == nil || !strings.Contains(err.Error(), "no place "+param) {
			t.Errorf("%s: %v", param, err)
		}
	}
}

// A cursor comes back to the server as the text that it gave, whatever is in it, in a JSON body as in a query.
func FuzzCursorText(f *testing.F) {
	for _, cursor := range []string{"a", `"},{"x":"`, "{from}{to}{cursor}", "a&b=c#d %zz", "\n\x00é<>", `\u0022`} {
		f.Add(cursor)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		if cursor == "" || !utf8.ValidString(cursor) {
			return // none, or not a text that JSON can hold
		}
		for _, in := range []string{"query", "body"} {
			var got []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body struct{ Cursor, Filled *string }
				_ = json.NewDecoder(r.Body).Decode(&body)
				if in == "query" && r.URL.Query().Has("cursor") {
					got = append(got, r.URL.Query().Get("cursor"))
				}
				if body.Cursor != nil && body.Filled != nil {
					got = append(got, *body.Cursor, *body.Filled)
				}
				answer := map[string]any{"items": []any{}}
				if len(got) == 0 {
					answer["next"] = cursor
				}
				_ = json.NewEncoder(w).Encode(answer)
			}))
			spec := extract.HTTPSpec{URL: server.URL, Records: "items", Paging: extract.PagingSpec{Type: "cursor", CursorPath: "next", In: in, Param: "cursor"}}
			if in == "body" {
				spec.Body = `{"filled":"{cursor}"}`
			}
			_, _, err := read(t, open(t, spec, &pauses{}))
			server.Close()
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range got {
				if text != cursor {
					t.Errorf("%s: %q came back as %q", in, cursor, text)
				}
			}
			if len(got) == 0 {
				t.Errorf("%s: nothing came back", in)
			}
		}
	})
}
