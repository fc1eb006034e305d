// Package startup does what has to be done before other packages initialise themselves:
// it only has to be imported. The SDKs of the clouds make 8 MB of tables at every start,
// also of a command that calls no cloud, and the collector would look at them again and
// again meanwhile, which takes as long as making them.
//
// Of the packages whose imports are initialised, Go initialises the one with the first
// path next. This one imports hardly anything, so that its turn comes before the second
// half of the tables. A test of the command looks at the order.
package startup

import (
	"os"
	"runtime/debug"
)

// HeapGrowth is by how much, in percent, the heap may grow before the first collection.
const HeapGrowth = 1000

// Restrained says that the environment, and not this package, sets the collector.
var Restrained = !growFreely() //nolint:gochecknoglobals // its initialisation is what the package is for

func growFreely() bool {
	if os.Getenv("GOGC") != "" {
		return false
	}
	debug.SetGCPercent(HeapGrowth)
	return true
}
