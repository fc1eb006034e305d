// Package store keeps runs and the lives of their findings over time, in a SQLite file
// or in PostgreSQL. It judges nothing and renders nothing: it gives back the run that was
// saved, and says what changed between two of them.
//
// Runs of one series form one history. What a run says is kept as intervals over the
// runs of its series: a finding that stays the same for a year is one row. The texts are
// content-addressed: a message, a resource or an inventory that does not change is kept
// once. Everything that a run changes is one transaction.
//
// A finding is never fixed or gone because it was not looked at; lifecycle.go has the
// rules.
package store
