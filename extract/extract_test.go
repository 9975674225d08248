package extract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/partnerplus/warehouse/extract"
)

func TestArrange(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 3, 1, 10, 0, 0, 0, time.FixedZone("", 3600))
	units := []extract.Unit{
		{Name: "c", Delivered: at}, {Name: "a", Delivered: at.Add(time.Second)}, {Name: "b", Delivered: at.Add(300)},
		{Name: "a2", Delivered: at}, {Name: "y"}, {Name: "x"},
	}
	extract.Arrange(units)
	utc := at.UTC()
	want := []extract.Unit{
		{Name: "x"}, {Name: "y"},
		{Name: "a2", Delivered: utc},
		{Name: "b", Delivered: utc.Add(time.Microsecond)},
		{Name: "c", Delivered: utc.Add(2 * time.Microsecond)},
		{Name: "a", Delivered: utc.Add(time.Second)},
	}
	if diff := cmp.Diff(want, units); diff != "" {
		t.Error(diff)
	}
}

func TestArrangeSetsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var units []extract.Unit
		for _, ns := range rapid.SliceOf(rapid.Int64Range(1, 20_000)).Draw(t, "delivered") {
			units = append(units, extract.Unit{Name: rapid.String().Draw(t, "name"), Delivered: time.Unix(0, ns)})
		}
		extract.Arrange(units)
		for i := 1; i < len(units); i++ {
			if !units[i].Delivered.After(units[i-1].Delivered) {
				t.Fatalf("%v is not after %v", units[i], units[i-1])
			}
		}
	})
}

