package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// HTTPSpec is an API that answers with JSON, page by page, or an address that serves a file of another format. It has
// one unit per window of time, one per span with a watermark, or one named "all" without either.
//
// The URL's path, the values of Query and the texts in Body may hold {from}, {to} and {last} (the unit's first instant, the
// first after it, and its last, in the format of Window or Watermark), {page} or {offset}, {size} and {cursor}. What a
// placeholder carries is not sent as a parameter too.
type HTTPSpec struct {
	// URL is the address, without the parameters that Query, Paging, Window and Watermark add.
	URL string `yaml:"url" secret:"address"`
	// Method is GET, the default without a body, or POST.
	Method string `yaml:"method,omitempty"`
	// Safe says that a POST only asks, and so may be repeated like a GET. Any other POST is repeated only where it cannot
	// have been acted upon.
	Safe bool `yaml:"safe,omitempty"`
	// Headers are sent with every request, but never to another host.
	Headers map[string]string `yaml:"headers,omitempty" secret:"named"`
	// Auth says how requests are signed or who sends them.
	Auth AuthSpec `yaml:"auth,omitempty"`
	// BearerToken is short for auth.bearer.
	BearerToken string `yaml:"bearer_token,omitempty" secret:"true"`
	// Query holds parameters that every request has.
	Query map[string]string `yaml:"query,omitempty" secret:"named"`
	// Body is what a POST sends: JSON, or a form such as a=1&b=2, as ContentType says.
	Body string `yaml:"body,omitempty"`
	// ContentType is application/json, the default, or application/x-www-form-urlencoded.
	ContentType string `yaml:"content_type,omitempty"`
	// Records is the dotted path of the array of records in the answer, such as data.items; the answer itself is
	// the array by default.
	Records string `yaml:"records,omitempty"`
	// Failure recognises an answer that says that it failed although its status is 200.
	Failure FailureSpec `yaml:"failure,omitempty"`
	// Empty recognises an answer without records that leaves their array out. Any other without it is an error.
	Empty MatchSpec `yaml:"empty,omitempty"`
	// Paging says how an answer's next page is asked for.
	Paging PagingSpec `yaml:"paging,omitempty"`
	// Window splits the API's history into units by time.
	Window WindowSpec `yaml:"window,omitempty"`
	// Watermark asks for what is new since the last run.
	Watermark WatermarkSpec `yaml:"watermark,omitempty"`
	// Rate bounds how fast the API is asked.
	Rate RateSpec `yaml:"rate,omitempty"`
	// AllowHosts names other hosts that a redirect or the address of a next page may lead to, such as
	// files.example.com. Neither auth nor headers nor a body are sent there.
	AllowHosts []string `yaml:"allow_hosts,omitempty"`
	// Timeout bounds how long a request may make no progress: until its answer begins, and between any two reads
	// of it; 60s by default.
	Timeout time.Duration `yaml:"timeout,omitempty"`
	// RequestTimeout bounds how long is waited for a whole answer; 5m by default, 6h for a file of another format.
	RequestTimeout time.Duration `yaml:"request_timeout,omitempty"`
	// Deadline bounds how long a unit may take in all, with every page, pause and repetition; 12h by default.
	Deadline time.Duration `yaml:"deadline,omitempty"`
	// MaxRetries is how often a request is repeated after a failure that may pass; 4 by default.
	MaxRetries *int `yaml:"max_retries,omitempty"`
}

// MatchSpec is met by an answer that holds a value at a place.
type MatchSpec struct {
	// Path is the dotted path of the value. In an answer longer than 64 KiB it must be a text, a number or a boolean.
	Path string `yaml:"path,omitempty"`
	// Equals is the text that the value must have; any but null, false and what is empty by default.
	Equals string `yaml:"equals,omitempty"`
}

// FailureSpec is met by an answer that says that it failed.
type FailureSpec struct {
	MatchSpec `yaml:",inline"`

	// MessagePath is the dotted path of the text that says why.
	MessagePath string `yaml:"message_path,omitempty"`
}

// RateSpec bounds how fast an API is asked, by all readers of the source together.
type RateSpec struct {
	// PerSecond is how many requests may begin in a second, such as 5 or 0.2; no bound by default.
	PerSecond float64 `yaml:"per_second,omitempty"`
	// Burst is how many may begin at once after a rest; 1 by default.
	Burst int `yaml:"burst,omitempty"`
	// Concurrent is how many may be under way at once; no bound by default.
	Concurrent int `yaml:"concurrent,omitempty"`
}

