// Package crash kills runs of the real program, and their engines, with SIGKILL at points drawn from a seed, and checks
// that the warehouse ends up as if nothing had happened.
//
// # How it goes
//
// First the commands of world_test.go are done undisturbed, one after the other: a migration, two deliveries of one data
// set (the second corrects the first), all of it once more, a replay of rejects, a change of the reporting zone. What there
// is after each is what every other way has to end in: facts FINAL, rejects, the ledger's statuses and accounts, and every
// table of kpi and kpi_engagement, row by row.
//
// Then come rounds. A round puts the warehouse back to where it was before one of the commands, and starts that command with
// points at which the run, its engine or both die. It is started again, and killed again, until it ends well or has died
// often enough; then it runs calmly, and the warehouse must hold what it held after the undisturbed command.
//
// A point is a named step (internal/failpoint), at one of the times that the command comes to it; or a statement, as a proxy
// between the program and its warehouse counts them: before the engine has it, while it is at work, or once it is done and
// the program does not know. Statements make points at random times that a seed can repeat. A statement whose client
// died goes on: the next start has it beside itself. In some rounds the engine is the program's own and dies with it, in
// some it goes on; in some starts another run of the same command is at work on the same sources.
//
// # What it does not show
//
// The loss of power. SIGKILL leaves to the kernel what was written, so nothing here needs fsync. ClickHouse does not sync
// the parts of a MergeTree by default (fsync_after_insert, fsync_part_directory, min_rows_to_fsync_after_merge): a machine
// that fails may lose the rows of the last seconds, and those of the facts while the ledger's stay. A damaged part is
// set aside as detached when the server starts, with a line in its log; with more than max_suspicious_broken_parts the
// table stays shut. Whoever fears that turns these settings on for the databases etl and warehouse, or has replicas;
// `partnerplus run --full` loads again what the sources still have. The engine's own files (passwords, port) are synced.
//
// Which unit first showed a change of a source's columns (etl.column_changes): units are compared with what was known before
// their run, and a crash makes two runs of one.
//
// # To repeat it
//
// PARTNERPLUS_CRASH_SEED=17 draws the same points again, and PARTNERPLUS_CRASH_SEED=17/4 the same for round 4 alone. Where
// several units are loaded at once, or statements of a dead client go on, two passes of one seed may still differ.
// PARTNERPLUS_CRASH_POINTS says how many points there are.
package crash_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/partnerplus/warehouse/internal/engine"
	"github.com/partnerplus/warehouse/internal/failpoint"
	"github.com/partnerplus/warehouse/test/contents"
)

// What repeats or prolongs the test.
const (
	EnvSeed   = "PARTNERPLUS_CRASH_SEED"   // a number, and perhaps a round behind a slash
	EnvPoints = "PARTNERPLUS_CRASH_POINTS" // how many
)

const (
	usualPoints = 14
	roundPoints = 10 // of a round
	mostKept    = 3  // rounds with differences, before the test gives up
)

func TestMain(m *testing.M) {
	engine.ChildMain()
	os.Exit(m.Run())
}

func TestCrash(t *testing.T) {
	seed, only := seedOf(t)
	points := usualPoints
	if text := os.Getenv(EnvPoints); text != "" {
		var err error
		if points, err = strconv.Atoi(text); err != nil || points < 1 {
			t.Fatalf("%s: %q is not a number from 1", EnvPoints, text)
		}
	}
	root, err := os.MkdirTemp("", "partnerplus-crash")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(root)
		}
	})
	w := newWorld(t, root)
	w.undisturbed(t)
	if t.Failed() {
		return
	}
	s := &score{hits: map[failpoint.Name]map[victim]int{}}
	if only >= 0 {
		w.round(t, seed, only, s)
		return
	}
	kept := 0
	for round := 0; s.points < points && kept < mostKept && round < points; round++ {
		if !w.round(t, seed, round, s) {
			kept++
		}
	}
	if s.points < points && kept < mostKept {
		t.Errorf("only %d of %d points were reached", s.points, points)
	}
	t.Logf("seed %d: %d points\n%s", seed, s.points, s)
}

func seedOf(t *testing.T) (seed uint64, only int) {
	t.Helper()
	seed, only = rand.Uint64()>>32, -1
	if text := os.Getenv(EnvSeed); text != "" {
		text, round, alone := strings.Cut(text, "/")
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err == nil && alone {
			only, err = strconv.Atoi(round)
		}
		if err != nil {
			t.Fatalf("%s: %v", EnvSeed, err)
		}
	}
	t.Logf("repeat it with %s=%d", EnvSeed, seed)
	return seed, only
}

