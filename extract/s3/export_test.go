package s3

// Codes and Statuses are the tables of what is done about an error.
var (
	Codes    = codes
	Statuses = statuses
)
