package load_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/partnerplus/warehouse/load"
)

// TestOwner tells processes that live from those that are dead, and from those of which nobody knows.
func TestOwner(t *testing.T) {
	t.Parallel()
	child := exec.Command("sleep", "60")
	must(t, child.Start())
	owner := load.OwnerOf(child.Process.Pid)
	if strings.Count(owner, "_") != 2 {
		t.Fatalf("the owner is %s", owner)
	}
	if load.IsDead(owner) || load.IsDead(load.OwnerOf(os.Getpid())) {
		t.Error("a process that lives is dead")
	}
	must(t, child.Process.Kill())
	if _, err := child.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	if !load.IsDead(owner) {
		t.Errorf("%s is not dead", owner)
	}
	place, _, _ := strings.Cut(owner, "_")
	for unknown, want := range map[string]bool{
		strings.Join(strings.Split(load.OwnerOf(os.Getpid()), "_")[:2], "_") + "_1": true, // its id is another's now
		"p0123456789abcdef_1_1": false, // of another boot, machine or container
		"nobody_knows":          false,
		place + "_x_1":          false,
		"":                      false,
	} {
		if load.IsDead(unknown) != want {
			t.Errorf("%q is dead: %t", unknown, !want)
		}
	}
}
