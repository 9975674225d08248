// Package statuspage is what an operator sees of a warehouse in a browser: first whether all is well, or what is wrong and
// what to do, then jobs, sources, runs, rejects, checks and exceptions. Pages are rendered here, need no script and nothing
// from elsewhere, and show no raw value of a rejected row.
//
// It must not know how a job is run, who may see the page, or where it is served: it is an http.Handler.
package statuspage

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/partnerplus/warehouse/schedules"
)

// Reader is the warehouse as the page sees it: it reads the answer of a statement of package sql into a pointer to a slice
// of structs with ch tags. All statements named here only read.
type Reader interface {
	Select(ctx context.Context, name string, params map[string]string, rows any) error
}

// Page is the status page; it is not copied. All fields but Warehouse and Zone may be left out.
type Page struct {
	Warehouse Reader
	Zone      *time.Location                          // of all times shown
	Jobs      func(now time.Time) []schedules.Planned // what is planned
	Receivers []string                                // of notifications
	Refused   func() string                           // why the newest config is not in force; empty where it is
	Redact    func(text string) string                // masks what nobody may see in the texts of errors
	Command   string                                  // how the program is called in the commands that are shown
	Version   string                                  // of the program

	now func() time.Time // for tests

	mu    sync.Mutex // guards known
	known monthly
}

// patience is how long a page may wait for the warehouse. The statements of a page that is given up are ended.
const patience = 5 * time.Second

//go:embed style.css
var style string

var (
	//go:embed page.html
	pageHTML string

	pages = template.Must(template.New("page").Funcs(template.FuncMap{"badge": badgeOf}).Parse(pageHTML))
)

// policy lets the page load nothing, run nothing, be framed by nobody, and have its one style.
var policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// Handler serves GET and HEAD of /, /runs/{id} and /sources/{name}, and says of all else that it is not there. The links of
// its pages are relative, so that a proxy may put it below a path.
func (p *Page) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.overview)
	mux.HandleFunc("GET /runs/{id}", p.run)
	mux.HandleFunc("GET /sources/{name}", p.source)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		p.missing(w, "There is no such page", "The address may be mistyped, or what it named is gone.")
	})
	return mux
}

// frame is what all pages have.
type frame struct {
	clock
	Title   string
	Root    string // the way to /
	Style   template.CSS
	Command string
	Version string
	Refresh bool // whoever looks wants it anew every minute
}

func (p *Page) frame(title, root string) frame {
	f := frame{clock: clock{zone: p.Zone, now: p.moment()}, Title: title, Root: root, Style: template.CSS(style), Command: p.Command, Version: p.Version}
	if f.Command == "" {
		f.Command = "partnerplus"
	}
	return f
}

func (p *Page) moment() time.Time {
	if p.now != nil {
		return p.now()
	}
	return time.Now()
}

func (p *Page) redact(text string) string {
	if p.Redact == nil {
		return text
	}
	return p.Redact(text)
}

// show writes a page whole, or an error.
func (p *Page) show(w http.ResponseWriter, status int, name string, view any) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, view); err != nil {
		http.Error(w, "the page cannot be rendered: "+p.redact(err.Error()), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // who has gone needs no answer
}

// messagePage is a page that says one thing.
type messagePage struct {
	frame
	Text, Detail string
	Jobs         []jobView
}

func (p *Page) missing(w http.ResponseWriter, title, text string) {
	p.show(w, http.StatusNotFound, "message", messagePage{frame: p.frame(title, "/"), Text: text})
}

// away says that the warehouse cannot be read, and what is planned all the same.
func (p *Page) away(w http.ResponseWriter, root string, err error) {
	m := messagePage{frame: p.frame("The warehouse cannot be read", root), Detail: p.redact(err.Error())}
	m.Text = "It is away, or too busy to answer within " + patience.String() + ": nothing is known of sources and figures until it does. " +
		"See that the ClickHouse server runs and can be reached from here; an embedded engine is started again by itself."
	m.Jobs = p.planned(m.now, nil)
	p.show(w, http.StatusServiceUnavailable, "message", m)
}

func (p *Page) overview(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	state, err := p.read(ctx)
	if err != nil {
		p.away(w, "./", err)
		return
	}
	view := p.overviewOf(state)
	view.Refresh = r.URL.RawQuery == "refresh"
	p.show(w, http.StatusOK, "overview", view)
}

func (p *Page) run(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	view, err := readRun(ctx, p.Warehouse, r.PathValue("id"))
	if err != nil {
		p.away(w, "../", err)
		return
	}
	if view == nil {
		p.missing(w, "There is no such run", "Its row may have been kept for long enough and dropped.")
		return
	}
	view.frame = p.frame("Run of "+view.Run.Job, "../")
	view.Run.Error = p.redact(view.Run.Error)
	p.redactUnits(view.Failed)
	p.show(w, http.StatusOK, "run", view)
}

func (p *Page) source(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	view, err := readSource(ctx, p.Warehouse, r.PathValue("name"))
	if err != nil {
		p.away(w, "../", err)
		return
	}
	if view == nil {
		p.missing(w, "There is no such source", "Neither the config nor the ledger names it.")
		return
	}
	view.frame = p.frame("Source "+view.Source.Name, "../")
	p.redactUnits(view.Failed)
	p.show(w, http.StatusOK, "source", view)
}

func (p *Page) redactUnits(units []failedUnit) {
	for i := range units {
		units[i].Error = p.redact(units[i].Error)
	}
}
