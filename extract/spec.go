package extract

import "time"

// Spec declares a source: one place and the format of its units. Exactly one of File, S3 and HTTP is set.
type Spec struct {
	// File is a local folder.
	File *FileSpec `yaml:"file,omitempty"`
	// S3 is a bucket of S3 or of a server that speaks its protocol.
	S3 *S3Spec `yaml:"s3,omitempty"`
	// HTTP is a JSON API.
	HTTP *HTTPSpec `yaml:"http,omitempty"`
	// Format says how the units' bytes become rows.
	Format FormatSpec `yaml:"format,omitempty"`
}

// FileSpec is a local folder; every file that the pattern matches is a unit.
type FileSpec struct {
	// Path is the root folder, relative to the config file.
	Path string `yaml:"path"`
	// Glob chooses files below the root, such as "awards/**/*.csv.gz"; "**", everything, by default. Files and
	// folders whose name starts with a dot are never read: they are uploads under way.
	Glob string `yaml:"glob,omitempty"`
}

// S3Spec is a bucket; every object that the pattern matches is a unit.
type S3Spec struct {
	// Bucket is the bucket's name.
	Bucket string `yaml:"bucket"`
	// Prefix is the folder within the bucket, such as partners/acme; the whole bucket by default.
	Prefix string `yaml:"prefix,omitempty"`
	// Glob chooses objects below the prefix, such as "awards/**/*.csv.gz"; "**", everything, by default.
	Glob string `yaml:"glob,omitempty"`
	// Endpoint is the server's address, such as https://minio.example.com:9000; AWS itself by default.
	Endpoint string `yaml:"endpoint,omitempty"`
	// Region is the bucket's region; that of the environment, else us-east-1, by default.
	Region string `yaml:"region,omitempty"`
	// PathStyle puts the bucket into the path instead of the host name, as most servers other than AWS need.
	PathStyle bool `yaml:"path_style,omitempty"`
	// AccessKeyID is the name of the key. Without it, AWS's own chain of credentials applies: environment, profile,
	// the machine's role.
	AccessKeyID string `yaml:"access_key_id,omitempty"`
	// SecretAccessKey is the key's secret, best given as ${ENV}.
	SecretAccessKey string `yaml:"secret_access_key,omitempty"`
	// MinAge leaves out objects younger than this, such as 10m, for deliveries that are written in several goes.
	MinAge time.Duration `yaml:"min_age,omitempty"`
}

// HTTPSpec is an API that answers with JSON. It has one unit per window, or one named "all" without windows.
type HTTPSpec struct {
	// URL is the address, without the parameters that Query, Paging and Window add.
	URL string `yaml:"url"`
	// Method is GET, the default, or POST. Only a GET is repeated when it fails.
	Method string `yaml:"method,omitempty"`
	// Headers are sent with every request, but never to another host.
	Headers map[string]string `yaml:"headers,omitempty"`
	// BearerToken is sent as Authorization: Bearer …, best given as ${ENV}.
	BearerToken string `yaml:"bearer_token,omitempty"`
	// Query holds parameters that every request has.
	Query map[string]string `yaml:"query,omitempty"`
	// Records is the dotted path of the array of records in the answer, such as data.items; the answer itself is
	// the array by default.
	Records string `yaml:"records,omitempty"`
	// Paging says how an answer's next page is asked for.
	Paging PagingSpec `yaml:"paging,omitempty"`
	// Window splits the API's history into units by time.
	Window WindowSpec `yaml:"window,omitempty"`
	// Timeout bounds how long a request may make no progress: until its answer begins, and between any two reads
	// of it; 60s by default.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// MaxRetries is how often a request is repeated after a failure that may pass; 4 by default.
	MaxRetries *int `yaml:"max_retries,omitempty"`
}

