package crash_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/partnerplus/warehouse/internal/failpoint"
)

// victim is what is killed.
type victim string

const (
	theRun    victim = "run"
	theEngine victim = "engine"
	both      victim = "both"
)

// victims are as likely as they are many.
var victims = []victim{theRun, theRun, theRun, theEngine, theEngine, both}

// point is where something is killed: at a step of the program, or at a statement on its way to the engine.
type point struct {
	victim
	progress float64 // how far the undisturbed command is there, up to 1

	name  failpoint.Name // empty: at a statement
	count int            // the how manieth time, from 1
	about string         // of those about it; empty: of all

	statement int // of the undisturbed command
	phase     phase
}

// String is the point as the environment has it.
func (p point) String() string {
	if p.name == "" {
		return fmt.Sprintf("%s: %s statement %d", p.victim, p.phase, p.statement)
	}
	text := string(p.name)
	if p.victim != theRun {
		text = string(p.victim) + ":" + text
	}
	if p.count > 1 {
		text += fmt.Sprintf(":%d", p.count)
	}
	if p.about != "" {
		text += "@" + p.about
	}
	return text
}

// draw draws the points of a round in the order in which the undisturbed command comes to them, so that one start after
// the other comes farther. Statements are seen only where the program goes through the proxy.
func draw(dice *rand.Rand, deck *deck, c *command, proxied bool) []point {
	points := make([]point, roundPoints)
	for i := range points {
		p := point{victim: victims[dice.IntN(len(victims))]}
		if proxied && dice.IntN(3) == 0 {
			p.statement, p.phase = 1+dice.IntN(c.statements), phases[dice.IntN(len(phases))]
			p.progress = float64(p.statement) / float64(c.statements)
		} else {
			p.name = deck.next()
			places := c.placesOf(p.name)
			at := places[dice.IntN(len(places))]
			p.progress = float64(at+1) / float64(len(c.done))
			p.about = c.done[at].subject()
			for _, place := range places {
				if place <= at && c.done[place].subject() == p.about {
					p.count++
				}
			}
		}
		points[i] = p
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.progress, b.progress) })
	return points
}

// atMost bounds the points of one start: a run bears the death of a few engines.
const atMost = 3

// take takes the points of the next start off the list: engines may die until the run does.
func take(points []point) (these, rest []point) {
	n := 0
	for n < min(len(points), atMost) {
		n++
		if points[n-1].victim != theEngine {
			break
		}
	}
	return points[:n], points[n:]
}

// environment tells the program at which steps something dies.
func environment(points []point) string {
	var steps []string
	for _, p := range points {
		if p.name != "" {
			steps = append(steps, p.String())
		}
	}
	return failpoint.Env + "=" + strings.Join(steps, ",")
}

// statements are the points that the proxy looks after.
func statements(points []point) []point {
	return slices.DeleteFunc(slices.Clone(points), func(p point) bool { return p.name != "" })
}

// deck gives each of the names that a command comes to before it gives one again.
type deck struct {
	names []failpoint.Name
	given int
}

// newDeck shuffles the names for a seed; each turn of the command goes on in them.
func newDeck(seed uint64, c *command, turn int) *deck {
	var names []failpoint.Name
	for _, name := range failpoint.All {
		if len(c.placesOf(name)) > 0 {
			names = append(names, name)
		}
	}
	rand.New(rand.NewPCG(seed, uint64(len(names)))).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return &deck{names: names, given: turn * roundPoints}
}

func (d *deck) next() failpoint.Name {
	d.given++
	return d.names[d.given%len(d.names)]
}
