// Package propose looks at a sample of a place and proposes a config for it: how its units are named and read, which
// entity its rows are, what each canonical column is made of. Every guess is written out, with a comment that says
// what it rests on; nothing is decided in silence, and what is proposed passes the config's own checks.
//
// It must not know how a place or a format is read (extract does that), and writes no file but a temporary one for its
// self-check.
package propose

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/partnerplus/warehouse/internal/config"
	"github.com/partnerplus/warehouse/transform"
)

const (
	sampleRows = 10_000
	sampleTime = 3 * time.Minute
)

// Request says what to look at.
type Request struct {
	// From is a file, a folder, s3://bucket/prefix or key, or an https address. Files and keys may be patterns. An address
	// may hold ${NAME} for a secret of the environment.
	From string
	// Dir is the folder that the config will be in.
	Dir string
	// Name is what to call the source; by default it is called after the place.
	Name string
	// Entity is what the rows become; by default what fits best.
	Entity string
	// Endpoint, Region and PathStyle are those of an S3 server other than AWS.
	Endpoint  string
	Region    string
	PathStyle bool
	// BearerToken is sent to an https address; it is ${NAME}.
	BearerToken string
}

// Proposal is a config and what it rests on.
type Proposal struct {
	Config  []byte
	Sources []Source
	// Skipped are units that were not looked at.
	Skipped []string
}

// Source is one source of the proposed config.
type Source struct {
	Name     string
	Entities []string
	Units    int
	Rows     int // that were looked at
	Rejected int // of those, by the proposed mappings or by the format
}