// PagingSpec says how an API is paged.
type PagingSpec struct {
	// Type is none (the default), page (a page number), offset (a record number), cursor (a token out of the last
	// answer) or next_link (an address out of the last answer).
	Type string `yaml:"type,omitempty"`
	// In is where Param and SizeParam go: query, the default, or body; there they are the dotted paths of JSON numbers (a
	// cursor's is a text), or names of a form.
	In string `yaml:"in,omitempty"`
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
	// MorePath is the dotted path of a boolean that says whether there is another page. A page that says neither is an error.
	MorePath string `yaml:"more_path,omitempty"`
	// NextPath is the dotted path of the next page's address in the answer; the Link header by default.
	NextPath string `yaml:"next_path,omitempty"`
	// TotalPath is the dotted path of the number of records that the API promises for the unit. A unit with any
	// other number of records fails, and so does one whose promise changes from page to page.
	TotalPath string `yaml:"total_path,omitempty"`
	// CountPath is the dotted path of the number of records that the API says the page has. A page with any other
	// number of records fails.
	CountPath string `yaml:"count_path,omitempty"`
	// Parallel is how many pages of a unit may be asked for at once, where their places are known by number: type page, or
	// offset; 1 by default. Units that the source reads at once count each for itself: http.rate bounds all together.
	Parallel int `yaml:"parallel,omitempty"`
	// MaxPages ends an API that never does: a unit with more pages fails; 100000 by default.
	MaxPages int `yaml:"max_pages,omitempty"`
}

// Form reports whether the body is a form rather than JSON.
func (h HTTPSpec) Form() bool { return h.ContentType == "application/x-www-form-urlencoded" }

// Post reports whether requests are sent as POST.
func (h HTTPSpec) Post() bool { return h.Method == "POST" || h.Method == "" && h.Body != "" }

func (h HTTPSpec) validate() error {
	err := errors.Join(
		required("http.url", h.URL),
		oneOf("http.method", h.Method, "GET", "POST"),
		oneOf("http.content_type", h.ContentType, "application/json", "application/x-www-form-urlencoded"),
		h.Auth.validate(),
		h.validateBody(),
		h.Failure.validate("http.failure"),
		h.Empty.validate("http.empty"),
		h.Paging.validate(),
		h.Window.validate(),
		h.Watermark.validate(),
		h.Rate.validate(),
		notNegative("http.timeout", h.Timeout),
		notNegative("http.request_timeout", h.RequestTimeout),
		notNegative("http.deadline", h.Deadline),
		h.validatePlaceholders(),
	)
	if h.URL != "" {
		err = errors.Join(err, address("http.url", h.URL))
	}
	if h.MaxRetries != nil && *h.MaxRetries < 0 {
		err = errors.Join(err, fmt.Errorf("http.max_retries: %d is negative", *h.MaxRetries))
	}
	if h.Paging.Parallel > 1 && h.Post() && !h.Safe {
		err = errors.Join(err, errors.New("http.paging.parallel: pages that may not be needed are asked for; set http.safe if the POST only asks"))
	}
	if h.BearerToken != "" && h.Auth.kind() != "" {
		err = errors.Join(err, fmt.Errorf("http.auth.%s: http.bearer_token is set already; leave one of them out", h.Auth.kind()))
	}
	for name := range h.Headers {
		if strings.EqualFold(name, "Authorization") && (h.BearerToken != "" || h.Auth.setsAuthorization()) {
			err = errors.Join(err, errors.New("http.headers: Authorization is set by http.auth or http.bearer_token already"))
		}
	}
	if h.Window.Every != "" && h.Watermark.Start != "" {
		err = errors.Join(err, errors.New("http.watermark: http.window is set already; leave one of them out"))
	}
	for _, host := range h.AllowHosts {
		if host == "" || strings.ContainsAny(host, "/@?# ") {
			err = errors.Join(err, fmt.Errorf("http.allow_hosts: %q is not a host such as files.example.com", host))
		}
	}
	return err
}

func (h HTTPSpec) validateBody() (err error) {
	if !h.Post() {
		for field, set := range map[string]bool{
			"http.body":         h.Body != "",
			"http.content_type": h.ContentType != "",
			"http.safe":         h.Safe,
			"http.auth.body":    h.Auth.Body != nil,
			"http.paging.in":    h.Paging.In == "body",
			"http.window.in":    h.Window.In == "body",
			"http.watermark.in": h.Watermark.In == "body",
		} {
			if set {
				err = errors.Join(err, fmt.Errorf("%s: a GET has no body; set http.method to POST", field))
			}
		}
		return err
	}
	switch {
	case h.Body == "":
	case h.Form():
		if _, e := url.ParseQuery(h.Body); e != nil {
			return errors.New("http.body: not a form such as a=1&b=2")
		}
	default:
		var object map[string]any
		if e := json.Unmarshal([]byte(h.Body), &object); e != nil {
			return errors.New("http.body: not a JSON object; set content_type if it is not meant to be one")
		}
	}
	return nil
}

var placeholderPattern = regexp.MustCompile(`\{(from|to|last|page|offset|size|cursor)\}`)