// score counts what was killed where.
type score struct {
	points int
	hits   map[failpoint.Name]map[victim]int // the empty name: at statements
}

func (s *score) add(p point) {
	s.points++
	if s.hits[p.name] == nil {
		s.hits[p.name] = map[victim]int{}
	}
	s.hits[p.name][p.victim]++
}

// String is a table by step.
func (s *score) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%-20s %6s %6s %6s\n", "killed at", theRun, theEngine, both)
	for _, name := range append(slices.Clone(failpoint.All), "") {
		hits := s.hits[name]
		fmt.Fprintf(&text, "%-20s %6d %6d %6d\n", cmp.Or(name, "a statement"), hits[theRun], hits[theEngine], hits[both])
	}
	return text.String()
}

// round does one command, disturbed, and compares. It tells whether the warehouse is as it has to be.
func (w *world) round(t *testing.T, seed uint64, round int, s *score) bool {
	t.Helper()
	began, dice := time.Now(), rand.New(rand.NewPCG(seed, uint64(round)))
	c := w.commands[(round+int(seed%uint64(len(w.commands))))%len(w.commands)]
	deck := newDeck(seed, c, round/len(w.commands))
	w.restore(t, c)
	isOwn := dice.IntN(4) == 0 // the program's engine is its own
	good, progress := false, 0.0
	var these []point
	for points := draw(dice, deck, c, !isOwn); len(points) > 0 && !good; {
		if !isOwn {
			w.open(t)
		}
		these, points = take(points)
		var killed []point
		killed, good = w.disturb(t, c, these, progress, company(dice, len(points)))
		for _, p := range killed {
			s.add(p)
			progress = max(progress, p.progress)
			t.Logf("%3d round %d, %s: %s", s.points, round, c.name, p)
		}
	}
	if !good {
		if !isOwn {
			w.open(t)
		}
		p := w.start(t, c)
		p.wait(t)
		if o := p.outcome(); !o.isAsGood(c.outcome) {
			t.Errorf("repeat it with %s=%d/%d: %s undisturbed after all: %s, %v; kept in %s\n%s", EnvSeed, seed, round, c.name, p.ProcessState, o.errors, w.keep(t, round), &p.stderr)
			return false
		}
	}
	w.open(t)
	found, err := contents.Read(w.engine.Address())
	if err != nil {
		t.Fatal(err)
	}
	if differences := found.Differences(c.contents); len(differences) > 0 {
		t.Errorf("repeat it with %s=%d/%d: %s does not end as it does undisturbed; kept in %s\n%s", EnvSeed, seed, round, c.name, w.keep(t, round), strings.Join(differences, "\n"))
		return false
	}
	t.Logf("    round %d: equal, in %.1f s", round, time.Since(began).Seconds())
	return true
}

// fate is what becomes of another run of the command that is at work beside the one that is killed.
type fate int

const (
	alone   fate = iota // there is none
	dies                // with it
	survive             // it goes on, and leaves little to do
)

// company draws whether there is one: as long as points are left, it dies.
func company(dice *rand.Rand, left int) fate {
	switch {
	case dice.IntN(5) > 0:
		return alone
	case left > 2:
		return dies
	}
	return survive
}

// disturb starts the command once, kills at the points, and tells which were reached and whether the command ended well.
// The starts before it came so far.
func (w *world) disturb(t *testing.T, c *command, points []point, progress float64, beside fate) (killed []point, good bool) {
	t.Helper()
	var through []string
	if len(statements(points)) > 0 {
		through = append(through, envDSN+"="+w.proxy.dsn())
	}
	var p, other *process
	ready := make(chan struct{})
	w.proxy.arm(statements(points), int(progress*float64(c.statements)), func(one point) {
		<-ready
		if one.victim != theRun {
			kill(t, w.engine.Address().EnginePID)
		}
		if one.victim != theEngine {
			kill(t, p.Process.Pid)
		}
	})
	if beside != alone {
		other = w.start(t, c, through...)
	}
	p = w.start(t, c, append(through, environment(points))...)
	close(ready)
	p.wait(t)
	if other != nil {
		if beside == dies {
			kill(t, other.Process.Pid)
		}
		other.wait(t)
	}
	_, killed = w.proxy.disarm()
	_, steps := p.steps(t)
	for _, one := range points {
		if one.name != "" && slices.Contains(steps, one.String()) {
			killed = append(killed, one)
		}
	}
	return killed, !p.wasKilled() && p.outcome().isAsGood(c.outcome)
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if pid <= 0 { // which would be a whole group of processes
		t.Errorf("there is no process %d to kill", pid)
		return
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		t.Errorf("kill %d: %v", pid, err)
	}
}
