// Package transcript keeps what a plan answered while it was judged, and answers the same
// again. A plan itself is never saved, since plans can hold secrets; the answers are about
// the resources as policies see them, and hold nothing that an inventory would not.
//
// The resources as they are after the change are an inventory like any other and are not
// part of a transcript; those before the change are.
package transcript