// Error says what is wrong with a request. It is the caller's mistake.
type Error struct {
	From string
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("--from %s: %v", shown(e.From), e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// guesses are constants that no column gives.
type guesses struct{ program, currency, why string }

// Propose reads a sample, bounded in rows, bytes and time, and proposes a config for it.
func Propose(ctx context.Context, r Request) (Proposal, error) {
	if _, ok := transform.EntityByName(r.Entity); r.Entity != "" && !ok {
		return Proposal{}, &Error{From: r.From, Err: fmt.Errorf("there is no entity %q; it is one of %s", r.Entity, strings.Join(entityNames(), ", "))}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, sampleTime, fmt.Errorf("a sample was not read within %s: name fewer units", sampleTime))
	defer cancel()
	p, err := placeOf(ctx, r)
	if err != nil {
		return Proposal{}, &Error{From: r.From, Err: err}
	}
	groups, skipped, err := gather(ctx, &p)
	if err != nil {
		return Proposal{}, err
	}
	defer func() {
		for _, g := range groups {
			if g.sample != nil {
				g.sample.release()
			}
		}
	}()
	proposal := Proposal{Skipped: skipped}
	var drafts []*draft
	names := map[string]bool{}
	for _, g := range groups {
		if g.failed != nil {
			if len(groups) == 1 {
				return Proposal{}, g.failed
			}
			drafts = append(drafts, &draft{group: g})
			continue
		}
		d := draftOf(p, g, r)
		d.name = sourceName(p, g, r, len(groups), names)
		drafts = append(drafts, d)
	}
	readable := 0
	for _, d := range drafts {
		if d.mappings != nil && (r.Entity != "" || len(groups) == 1 || d.mappings[0].score > 0) {
			d.chosen = true
			readable++
		}
	}
	if readable == 0 {
		return Proposal{}, &Error{From: r.From, Err: errors.New("nothing there looks like rows of any entity; name one file, and the entity with --entity")}
	}
	// The config is read as any other, and its mappings are tried on the sample: then it says what they reject.
	read, err := check(write(p, r, drafts, skipped))
	for _, d := range drafts {
		if err == nil && d.chosen {
			d.rehearse(read)
		}
	}
	if err == nil {
		proposal.Config = write(p, r, drafts, skipped)
		_, err = check(proposal.Config)
	}
	if err != nil {
		return Proposal{}, fmt.Errorf("the proposed config does not pass its own check, which is a mistake of this program; please report it: %w", err)
	}
	for _, d := range drafts {
		if d.chosen {
			proposal.Sources = append(proposal.Sources, d.source())
		}
	}
	return proposal, nil
}

func entityNames() []string {
	names := make([]string, len(transform.Entities))
	for i, e := range transform.Entities {
		names[i] = e.Name
	}
	return names
}

// gather finds the kinds of units and reads a sample of each.
func gather(ctx context.Context, p *place) ([]*group, []string, error) {
	if p.spec.HTTP == nil {
		groups, skipped, err := survey(ctx, *p, sampleRows)
		if err == nil && len(groups) == 0 {
			err = errors.New("there is nothing to read: no name tells a format that is known")
		}
		return groups, skipped, err
	}
	g, err := probe(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	return []*group{g}, nil, nil
}

// draft is one source of the config.
type draft struct {
	*group
	name     string
	profiles []*profile
	mappings []*mapping
	why      []string
	chosen   bool
	guess    guesses
	// of the rehearsal
	rejects int
	reasons []string
}

func draftOf(p place, g *group, r Request) *draft {
	d := &draft{group: g}
	for _, c := range g.sample.profiles() {
		if c.name == "" || strings.HasPrefix(c.name, "$") {
			g.note("no mapping can name the column %q: names with $ mean something else", c.name)
			continue
		}
		d.profiles = append(d.profiles, c)
	}
	d.guess = guessConstants(p, r, d.profiles)
	d.mappings, d.why = mappingsOf(g, d.profiles, r.Entity, d.guess)
	return d
}

func (d *draft) source() Source {
	s := Source{Name: d.name, Units: len(d.units), Rows: d.sample.rows + d.sample.malformed, Rejected: d.rejects + d.sample.malformed}
	for _, m := range d.mappings {
		s.Entities = append(s.Entities, m.entity.Name)
	}
	return s
}

// sourceName calls a source by the request, else by what its units' names share, else by the place.
func sourceName(p place, g *group, r Request, groups int, taken map[string]bool) string {
	name := r.Name
	if name == "" {
		name = p.name
		if groups > 1 || p.chosen != "" || p.spec.HTTP == nil && slices.Contains(plainFolders, strings.ToLower(name)) {
			name = unpacked(g.name)
			name = strings.TrimSuffix(name, path.Ext(name))
		}
		if name = strings.Trim(slug(digitRun.ReplaceAllString(name, "")), "-"); name == "" {
			name = "source"
		}
	} else if groups > 1 {
		name += "-" + slug(digitRun.ReplaceAllString(strings.TrimSuffix(unpacked(g.name), path.Ext(unpacked(g.name))), ""))
	}
	for base, n := name, 2; taken[name]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	taken[name] = true
	return name
}

// plainFolders are names that tell nothing of what is inside.
var plainFolders = []string{"raw", "data", "files", "csv", "export", "exports", "in", "inbox", "input", "incoming", "delivery", "deliveries", "download", "downloads", "tmp"}

// guessConstants guesses the programme by the place and the currency by symbols and names.
func guessConstants(p place, r Request, profiles []*profile) guesses {
	g := guesses{program: slug(strings.TrimSuffix(unpacked(p.name), path.Ext(unpacked(p.name)))), currency: "USD", why: "TODO: no column tells the currency"}
	if dir := slug(filepath.Base(filepath.Clean(r.Dir))); strings.Trim(dir, "0123456789-") != "" {
		g.program = dir
	}
	if r.Name != "" {
		g.program = r.Name
	}
	if g.program == "" {
		g.program = "my-programme"
	}
	symbols := map[string]string{"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "$": "USD"}
	for _, c := range profiles {
		if c.numbers != nil && len(c.numbers.symbols) > 0 {
			code := c.numbers.symbols[0]
			if known, ok := symbols[code]; ok {
				code = known
			}
			if codePattern.MatchString(code) {
				g.currency, g.why = code, fmt.Sprintf("by the %s of %s; check it", c.numbers.symbols[0], shorten(c.name, 40))
				return g
			}
		}
	}
	codes := map[string]string{"usd": "USD", "eur": "EUR", "gbp": "GBP", "cad": "CAD", "aud": "AUD", "chf": "CHF", "jpy": "JPY", "inr": "INR", "euro": "EUR", "dollar": "USD"}
	for _, c := range profiles {
		for _, w := range words(c.name) {
			if code, ok := codes[w]; ok && c.kind == number {
				g.currency, g.why = code, fmt.Sprintf("by the name %s; check it", shorten(c.name, 40))
				return g
			}
		}
	}
	return g
}

// check has the config read as any other.
func check(text []byte) (*config.Config, error) {
	dir, err := os.MkdirTemp("", "partnerplus-init-")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, config.FileName)
	var read *config.Config
	if err = os.WriteFile(file, text, 0o600); err == nil {
		read, err = config.Load(file)
	}
	return read, errors.Join(err, os.RemoveAll(dir))
}

// rehearse applies the proposed mappings to the sample, and notes what they reject.
func (d *draft) rehearse(c *config.Config) {
	source, _ := c.Source(d.name)
	counts := map[string]int{}
	left := make([]map[int]int, len(d.sample.batches)) // by batch and row: how many mappings leave it out
	for i := range left {
		left[i] = map[int]int{}
	}
	for _, spec := range source.Mappings {
		m, err := transform.Compile(spec, nil)
		if err != nil {
			d.reasons = append(d.reasons, err.Error())
			continue
		}
		for i, b := range d.sample.batches {
			result, err := m.Apply(b.record, b.place)
			if err != nil {
				d.reasons = withText(d.reasons, err.Error())
				continue
			}
			for _, r := range result.Rejects {
				counts[spec.Entity+": "+digitRun.ReplaceAllString(shorten(r.Reason, 100), "#")]++
			}
			d.rejects += len(result.Rejects)
			result.Record.Release()
			for _, row := range result.LeftOut {
				left[i][row]++
			}
		}
	}
	if source.Unrouted == config.UnroutedReject {
		for _, rows := range left {
			for _, mappings := range rows {
				if mappings == len(source.Mappings) {
					counts["no mapping takes the row"]++
					d.rejects++
				}
			}
		}
	}
	for _, reason := range byCount(counts) {
		d.reasons = append(d.reasons, fmt.Sprintf("%s × %s", count(counts[reason]), reason))
	}
}
