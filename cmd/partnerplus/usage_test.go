package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/partnerplus/warehouse/internal/config"
)

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	t.Parallel()
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		path := strings.Fields(cmd.CommandPath())[1:]
		o := command(t, "", exitDone, append(path, "--help")...)
		o.says(t, "Usage:", "Examples:\n", "  partnerplus")
		if o.err != "" {
			t.Errorf("%s: help goes to standard error: %s", cmd.CommandPath(), o.err)
		}
		for _, sub := range cmd.Commands() {
			if !slices.Contains([]string{"help", "completion"}, sub.Name()) { // cobra's own
				walk(sub)
			}
		}
	}
	walk((&app{out: new(strings.Builder), errOut: new(strings.Builder)}).root())
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"partnerplus.yaml":         header + awardSource,
		"jobs/partnerplus.yaml":    "schedules: files\n" + header + awardSource,
		"cluster/partnerplus.yaml": strings.Replace(header, "path: warehouse", "cluster: partnerplus", 1) + awardSource,
		"jobs/files/a.yaml":        "name: a\ncron: \"0 1 * * *\"\nsources: [award]\n",
	})
	for _, c := range []struct {
		args string
		says string
	}{
		{"nosuch", `unknown command "nosuch"`},
		{"statsu", "did you mean status?"},
		{"engine nosuch", `unknown command "nosuch"`},
		{"rejects nosuch", `unknown command "nosuch"`},
		{"engine", "engine start"},
		{"rejects", "rejects list"},
		{"run --nosuch", "--nosuch"},
		{"run a b", "accepts at most 1 arg"},
		{"preview", "accepts 1 arg"},
		{"preview awards -n 0", "at least one row"},
		{"preview nosuch", "it has awards"},
		{"run -o xml", "table or json"},
		{"run nosuch", "live"},
		{"run --from 2024-13-01", "2024-13-01"},
		{"run --from 2024-02-01 --to 2024-01-01", "is after"},
		{"backfill awards", "--from and --to"},
		{"backfill awards --from 2024-01-01", "--from and --to"},
		{"backfill", "accepts 1 arg"},
		{"query x -o nosuch", "parquet"},
		{"query", "accepts 1 arg"},
		{"status --log-level=nosuch -o nosuch", "table or json"},
		{"rejects list -n -1", "-n"},
		{"check nosuch", `invalid argument "nosuch"`},
		{"repair x", "unknown command"},
		{"schedule", "schedule list or schedule next"},
		{"schedule next nosuch", `there is no job "nosuch"; there are [live month-end nightly]`},
		{"schedule next nightly -n 0", "-n must be"},
		{"demo demo", `demo takes no argument "demo"; --dir names its folder`},
		{"version x", "unknown command"},
		{"serve --listen :0", "serve.auth"},
		{"serve --listen nowhere", "--listen"},
		{"backup", "backup create"},
		{"backup verify", "accepts 1 arg"},
	} {
		command(t, dir, exitUsage, strings.Fields(c.args)...).says(t, "error: ", c.says)
	}
	command(t, filepath.Join(dir, "nowhere"), exitUsage, "run").says(t, "partnerplus init")
	command(t, filepath.Join(dir, "cluster"), exitUsage, "status").says(t, "name one of the cluster's servers in warehouse.dsn")
	command(t, filepath.Join(dir, "jobs"), exitUsage, "validate").says(t, `"award" is no source`, "awards")
}

// What serve refuses, validate does, too.
func TestCertificateOfServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"partnerplus.yaml": "serve: {tls: {cert: cert.pem, key: key.pem}}\n" + header + awardSource})
	for _, name := range []string{"validate", "serve"} {
		command(t, dir, exitUsage, name).says(t, "serve.tls: open "+filepath.Join(dir, "cert.pem"))
	}
	certificate(t, &config.ServeTLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "other.pem")}, 1)
	certificate(t, &config.ServeTLS{Cert: filepath.Join(dir, "other.pem"), Key: filepath.Join(dir, "key.pem")}, 1)
	for _, name := range []string{"validate", "serve"} {
		command(t, dir, exitUsage, name).says(t, "serve.tls: ", "private key does not match")
	}
	certificate(t, &config.ServeTLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}, 1)
	command(t, dir, exitDone, "validate")
}

func TestScheduleNext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"partnerplus.yaml": "schedules: jobs\n" + header + awardSource,
		"jobs/a.yaml":      "name: a\ncron: 30 2 * * *\ntimezone: America/New_York\nblackout: [{from: '02:00', to: '05:00', days: [sat]}]\n",
	})
	o := command(t, dir, exitDone, "schedule", "next", "a", "-n", "366")
	o.says(t, " 02:30 E", "in a blackout", "05:00:00 E", "the clock leaves out its time")
	var coming []struct {
		Due, Begins time.Time
		Note        string
	}
	command(t, dir, exitDone, "schedule", "next", "a", "-n", "8", "-o", "json").json(t, &coming)
	later := 0
	for _, c := range coming {
		if c.Begins.After(c.Due) {
			later++
		}
	}
	if len(coming) != 8 || later == 0 {
		t.Errorf("coming: %+v", coming)
	}
}

func TestMisspeltKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"partnerplus.yaml": header + strings.Replace(awardSource, "glob", "glbo", 1)})
	for _, args := range []string{"validate", "run", "status", "serve", "engine start"} {
		command(t, dir, exitUsage, strings.Fields(args)...).
			says(t, filepath.Join(dir, "partnerplus.yaml")+":6:", "sources.awards.file.glbo", "did you mean", "glob")
	}
}

func TestInitThenValidate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	command(t, "", exitDone, "init", dir).says(t, "partnerplus.yaml", "validate")
	command(t, dir, exitDone, "validate").says(t, "well-formed")
	command(t, "", exitUsage, "init", dir).says(t, "exists already", "--force")
	command(t, "", exitDone, "init", dir, "--force")
}
