package config

import (
	"strings"
	"testing"
)

const contracted = `reporting: {currency: USD}
sources:
  acme:
    file: {path: data}
    contract: {columns: {id: integer, name: {type: text, optional: true}}, new: fail}
    rows: {min: 5}
    unrouted: reject
    parallel: 1
    mappings: [{entity: programs, columns: {program_id: id, name: name}}]
  plain:
    file: {path: data}
    mappings: [{entity: programs, columns: {program_id: id}}]
`

func TestContract(t *testing.T) {
	c, err := load(t, contracted)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Sources[0]
	if s.Contract.Columns["id"] != (ContractColumn{Type: "integer"}) || s.Contract.Columns["name"] != (ContractColumn{Type: "text", Optional: true}) || s.Contract.New != OnChangeFail ||
		*s.Rows.Min != 5 || s.Rows.UsualShare != 0.10 || s.Unrouted != UnroutedReject || s.Parallel != 1 || strings.Join(s.Columns(), " ") != "id name" {
		t.Errorf("source is %+v", s)
	}
	if plain := c.Sources[1]; plain.Columns() != nil || plain.Parallel != 4 || plain.Unrouted != UnroutedIgnore || plain.Rows.UsualShare != 0.10 || plain.Rows.Min != nil {
		t.Errorf("by default, a source is %+v", plain)
	}
}

func TestContractProblems(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{"new: fail", "new: never", `sources.acme.contract.new: "never" is not one of fail, record, ignore`},
		{"id: integer", "id: number", `sources.acme.contract.columns.id: the type "number" is not one of integer, decimal, date, time, boolean, text`},
		{"min: 5", "usual_share: 2", "sources.acme.rows.usual_share: 2 is not between 0 and 1"},
		{"unrouted: reject", "unrouted: drop", `sources.acme.unrouted: "drop" is not one of ignore, reject`},
		{"parallel: 1", "parallel: 99", "sources.acme.parallel: 99 is not between 1 and 16"},
		{"name: {type: text", "nome: {type: text", `sources.acme.mappings[0]: mapping programs: column name: the source has no column "name" (did you mean nome?); it has id, nome`},
	} {
		if _, err := load(t, strings.Replace(contracted, tt.from, tt.to, 1)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.to, err, tt.want)
		}
	}
}

func TestRowsCheck(t *testing.T) {
	five := uint64(5)
	for _, tt := range []struct {
		name              string
		rows              Rows
		read, usual, runs uint64
		ok                bool
	}{
		{"nothing to compare with", Rows{UsualShare: 0.1}, 0, 1000, 2, true},
		{"few are usual", Rows{UsualShare: 0.5}, 1, 19, 20, true},
		{"at the share", Rows{UsualShare: 0.1}, 100, 1000, 3, true},
		{"below the share", Rows{UsualShare: 0.1}, 99, 1000, 3, false},
		{"no share", Rows{}, 0, 1000, 3, true},
		{"at the rows", Rows{Min: &five}, 5, 0, 0, true},
		{"below the rows", Rows{Min: &five}, 4, 0, 0, false},
	} {
		if err := tt.rows.Check(tt.read, tt.usual, tt.runs); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
