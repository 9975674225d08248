package clickhouse_test

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// element is any element of a configuration file.
type element struct {
	XMLName    xml.Name
	Attributes []xml.Attr `xml:",any,attr"`
	Text       string     `xml:",chardata"`
	Children   []element  `xml:",any"`
}

func (e element) child(path ...string) element {
	for _, name := range path {
		at := slices.IndexFunc(e.Children, func(c element) bool { return c.XMLName.Local == name })
		if at < 0 {
			return element{}
		}
		e = e.Children[at]
	}
	return e
}

func parse(t *testing.T, path string) element {
	t.Helper()
	var root element
	if err := xml.Unmarshal([]byte(read(t, path)), &root); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if root.XMLName.Local != "clickhouse" {
		t.Errorf("%s: the root element is %s, want clickhouse", path, root.XMLName.Local)
	}
	return root
}

// TestSQLIsTheSame compares the two forms: what users.d gives, and what sql gives, statement by statement.
func TestSQLIsTheSame(t *testing.T) {
	var want []string
	profiles := parse(t, "users.d/partnerplus-profiles.xml")
	for _, profile := range profiles.child("profiles").Children {
		name := profile.XMLName.Local
		want = append(want,
			"CREATE SETTINGS PROFILE IF NOT EXISTS "+name,
			"ALTER SETTINGS PROFILE "+name+" SETTINGS "+strings.Join(settingsOf(profile), ", "))
	}
	users := parse(t, "users.d/partnerplus-users.xml").child("users").Children
	for _, quota := range profiles.child("quotas").Children {
		interval := quota.child("interval")
		if len(interval.Children) == 0 {
			continue // without bounds
		}
		if got := interval.child("duration").Text; got != "3600" {
			t.Errorf("the quota %s is for %s s, and 4_quotas.sql for an hour", quota.XMLName.Local, got)
		}
		var bounds, of []string
		for _, bound := range interval.Children[1:] {
			bounds = append(bounds, bound.XMLName.Local+" = "+bound.Text)
		}
		for _, user := range users {
			if user.child("quota").Text == quota.XMLName.Local {
				of = append(of, user.XMLName.Local)
			}
		}
		want = append(want,
			"CREATE QUOTA IF NOT EXISTS "+quota.XMLName.Local,
			fmt.Sprintf("ALTER QUOTA %s KEYED BY user_name FOR INTERVAL 1 hour MAX %s TO %s", quota.XMLName.Local, strings.Join(bounds, ", "), strings.Join(of, ", ")))
	}
	for _, role := range parse(t, "users.d/partnerplus-roles.xml").child("roles").Children {
		want = append(want, "CREATE ROLE IF NOT EXISTS "+role.XMLName.Local)
		for _, grant := range role.child("grants").Children {
			want = append(want, grant.Text+" TO "+role.XMLName.Local)
		}
	}
	policies := map[string][]string{} // by role: those of each user with it, which have to be the same
	for _, user := range users {
		name, role := user.XMLName.Local, strings.TrimPrefix(user.child("grants", "query").Text, "GRANT ")
		of := policiesOf(user, role)
		if others, seen := policies[role]; seen && !slices.Equal(others, of) {
			t.Errorf("%s has not the row policies of others with its role", name)
		} else if !seen {
			policies[role] = of
			want = append(want, of...)
		}
		want = append(want,
			fmt.Sprintf("CREATE USER IF NOT EXISTS %s IDENTIFIED WITH sha256_hash BY {%[1]s:String} HOST IP '%s' SETTINGS PROFILE %s",
				name, user.child("networks", "ip").Text, user.child("profile").Text),
			"GRANT "+role+" TO "+name)
	}

	var got []string
	for _, statement := range statements(t) {
		got = append(got, statement.text)
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, missing := range lacking(want, got) {
		t.Errorf("only in users.d: %s", missing)
	}
	for _, more := range lacking(got, want) {
		t.Errorf("only in sql: %s", more)
	}
}

// policiesOf gives the row policies of a user. In users.d they are of users, by SQL of a role, so that nobody with it is without.
func policiesOf(user element, role string) []string {
	var policies []string
	for _, database := range user.child("databases").Children {
		for _, table := range database.Children {
			name := table.XMLName.Local
			for _, attribute := range table.Attributes {
				name = attribute.Value
			}
			if name == "" {
				name = "*"
			}
			policies = append(policies, fmt.Sprintf("CREATE ROW POLICY OR REPLACE %s ON %s.%s USING %s TO %s", role, database.XMLName.Local, name, table.child("filter").Text, role))
		}
	}
	return policies
}

func settingsOf(profile element) []string {
	constraints := profile.child("constraints")
	var names, settings []string
	for _, setting := range profile.Children {
		if setting.XMLName.Local != "constraints" {
			names = append(names, setting.XMLName.Local)
		}
	}
	for _, constraint := range constraints.Children {
		if !slices.Contains(names, constraint.XMLName.Local) {
			names = append(names, constraint.XMLName.Local)
		}
	}
	for _, name := range names {
		setting := name
		switch value := profile.child(name).Text; {
		case name == "profile":
			setting = "INHERIT " + value
		case value != "":
			setting += " = " + value
		}
		if most := constraints.child(name, "max").Text; most != "" {
			setting += " MAX " + most
		}
		if constraints.child(name, "readonly").XMLName.Local != "" {
			setting += " READONLY"
		}
		if constraints.child(name, "changeable_in_readonly").XMLName.Local != "" {
			setting += " CHANGEABLE_IN_READONLY"
		}
		settings = append(settings, setting)
	}
	return settings
}

func lacking(all, those []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(those, s) })
}

