package schedules

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the schema of job files anew")

const schemaFile = "job.schema.json"

func TestSchemaIsCurrent(t *testing.T) {
	file, err := filepath.Abs(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	want := generateSchema(t)
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, Schema()) {
		t.Errorf("%s is not what the Go types and their comments say; run: go generate ./schedules", schemaFile)
	}
}

// generateSchema makes the schema from the Go types and their comments.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	reflector := &jsonschema.Reflector{FieldNameTag: "yaml", ExpandedStruct: true, Anonymous: true, Mapper: special}
	t.Chdir("..") // comments are found by the folder's path from the module's root
	if err := reflector.AddGoComments("github.com/partnerplus/warehouse", "./schedules", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	for key, comment := range reflector.CommentMap {
		reflector.CommentMap[key] = strings.Join(strings.Fields(comment), " ")
	}
	s := reflector.Reflect(&Job{})
	s.Title = "PartnerPlus job"
	if name, ok := s.Properties.Get("name"); ok {
		name.Pattern = namePattern.String()
	}
	for _, object := range []*jsonschema.Schema{s, s.Definitions["Window"]} {
		for pair := object.Properties.Oldest(); pair != nil; pair = pair.Next() {
			// Descriptions begin with the key's name rather than the Go field's.
			first, rest, _ := strings.Cut(pair.Value.Description, " ")
			if strings.EqualFold(first, strings.ReplaceAll(pair.Key, "_", "")) {
				pair.Value.Description = pair.Key + " " + rest
			}
		}
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// special describes the types whose form in YAML is not that of their Go type.
func special(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+d)?([0-9.]+(ns|us|ms|s|m|h))+$|^[0-9]+d$`, Examples: []any{"90s", "10m", "2d"}}
	case reflect.TypeFor[Step]():
		enum := make([]any, len(steps))
		for i, step := range steps {
			enum[i] = step
		}
		return &jsonschema.Schema{Type: "string", Enum: enum}
	}
	return nil
}

const fullJob = `name: month-end
description: Everything that a job file may say.
cron: "0 4 1 * *"
timezone: America/New_York
jitter: 5m
timeout: 1d2h
retries: 3
retry_wait: 90s
after: [nightly]
wait_for: 6h
blackout: [{from: "08:00", to: "18:00", days: [mon-fri]}, {from: "23:30", to: "00:30"}]
steps: [load, complete, refresh, check, review, report]
sources: [a, b]
full: true
`

func TestSchemaAgreesWithLoad(t *testing.T) {
	document, err := validator.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := validator.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, yaml string
		valid      bool
	}{
		{"full", fullJob, true},
		{"no more than is needed", "name: a\ncron: '@daily'\n", true},
		{"misspelt key", strings.Replace(fullJob, "retry_wait", "retrywait", 1), false},
		{"misspelt key of a window", strings.Replace(fullJob, "days:", "day:", 1), false},
		{"unknown step", strings.Replace(fullJob, "refresh", "refesh", 1), false},
		{"capital letter in the name", strings.Replace(fullJob, "name: month", "name: Month", 1), false},
		{"no cron", strings.Replace(fullJob, `cron: "0 4 1 * *"`, "", 1), false},
		{"a window without an end", strings.Replace(fullJob, `, to: "00:30"`, "", 1), false},
		{"a duration without a unit", strings.Replace(fullJob, "5m", "5", 1), false},
		{"a text for a number", strings.Replace(fullJob, "retries: 3", "retries: three", 1), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := yaml.YAMLToJSON([]byte(tt.yaml))
			if err != nil {
				t.Fatal(err)
			}
			instance, err := validator.UnmarshalJSON(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if err := compiled.Validate(instance); (err == nil) != tt.valid {
				t.Errorf("schema: valid should be %v: %v", tt.valid, err)
			}
			_, err = LoadDir(folder(t, map[string]string{"a.yaml": tt.yaml, "b.yaml": "name: nightly\ncron: '@daily'\n"}))
			if (err == nil) != tt.valid {
				t.Errorf("LoadDir: valid should be %v: %v", tt.valid, err)
			}
		})
	}
}

// Editors show the descriptions.
func TestSchemaDescribesEveryKey(t *testing.T) {
	type object struct {
		Properties map[string]struct{ Description string }
	}
	var s struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Properties) < reflect.TypeFor[Job]().NumField() || len(s.Defs) == 0 {
		t.Fatalf("the schema has %d properties and %d definitions only", len(s.Properties), len(s.Defs))
	}
	s.Defs["job"] = s.object
	for name, definition := range s.Defs {
		for key, property := range definition.Properties {
			if property.Description == "" {
				t.Errorf("%s.%s has no description; comment the Go field", name, key)
			}
		}
	}
}
