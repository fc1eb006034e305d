// Package benchmarks measures what a user waits and pays for: the engine per
// resource and policy, the gate per plan, the scan of a large simulated estate. The
// figures are in BENCHMARKS.md, with the command for each. It has benchmarks only,
// and nothing here fails because a machine is slow.
package benchmarks

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestMain collects garbage as seldom as the program does.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}

// cpuTime is what the process has used of all cores, in user and system mode. On a
// machine that others use too it says more than the wall clock.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// watchHeap samples the heap until the returned function is called, which gives the
// largest size seen.
func watchHeap(b *testing.B) func() uint64 {
	b.Helper()
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(s)
			peak.Store(max(peak.Load(), s[0].Value.Uint64()))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	done := false
	end := func() uint64 {
		if !done {
			done = true
			close(stop)
			<-stopped
		}
		return peak.Load()
	}
	b.Cleanup(func() { end() })
	return end
}
