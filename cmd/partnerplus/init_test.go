package main

import (
	"path/filepath"
	"testing"

	"github.com/partnerplus/warehouse/internal/config/presets"
)

func TestInitFromASample(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"in/awards-2024-01.csv": "Award ID,Member,Amount,Date\nA-1,M-1,1.50,2024-01-31\nA-2,M-2,-2.25,2024-01-31\n",
		"in/awards-2024-02.csv": "Award ID,Member,Amount,Date\nA-3,M-1,3.00,2024-02-29\nA-4,,4.00,2024-02-29\n",
	})
	setTimes(t, dir, "in/awards-2024-01.csv", "in/awards-2024-02.csv")
	acme := filepath.Join(dir, "acme")
	command(t, dir, exitDone, "init", acme, "--from", filepath.Join(dir, "in")).
		says(t, "wrote "+filepath.Join(acme, "partnerplus.yaml"), "awards: awards from 2 units; 4 rows looked at, 1 rejected", "preview awards")
	command(t, acme, exitDone, "validate").says(t, "1 sources", "well-formed")
	command(t, acme, exitDone, "preview", "awards", "--unit", "awards-2024-01.csv").says(t, "reversal", "2.25", "← Amount = -2.25")
	command(t, acme, exitDone, "preview", "awards", "--rejected").says(t, "row 2", "member_id", "required")

	command(t, dir, exitUsage, "init", acme, "--from", filepath.Join(dir, "in")).says(t, "exists already", "--force")
	command(t, dir, exitUsage, "init", acme, "--force", "--from", filepath.Join(dir, "nosuch")).says(t, "no such file")
	command(t, acme, exitDone, "validate") // what failed has overwritten nothing
	command(t, dir, exitDone, "init", acme, "--force", "--from", filepath.Join(dir, "in"), "--entity", "redemptions", "--source", "gifts").says(t, "gifts: redemptions")

	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--entity", "awards"}, "without --from"},
		{[]string{"--from", dir, "--region", "x"}, "s3:// only"},
		{[]string{"--from", dir, "--bearer-token", "${X}"}, "https:// only"},
		{[]string{"--from", dir, "--preset", "matomo"}, "exclude each other"},
		{[]string{"--preset", "nosuch"}, "matomo"},
	} {
		command(t, dir, exitUsage, append([]string{"init", filepath.Join(dir, "other")}, c.args...)...).says(t, c.says)
	}
}

func TestInitPresets(t *testing.T) {
	t.Parallel()
	for _, name := range presets.Names() {
		dir := filepath.Join(t.TempDir(), name)
		command(t, "", exitDone, "init", dir, "--preset", name).says(t, "validate --connect")
	}
}
