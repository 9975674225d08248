// Package pipeline is what a run does: Run lists each source's units, loads the new ones (extract, transform, load)
// and refreshes what is computed from them. Replay gives rows that were rejected another chance. Read Run first.
//
// It must not know formats, SQL or cron.
package pipeline
