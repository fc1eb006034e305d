package serve

import (
	"errors"
	"sync"
)

// readiness is whether a server can be relied on to scan in time. It is safe for
// concurrent use.
type readiness struct {
	mu   sync.Mutex
	why  error           // why the server as a whole is not; nil is that it is
	away map[string]bool // schedules that cannot be kept
}

// Why a server is not ready.
var (
	errNotStarted = errors.New("it has not started")
	errStopping   = errors.New("it is stopping")
	errAway       = errors.New("what is due cannot be looked up")
)

func (r *readiness) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.why == nil && len(r.away) > 0 {
		return errAway
	}
	return r.why
}

// set says why the server as a whole is not ready; nil is that it is.
func (r *readiness) set(why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.why = why
}

// schedule says whether a schedule can be kept.
func (r *readiness) schedule(name string, kept bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept {
		delete(r.away, name)
		return
	}
	r.away[name] = true
}
