package extract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

func TestValidateHTTP(t *testing.T) {
	t.Parallel()
	type spec = extract.HTTPSpec
	key := &extract.KeySpec{Name: "key", Value: "v4lue-of-it"}
	long := -time.Hour
	for name, test := range map[string]struct {
		spec spec
		want string
	}{
		"a query as a POST": {spec{Body: `{"a":"{from}"}`, Safe: true, Paging: extract.PagingSpec{Type: "offset", In: "body", Param: "page.offset"}, Watermark: extract.WatermarkSpec{Start: "2024-01-01"}}, ""},
		"a form":            {spec{Body: "a=1&b=2", ContentType: "application/x-www-form-urlencoded", Auth: extract.AuthSpec{Body: key}}, ""},
		"every window":      {spec{Window: extract.WindowSpec{Every: "week", Start: "2024-01-01", Format: "unix_ms"}}, ""},
		"a Google account":  {spec{Auth: extract.AuthSpec{OAuth2: &extract.OAuth2Spec{GoogleServiceAccount: "{}"}}}, ""},

		"a body that is no JSON":      {spec{Body: "{"}, "http.body: not a JSON object"},
		"a body that is no object":    {spec{Body: "[1]"}, "http.body: not a JSON object"},
		"a GET with a body":           {spec{Method: "GET", Body: "{}"}, "http.body: a GET has no body"},
		"a GET that pages in a body":  {spec{Paging: extract.PagingSpec{Type: "page", In: "body"}}, "http.paging.in: a GET has no body"},
		"a safe GET":                  {spec{Safe: true}, "http.safe: a GET"},
		"another content":             {spec{Body: "x", ContentType: "text/xml"}, `http.content_type: "text/xml"`},
		"two ways to sign":            {spec{Auth: extract.AuthSpec{Header: key, Query: key}}, "http.auth: header and query are set"},
		"two tokens":                  {spec{BearerToken: "x", Auth: extract.AuthSpec{Header: key}}, "http.auth.header: http.bearer_token is set already"},
		"Authorization twice":         {spec{Headers: map[string]string{"authorization": "x"}, Auth: extract.AuthSpec{Basic: &extract.BasicSpec{User: "u"}}}, "Authorization is set"},
		"a key without a name":        {spec{Auth: extract.AuthSpec{Header: &extract.KeySpec{Value: "v4lue-of-it"}}}, "http.auth.header.name: missing"},
		"HMAC without a secret":       {spec{Auth: extract.AuthSpec{HMAC: &extract.HMACSpec{}}}, "http.auth.hmac.secret: missing"},
		"HMAC that nobody gets":       {spec{Auth: extract.AuthSpec{HMAC: &extract.HMACSpec{Secret: "s", Headers: map[string]string{"A": "x"}}}}, "carries {signature}"},
		"HMAC by md5":                 {spec{Auth: extract.AuthSpec{HMAC: &extract.HMACSpec{Secret: "s", Algorithm: "md5"}}}, `algorithm: "md5"`},
		"OAuth2 of nobody":            {spec{Auth: extract.AuthSpec{OAuth2: &extract.OAuth2Spec{TokenURL: "https://x/"}}}, "client_id: missing"},
		"OAuth2 of nowhere":           {spec{Auth: extract.AuthSpec{OAuth2: &extract.OAuth2Spec{ClientID: "x"}}}, "token_url: missing"},
		"the path of a key":           {spec{Auth: extract.AuthSpec{OAuth2: &extract.OAuth2Spec{GoogleServiceAccount: "/run/key.json"}}}, "${file:NAME} reads it from a file"},
		"two histories":               {spec{Window: extract.WindowSpec{Every: "day", Start: "2024-01-01"}, Watermark: extract.WatermarkSpec{Start: "2024-01-01"}}, "http.watermark: http.window is set"},
		"a watermark from nowhen":     {spec{Watermark: extract.WatermarkSpec{Delay: time.Hour}}, "http.watermark.start: missing"},
		"a watermark from Monday":     {spec{Watermark: extract.WatermarkSpec{Start: "Monday"}}, `"Monday" is neither a day`},
		"a negative lookback":         {spec{Watermark: extract.WatermarkSpec{Start: "2024-01-01", Lookback: &long}}, "lookback: -1h0m0s is negative"},
		"spans of a second":           {spec{Watermark: extract.WatermarkSpec{Start: "2024-01-01", AtMost: time.Second}}, "at_most: 1s"},
		"no layout":                   {spec{Window: extract.WindowSpec{Every: "day", Start: "2024-01-01", Format: "YYYY-MM-DD"}}, `http.window.format: "YYYY-MM-DD"`},
		"a time of nothing":           {spec{Query: map[string]string{"a": "{from}"}}, "{from} stands for nothing"},
		"a page of nothing":           {spec{Query: map[string]string{"a": "{page}"}}, "{page} stands for nothing"},
		"a size of nothing":           {spec{Query: map[string]string{"a": "{size}"}}, "http.paging.size: missing"},
		"a cursor in the path":        {spec{URL: "https://x/{cursor}", Paging: extract.PagingSpec{Type: "cursor", CursorPath: "c"}}, "may not change the path"},
		"a cursor of no pages":        {spec{Paging: extract.PagingSpec{CursorPath: "next"}}, "http.paging.cursor_path: means nothing"},
		"a start of no pages":         {spec{Paging: extract.PagingSpec{Type: "next_link", Start: new(int)}}, "http.paging.start: means nothing"},
		"a size that nobody hears":    {spec{Paging: extract.PagingSpec{Type: "page", Size: 10}}, "http.paging.size_param: missing"},
		"a burst of nothing":          {spec{Rate: extract.RateSpec{Burst: 2}}, "per_second: missing"},
		"a negative rate":             {spec{Rate: extract.RateSpec{PerSecond: -1}}, "per_second: -1"},
		"a negative deadline":         {spec{Deadline: -1}, "http.deadline"},
		"an address for a host":       {spec{AllowHosts: []string{"https://x/"}}, `allow_hosts: "https://x/"`},
		"a failure at no place":       {spec{Failure: extract.FailureSpec{MessagePath: "m"}}, "http.failure.path: missing"},
		"an empty answer at no place": {spec{Empty: extract.MatchSpec{Equals: "m"}}, "http.empty.path: missing"},
	} {
		if test.spec.URL == "" {
			test.spec.URL = "https://example.com/awards"
		}
		err := extract.Spec{HTTP: &test.spec}.Validate()
		if test.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), key.Value)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

