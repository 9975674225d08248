package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		access, problem string
		want            map[string][]string
	}{
		{"{}", "", nil},
		{"{partner_managers: {alice: [acme, borealis], bob: []}}", "", map[string][]string{"alice": {"acme", "borealis"}, "bob": nil}},
		{`{partner_managers: {"": [acme]}}`, "access.partner_managers: a user without a name", nil},
		{`{partner_managers: {alice: [acme, ""]}}`, "access.partner_managers.alice: a programme without an id", nil},
		{"{partner_managers: {alice: acme}}", "access.partner_managers.alice", nil},
		{"{partner_manager: {alice: [acme]}}", "did you mean partner_managers?", nil},
	} {
		c, err := load(t, "reporting: {currency: USD}\naccess: "+tt.access+"\n")
		switch {
		case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
			t.Errorf("%s: %v, want %q", tt.access, err, tt.problem)
		case tt.problem == "" && err != nil:
			t.Errorf("%s: %v", tt.access, err)
		case tt.problem == "":
			if diff := cmp.Diff(tt.want, c.Access.PartnerManagers); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.access, diff)
			}
		}
	}
}

func TestUnknownPrograms(t *testing.T) {
	t.Parallel()
	access := Access{PartnerManagers: map[string][]string{"bob": {"borealis"}, "alice": {"acme", "boreals", "x"}}}
	want := []string{`access.partner_managers.alice: no programme "boreals" is known; did you mean borealis?`, `access.partner_managers.alice: no programme "x" is known`}
	if diff := cmp.Diff(want, access.Unknown([]string{"acme", "borealis"})); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}
