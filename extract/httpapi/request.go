package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/extract"
)

// place is where in a unit's pages a request stands.
type place struct {
	number int      // of the page, or of its first record
	cursor string   // empty for the first page
	link   *url.URL // the page's own address, where the page before gave it
}

// template is what a source's requests are made of.
type template struct {
	spec   extract.HTTPSpec
	url    *url.URL
	holds  map[string]bool // placeholders
	zone   *time.Location
	object map[string]any // the JSON body
	form   url.Values     // or the form
}

func newTemplate(spec extract.HTTPSpec, u *url.URL, zone *time.Location) (*template, error) {
	t := &template{spec: spec, url: u, holds: spec.Placeholders(), zone: zone}
	switch {
	case !spec.Post():
	case spec.Form():
		t.form, _ = url.ParseQuery(spec.Body) // the spec is valid
	case spec.Body != "":
		decoder := json.NewDecoder(strings.NewReader(spec.Body))
		decoder.UseNumber()
		if err := decoder.Decode(&t.object); err != nil {
			return nil, errors.New("http.body is not a JSON object")
		}
	}
	_, _, err := t.fill(extract.Unit{From: time.Unix(0, 0), To: time.Unix(1, 0)}, place{})
	return t, err
}

// request makes the request for a page.
func (t *template) request(ctx context.Context, unit extract.Unit, at place) (*http.Request, error) {
	address, body, err := t.fill(unit, at)
	if err != nil {
		return nil, err
	}
	if at.link != nil {
		address = at.link
	}
	if !t.spec.Post() {
		return http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err == nil && len(body) > 0 {
		request.Header.Set("Content-Type", or(t.spec.ContentType, "application/json"))
	}
	return request, err
}

// param is a parameter that paging or time adds.
type param struct {
	name, value string
	number      bool // in JSON
	in          string
}

// params lists what a request carries besides what the spec says word by word.
func (t *template) params(unit extract.Unit, at place) (values map[string]string, list []param) {
	values = map[string]string{}
	if fromParam, toParam, in, format := t.timed(); format != "" {
		number := format == "unix" || format == "unix_ms"
		values["from"] = instant(unit.From.In(t.zone), format)
		values["to"] = instant(unit.To.In(t.zone), format)
		values["last"] = instant(unit.To.Add(-time.Nanosecond).In(t.zone), format)
		held := t.holds["from"] || t.holds["to"] || t.holds["last"]
		if fromParam != "" || !held {
			list = append(list, param{or(fromParam, "from"), values["from"], number, in})
		}
		if toParam != "" || !held {
			list = append(list, param{or(toParam, "to"), values["to"], number, in})
		}
	}
	p := t.spec.Paging
	values["size"] = strconv.Itoa(p.Size)
	if p.SizeParam != "" {
		list = append(list, param{p.SizeParam, values["size"], true, p.In})
	}
	switch p.Type {
	case "page", "offset":
		values[p.Type] = strconv.Itoa(at.number)
		if p.Param != "" || !t.holds[p.Type] {
			list = append(list, param{or(p.Param, p.Type), values[p.Type], true, p.In})
		}
	case "cursor":
		values["cursor"] = at.cursor
		if at.cursor != "" && (p.Param != "" || !t.holds["cursor"]) {
			list = append(list, param{or(p.Param, "cursor"), at.cursor, false, p.In})
		}
	}
	return values, list
}

// timed gives how the unit's time is asked for; no format means not at all.
func (t *template) timed() (from, to, in, format string) {
	if w := t.spec.Window; w.Every != "" {
		return w.FromParam, w.ToParam, w.In, or(w.Format, "iso")
	}
	if w := t.spec.Watermark; w.Start != "" {
		return w.FromParam, w.ToParam, w.In, or(w.Format, "iso")
	}
	return "", "", "", ""
}

// fill gives the address and the body of a request.
func (t *template) fill(unit extract.Unit, at place) (*url.URL, []byte, error) {
	values, list := t.params(unit, at)
	address := *t.url
	if path := replaced(address.Path, values); path != address.Path {
		address.Path, address.RawPath = path, ""
	}
	query := address.Query()
	for name, value := range t.spec.Query {
		if text := replaced(value, values); text != "" || value == "" {
			query.Set(name, text)
		}
	}
	object := filled(t.object, values).(map[string]any)
	form := url.Values{}
	for name, texts := range t.form {
		for _, value := range texts {
			if text := replaced(value, values); text != "" || value == "" {
				form.Add(name, text)
			}
		}
	}
	if key := t.spec.Auth.Body; key != nil {
		list = append(list, param{key.Name, key.Value, false, "body"})
	}
	inBody := false
	for _, p := range list {
		switch {
		case p.in != "body":
			query.Set(p.name, p.value)
		case t.spec.Form():
			form.Set(p.name, p.value)
		default:
			inBody = true
			var value any = p.value
			if p.number {
				value = json.Number(p.value)
			}
			if err := put(object, p.name, value); err != nil {
				return nil, nil, err
			}
		}
	}
	address.RawQuery = query.Encode()
	switch {
	case t.spec.Form():
		return &address, []byte(form.Encode()), nil
	case t.object == nil && !inBody:
		return &address, nil, nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(object)
	return &address, bytes.TrimSpace(text.Bytes()), err
}

func replaced(text string, values map[string]string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, 2*len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, "{"+name+"}", values[name])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// filled copies a JSON value with the placeholders in its texts replaced. A member that is nothing but a placeholder
// without a value is left out, as the cursor of the first page.
func filled(value any, values map[string]string) any {
	switch v := value.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, member := range v {
			copied := filled(member, values)
			if text, is := member.(string); !is || text == "" || copied != "" {
				object[key] = copied
			}
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = filled(element, values)
		}
		return list
	case string:
		return replaced(v, values)
	}
	return value
}

// put sets the value at a dotted path of a JSON object, and makes the objects on the way. A number is a place in a list.
func put(object map[string]any, path string, value any) error {
	var at any = object
	keys := strings.Split(path, ".")
	for i, key := range keys {
		last := i == len(keys)-1
		switch container := at.(type) {
		case map[string]any:
			if last {
				container[key] = value
				return nil
			}
			if container[key] == nil {
				container[key] = map[string]any{}
			}
			at = container[key]
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n < 0 || n >= len(container) {
				return fmt.Errorf("http.body has no place %s", path)
			}
			if last {
				container[n] = value
				return nil
			}
			at = container[n]
		default:
			return fmt.Errorf("http.body has no place %s: it has a single value on the way", path)
		}
	}
	return nil
}

func instant(t time.Time, layout string) string {
	switch layout {
	case "", "iso":
		return t.Format(time.RFC3339)
	case "unix":
		return strconv.FormatInt(t.Unix(), 10)
	case "unix_ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	return t.Format(layout)
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
