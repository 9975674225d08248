package extract

// Verdict says what a place does about an error of a server.
type Verdict string

// The verdicts.
const (
	Fail    Verdict = ""        // repeating it gives the same error
	Retry   Verdict = "retry"   // it passes: ask again after a pause, a few times
	Ask     Verdict = "ask"     // a person has to do something first
	Changed Verdict = "put off" // the unit is another one now: the next run takes it
)

// Rule is what is done about one kind of error, and why; or what a person has to do.
type Rule struct {
	Verdict Verdict
	Why     string
}
