// Package transform standardises raw Arrow batches into the canonical entities of KPI.md section 1.
//
// Entities are the contract: Arrow schemas with what each column allows. A Mapping, declared in the
// config and compiled once, turns a source's columns into an entity's, column by column; a row that
// breaks the contract becomes a Reject with its reason, never a wrong figure.
//
// It must not know where rows come from or go to: neither extract nor load is imported.
package transform
