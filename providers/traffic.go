package providers

import "sync/atomic"

// Traffic counts the requests that go to the APIs of a provider, each try for itself.
// It is safe for concurrent use, its zero value is ready, and a nil one counts nothing.
type Traffic struct {
	calls, throttled atomic.Int64
}

// Count counts a request, and whether it was refused for rate.
func (t *Traffic) Count(throttled bool) {
	if t == nil {
		return
	}
	t.calls.Add(1)
	if throttled {
		t.throttled.Add(1)
	}
}

// Calls returns how many requests were sent.
func (t *Traffic) Calls() int64 { return t.calls.Load() }

// Throttled returns how many of them were refused for rate.
func (t *Traffic) Throttled() int64 { return t.throttled.Load() }
