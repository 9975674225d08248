package httpapi

import (
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"
	"strconv"
	"strings"

	"github.com/partnerplus/warehouse/extract"
)

// maxPages ends an API that never does.
const maxPages = 1_000_000

var errNoAddress = errors.New("what should be the next page's address is none")

// pager finds the next page of a unit.
type pager struct {
	spec  extract.PagingSpec
	seed  maphash.Seed
	pages int
	at    int             // page number or offset
	last  uint64          // the hash of the last page's records
	seen  map[uint64]bool // hashes of the cursors and links that were followed
}

func newPager(s *Source) *pager {
	p := &pager{spec: s.spec.Paging, seed: maphash.MakeSeed(), seen: map[uint64]bool{}}
	switch {
	case p.spec.Start != nil:
		p.at = *p.spec.Start
	case p.spec.Type == "page":
		p.at = 1
	}
	return p
}

// first adds to an address what the first page needs.
func (p *pager) first(address *url.URL) *url.URL {
	if p.spec.SizeParam != "" {
		address = with(address, p.spec.SizeParam, strconv.Itoa(p.spec.Size))
	}
	if p.spec.Type == "page" || p.spec.Type == "offset" {
		address = with(address, p.param(), strconv.Itoa(p.at))
	}
	return address
}

func (p *pager) param() string { return or(p.spec.Param, p.spec.Type) }

// after gives the address of the page after this one, nil after the last. Count is the number of the unit's
// records so far.
func (p *pager) after(page *page, address *url.URL, count uint64) (next *url.URL, err error) {
	if p.pages++; p.pages > maxPages {
		return nil, fmt.Errorf("%w: more than %d pages", errLoop, maxPages)
	}
	switch p.spec.Type {
	case "page", "offset":
		next, err = p.numbered(page, address, count)
	case "cursor":
		if cursor := page.document.Noted(p.spec.CursorPath); cursor != "" {
			next, err = with(address, p.param(), cursor), p.once("cursor", cursor)
		}
	case "next_link":
		next, err = p.linked(page, address)
	}
	if err != nil || next != nil || p.spec.TotalPath == "" {
		return next, err
	}
	total, err := p.total(page)
	if err == nil && total != count {
		err = fmt.Errorf("%w: %s promises %d, there are %d", errTotal, p.spec.TotalPath, total, count)
	}
	return nil, err
}

// numbered goes on until a page is empty: an API may give fewer records than a page was asked to hold, so a short
// page tells nothing. With a total, the last request is spared.
func (p *pager) numbered(page *page, address *url.URL, count uint64) (*url.URL, error) {
	if page.records == 0 {
		return nil, nil
	}
	if p.spec.TotalPath != "" {
		if total, err := p.total(page); err != nil || count >= total {
			return nil, err
		}
	}
	sum := page.hash.Sum64()
	if p.pages > 1 && sum == p.last {
		return nil, fmt.Errorf("%w: %s %d has the records of the one before", errLoop, p.param(), p.at)
	}
	p.last = sum
	if p.spec.Type == "page" {
		p.at++
	} else {
		p.at += page.records
	}
	return with(address, p.param(), strconv.Itoa(p.at)), nil
}

func (p *pager) linked(page *page, address *url.URL) (*url.URL, error) {
	link := nextLink(page.header.Values("Link"))
	if p.spec.NextPath != "" {
		link = page.document.Noted(p.spec.NextPath)
	}
	if link == "" {
		return nil, nil
	}
	next, err := address.Parse(link)
	if err != nil {
		return nil, errNoAddress // the cause would repeat it, with its secrets
	}
	if !sameOrigin(next, address) {
		return nil, fmt.Errorf("%w, %s", errOtherHost, next.Host)
	}
	next.User = address.User
	return next, p.once("next page", next.String())
}

// once fails for a cursor or link that was followed before.
func (p *pager) once(what, value string) error {
	key := maphash.String(p.seed, value)
	if p.seen[key] {
		return fmt.Errorf("%w: a %s comes twice", errLoop, what)
	}
	p.seen[key] = true
	return nil
}

func (p *pager) total(page *page) (uint64, error) {
	text := page.document.Noted(p.spec.TotalPath)
	total, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %s is %q, not a number", errTotal, p.spec.TotalPath, text)
	}
	return total, nil
}

func with(address *url.URL, name, value string) *url.URL {
	u := *address
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return &u
}

// nextLink finds rel="next" in the values of Link headers.
func nextLink(headers []string) string {
	for _, header := range headers {
		for rest := header; ; {
			_, after, open := strings.Cut(rest, "<")
			link, after, closed := strings.Cut(after, ">")
			if !open || !closed {
				break
			}
			params, following, _ := strings.Cut(after, "<")
			for _, param := range strings.FieldsFunc(params, func(r rune) bool { return r == ';' || r == ',' }) {
				name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
				if strings.EqualFold(name, "rel") && strings.EqualFold(strings.Trim(value, `"`), "next") {
					return link
				}
			}
			rest = "<" + following
			if following == "" {
				break
			}
		}
	}
	return ""
}
