package httpapi

// Statuses is the table of what is done about an answer.
var Statuses = statuses
