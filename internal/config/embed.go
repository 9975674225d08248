package config

import (
	_ "embed"
	"slices"
)

//go:generate go test -run ^TestSchemaIsCurrent$ . -update

//go:embed template.yaml
var template []byte

//go:embed partnerplus.schema.json
var schema []byte

// SchemaName is the file name under which the template expects the schema.
const SchemaName = "partnerplus.schema.json"

// Template gives the commented config to start from, which partnerplus init writes.
func Template() []byte { return slices.Clone(template) }

// Schema gives the JSON Schema of the config file, for editors. It is generated from the Go types of this package,
// extract and transform.
func Schema() []byte { return slices.Clone(schema) }
