// Package checkpoint keeps on disk what a run reads, cell by cell, so that a run that
// was killed goes on where it was, and so that what was read can be saved as an
// inventory without being held in memory.
//
// A run has a directory. While a scope is read, what comes of it goes to a journal, in
// which it is to be seen which cells have been read, however the process is killed. When
// the scope has been read without interruption, the journal becomes a segment: an
// inventory of that one scope, in the format of package report, synced and renamed into
// its place. A segment is therefore whole or not there. The manifest, which is there
// before the first of either, says what was asked; the directory itself is renamed into its
// place when the manifest is in it, and it is locked as long as a process uses it.
//
// A run that goes on replays the segments, with the same cells, gaps and resources. Of the
// other scopes it plans all cells anew, tells those that are in the journal by itself, and
// lets the provider read the rest.
//
// The package judges nothing and knows no store.
package checkpoint
