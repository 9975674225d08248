package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// pager is a webhook that keeps what it is told.
type pager struct {
	*httptest.Server
	mu   sync.Mutex
	down bool
	got  []string // event and key
}

func newPager(t *testing.T) *pager {
	t.Helper()
	p := &pager{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.down {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		var m struct{ Event, Key string }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		p.got = append(p.got, m.Event+" "+m.Key)
	}))
	t.Cleanup(p.Close)
	return p
}

// config names the pager as a receiver.
func (p *pager) config(kinds string) string {
	return "notifications: {receivers: {pager: {kinds: [" + kinds + "], webhook: {url: \"" + p.URL + "\", secret: \"${PAGER_SECRET:-open-sesame}\"}}}}\n"
}

// told gives what it was told since the last time.
func (p *pager) told() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

func (p *pager) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := p.told(); !slices.Equal(got, want) {
		t.Errorf("it was told %q, want %q", got, want)
	}
}

// ghostSource is a source whose place there is not.
const ghostSource = "  ghost:\n    file: {path: nowhere, glob: \"*.csv\"}\n    mappings: [{entity: awards, columns: " + awardColumns + "}]\n"

// TestNotify tells of a source that is missing, from cron as it were, and that it came.
func TestNotify(t *testing.T) {
	t.Parallel()
	dir := small(t)
	p := newPager(t)
	head := p.config("late_source, failed_run, daily") + header + awardSource
	write(t, dir, map[string]string{"partnerplus.yaml": head + ghostSource})
	run := func(code int) { command(t, dir, code, "run", "--no-refresh", "--notify") }

	run(exitFailed)
	p.expect(t, "opened failed_run:manual", "opened late_source:ghost", "summary daily")
	run(exitFailed)
	p.expect(t)
	command(t, dir, exitDone, "notify", "list").says(t, "Source ghost never delivered", "failed_run:manual", "pager 20")
	var list struct {
		Matters []struct{ Key string }
		Pending []struct{}
	}
	command(t, dir, exitDone, "notify", "list", "-o", "json").json(t, &list)
	if len(list.Matters) != 2 || list.Pending == nil {
		t.Errorf("the list is %+v", list)
	}
	command(t, dir, exitDone, "notify", "preview", "daily").says(t, "Daily summary of the KPI warehouse: 2 open", "- [warning] Source ghost never delivered")

	write(t, dir, map[string]string{"partnerplus.yaml": head})
	p.down = true
	run(exitDone)
	command(t, dir, exitDone, "notify", "list").says(t, "nothing is wrong", "pager was not told yet of A run of manual failed: failed 1 times: it answers 403 Forbidden")
	p.down = false
	command(t, dir, exitDone, "query", "--write", "INSERT INTO etl.notices SELECT * REPLACE(tried_at - INTERVAL 1 HOUR AS tried_at, now64(6) AS updated_at) FROM etl.notices FINAL")
	run(exitDone)
	p.expect(t, "recovered failed_run:manual", "recovered late_source:ghost")
}

func TestNotifyReceivers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newPager(t)
	config := func(text string) { write(t, dir, map[string]string{"partnerplus.yaml": text + header + awardSource}) }
	config(p.config("monthly"))
	command(t, dir, exitDone, "validate").says(t, "well-formed")
	command(t, dir, exitDone, "notify", "test").says(t, "receiver pager accepted the message")
	command(t, dir, exitDone, "notify", "test", "pager")
	p.expect(t, "test test", "test test")
	command(t, dir, exitUsage, "notify", "test", "nobody").says(t, `there is no receiver "nobody"`)
	command(t, dir, exitDone, "notify", "preview", "failed_job").says(t, "[critical] Something is wrong")
	command(t, dir, exitDone, "notify", "preview", "failed_job", "--html").says(t, "<h2>")
	command(t, dir, exitUsage, "notify", "preview", "nothing").says(t, "there are: daily, weekly")
	p.Close()
	command(t, dir, exitFailed, "notify", "test").says(t, "receiver pager: ", "connection refused")

	config("")
	command(t, dir, exitUsage, "notify", "test").says(t, "notifications.receivers")
	config("notifications: {templates: texts, summaries: {daily: every day}}\n")
	write(t, dir, map[string]string{"texts/failed_job.txt": "{{.Titel}}"})
	command(t, dir, exitUsage, "validate").says(t, "notifications.summaries.daily", "failed_job", "Titel")
	config(strings.Replace(p.config("monthly"), "open-sesame", "", 1))
	command(t, dir, exitDone, "validate")
}
