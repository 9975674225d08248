package review

// Crowd is a pack of many programmes with odd names.
var Crowd = crowd
