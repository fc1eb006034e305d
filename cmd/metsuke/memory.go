package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A command lives briefly: while its heap is small, most garbage collections are
// not worth their time. roomyHeap is the size, in bytes, up to which the heap may
// grow to five times what is alive; beyond it Go's own setting holds.
const roomyHeap = 20 << 20

// largeHeap is the size, in bytes, from which on memory counts more than time: a
// plan of a hundred thousand resources must not need several times its own size.
const largeHeap = 96 << 20

// tuneMemory sets the collector for a short-lived command, unless GOGC says how.
func tuneMemory() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(400)
	watch(&cycle{})
}

// cycle is garbage at once: its finalizer runs after every collection.
type cycle struct{ _ [16]byte }

func watch(c *cycle) {
	runtime.SetFinalizer(c, func(c *cycle) {
		alive := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(alive)
		percent := 400
		if alive[0].Value.Kind() == metrics.KindUint64 {
			switch size := alive[0].Value.Uint64(); {
			case size > largeHeap:
				percent = 30
			case size > roomyHeap:
				percent = 100
			}
		}
		debug.SetGCPercent(percent)
		watch(c)
	})
}
