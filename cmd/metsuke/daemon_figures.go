package main

import (
	"context"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/serve"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// figures is of which scan the figures of a server are. It is safe for concurrent use.
type figures struct {
	mu   sync.Mutex
	last string // the id of the last scan; "" is none
}

// lookEvery is how often it is looked for scans that others have saved.
const lookEvery = time.Minute

// follow brings the figures in line with the store when another process, or somebody by
// hand, has saved a scan. It returns when ctx is done.
func (d *daemon) follow(ctx context.Context, clock clockwork.Clock) {
	tick := clock.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.Chan():
		}
		if err := d.catchUp(ctx); err != nil && ctx.Err() == nil {
			d.p.log.Error("the figures may be old", "error", err)
		}
	}
}

// catchUp refreshes the figures unless they are of the last scan.
func (d *daemon) catchUp(ctx context.Context) error {
	runs, err := d.store.Runs(ctx, store.Filter{Series: "scan", Limit: 1})
	if err != nil {
		return err
	}
	d.figures.mu.Lock()
	last := d.figures.last
	d.figures.mu.Unlock()
	if len(runs) == 0 && last == "" || len(runs) > 0 && runs[0].ID == last {
		return nil
	}
	return d.refresh(ctx)
}

// refresh brings the figures in line with the store.
func (d *daemon) refresh(ctx context.Context) error {
	d.figures.mu.Lock()
	defer d.figures.mu.Unlock()
	out := serve.Standing{LastComplete: map[string]time.Time{}}
	const enough = 5000 // scans to look through for those that read everything
	runs, err := d.store.Runs(ctx, store.Filter{Series: "scan", Limit: enough})
	if err != nil {
		return err
	}
	tracked, err := d.store.Tracked(ctx, "scan")
	if err != nil {
		return err
	}
	var failing []finding.Finding
	for _, t := range tracked {
		if t.History.Status.Failing() {
			failing = append(failing, t.Finding)
		}
	}
	out.Findings = serve.Groups(failing)
	for i, r := range runs {
		if i == 0 {
			out.LastRun, out.Unknown, out.CellsPlanned, out.CellsRead = r.Time, r.Unknown, r.CellsPlanned, r.CellsRead
		}
		if !wholeProviders(r) || r.CellsRead < r.CellsPlanned {
			continue
		}
		for _, name := range r.Providers {
			if r.Time.After(out.LastComplete[name]) {
				out.LastComplete[name] = r.Time
			}
		}
	}
	if out.Bills, err = d.bills(ctx, runs); err != nil {
		return err
	}
	d.metrics.Set(out)
	d.figures.last = ""
	if len(runs) > 0 {
		d.figures.last = runs[0].ID
	}
	return nil
}

// wholeProviders reports whether a run came to its end, in its place in the history, and
// left nothing out of the providers that it read.
func wholeProviders(r store.RunInfo) bool {
	return whole(r) || r.WholeProviders && !r.Interrupted && !r.Late
}
