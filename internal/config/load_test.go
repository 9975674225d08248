package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// full is a config that uses most of what there is.
const full = `# yaml-language-server: $schema=partnerplus.schema.json
warehouse:
  dsn: ${TEST_DSN}
  path: engine
reporting:
  currency: USD
  timezone: Europe/Berlin
schedules: jobs
metrics: metrics.yaml
lookups:
  card-of-member:
    file: {path: data, glob: members.csv}
    key: Loyalty Number
    value: Loyalty Card
sources:
  zebra-redemptions:
    http:
      url: https://api.example.com/redemptions
      bearer_token: ${TEST_TOKEN}
      timeout: 90s
    mappings:
      - entity: redemptions
        columns:
          program_id: {value: zebra}
          redemption_id: id
          member_id: member
          amount: amount
          currency: {value: EUR}
          redeemed_at: at
  acme-awards:
    file: {path: data, glob: "awards/*.csv.gz"}
    format: {type: csv}
    rejects: {max_rows: 0, max_share: 0.05}
    mappings:
      - entity: awards
        where: [{column: status, in: [booked]}]
        columns:
          program_id: {value: acme}
          award_id: id
          member_id: {from: member, lookup: card-of-member}
          amount: {from: cents, scale: "0.01"}
          currency: {value: USD}
          awarded_at: at
    fresh_within: 1d12h
    month_end: {after: 6h, ignore: true}
`

func setSecrets(t *testing.T) {
	t.Helper()
	t.Setenv("TEST_DSN", "https://loader:s3cr3t-pass@clickhouse.example.com:8443/")
	t.Setenv("TEST_TOKEN", `tok"en: {x}`)
	t.Setenv("SLACK_WEBHOOK", "https://hooks.slack.example.com/services/T0/B0/example")
	for _, name := range []string{
		"PARTNERPLUS_PASSWORD", "ACME_KEY_ID", "ACME_SECRET", "ACME_TOKEN", "BACKUP_KEY_ID", "BACKUP_SECRET",
		"SMTP_PASSWORD", "PAGER_SECRET", "STATUS_PASSWORD",
	} {
		t.Setenv(name, "example-"+name)
	}
}

func load(t *testing.T, yaml string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), FileName)
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

// withExamples removes the # of the template's examples.
func withExamples(template string) string {
	return regexp.MustCompile(`(?m)^#((?:  )+[a-z-]|[a-z])`).ReplaceAllString(template, "$1")
}

func TestLoad(t *testing.T) {
	setSecrets(t)
	c, err := load(t, full)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.SourceNames(), []string{"zebra-redemptions", "acme-awards"}; !cmp.Equal(got, want) {
		t.Errorf("sources are %v, want the file's order %v", got, want)
	}
	acme, _ := c.Source("acme-awards")
	http := c.Sources[0].HTTP
	checks := []struct {
		what      string
		got, want any
	}{
		{"dsn", c.Warehouse.DSN, "https://loader:s3cr3t-pass@clickhouse.example.com:8443/"},
		{"embedded", c.Warehouse.Embedded(), false},
		{"zone", c.Reporting.Zone().String(), "Europe/Berlin"},
		{"token, in which YAML means nothing", http.BearerToken, `tok"en: {x}`},
		{"timeout", http.Timeout.String(), "1m30s"},
		{"short form of a column", acme.Mappings[0].Columns["award_id"].From, "id"},
		{"max_rows", *acme.Rejects.MaxRows, uint64(0)},
		{"max_share", acme.Rejects.MaxShare, 0.05},
		{"fresh_within", acme.FreshWithin.String(), "36h0m0s"},
		{"month_end", acme.MonthEnd, MonthEnd{After: 6 * time.Hour, Ignore: true}},
		{"no month_end by default", c.Sources[0].MonthEnd, MonthEnd{}},
		{"reports by default", filepath.Base(c.Reports), "reports"},
		{"no fresh_within by default", c.Sources[0].FreshWithin.String(), "0s"},
		{"max_share by default", c.Sources[0].Rejects.MaxShare, 0.10},
		{"lookup", c.Lookups[0].Name + "/" + c.Lookups[0].Value, "card-of-member/Loyalty Card"},
	}
	for _, check := range checks {
		if check.got != check.want {
			t.Errorf("%s: %v, want %v", check.what, check.got, check.want)
		}
	}
	for what, path := range map[string]string{"path": c.Warehouse.Path, "schedules": c.Schedules, "metrics": c.Metrics, "file": acme.File.Path, "lookup": c.Lookups[0].File.Path} {
		if !filepath.IsAbs(path) || filepath.Base(filepath.Dir(path)) != "001" {
			t.Errorf("%s: %q is not below the config file's folder", what, path)
		}
	}
}