// What a format says is heeded or refused, never ignored.
func TestValidateHTTPFormat(t *testing.T) {
	t.Parallel()
	type format = extract.FormatSpec
	for name, test := range map[string]struct {
		url    string
		format format
		want   string
	}{
		"pages":                  {"/awards", format{Each: "lines", Elements: []string{"labels"}, Encoding: "utf-8"}, ""},
		"records":                {"/awards", format{Records: "data.items"}, ""},
		"other records":          {"/awards", format{Records: "items"}, `format.records: "items", but http.records is "data.items"`},
		"a charset of pages":     {"/awards", format{Encoding: "windows-1252"}, "an API's JSON is UTF-8"},
		"csv keys of pages":      {"/awards", format{Delimiter: ";", SkipRows: 1}, "format.delimiter, format.skip_rows mean nothing for json"},
		"exceptions":             {"/awards.csv", format{Units: []extract.UnitFormat{{Glob: "*"}}}, "format.units mean nothing for csv"},
		"a csv":                  {"/awards.csv.gz", format{Delimiter: ";", SkipRows: 1, Encoding: "windows-1252"}, ""},
		"a csv without its name": {"/awards", format{Type: "csv", Columns: []string{"a"}}, ""},
		"a charset of a file":    {"/awards.json.gz", format{Encoding: "windows-1252"}, ""},
		"a member of no zip":     {"/awards.csv", format{Member: "*"}, "format.member mean nothing for csv"},
		"a member of a zip":      {"/awards.csv.zip", format{Member: "*"}, ""},
		"a zip of anything":      {"/awards.zip", format{Compression: "zip", Member: "*", Delimiter: ";"}, ""},
		"a sheet of csv":         {"/awards.csv", format{Sheet: "1"}, "format.sheet mean nothing for csv"},
	} {
		spec := extract.HTTPSpec{URL: "https://example.com" + test.url}
		if strings.Contains(name, "records") {
			spec.Records = "data.items"
		}
		err := extract.Spec{HTTP: &spec, Format: test.format}.Validate()
		if name == "records" {
			err = extract.Spec{HTTP: &extract.HTTPSpec{URL: spec.URL}, Format: test.format}.Validate()
		}
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
