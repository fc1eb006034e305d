package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/metsuke-dev/metsuke/internal/store"
)

// herald announces the runs of a server, one after the other, and sends what waits in the
// outbox.
type herald struct {
	announcer announcer
	clock     clockwork.Clock
	news      chan struct{} // a run is pending

	mu      sync.Mutex
	pending []string // runs that are to be announced, by their ids
}

func newHerald(a announcer, clock clockwork.Clock) *herald {
	return &herald{announcer: a, clock: clock, news: make(chan struct{}, 1)}
}

// tell has a saved run announced soon.
func (h *herald) tell(run string) {
	h.add(run)
	select {
	case h.news <- struct{}{}:
	default: // it is known already
	}
}

func (h *herald) add(run string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pending = append(h.pending, run)
}

// deliverEvery is how often the outbox is looked into.
const deliverEvery = 15 * time.Second

// serve announces and sends until ctx is done. It begins with the last scan, should the
// process have died before that was announced. A stop cuts no announcement short: it is a
// matter of the store alone. No place is waited for, but at the end: one that hangs keeps
// neither the next run from being announced nor others from being told.
func (h *herald) serve(ctx context.Context) {
	post := h.announcer.postman()
	defer post.Wait()
	tick := h.clock.NewTicker(deliverEvery)
	defer tick.Stop()
	looked := false
	for {
		if !looked {
			looked = h.missed(ctx)
		}
		h.announce(context.WithoutCancel(ctx))
		if err := post.Look(ctx); err != nil && ctx.Err() == nil {
			h.announcer.p.log.Error("messages are not sent yet", "error", err)
		}
		select {
		case <-ctx.Done():
			h.announce(context.WithoutCancel(ctx)) // what ended meanwhile
			return
		case <-tick.Chan():
		case <-h.news:
		}
	}
}

// missed makes the last scan pending. It returns false where it cannot be looked up.
func (h *herald) missed(ctx context.Context) bool {
	runs, err := h.announcer.store.Runs(ctx, store.Filter{Series: "scan", Limit: 1})
	if err != nil {
		if ctx.Err() == nil {
			h.announcer.p.log.Error("the last run cannot be looked up yet", "error", err)
		}
		return false
	}
	if len(runs) > 0 && h.announcer.p.now().Sub(runs[0].Ended) < lateNews {
		h.add(runs[0].ID)
	}
	return true
}

// announce puts what there is to tell of the pending runs into the outbox. What cannot be
// stays pending.
func (h *herald) announce(ctx context.Context) {
	h.mu.Lock()
	list := h.pending
	h.pending = nil
	h.mu.Unlock()
	for _, run := range list {
		info, err := h.announcer.store.Resolve(ctx, run)
		if err == nil {
			err = h.announcer.announce(ctx, info)
		}
		switch {
		case errors.Is(err, store.ErrNotFound):
			h.announcer.p.log.Error("the run was deleted before it was announced", "run", run)
		case err != nil:
			h.announcer.p.log.Error("the run is not announced yet, and is tried again", "run", run, "error", err)
			h.add(run)
		}
	}
}
