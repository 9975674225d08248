package propose

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
	"github.com/partnerplus/warehouse/extract/source"
)

const (
	maxAnswer  = 16 << 20
	askTimeout = time.Minute
)

// probe asks an address once to see what it answers, and completes the place's spec by that; then it reads a sample as
// a source does.
func probe(ctx context.Context, p *place) (*group, error) {
	g := &group{name: p.name, units: []extract.Unit{{Name: "all"}}}
	kind := ""
	if u, err := url.Parse(p.spec.HTTP.URL); err == nil {
		kind = knownType(u.Path)
	}
	if kind == "" || kind == "json" {
		answer, header, err := ask(ctx, p.spec.HTTP)
		if err != nil {
			return nil, err
		}
		if err := g.api(p, answer, header); err != nil {
			return nil, err
		}
	} else {
		if err := g.download(ctx, p, kind); err != nil {
			return nil, err
		}
	}
	spec := p.spec
	spec.Format = g.format
	units, err := list(ctx, spec)
	if err != nil {
		return nil, err
	}
	g.units = units
	err = g.read(ctx, spec, sampleRows)
	return g, err
}

// download is an address that serves a file.
func (g *group) download(ctx context.Context, p *place, kind string) error {
	spec := p.spec
	if err := (extract.Spec{HTTP: spec.HTTP, Format: extract.FormatSpec{Type: kind}}).Validate(); err != nil {
		return &Error{From: p.written.HTTP.URL, Err: err}
	}
	if kind == "parquet" || kind == "xlsx" {
		return nil
	}
	s, err := source.Open(ctx, "sample", spec)
	if err != nil {
		return err
	}
	units, err := s.Units(ctx, extract.Range{})
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	g.units = units
	return g.sniff(ctx, *p, kind)
}

// ask gets the first answer of an API.
func ask(ctx context.Context, spec *extract.HTTPSpec) ([]byte, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, spec.URL, nil)
	if err != nil {
		return nil, nil, errors.New("the address cannot be asked")
	}
	if spec.BearerToken != "" {
		request.Header.Set("Authorization", "Bearer "+spec.BearerToken)
	}
	request.Header.Set("Accept", "application/json")
	host := request.URL.Host
	client := &http.Client{CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if next.URL.Host != host || len(via) > 5 {
			return errors.New("it leads to another host")
		}
		return nil
	}}
	response, err := client.Do(request)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err // the address may hold a secret
		}
		return nil, nil, fmt.Errorf("ask %s: %w", host, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("ask %s: it answers %s; a token is given with --bearer-token", host, response.Status)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, nil, fmt.Errorf("ask %s: %w", host, err)
	}
	if len(answer) > maxAnswer {
		return nil, nil, fmt.Errorf("ask %s: its answer is longer than %d MiB; name a page of it, such as with ?limit=100", host, maxAnswer>>20)
	}
	return answer, response.Header, nil
}

// api finds the records in an answer, and how the next page is asked for.
func (g *group) api(p *place, answer []byte, header http.Header) error {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return errors.New("the answer is not JSON, and the address has no extension that tells another format such as .csv")
	}
	http := p.spec.HTTP
	var found []array
	arrays(document, "", 0, &found)
	if len(found) == 0 {
		return errors.New("the answer holds no array of objects, hence no records")
	}
	best := slices.MaxFunc(found, func(a, b array) int {
		return cmp.Or(cmp.Compare(a.length, b.length), cmp.Compare(b.depth, a.depth), strings.Compare(b.path, a.path))
	})
	http.Records = best.path
	if best.path != "" {
		g.note("%s is the longest array of objects in the answer: %d", best.path, best.length)
	}
	g.paging(&http.Paging, document, header)
	p.written.HTTP.Records, p.written.HTTP.Paging = http.Records, http.Paging
	return nil
}

// array is an array of objects in an answer.
type array struct {
	path   string
	depth  int
	length int
}

func arrays(node any, path string, depth int, found *[]array) {
	const deepest = 4
	switch n := node.(type) {
	case []any:
		objects := len(n) > 0
		for _, e := range n {
			_, ok := e.(map[string]any)
			objects = objects && ok
		}
		if objects {
			*found = append(*found, array{path, depth, len(n)})
		}
	case map[string]any:
		if depth == deepest {
			return
		}
		for key, value := range n {
			if strings.Contains(key, ".") {
				continue
			}
			arrays(value, strings.TrimPrefix(path+"."+key, "."), depth+1, found)
		}
	}
}

// paging guesses how the next page is asked for. A wrong guess does not go unseen: the promised total, or the same page
// again, makes the source fail.
func (g *group) paging(paging *extract.PagingSpec, document any, header http.Header) {
	links := map[string]string{}
	totals := []string{}
	walk(document, "", 0, func(path string, value any) {
		last := path[strings.LastIndexByte(path, '.')+1:]
		name := strings.Join(words(last), " ")
		text, isText := value.(string)
		switch {
		case slices.Contains([]string{"next", "next page", "next url", "next link", "next href"}, name) && isText && strings.Contains(text, "://"):
			links["next_link"] = path
		case slices.Contains([]string{"next", "cursor", "next cursor", "next page token", "next token", "end cursor"}, name) && isText && text != "":
			links["cursor"] = path
		case slices.Contains([]string{"total", "total count", "total row", "total record", "total result"}, name):
			if _, ok := value.(json.Number); ok {
				totals = append(totals, path)
			}
		}
	})
	switch {
	case links["next_link"] != "":
		paging.Type, paging.NextPath = "next_link", links["next_link"]
		g.note("%s holds the next page's address", paging.NextPath)
	case strings.Contains(header.Get("Link"), `rel="next"`):
		paging.Type = "next_link"
		g.note("the Link header holds the next page's address")
	case links["cursor"] != "":
		paging.Type, paging.CursorPath = "cursor", links["cursor"]
		last := paging.CursorPath[strings.LastIndexByte(paging.CursorPath, '.')+1:]
		paging.Param = "cursor"
		if strings.Contains(strings.ToLower(last), "token") {
			paging.Param = "page_token"
		}
		g.note("%s looks like a cursor; that it is sent as %s is a guess", paging.CursorPath, paging.Param)
	}
	if len(totals) > 0 {
		slices.Sort(totals)
		paging.TotalPath = totals[0]
		g.note("%s looks like the number of all records: with any other number of them the unit fails", paging.TotalPath)
	}
	if paging.Type == "" {
		g.note("the answer names no next page: if there are more, set paging (page, offset, cursor or next_link)")
	}
}

// walk visits the scalars of a document outside its arrays.
func walk(node any, path string, depth int, visit func(path string, value any)) {
	object, ok := node.(map[string]any)
	if !ok {
		if path != "" {
			visit(path, node)
		}
		return
	}
	if depth > 4 {
		return
	}
	for key, value := range object {
		if _, isArray := value.([]any); !isArray && !strings.Contains(key, ".") {
			walk(value, strings.TrimPrefix(path+"."+key, "."), depth+1, visit)
		}
	}
}
