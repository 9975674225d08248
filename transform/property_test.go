package transform

import (
	"fmt"
	"math/big"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"
)

const propertyYAML = `
entity: awards
where: [{column: skip, not_in: [y]}, {expr: 'skip != "y"'}]
columns:
  program_id: {value: p}
  award_id: {join: [id, $row]}
  org_id: {from: org, lookup: orgs}
  member_id: id
  kind: {from: kind, map: {"1": award, "2": reversal}}
  amount: {from: points, scale: "0.18", negative: reversal}
  currency: {expr: 'slice(concat("CAD", skip), 0, 3)'}
  awarded_at: at
`

// TestNothingIsLost: each row ends in one place, in order, and the amounts add up to what exact
// arithmetic over the raw texts of the loaded rows gives.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	m := mustCompile(t, propertyYAML, map[string]Lookup{"orgs": {"a": "A", "b": "B"}})
	rapid.Check(t, func(rt *rapid.T) {
		field := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(rt, name) }
		var lines []string
		var points []string
		for range rapid.IntRange(0, 40).Draw(rt, "rows") {
			n := rapid.StringMatching(`-?[0-9]{1,9}(\.[0-9]{1,3})?(e[0-9])?|x|`).Draw(rt, "points")
			points = append(points, n)
			lines = append(lines, field("id", "m1", "m2", "")+"|"+field("org", "a", "b", "a", "c")+"|"+field("kind", "1", "2", "3", null)+"|"+n+
				"|"+field("at", "2024-01-31", "2024-02-30", "2024-01-31T10:11:12Z")+"|"+field("skip", "", "y", "n"))
		}
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		rows := textRecord(t, mem, "id|org|kind|points|at|skip", lines...)
		result, err := m.WithAllocator(mem).Apply(rows, place(rows))
		if err != nil {
			rt.Fatal(err)
		}
		if got := int(result.Record.NumRows()) + len(result.Rejects) + result.Filtered; got != len(lines) {
			rt.Fatalf("%d rows became %d", len(lines), got)
		}
		sum, last, amounts := new(big.Rat), 0, show(result.Record, "amount")
		for i, position := range show(result.Record, SourceRow) {
			var row int
			_, _ = fmt.Sscan(position, &row)
			if row <= last {
				rt.Fatalf("row %d follows %d", row, last)
			}
			last = row
			amount := new(big.Rat).Mul(rat(points[row-1]), big.NewRat(18, 100))
			if got := rat(amounts[i]); got.Cmp(amount.Abs(amount)) != 0 {
				rt.Fatalf("%s became %s", points[row-1], got)
			}
			sum.Add(sum, amount)
		}
		if got := new(big.Rat).SetFrac(result.Amount.BigInt(), big.NewInt(10000)); got.Cmp(sum) != 0 {
			rt.Fatalf("Σ amount is %s, want %s", got, sum)
		}
		result.Record.Release()
		rows.Release()
		if left := mem.CurrentAlloc(); left != 0 {
			rt.Fatalf("%d bytes are left", left)
		}
	})
}

// TestConcurrentApply gives the race detector something to look at.
func TestConcurrentApply(t *testing.T) {
	t.Parallel()
	m := mustCompile(t, propertyYAML, map[string]Lookup{"orgs": {"a": "A"}})
	rows := textRecord(t, memory.DefaultAllocator, "id|org|kind|points|at|skip", "m|a|1|5|2024-01-31|", "m|a|1|-5|2024-01-31 10:00|")
	defer rows.Release()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			result, err := m.Apply(rows, place(rows))
			if err != nil || result.Record.NumRows() != 2 {
				t.Errorf("got %v, %v", result.Rejects, err)
				return
			}
			result.Record.Release()
		})
	}
	all.Wait()
}
