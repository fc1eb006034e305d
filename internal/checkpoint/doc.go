// Package checkpoint keeps on disk what a run reads, scope by scope, so that a run that
// was killed goes on where it was, and so that what was read can be saved as an
// inventory without being held in memory.
//
// A run has a directory. While a scope is read, its resources go to a spool as they
// come. When the scope has been read without interruption, the spool becomes a segment:
// an inventory of that one scope, in the format of package report, synced and renamed
// into its place. A segment is therefore whole or not there, whenever the process is
// killed. The manifest, which is there before the first segment, says what was asked;
// the directory itself is renamed into its place when the manifest is in it, and it is
// locked as long as a process uses it.
//
// A run that goes on replays the segments, with the same cells, gaps and resources, and
// reads the other scopes. What could not be read as a whole is read again.
//
// The package judges nothing and knows no store.
package checkpoint
