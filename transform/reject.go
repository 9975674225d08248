package transform

// Reject is a row that breaks the contract.
type Reject struct {
	Entity   string // the mapping's entity; empty for a row that the format could not read
	Position uint64 // the row's place in its unit, from 1
	Column   string // the canonical column, empty where none is concerned
	Rule     string // the kind of rule that the row breaks, one of the Rule… constants
	Reason   string // a sentence: what is wrong with which value
	Raw      string // the raw row, as a JSON object of the source's columns, or its own text
}

// The kinds of rules that a reject may break.
const (
	RuleRequired   = "required"   // there is no value
	RuleType       = "type"       // the value is not a number, a date, a time, a flag or a text
	RuleRange      = "range"      // the value is too small or too large, for the column or for min and max
	RulePrecision  = "precision"  // the value has more decimals than the column
	RuleNegative   = "negative"   // the value is below zero
	RuleLength     = "length"     // the text is too long
	RuleAllowed    = "allowed"    // the value is not one of those that the entity knows
	RuleMap        = "map"        // map does not list the value
	RuleLookup     = "lookup"     // the lookup table lacks the value that it is to replace
	RuleReference  = "reference"  // the reference table lacks the value
	RulePattern    = "pattern"    // the text does not match
	RuleCondition  = "condition"  // a condition of require does not hold
	RuleExpression = "expression" // an expression cannot be worked out for the row
	RuleFormat     = "format"     // the format could not read the row; whoever reads the format sets it
	RuleUnrouted   = "unrouted"   // no mapping took the row; whoever applies the mappings sets it
)

// breach is how a value breaks a rule; nil is none.
type breach struct{ rule, reason string }
