package schedules

import (
	_ "embed"
	"slices"
)

//go:generate go test -run ^TestSchemaIsCurrent$ . -update

//go:embed job.schema.json
var schema []byte

// SchemaName is the file name under which job files expect their schema.
const SchemaName = "partnerplus-job.schema.json"

// Schema gives the JSON Schema of job files, for editors. It is generated from the Go types of this package.
func Schema() []byte { return slices.Clone(schema) }
