package transform

// MappingSpec declares how a source's rows become rows of one entity. A source may have several, of
// different entities or of the same one.
type MappingSpec struct {
	// Entity is the canonical entity that the rows become, such as awards.
	Entity string `yaml:"entity"`
	// Where keeps only the rows that meet all conditions; the others are left out, and are not rejects.
	Where []Condition `yaml:"where,omitempty"`
	// Require makes rejects of the rows that the conditions of where keep but for which an expression is not true.
	Require []Requirement `yaml:"require,omitempty"`
	// Columns says, for each canonical column, where its value comes from.
	Columns map[string]ColumnSpec `yaml:"columns"`
}

// ColumnSpec says where a canonical column's value comes from and how it is standardised. The steps apply
// in the order of the fields. A plain string in the config is short for From.
type ColumnSpec struct {
	// From names the source's column (nested JSON by a dotted path such as user.address.id), or one of
	// $row (the row's position in its unit), $unit (the unit's name), $delivered (its delivery time).
	From string `yaml:"from,omitempty"`
	// Value is a constant.
	Value *string `yaml:"value,omitempty"`
	// Join composes the value of several columns, in order; $row and $unit may be among them.
	Join []string `yaml:"join,omitempty"`
	// Separator stands between the joined values; "/" by default.
	Separator *string `yaml:"separator,omitempty"`
	// DateFrom composes a date or an instant (midnight of the zone) from a year, a month and a day, each the name of a column or a number.
	DateFrom *DateParts `yaml:"date_from,omitempty"`
	// Expr works the value out of the row's columns, such as number(Quantity) * number(UnitPrice).
	Expr string `yaml:"expr,omitempty"`
	// Trim removes white space around the value. Without it, ids compare exactly as they stand.
	Trim bool `yaml:"trim,omitempty"`
	// Extract takes the part of the value that a regular expression matches: its first group, or all of it without
	// groups. A value that does not match is no value.
	Extract string `yaml:"extract,omitempty"`
	// Case turns the text into upper or lower.
	Case string `yaml:"case,omitempty"`
	// Whole takes the decimals off a number that has none but zeros, as ids get from spreadsheets: 17850.0 becomes 17850.
	// Any other value is a reject.
	Whole bool `yaml:"whole,omitempty"`
	// Nulls lists texts that mean "no value", besides the empty text.
	Nulls []string `yaml:"nulls,omitempty"`
	// Map replaces values, such as "2": reversal. A value that is not listed is a reject unless MapElse says otherwise.
	Map map[string]string `yaml:"map,omitempty"`
	// MapElse is the value for whatever Map does not list; "$keep" keeps it.
	MapElse *string `yaml:"map_else,omitempty"`
	// Lookup replaces the value by what a lookup table of the config holds for it. A value that the table lacks is a
	// reject unless Default says otherwise.
	Lookup string `yaml:"lookup,omitempty"`
	// Default stands in where there is no value.
	Default *string `yaml:"default,omitempty"`
	// Required makes a row without a value a reject, even where the entity would allow it.
	Required bool `yaml:"required,omitempty"`
	// Number says how the text of an amount or a count is written, where it is not plain such as -1234.5.
	Number *NumberSpec `yaml:"number,omitempty"`
	// Scale multiplies an amount, exactly: "0.01" for cents, "0.18" for points worth 18 cents. A result with more
	// decimals than the column has is a reject unless Round is set.
	Scale string `yaml:"scale,omitempty"`
	// Round rounds half away from zero to the column's decimals instead of rejecting.
	Round bool `yaml:"round,omitempty"`
	// Negate turns the sign around before Negative is looked at.
	Negate bool `yaml:"negate,omitempty"`
	// Negative says what a negative amount means: "reject" (the default), "absolute" (drop the sign), or a kind such
	// as reversal or refund that the row gets, with the amount's absolute value.
	Negative string `yaml:"negative,omitempty"`
	// Time says how the text is read as a time.
	Time *TimeSpec `yaml:"time,omitempty"`
	// Min is the least canonical number, date or time that is taken: after scale, in ISO.
	Min *string `yaml:"min,omitempty"`
	// Max is the greatest.
	Max *string `yaml:"max,omitempty"`
	// Pattern is a regular expression that a canonical text has to match from its beginning to its end, if there is one.
	Pattern string `yaml:"pattern,omitempty"`
	// Reference names a lookup table of the config that has to have the canonical text as a key, if there is one.
	Reference string `yaml:"reference,omitempty"`
}

// NumberSpec says how a number is written.
type NumberSpec struct {
	// Decimal is the mark before the decimals; "." by default.
	Decimal string `yaml:"decimal,omitempty"`
	// Thousands is the mark between groups of three digits before the decimals; " " is any space, also one that does not break.
	// Where it stands elsewhere the row is a reject.
	Thousands string `yaml:"thousands,omitempty"`
	// Symbols are taken off the beginning or the end, such as € or USD.
	Symbols []string `yaml:"symbols,omitempty"`
	// Accounting takes (12.50) and 12.50- for -12.50.
	Accounting bool `yaml:"accounting,omitempty"`
}

// Requirement is a condition that rows have to meet.
type Requirement struct {
	// Expr is the expression that must be true of every row.
	Expr string `yaml:"expr"`
	// Reason is what the reject says; the expression itself by default.
	Reason string `yaml:"reason,omitempty"`
}

// DateParts composes a date. Each part is the name of a column or a number.
type DateParts struct {
	Year  string `yaml:"year"`
	Month string `yaml:"month"`
	Day   string `yaml:"day,omitempty"` // 1 by default
}

// TimeSpec says how a text or a number is read as a time.
type TimeSpec struct {
	// Format is iso (the default: 2024-01-31, with an optional time and offset), unix, unix_ms, unix_us, unix_ns, or a Go layout
	// such as "02/01/2006 15:04". A layout's year of two digits is one of 1969 to 2068.
	Format string `yaml:"format,omitempty"`
	// Formats are several, of which the first that fits a value is taken.
	Formats []string `yaml:"formats,omitempty"`
	// Zone is the IANA zone of times that carry no offset; UTC by default.
	Zone string `yaml:"zone,omitempty"`
}

// Condition is one test on a raw row: of a column, by exactly one of the tests, or an expression.
type Condition struct {
	Column   string   `yaml:"column,omitempty"`
	Expr     string   `yaml:"expr,omitempty"` // such as Type == "award" && number(Points) > 0
	In       []string `yaml:"in,omitempty"`
	NotIn    []string `yaml:"not_in,omitempty"`
	Empty    *bool    `yaml:"empty,omitempty"`     // true: null or ""; false: the opposite
	Above    *string  `yaml:"above,omitempty"`     // numerically greater
	Below    *string  `yaml:"below,omitempty"`     // numerically less
	NotEqual *string  `yaml:"not_equal,omitempty"` // numerically different where both are numbers, else as text
}

// Lookup is a table that replaces a value by another; it is filled before the mapping is used.
type Lookup map[string]string