// Placeholders gives the names of the placeholders that the URL's path, the query and the body hold.
func (h HTTPSpec) Placeholders() map[string]bool {
	texts := []string{h.Body}
	if u, err := url.Parse(h.URL); err == nil {
		texts = append(texts, u.Path)
	}
	for _, value := range h.Query {
		texts = append(texts, value)
	}
	found := map[string]bool{}
	for _, text := range texts {
		for _, m := range placeholderPattern.FindAllStringSubmatch(text, -1) {
			found[m[1]] = true
		}
	}
	return found
}

func (h HTTPSpec) validatePlaceholders() (err error) {
	timed := h.Window.Every != "" || h.Watermark.Start != ""
	for name := range h.Placeholders() {
		switch {
		case (name == "from" || name == "to" || name == "last") && !timed:
			err = errors.Join(err, fmt.Errorf("http: {%s} stands for nothing without http.window or http.watermark", name))
		case (name == "page" || name == "offset" || name == "cursor") && h.Paging.Type != name:
			err = errors.Join(err, fmt.Errorf("http: {%s} stands for nothing unless http.paging.type is %s", name, name))
		case name == "size" && h.Paging.Size == 0:
			err = errors.Join(err, errors.New("http.paging.size: missing, but {size} stands for it"))
		}
	}
	if p := h.Paging; p.Size > 0 && p.SizeParam == "" && !h.Placeholders()["size"] {
		err = errors.Join(err, fmt.Errorf("http.paging.size_param: missing; nothing tells the API the size %d", p.Size))
	}
	if u, e := url.Parse(h.URL); e == nil && strings.Contains(u.Path, "{cursor}") {
		err = errors.Join(err, errors.New("http.url: a cursor comes from the server, and may not change the path"))
	}
	return err
}

func (m MatchSpec) validate(field string) error {
	if m.Path == "" && m.Equals != "" {
		return fmt.Errorf("%s.path: missing, but equals is %q", field, m.Equals)
	}
	return nil
}

func (f FailureSpec) validate(field string) error {
	if f.Path == "" && f.MessagePath != "" {
		return fmt.Errorf("%s.path: missing, but message_path is %q", field, f.MessagePath)
	}
	return f.MatchSpec.validate(field)
}

func (r RateSpec) validate() (err error) {
	if r.PerSecond < 0 || r.PerSecond != r.PerSecond {
		err = errors.Join(err, fmt.Errorf("http.rate.per_second: %g is not a rate such as 5 or 0.2", r.PerSecond))
	}
	if r.Burst < 0 || r.Concurrent < 0 {
		err = errors.Join(err, errors.New("http.rate: burst and concurrent may not be negative"))
	}
	if r.Burst > 0 && r.PerSecond == 0 {
		err = errors.Join(err, fmt.Errorf("http.rate.per_second: missing, but burst is %d", r.Burst))
	}
	return err
}

func (p PagingSpec) validate() error {
	err := errors.Join(
		oneOf("http.paging.type", p.Type, "none", "page", "offset", "cursor", "next_link"),
		oneOf("http.paging.in", p.In, "query", "body"),
	)
	if p.Type == "cursor" {
		err = errors.Join(err, required("http.paging.cursor_path", p.CursorPath))
	}
	for field, wrong := range map[string]bool{ // else all pages but the first would be lost without a word
		"cursor_path": p.CursorPath != "" && p.Type != "cursor",
		"next_path":   p.NextPath != "" && p.Type != "next_link",
		"param":       p.Param != "" && !p.counted() && p.Type != "cursor",
		"start":       p.Start != nil && !p.counted(),
		"parallel":    p.Parallel > 1 && !p.counted(),
	} {
		if wrong {
			err = errors.Join(err, fmt.Errorf("http.paging.%s: means nothing where http.paging.type is %q", field, p.Type))
		}
	}
	if p.Size < 0 {
		err = errors.Join(err, fmt.Errorf("http.paging.size: %d is negative", p.Size))
	}
	if p.Parallel < 0 || p.Parallel > maxParallel {
		err = errors.Join(err, fmt.Errorf("http.paging.parallel: %d is not between 1 and %d", p.Parallel, maxParallel))
	}
	if p.MaxPages < 0 {
		err = errors.Join(err, fmt.Errorf("http.paging.max_pages: %d is negative", p.MaxPages))
	}
	if p.SizeParam != "" && p.Size == 0 {
		err = errors.Join(err, fmt.Errorf("http.paging.size: missing, but size_param is %q", p.SizeParam))
	}
	return err
}

// maxParallel is how many pages of a unit may be asked for at once.
const maxParallel = 64

// counted reports whether pages are asked for by number.
func (p PagingSpec) counted() bool { return p.Type == "page" || p.Type == "offset" }

func notNegative(field string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s: %s is negative", field, d)
	}
	return nil
}
