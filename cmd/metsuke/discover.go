package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
)

// discovered is a provider whose scopes have been listed, and which logs what it does.
type discovered struct {
	providers.Provider
	scopes []providers.Scope
	err    error // why there may be more scopes
	log    *slog.Logger
	now    func() time.Time
}

// plan is a discovered provider that knows its types beforehand.
type plan struct {
	discovered
	types func() []providers.Type
}

// Types implements the filter of internal/scan.
func (d plan) Types() []providers.Type { return d.types() }

// Unwrap returns the provider itself.
func (d discovered) Unwrap() providers.Provider { return d.Provider }

// discover lists the scopes of every provider, all at once. It is an error when there
// is none at all; a provider that lists none beside others that do becomes a Gap, and so
// does one that was interrupted.
func discover(ctx context.Context, p *process, ps []providers.Provider) ([]providers.Provider, []providers.Scope, error) {
	found := make([]discovered, len(ps))
	var g errgroup.Group
	for i, prov := range ps {
		g.Go(func() error {
			name, start := prov.Describe().Name, p.now()
			p.log.Debug("list scopes", "provider", name)
			d := discovered{Provider: prov, log: p.log, now: p.now}
			d.scopes, d.err = prov.Scopes(ctx)
			if ctx.Err() != nil {
				d.err = interruptedError{}
			}
			if d.err != nil {
				p.log.Warn("scopes not listed in full", "provider", name, "error", d.err)
			}
			p.log.Info("scopes listed", "provider", name, "scopes", len(d.scopes), "took", p.now().Sub(start).Round(time.Millisecond))
			found[i] = d
			return nil
		})
	}
	_ = g.Wait() // the functions report through err
	var out []providers.Provider
	var scopes []providers.Scope
	var why []string
	for _, d := range found {
		if known, ok := d.Provider.(interface{ Types() []providers.Type }); ok {
			out = append(out, plan{discovered: d, types: known.Types})
		} else {
			out = append(out, d)
		}
		scopes = append(scopes, d.scopes...)
		switch name := d.Describe().Name; {
		case d.err != nil:
			why = append(why, "  "+name+": "+d.err.Error())
		case len(d.scopes) == 0:
			why = append(why, "  "+name+": the credentials reach no account")
		}
	}
	if len(scopes) == 0 && ctx.Err() == nil {
		return nil, nil, errors.New("no account could be reached\n" + strings.Join(why, "\n") + "\n`metsuke doctor` checks the credentials")
	}
	return out, scopes, nil
}

// interruptedError says that the scopes could not be listed for want of time.
type interruptedError struct{}

func (interruptedError) Error() string { return "interrupted before every account was listed" }

// Gap implements inventory.Classified.
func (e interruptedError) Gap() providers.Gap {
	return providers.Gap{Reason: providers.Interrupted, Err: e.Error()}
}

// Scopes returns what was listed.
func (d discovered) Scopes(context.Context) ([]providers.Scope, error) { return d.scopes, d.err }

// Collect logs the beginning, the end and the gaps of a scope.
func (d discovered) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	log := d.log.With("provider", s.Provider, "scope", s.ID)
	log.Debug("collect", "types", len(want))
	start, counted := d.now(), &counting{Sink: out, log: log}
	err := d.Provider.Collect(ctx, s, want, counted)
	if err != nil {
		log.Warn("scope not read in full", "error", err)
	}
	log.Info("collected", "resources", counted.resources, "gaps", counted.gaps, "cells", counted.cells, "took", d.now().Sub(start).Round(time.Millisecond))
	return err
}

// counting counts what goes to a Sink.
type counting struct {
	providers.Sink
	log                    *slog.Logger
	mu                     sync.Mutex
	resources, gaps, cells int
}

// Unwrap returns the Sink itself, which may have cells already.
func (c *counting) Unwrap() providers.Sink { return c.Sink }

// Resource implements providers.Sink.
func (c *counting) Resource(r providers.Resource) {
	c.mu.Lock()
	c.resources++
	c.mu.Unlock()
	c.Sink.Resource(r)
}

// Gap implements providers.Sink.
func (c *counting) Gap(g providers.Gap) {
	c.mu.Lock()
	c.gaps++
	c.mu.Unlock()
	c.log.Warn("not read", "region", g.Region, "type", g.Type, "id", g.ID, "path", g.Path, "call", g.Call, "reason", g.Reason, "error", g.Err)
	c.Sink.Gap(g)
}

// Done implements providers.Sink.
func (c *counting) Done(cell providers.Cell) {
	c.mu.Lock()
	c.cells++
	c.mu.Unlock()
	c.log.Debug("cell read", "region", cell.Region, "type", cell.Type)
	c.Sink.Done(cell)
}
