package crash_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/test/contents"
)

// command is a command of the program, one after the other, as an undisturbed pass does them.
type command struct {
	name     string
	config   string // file
	delivery int
	idle     bool // it changes nothing
	args     []string

	// What the undisturbed pass had.
	before     string // copy of the warehouse's folder
	outcome    outcome
	contents   contents.Contents
	done       []step
	statements int
	took       time.Duration
}

// placesOf tells where among the undisturbed steps those of a name are.
func (c *command) placesOf(name failpoint.Name) (places []int) {
	for i, s := range c.done {
		if s.name == name {
			places = append(places, i)
		}
	}
	return places
}

// world is the program, its sources and its warehouse.
type world struct {
	root, program string
	dir           string // the warehouse's; always the same, since the engine's files name it
	places        *places
	proxy         *proxy
	engine        *engine.Engine // nil where the program starts its own
	commands      []*command
	started       int // processes
}

func newWorld(t *testing.T, root string) *world {
	t.Helper()
	w := &world{root: root, dir: filepath.Join(root, "warehouse"), program: build(t, root), places: newPlaces(t, root)}
	w.proxy = newProxy(t, func() engine.Address { return w.engine.Address() })
	for _, of := range []struct {
		name string
		config
		idle bool
		args []string
	}{
		{"migrate", first, false, []string{"migrate"}},
		{"run", first, false, []string{"run", "-o", "json"}},
		{"run again", second, false, []string{"run", "-o", "json"}},
		{"run --full", second, true, []string{"run", "--full", "-o", "json", "--source", "ledger", "--source", "large", "--source", "small", "--source", "api"}},
		{"rejects replay", mended, false, []string{"rejects", "replay", "-o", "json"}},
		{"run in another zone", rezoned, false, []string{"run", "-o", "json"}},
	} {
		w.commands = append(w.commands, &command{name: of.name, config: w.places.write(t, of.config), delivery: of.delivery, idle: of.idle, args: of.args})
	}
	t.Cleanup(func() { w.close(t) })
	return w
}

// open starts the engine, unless it runs.
func (w *world) open(t *testing.T) {
	t.Helper()
	if w.engine != nil {
		if err := w.engine.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
		return
	}
	var err error
	if w.engine, err = engine.Open(t.Context(), engine.Options{Dir: w.dir}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) close(t *testing.T) {
	t.Helper()
	if w.engine == nil {
		return
	}
	if err := w.engine.Close(); err != nil {
		t.Error(err)
	}
	w.engine = nil
}

// copyFolder copies a folder that nobody writes. The engine's files are replaced rather than changed, but not all of them,
// so that links would not do.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if output, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("copy the warehouse: %v\n%s", err, output)
	}
}

// restore puts the warehouse back to where it was before a command.
func (w *world) restore(t *testing.T, c *command) {
	t.Helper()
	w.close(t)
	if err := os.RemoveAll(w.dir); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, c.before, w.dir)
	w.places.delivery.Store(int32(c.delivery))
}

// undisturbed runs all commands one after the other, and keeps what there was before and after each.
func (w *world) undisturbed(t *testing.T) {
	t.Helper()
	w.open(t)
	for i, c := range w.commands {
		w.close(t)
		c.before = filepath.Join(w.root, fmt.Sprintf("before-%d", i))
		copyFolder(t, w.dir, c.before)
		w.places.delivery.Store(int32(c.delivery))
		w.open(t)
		w.proxy.arm(nil, 0, nil)
		began := time.Now()
		p := w.start(t, c, envDSN+"="+w.proxy.dsn())
		p.wait(t)
		c.took = time.Since(began)
		c.statements, _ = w.proxy.disarm()
		c.outcome = p.outcome()
		if c.outcome.code > exitWarnings || c.outcome.code == exitFailed && len(c.outcome.errors) == 0 {
			t.Fatalf("%s: %s\n%s", c.name, p.ProcessState, &p.stderr)
		}
		c.done, _ = p.steps(t)
		var err error
		if c.contents, err = contents.Read(w.engine.Address()); err != nil {
			t.Fatal(err)
		}
		t.Logf("undisturbed: %-20s %.1f s, exit code %d, %d statements, %d steps", c.name, c.took.Seconds(), c.outcome.code, c.statements, len(c.done))
	}
	for _, name := range failpoint.All {
		if !w.comesTo(name) {
			t.Errorf("the data set never comes to %s", name)
		}
	}
	w.checkDataSet(t)
}

func (w *world) comesTo(name failpoint.Name) bool {
	for _, c := range w.commands {
		if len(c.placesOf(name)) > 0 {
			return true
		}
	}
	return false
}

// checkDataSet checks that there is something to get wrong.
func (w *world) checkDataSet(t *testing.T) {
	t.Helper()
	last := w.commands[len(w.commands)-1]
	for _, table := range []string{"kpi.metric_monthly", "kpi.duplicates", "kpi.exceptions", "kpi.orphans", "etl.open_rejects", "warehouse.portal_events", "kpi_engagement.metric_monthly"} {
		if len(last.contents[table]) == 0 {
			t.Errorf("%s is empty", table)
		}
	}
	for _, table := range []string{"kpi.unreconciled", "kpi.unconserved_units", "etl.touched_months"} {
		if rows := last.contents[table]; len(rows) > 0 {
			t.Errorf("%s: %v", table, rows)
		}
	}
	for i, c := range w.commands[1:] {
		changes := c.contents.Differences(w.commands[i].contents)
		if (len(changes) == 0) != c.idle {
			t.Errorf("%s changes %v", c.name, changes)
		}
	}
}

// keep keeps the warehouse's folder for whoever looks into it.
func (w *world) keep(t *testing.T, round int) string {
	t.Helper()
	w.close(t)
	kept := filepath.Join(w.root, fmt.Sprintf("round-%d", round))
	if err := errors.Join(os.RemoveAll(kept), os.Rename(w.dir, kept)); err != nil {
		t.Fatal(err)
	}
	return kept
}