type statement struct{ file, text string }

var (
	comment = regexp.MustCompile(`--[^\n]*`)
	spaces  = regexp.MustCompile(`\s+`)
)

// statements gives what is in sql, each on a line of its own and without comments.
func statements(t *testing.T) []statement {
	t.Helper()
	files, err := filepath.Glob("sql/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no SQL here: %v", err)
	}
	var all []statement
	for _, file := range files {
		for text := range strings.SplitSeq(comment.ReplaceAllString(read(t, file), ""), ";") {
			if text = strings.TrimSpace(spaces.ReplaceAllString(text, " ")); text != "" {
				all = append(all, statement{file, text})
			}
		}
	}
	return all
}

// testSQL gives every statement to the engine's parser: an embedded engine's users cannot be changed by SQL. Names
// in it are looked up in users.d by TestSQLIsTheSame.
func testSQL(t *testing.T, s server) {
	hashes := map[string][]string{}
	for user := range s.passwords {
		hashes["param_"+user] = []string{strings.Repeat("0", 64)}
	}
	for _, statement := range statements(t) {
		if answer, refused := s.ask(t, "partnerplus", "EXPLAIN AST "+statement.text, hashes); refused != "" {
			t.Errorf("%s: %s\n%s", statement.file, statement.text, answer)
		}
	}
}

// testConfig reads the server's configuration and gives the engine's parser what of it is SQL.
func testConfig(t *testing.T, s server) {
	parse(t, "config.d/tls.xml.example")
	config := parse(t, "config.d/partnerplus.xml")
	if own, err := os.ReadFile("../../internal/engine/config.xml"); err != nil {
		t.Error(err)
	} else {
		var engine element
		if err := xml.Unmarshal(own, &engine); err != nil {
			t.Fatal(err)
		}
		server := rules(config)
		for name, value := range rules(engine) {
			if server[name] != value {
				t.Errorf("%s is %q on the embedded engine, where these users are tested, and %q on a server", name, value, server[name])
			}
		}
	}
	ttls := 0
	for _, log := range config.Children {
		if ttl := log.child("ttl").Text; ttl != "" {
			ttls++
			table := "EXPLAIN AST CREATE TABLE etl.log (event_date Date) ENGINE = MergeTree ORDER BY tuple() TTL " + ttl
			if answer, refused := s.ask(t, "partnerplus", table, nil); refused != "" {
				t.Errorf("%s: %s", log.XMLName.Local, answer)
			}
		}
	}
	if ttls == 0 {
		t.Error("no log of the server has a TTL")
	}
}

func rules(config element) map[string]string {
	all := map[string]string{}
	for _, rule := range config.child("access_control_improvements").Children {
		all[rule.XMLName.Local] = rule.Text
	}
	return all
}