func TestWithin(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2024, 3, d, 0, 0, 0, 0, time.UTC) }
	units := func() []extract.Unit {
		return []extract.Unit{
			{Name: "window", From: day(1), To: day(10)}, {Name: "file", Delivered: day(10)}, {Name: "all"},
		}
	}
	for _, test := range []struct {
		within extract.Range
		want   string
	}{
		{extract.Range{}, "window file all"},
		{extract.Range{From: day(9)}, "window file all"},
		{extract.Range{From: day(10)}, "file all"},
		{extract.Range{To: day(10)}, "window all"},
		{extract.Range{To: day(1)}, "all"},
	} {
		var names []string
		for _, u := range extract.Within(units(), test.within) {
			names = append(names, u.Name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%v: %s, want %s", test.within, got, test.want)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	no := false
	folder := &extract.FileSpec{Path: "data"}
	s3 := func(change func(*extract.S3Spec)) extract.Spec {
		s := &extract.S3Spec{Bucket: "b"}
		change(s)
		return extract.Spec{S3: s}
	}
	resume := &extract.ResumeSpec{Lookback: time.Hour, FullEvery: time.Hour}
	http := func(change func(*extract.HTTPSpec)) extract.Spec {
		h := &extract.HTTPSpec{URL: "https://example.com/awards"}
		change(h)
		return extract.Spec{HTTP: h}
	}
	for name, test := range map[string]struct {
		spec extract.Spec
		want string
	}{
		"file":       {extract.Spec{File: folder}, ""},
		"http":       {http(func(*extract.HTTPSpec) {}), ""},
		"nothing":    {extract.Spec{}, "exactly one of file, s3, http and postgres"},
		"two places": {extract.Spec{File: folder, S3: &extract.S3Spec{Bucket: "b"}}, "not 2 (file, s3)"},
		"no path":    {extract.Spec{File: &extract.FileSpec{}}, "file.path: missing"},
		"glob":       {extract.Spec{File: &extract.FileSpec{Path: "d", Glob: "a[*"}}, `file.glob: "a[*"`},
		"half a key": {extract.Spec{S3: &extract.S3Spec{Bucket: "b", SecretAccessKey: "s3cret"}}, "set both or neither"},
		"dates": {s3(func(s *extract.S3Spec) {
			s.Prefix, s.Glob, s.Resume, s.Versions, s.Parallel = "/a/{year}/", "{month}/{day}/**/*.csv", resume, "all", 8
		}), ""},
		"placeholder":      {s3(func(s *extract.S3Spec) { s.Glob = "dt={dat}/*" }), `s3.glob: "dt={dat}/*": {dat} is neither`},
		"half a date":      {s3(func(s *extract.S3Spec) { s.Glob = "{month}/*" }), "has the month but not the year"},
		"path of dates":    {extract.Spec{File: &extract.FileSpec{Path: "data/{date}"}}, "placeholders belong into file.glob"},
		"s3 zone":          {s3(func(s *extract.S3Spec) { s.Zone = "Mars" }), `s3.zone: "Mars"`},
		"exclude":          {s3(func(s *extract.S3Spec) { s.Exclude = []string{"a", "[", ""} }), `s3.exclude[2]: ""`},
		"marker":           {s3(func(s *extract.S3Spec) { s.Marker = "a/_SUCCESS" }), `s3.marker: "a/_SUCCESS"`},
		"manifest":         {s3(func(s *extract.S3Spec) { s.Manifest = "{date}.json" }), `s3.manifest: "{date}.json"`},
		"min_age":          {s3(func(s *extract.S3Spec) { s.MinAge = -1 }), "s3.min_age: -1ns"},
		"versions":         {s3(func(s *extract.S3Spec) { s.Versions = "every" }), `s3.versions: "every"`},
		"parallel":         {s3(func(s *extract.S3Spec) { s.Parallel = 33 }), "s3.parallel: 33"},
		"full_every":       {s3(func(s *extract.S3Spec) { s.Resume = &extract.ResumeSpec{} }), "s3.resume.full_every: 0s"},
		"lookback":         {s3(func(s *extract.S3Spec) { s.Resume = &extract.ResumeSpec{Lookback: -1, FullEvery: 1} }), "s3.resume.lookback: -1ns"},
		"unsorted":         {s3(func(s *extract.S3Spec) { s.Glob, s.Resume = "*/{date}/*", resume }), "does not sort by date"},
		"resume, manifest": {s3(func(s *extract.S3Spec) { s.Manifest, s.Resume = "*.json", resume }), "drop either"},
		"profile, key": {s3(func(s *extract.S3Spec) {
			s.Profile, s.AccessKeyID, s.SecretAccessKey = "p", "k", "s3cret"
		}), "s3.profile"},
		"owner":        {s3(func(s *extract.S3Spec) { s.ExpectedOwner = "acme" }), `s3.expected_owner: "acme"`},
		"role":         {s3(func(s *extract.S3Spec) { s.AssumeRole = &extract.RoleSpec{} }), "s3.assume_role.role_arn: missing"},
		"session":      {s3(func(s *extract.S3Spec) { s.AssumeRole = &extract.RoleSpec{RoleARN: "x", SessionName: "a b"} }), `session_name: "a b"`},
		"duration":     {s3(func(s *extract.S3Spec) { s.AssumeRole = &extract.RoleSpec{RoleARN: "x", Duration: time.Minute} }), "duration: 1m0s"},
		"sts":          {s3(func(s *extract.S3Spec) { s.AssumeRole = &extract.RoleSpec{RoleARN: "x", Endpoint: "sts"} }), "assume_role.endpoint"},
		"customer key": {s3(func(s *extract.S3Spec) { s.SSECustomerKey = "s3cret" }), "s3.sse_customer_key: not 32 bytes"},
		"key over http": {s3(func(s *extract.S3Spec) {
			s.Endpoint, s.SSECustomerKey = "http://minio:9000", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
		}), "must be https"},
		"endpoint": {extract.Spec{S3: &extract.S3Spec{Bucket: "b", Endpoint: "minio:9000"}}, "s3.endpoint"},
		"method":   {http(func(h *extract.HTTPSpec) { h.Method = "PUT" }), `http.method: "PUT"`},
		"paging":   {http(func(h *extract.HTTPSpec) { h.Paging.Type = "pages" }), `http.paging.type: "pages"`},
		"cursor":   {http(func(h *extract.HTTPSpec) { h.Paging.Type = "cursor" }), "cursor_path: missing"},
		"window":   {http(func(h *extract.HTTPSpec) { h.Window.Start = "2024-01-01" }), "http.window.every: missing"},
		"start":    {http(func(h *extract.HTTPSpec) { h.Window.Every = "day"; h.Window.Start = "1.1.2024" }), `start: "1.1.2024"`},
		"zone": {http(func(h *extract.HTTPSpec) {
			h.Window = extract.WindowSpec{Every: "day", Start: "2024-01-01", Zone: "Mars"}
		}), `zone: "Mars"`},
		"csv over http":   {extract.Spec{HTTP: &extract.HTTPSpec{URL: "http://x"}, Format: extract.FormatSpec{Type: "csv"}}, ""},
		"a paged csv":     {extract.Spec{HTTP: &extract.HTTPSpec{URL: "http://x", Paging: extract.PagingSpec{Type: "page"}}, Format: extract.FormatSpec{Type: "csv"}}, `not format.type "csv"`},
		"format":          {extract.Spec{File: folder, Format: extract.FormatSpec{Type: "xml"}}, `format.type: "xml"`},
		"encoding":        {extract.Spec{File: folder, Format: extract.FormatSpec{Encoding: "klingon"}}, `format.encoding: "klingon"`},
		"delimiter":       {extract.Spec{File: folder, Format: extract.FormatSpec{Delimiter: "|\n"}}, `format.delimiter: "|\n"`},
		"tab":             {extract.Spec{File: folder, Format: extract.FormatSpec{Delimiter: `\t`}}, ""},
		"no columns":      {extract.Spec{File: folder, Format: extract.FormatSpec{Header: &no}}, "format.columns: missing"},
		"columns twice":   {extract.Spec{File: folder, Format: extract.FormatSpec{Header: &no, Columns: []string{"a", "a"}}}, `"a" is empty or named twice`},
		"packed parquet":  {extract.Spec{File: folder, Format: extract.FormatSpec{Type: "parquet", Compression: "gzip"}}, "compressed inside"},
		"records of csv":  {extract.Spec{File: folder, Format: extract.FormatSpec{Type: "csv", Records: "a"}}, `format.records: "a"`},
		"each of parquet": {extract.Spec{File: folder, Format: extract.FormatSpec{Type: "parquet", Each: "a"}}, "format.each"},
		"elements twice":  {extract.Spec{File: folder, Format: extract.FormatSpec{Elements: []string{"a", "a"}}}, `format.elements: "a"`},
		"escape":          {extract.Spec{File: folder, Format: extract.FormatSpec{Quote: "none", Escape: `\\`}}, "format.escape"},
		"quote":           {extract.Spec{File: folder, Format: extract.FormatSpec{Delimiter: "||", Quote: "|"}}, "format.quote"},
		"totals":          {extract.Spec{File: folder, Format: extract.FormatSpec{Totals: &extract.TotalsSpec{}}}, "format.totals.column: missing"},
		"skip rows":       {extract.Spec{File: folder, Format: extract.FormatSpec{SkipRows: -1}}, "format.skip_rows"},
		"exception":       {extract.Spec{File: folder, Format: extract.FormatSpec{Units: []extract.UnitFormat{{Glob: "*", FormatSpec: extract.FormatSpec{Encoding: "x"}}}}}, `format.units[0]: format.encoding: "x"`},
		"exception glob":  {extract.Spec{File: folder, Format: extract.FormatSpec{Units: []extract.UnitFormat{{}}}}, "format.units[0]: glob: missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.spec.Validate()
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			case err != nil && strings.Contains(err.Error(), "s3cret"):
				t.Errorf("the secret is in the error: %v", err)
			}
		})
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	spec := extract.Spec{HTTP: &extract.HTTPSpec{Window: extract.WindowSpec{Every: "month"}}}
	end := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	unit := extract.Unit{Name: "2024-02", To: end}
	if spec.Settled(unit, end.AddDate(0, 0, 7)) || !spec.Settled(unit, end.AddDate(0, 0, 8)) {
		t.Error("a window settles after seven days")
	}
	if (extract.Spec{File: &extract.FileSpec{}}).Settled(unit, end.AddDate(1, 0, 0)) {
		t.Error("a file never settles")
	}
}
