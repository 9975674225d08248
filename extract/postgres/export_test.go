package postgres

// States is the table of what is done about an error.
var States = states