// PagingSpec says how an API is paged.
type PagingSpec struct {
	// Type is none (the default), page (a page number), offset (a record number), cursor (a token out of the last
	// answer) or next_link (an address out of the last answer).
	Type string `yaml:"type,omitempty"`
	// Param is the parameter that carries the page, the offset or the cursor; named like the type by default.
	Param string `yaml:"param,omitempty"`
	// SizeParam is the parameter that carries Size.
	SizeParam string `yaml:"size_param,omitempty"`
	// Size is how many records a page is asked for. An API that gives fewer is still read to its end.
	Size int `yaml:"size,omitempty"`
	// Start is the first page (1 by default) or offset (0 by default).
	Start *int `yaml:"start,omitempty"`
	// CursorPath is the dotted path of the next cursor in the answer. Null, empty or missing ends the pages.
	CursorPath string `yaml:"cursor_path,omitempty"`
	// NextPath is the dotted path of the next page's address in the answer; the Link header by default.
	NextPath string `yaml:"next_path,omitempty"`
	// TotalPath is the dotted path of the number of records that the API promises for the unit. A unit with any
	// other number of records fails.
	TotalPath string `yaml:"total_path,omitempty"`
}

// WindowSpec splits an API's history into windows, each a unit, up to the one that contains now.
type WindowSpec struct {
	// Every is day or month; no windows by default.
	Every string `yaml:"every,omitempty"`
	// Start is the first day of the history, such as 2024-01-01.
	Start string `yaml:"start,omitempty"`
	// End is the last day of the history, for an API that gets no new records; none by default.
	End string `yaml:"end,omitempty"`
	// FromParam is the parameter that carries the window's first instant; "from" by default.
	FromParam string `yaml:"from_param,omitempty"`
	// ToParam is the parameter that carries the first instant after the window; "to" by default.
	ToParam string `yaml:"to_param,omitempty"`
	// Format is iso (the default: 2024-03-01T00:00:00Z), unix (seconds), or a Go layout such as "2006-01-02".
	Format string `yaml:"format,omitempty"`
	// Zone is the IANA zone in which days and months begin; UTC by default.
	Zone string `yaml:"zone,omitempty"`
	// LookbackDays is how many days after its end a window may still change, and so is read again; 7 by default.
	LookbackDays *int `yaml:"lookback_days,omitempty"`
}

// FormatSpec says how a unit's bytes become rows. What is left out follows from the unit's name, never from its
// content.
type FormatSpec struct {
	// Type is csv, ndjson (one JSON object per line), json (an array of objects) or parquet; by the extension
	// .csv, .tsv, .ndjson, .jsonl, .json or .parquet by default, before any .gz or .zst. An HTTP source is json.
	Type string `yaml:"type,omitempty"`
	// Compression is none, gzip or zstd; by the extension .gz or .zst by default.
	Compression string `yaml:"compression,omitempty"`
	// Delimiter separates csv fields; a comma by default, a tab (also written "\t") for .tsv.
	Delimiter string `yaml:"delimiter,omitempty"`
	// Header says that the first csv row names the columns; true by default. A column without a name is called
	// column_N, N being its place from 1.
	Header *bool `yaml:"header,omitempty"`
	// Columns names the columns of a csv without a header.
	Columns []string `yaml:"columns,omitempty"`
	// Comment is the character that starts csv lines to be skipped; none by default.
	Comment string `yaml:"comment,omitempty"`
	// Encoding is utf-8, the default and the only one. A byte order mark is removed; a row that is not valid
	// UTF-8 is a malformed row.
	Encoding string `yaml:"encoding,omitempty"`
}

// Windowed reports whether the source's units are windows of time.
func (s Spec) Windowed() bool { return s.HTTP != nil && s.HTTP.Window.Every != "" }

// Settled reports whether a window ended longer ago than its lookback, so that, once loaded, it need not be read
// again. A unit of any other source is judged by its version, and never settled.
func (s Spec) Settled(unit Unit, now time.Time) bool {
	if !s.Windowed() || unit.To.IsZero() {
		return false
	}
	days := 7
	if d := s.HTTP.Window.LookbackDays; d != nil {
		days = *d
	}
	return unit.To.AddDate(0, 0, days).Before(now)
}
