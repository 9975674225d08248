package extract

// Spec declares a source: one place and the format of its units. Exactly one of File, S3, HTTP and Postgres is set.
type Spec struct {
	// File is a local folder.
	File *FileSpec `yaml:"file,omitempty"`
	// S3 is a bucket of S3 or of a server that speaks its protocol.
	S3 *S3Spec `yaml:"s3,omitempty"`
	// HTTP is a JSON API.
	HTTP *HTTPSpec `yaml:"http,omitempty"`
	// Postgres is a query on a PostgreSQL database.
	Postgres *PostgresSpec `yaml:"postgres,omitempty"`
	// Format says how the units' bytes become rows.
	Format FormatSpec `yaml:"format,omitempty"`
}
