package config

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

	"github.com/partnerplus/warehouse/transform"
)

var update = flag.Bool("update", false, "write partnerplus.schema.json anew")

func TestSchemaIsCurrent(t *testing.T) {
	file, err := filepath.Abs(SchemaName)
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
		t.Errorf("%s is not what the Go types and their comments say; run: go generate ./internal/config", SchemaName)
	}
}

// generateSchema makes the schema from the Go types and their comments.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	reflector := &jsonschema.Reflector{FieldNameTag: "yaml", ExpandedStruct: true, Anonymous: true, Mapper: special}
	t.Chdir("../..") // comments are found by the folder's path from the module's root
	for _, folder := range []string{"./extract", "./transform", "./internal/config"} {
		if err := reflector.AddGoComments("github.com/partnerplus/warehouse", folder, jsonschema.WithFullComment()); err != nil {
			t.Fatal(err)
		}
	}
	for key, comment := range reflector.CommentMap {
		reflector.CommentMap[key] = strings.Join(strings.Fields(comment), " ")
	}
	s := reflector.Reflect(&Config{})
	s.Title = "PartnerPlus config"
	places := []string{"file", "s3", "http", "postgres"}
	keyed(s, "sources", "Source", s.Definitions["Source"], places)
	keyed(s, "lookups", "Lookup", s.Definitions["Lookup"], places)
	keyed(s.Definitions["Notifications"], "receivers", "Receiver", s.Definitions["Receiver"], []string{"slack", "email", "webhook"})

	column := s.Definitions["ColumnSpec"]
	s.Definitions["ColumnSpec"] = &jsonschema.Schema{
		Description: column.Description,
		OneOf:       []*jsonschema.Schema{{Type: "string", Description: "The source's column."}, column},
	}
	column.Description = ""
	contracted := s.Definitions["ContractColumn"]
	s.Definitions["ContractColumn"] = &jsonschema.Schema{
		Description: contracted.Description,
		OneOf:       []*jsonschema.Schema{{Type: "string", Description: "The column's type."}, contracted},
	}
	contracted.Description = ""
	cluster := s.Definitions["Cluster"]
	s.Definitions["Cluster"] = &jsonschema.Schema{
		Description: cluster.Description,
		OneOf:       []*jsonschema.Schema{{Type: "string", Description: "The cluster's name."}, cluster},
	}
	cluster.Description = ""
	entity, _ := s.Definitions["MappingSpec"].Properties.Get("entity")
	for _, e := range transform.Entities {
		entity.Enum = append(entity.Enum, e.Name)
	}
	speakYAML(s)
	for _, definition := range s.Definitions {
		speakYAML(definition)
	}
	speakYAML(column)
	speakYAML(contracted)
	speakYAML(cluster)
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// speakYAML lets descriptions begin with the key's name rather than the Go field's.
func speakYAML(s *jsonschema.Schema) {
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		first, rest, _ := strings.Cut(pair.Value.Description, " ")
		if strings.EqualFold(first, strings.ReplaceAll(pair.Key, "_", "")) {
			pair.Value.Description = pair.Key + " " + rest
		}
	}
}

// special describes the types whose form in YAML is not that of their Go type.
func special(t reflect.Type) *jsonschema.Schema {
	if t == reflect.TypeFor[time.Duration]() {
		return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+d)?([0-9.]+(ns|us|ms|s|m|h))+$|^[0-9]+d$|\$\{`, Examples: []any{"90s", "10m", "2d"}}
	}
	return nil
}

// keyed turns a list of named things into the mapping by name that it is in YAML, each with exactly one of some keys.
func keyed(s *jsonschema.Schema, property, definition string, element *jsonschema.Schema, oneOf []string) {
	list, _ := s.Properties.Get(property)
	s.Properties.Set(property, &jsonschema.Schema{
		Type:                 "object",
		Description:          list.Description,
		PropertyNames:        &jsonschema.Schema{Pattern: namePattern.String()},
		AdditionalProperties: &jsonschema.Schema{Ref: "#/$defs/" + definition},
	})
	for _, key := range oneOf {
		element.OneOf = append(element.OneOf, &jsonschema.Schema{Required: []string{key}})
	}
	if mappings, ok := element.Properties.Get("mappings"); ok {
		one := uint64(1)
		mappings.MinItems = &one
	}
}

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
		{"template", string(Template()), true},
		{"template with its examples", withExamples(string(Template())), true},
		{"full", full, true},
		{"misspelt key at the top", strings.Replace(full, "reporting:", "reprting:", 1), false},
		{"misspelt key of a source", strings.Replace(full, "rejects:", "reject:", 1), false},
		{"misspelt key of a column", strings.Replace(full, "scale:", "scal:", 1), false},
		{"misspelt key of a place", strings.Replace(full, "glob:", "globb:", 1), false},
		{"two places", strings.Replace(full, "    rejects:", "    http: {url: http://x}\n    rejects:", 1), false},
		{"unknown entity", strings.Replace(full, "entity: awards", "entity: award", 1), false},
		{"capital letter in a name", strings.Replace(full, "acme-awards:", "Acme:", 1), false},
		{"no currency", strings.Replace(full, "  currency: USD\n", "", 1), false},
	}
	setSecrets(t)
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
			if _, err := load(t, tt.yaml); (err == nil) != tt.valid {
				t.Errorf("Load: valid should be %v: %v", tt.valid, err)
			}
		})
	}
}

// Editors show the descriptions; only keys that speak for themselves may do without.
func TestSchemaDescribesEveryKey(t *testing.T) {
	var s struct {
		Defs map[string]struct {
			Properties map[string]struct{ Description string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Defs) < 10 {
		t.Fatalf("the schema has %d definitions only", len(s.Defs))
	}
	for name, definition := range s.Defs {
		for key, property := range definition.Properties {
			if property.Description == "" && name != "Condition" && name != "DateParts" {
				t.Errorf("%s.%s has no description; comment the Go field", name, key)
			}
		}
	}
}