func TestTemplateLoads(t *testing.T) {
	setSecrets(t)
	for name, yaml := range map[string]string{"as it stands": string(Template()), "with its examples": withExamples(string(Template()))} {
		c, err := load(t, yaml)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := 2 + 3*strings.Count(name, "examples"); len(c.Sources) != want {
			t.Errorf("%s: %d sources, want %d", name, len(c.Sources), want)
		}
	}
}

func TestDefault(t *testing.T) {
	c := Default()
	if c.Reporting.Zone().String() != "UTC" || !c.Warehouse.Embedded() || !filepath.IsAbs(c.Warehouse.Path) {
		t.Errorf("not a usable default: %+v", c)
	}
}

func TestLoadProblems(t *testing.T) {
	setSecrets(t)
	const head = "reporting: {currency: USD}\n"
	// source gives a config whose one mapping begins in line 5.
	source := func(rest string) string { return head + "sources:\n  acme:\n    file: {path: data}\n" + rest }
	columns := "    mappings: [{entity: programs, columns: {program_id: id}}]\n"
	tests := []struct {
		name, yaml string
		want       []string // all problems, without the file's folder
	}{
		{"empty", "", []string{"the file is empty"}},
		{"comments only", "# nothing\n", []string{"the file is empty"}},
		{"not YAML", "reporting: [1\n", []string{"1:12: not YAML: sequence end token ']' not found"}},
		{"two documents", head + "---\n" + head, []string{"3:1: a second document begins here; one file holds one document"}},
		{"a list", "- a\n", []string{"1:1: must be a mapping of keys to values, not a list"}},
		{"variable without quotes in braces", "reporting: {currency: ${X}}\n",
			[]string{"1:24: not YAML: ',' or '}' must be specified (inside { } a ${NAME} needs quotes: \"${NAME}\")"}},
		{"unknown keys, each with its place", head + "warehose: {}\nschedule: x\nsecrets: 1\n", []string{
			"2:1: warehose: unknown key; did you mean warehouse?",
			"3:1: schedule: unknown key; did you mean schedules?",
			"4:1: secrets: unknown key; known here: warehouse, reporting, schedules, notifications, metrics, access, reports, serve, retention, backup, lookups, sources, telemetry"}},
		{"unknown keys far below", source("    formta: {type: csv}\n    mappings: [{entity: programs, columns: {program_id: {form: id}}}]\n"), []string{
			"5:5: sources.acme.formta: unknown key; did you mean format?",
			"6:58: sources.acme.mappings[0].columns.program_id.form: unknown key; did you mean from?"}},
		{"repeated key", head + "schedules: a\nschedules: b\n",
			[]string{"3:1: schedules: the key stands here twice, first in line 2; remove one"}},
		{"repeated source", source(columns + "  acme:\n    file: {path: b}\n" + columns),
			[]string{"6:3: sources.acme: the key stands here twice, first in line 3; remove one"}},
		{"wrong kinds", "reporting: USD\nsources:\n  acme:\n    rejects: {max_rows: -1, max_share: lots}\n    mappings: {entity: a}\n    http: {timeout: 5}\n", []string{
			"1:12: reporting: must be a mapping of keys to values, not a single value",
			`4:25: sources.acme.rejects.max_rows: "-1" is not a whole number from 0`,
			`4:40: sources.acme.rejects.max_share: "lots" is not a number`,
			"5:15: sources.acme.mappings: must be a list, not a mapping",
			`6:21: sources.acme.http.timeout: "5" is not a duration such as 90s, 10m or 2h`}},
		{"variables", "warehouse: {dsn: \"${TEST_UNSET}\"}\nreporting: {currency: \"${1}\", timezone: \"${TEST_DSN\"}\n", []string{
			`1:18: warehouse.dsn: "${TEST_UNSET}": the environment variable TEST_UNSET is not set, or empty; set it, or write ${TEST_UNSET:-default}`,
			`2:23: reporting.currency: "${1}": ${1} is neither ${NAME} nor ${NAME:-default}, ${file:…}, ${credential:…} or ${arn:…}; write $${ for a plain ${`,
			`2:41: reporting.timezone: "${TEST_DSN": ${ without a }; write $${ for a plain ${`}},
		{"a variable that is not a number", source("    rejects: {max_rows: \"${TEST_TOKEN}\"}\n" + columns),
			[]string{`5:25: sources.acme.rejects.max_rows: "${TEST_TOKEN}" is not a whole number from 0`}},
		{"reporting", "reporting: {timezone: Mars/Base}\n", []string{
			"1:1: reporting.currency: missing; give the code of the currency to report in, such as USD",
			`1:13: reporting.timezone: "Mars/Base" is not an IANA zone such as UTC or Europe/Berlin`}},
		{"nothing required given", "schedules: x\n",
			[]string{"reporting.currency: missing; give the code of the currency to report in, such as USD"}},
		{"native protocol, and no path", head + "warehouse: {dsn: \"clickhouse://u:hush@host:9000/\", path: \"\"}\nreports: \"\"\n", []string{
			`2:13: warehouse.dsn: the scheme "clickhouse" is not http or https; give the server's HTTP port, such as http://host:8123/`,
			"2:52: warehouse.path: empty; name a folder, or leave the key out",
			"3:1: reports: empty; name a folder, or leave the key out"}},
		{"source", head + "sources:\n  Acme:\n    rejects: {max_share: 2}\n    fresh_within: -1h\n    month_end: {after: -2h}\n", []string{
			`3:3: sources.Acme: the name "Acme" must consist of small letters, digits, - and _, and not begin with - or _`,
			"3:3: sources.Acme: exactly one of file, s3, http and postgres must be set, not 0 ()",
			"4:15: sources.Acme.rejects.max_share: 2 is not between 0 and 1",
			"5:5: sources.Acme.fresh_within: -1h0m0s is negative; leave it out where there is no limit",
			"6:17: sources.Acme.month_end.after: -2h0m0s is negative; leave it out where nothing comes late",
			"3:3: sources.Acme.mappings: missing; say what the rows become with at least one mapping"}},
		{"a source without a value", head + "sources:\n  acme:\n", []string{"3:3: sources.acme: has no value; give it one, or leave it out"}},
		{"a value from the environment is masked", source("    format: {type: \"${TEST_TOKEN}\"}\n" + columns),
			[]string{`5:14: sources.acme.format.type: "${TEST_TOKEN}" is none of csv, ndjson, json, parquet, xlsx`}},
		{"lookup", head + "lookups:\n  cards:\n    file: {path: \"\"}\n    key: a\n", []string{
			"4:12: lookups.cards.file.path: missing",
			"3:3: lookups.cards.value: missing; name the raw column with what replaces them"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.yaml)
			if err == nil {
				t.Fatal("no error")
			}
			var got []string
			for _, line := range strings.Split(err.Error(), "\n") {
				_, line, _ = strings.Cut(line, FileName+":")
				got = append(got, strings.TrimSpace(line))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMappingsAreCompiled(t *testing.T) {
	setSecrets(t)
	tests := map[string]string{
		"a lookup that is not there": strings.Replace(full, "lookup: card-of-member", "lookup: card-of-membr", 1),
		"a column that is not there": strings.Replace(full, "award_id: id", "awardid: id", 1),
	}
	for name, yaml := range tests {
		_, err := load(t, yaml)
		if err == nil || !strings.Contains(err.Error(), ":35:9: sources.acme-awards.mappings[0]") {
			t.Errorf("%s: want an error at the mapping, not: %v", name, err)
		}
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), FileName))
	if err == nil || !strings.Contains(err.Error(), "partnerplus init") {
		t.Errorf("want a hint at partnerplus init, not: %v", err)
	}
	if _, err = Load(t.TempDir()); !errors.As(err, new(*Error)) {
		t.Errorf("a folder was loaded, or: %v", err)
	}
}

func TestRejectsCheck(t *testing.T) {
	ten := uint64(10)
	tests := []struct {
		name           string
		rejects        Rejects
		rejected, read uint64
		ok             bool
	}{
		{"none of none", Rejects{}, 0, 0, true},
		{"at the share", Rejects{MaxShare: 0.1}, 10, 100, true},
		{"above the share", Rejects{MaxShare: 0.1}, 11, 100, false},
		{"at the rows", Rejects{MaxShare: 1, MaxRows: &ten}, 10, 10, true},
		{"above the rows", Rejects{MaxShare: 1, MaxRows: &ten}, 11, 1000, false},
		{"none allowed", Rejects{}, 1, 1000, false},
	}
	for _, tt := range tests {
		if err := tt.rejects.Check(tt.rejected, tt.read); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
