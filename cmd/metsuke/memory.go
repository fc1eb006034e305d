package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/metsuke-dev/metsuke/cmd/metsuke/internal/startup"
)

// A command lives briefly: while its heap is small, garbage collections are not worth
// their time, and neither is memory that has to be had from the system first. room is how
// much, in bytes, the heap may hold besides twice what is alive before the next one. With
// the program itself that is below 200 MB for plans of ten thousand resources.
const room = 76 << 20

// mostRoom is the size, in bytes, beyond which twice what is alive would be too much: for
// plans of a hundred thousand resources. With the rest of the process it stays below 400 MB.
const mostRoom = 208 << 20

// leastGrowth is by how much, in percent of what is alive, the heap may grow at least.
const leastGrowth = 30

// mostGrowth is the setting until the first collection says what is alive.
const mostGrowth = startup.HeapGrowth

// tuneMemory sets the collector for a short-lived command, unless GOGC says how.
func tuneMemory() {
	if !startup.Restrained {
		watch(&cycle{})
	}
}

// cycle is garbage at once: its finalizer runs after every collection.
type cycle struct{ _ [16]byte }

func watch(c *cycle) {
	runtime.SetFinalizer(c, func(c *cycle) {
		debug.SetGCPercent(growth(held()))
		watch(c)
	})
}

// held returns what is alive in the heap, and the stacks and globals, in bytes: the
// collector lets the heap grow by a share of all of them.
func held() (alive, besides uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"}}
	metrics.Read(samples)
	var sizes [3]uint64
	for i, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			sizes[i] = s.Value.Uint64()
		}
	}
	return sizes[0], sizes[1] + sizes[2]
}

// growth is by how much, in percent, the heap may grow before the next collection.
func growth(alive, besides uint64) int {
	size := min(2*alive+room, mostRoom)
	if size <= alive {
		return leastGrowth
	}
	percent := (size - alive) * 100 / max(alive+besides, 1)
	return int(min(max(percent, leastGrowth), mostGrowth))
}
