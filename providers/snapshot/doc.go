// Package snapshot reads a saved inventory as providers like any other: what was
// collected once is handed over again, resource by resource, with the same cells,
// gaps and unknowns, so that policies judge it as they judged the live accounts.
//
// A file holds what several providers collected; each of them is a Provider of its own
// under its own name. What the inventory was taken without is a Gap and Unknown, never
// absent: a saved answer must not say more than the one who asked then.
//
// The package reads both forms that package report writes: the ndjson one, which has a
// kind on each line, and the json one. Open passes over the whole file, checks it and
// remembers where each resource lies; Collect reads the wanted ones again, so memory
// does not grow with the resources. A file that is not one whole inventory is an
// *Error with its line.
package snapshot
