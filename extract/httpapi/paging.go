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
const maxPages = 100_000

var (
	errNoAddress = errors.New("what should be the next page's address is none")
	errTotal     = errors.New("the records do not add up to the promised total")
	errCount     = errors.New("a page does not have as many records as it says")
	errLoop      = errors.New("the pages repeat themselves")
	errMore      = errors.New("the answer does not tell whether there is another page")
)

// pager finds the next page of a unit.
type pager struct {
	source   *Source
	spec     extract.PagingSpec
	seed     maphash.Seed
	pages    int
	at       place
	records  int             // of the page before
	promised uint64          // the total of the first page
	had      map[uint64]int  // the pages by the hash of their records
	seen     map[uint64]bool // hashes of the cursors and links that were followed
}

func newPager(s *Source) *pager {
	p := &pager{source: s, spec: s.spec.Paging, seed: maphash.MakeSeed(), had: map[uint64]int{}, seen: map[uint64]bool{}}
	switch {
	case p.spec.Start != nil:
		p.at.number = *p.spec.Start
	case p.spec.Type == "page":
		p.at.number = 1
	}
	return p
}

// next moves on to the page after this one; false after the last. From is the address that the page came from, count
// the number of the unit's records so far.
func (p *pager) next(page *page, from *url.URL, count uint64) (more bool, err error) {
	p.pages++
	p.records = page.records
	if err := p.promises(page, count); err != nil {
		return false, err
	}
	switch p.spec.Type {
	case "page", "offset":
		more = p.numbered(page, count)
	case "cursor":
		if cursor := page.document.Noted(p.spec.CursorPath); cursor != "" {
			p.at.cursor, more, err = cursor, true, p.once("cursor", cursor)
		}
	case "next_link":
		more, err = p.linked(page, from)
	}
	if err == nil && p.spec.MorePath != "" {
		more, err = p.says(page, more)
	}
	if err != nil {
		return false, err
	}
	if !more {
		if p.spec.TotalPath != "" && p.promised != count {
			return false, fmt.Errorf("%w: %s promises %d, there are %d", errTotal, p.spec.TotalPath, p.promised, count)
		}
		return false, nil
	}
	if most := p.mostPages(); p.pages >= most {
		return false, fmt.Errorf("%w: more than %d pages, http.paging.max_pages", errLoop, most)
	}
	if page.records > 0 {
		sum := page.hash.Sum64()
		if had := p.had[sum]; had > 0 {
			return false, fmt.Errorf("%w: page %d has the records of page %d", errLoop, p.pages, had)
		}
		p.had[sum] = p.pages
	}
	return true, nil
}

// places gives the place of the page at hand and, where they can be told, those of the pages after it, as though they had as
// many records as the one before; at most so many in all. Count is the number of the unit's records so far. Nothing is told
// before there is a page: it may be the only one.
func (p *pager) places(most int, count uint64) []place {
	places := []place{p.at}
	if p.pages == 0 || p.spec.Type != "page" && p.spec.Type != "offset" {
		return places
	}
	step := 1
	if p.spec.Type == "offset" {
		step = p.records
	}
	most = min(most, p.mostPages()-p.pages)
	if p.spec.TotalPath != "" {
		left, each := p.promised-count, uint64(p.records)
		most = int(min(uint64(most), (left+each-1)/each))
	}
	for len(places) < most {
		places = append(places, place{number: places[len(places)-1].number + step})
	}
	return places
}

func (p *pager) mostPages() int {
	if p.spec.MaxPages == 0 {
		return maxPages
	}
	return p.spec.MaxPages
}

// promises holds a page to what it says of itself and of the unit.
func (p *pager) promises(page *page, count uint64) error {
	if path := p.spec.CountPath; path != "" && !page.empty {
		n, err := page.number(path)
		if err != nil {
			return fmt.Errorf("%w: %w", errCount, err)
		}
		if n != uint64(page.records) {
			return fmt.Errorf("%w: %s is %d, there are %d", errCount, path, n, page.records)
		}
	}
	path := p.spec.TotalPath
	if path == "" {
		return nil
	}
	var total uint64
	if !page.empty {
		var err error
		if total, err = page.number(path); err != nil {
			return fmt.Errorf("%w: %w", errTotal, err)
		}
	}
	if p.pages == 1 {
		p.promised = total
	}
	if total != p.promised {
		return fmt.Errorf("%w: %s was %d, and is %d on page %d", errTotal, path, p.promised, total, p.pages)
	}
	if count > total {
		return fmt.Errorf("%w: %s promises %d, there are %d", errTotal, path, total, count)
	}
	return nil
}

// numbered goes on until a page is empty: an API may give fewer records than a page was asked to hold, so a short
// page tells nothing. With a total, the last request is spared.
func (p *pager) numbered(page *page, count uint64) bool {
	if page.records == 0 || p.spec.TotalPath != "" && count >= p.promised {
		return false
	}
	if p.spec.Type == "page" {
		p.at.number++
	} else {
		p.at.number += page.records
	}
	return true
}

func (p *pager) linked(page *page, from *url.URL) (bool, error) {
	link := nextLink(page.header.Values("Link"))
	if p.spec.NextPath != "" {
		link = page.document.Noted(p.spec.NextPath)
	}
	if link == "" {
		return false, nil
	}
	next, err := from.Parse(link)
	if err != nil {
		return false, errNoAddress // the cause would repeat it, with its secrets
	}
	if err := p.source.reachable(next, from); err != nil {
		return false, fmt.Errorf("the next page: %w", err)
	}
	next.User = nil
	if p.source.own(next) {
		next.User = p.source.template.url.User
	}
	p.at.link = next
	return true, p.once("next page", next.String())
}

// says heeds what the answer says about another page.
func (p *pager) says(page *page, more bool) (bool, error) {
	switch said := page.document.Noted(p.spec.MorePath); {
	case said == "false":
		return false, nil
	case said == "true" && more:
		return true, nil
	case said == "true":
		return false, fmt.Errorf("%w: %s is true, but nothing leads there", errMore, p.spec.MorePath)
	}
	return false, fmt.Errorf("%w: %s is neither true nor false", errMore, p.spec.MorePath)
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

// number reads a number that was noted in the page.
func (page *page) number(path string) (uint64, error) {
	text := page.document.Noted(path)
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q, not a number", path, quoted([]byte(text)))
	}
	return n, nil
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
