package checkpoint

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/metsuke-dev/metsuke/providers"
)

// types is implemented by providers that know beforehand which types they hold.
type types interface{ Types() []providers.Type }

// kept is a provider whose answers are kept. It keeps what it wraps reachable.
type kept struct {
	providers.Provider
	run *Run
}

// Unwrap returns the provider itself.
func (k kept) Unwrap() providers.Provider { return k.Provider }

// with adds to a provider that wraps p the types that p knows beforehand.
func with(p, wrapped providers.Provider) providers.Provider {
	if known, ok := p.(types); ok {
		return struct {
			providers.Provider
			types
			unwrapper
		}{wrapped, known, unwrapper{p}}
	}
	return wrapped
}

type unwrapper struct{ p providers.Provider }

// Unwrap returns the provider itself.
func (u unwrapper) Unwrap() providers.Provider { return u.p }

// Listing returns the providers so that their scopes are kept when all of them could be
// listed: a run that goes on is about the same ones.
func (r *Run) Listing(ps []providers.Provider) []providers.Provider {
	out := make([]providers.Provider, len(ps))
	for i, p := range ps {
		out[i] = with(p, listing{kept{p, r}})
	}
	return out
}

type listing struct{ kept }

// Scopes lists the scopes, or returns those that were listed.
func (l listing) Scopes(ctx context.Context) ([]providers.Scope, error) {
	name := l.Describe().Name
	if scopes, ok := l.run.listed(name); ok {
		return scopes, nil
	}
	scopes, err := l.Provider.Scopes(ctx)
	if err == nil && ctx.Err() == nil {
		l.run.keepListing(name, scopes)
	}
	return scopes, err
}

// Reading returns the providers so that what they send is kept as well, and what is
// kept already is not read again.
func (r *Run) Reading(ps []providers.Provider) []providers.Provider {
	out := make([]providers.Provider, len(ps))
	for i, p := range ps {
		out[i] = with(p, reading{kept{p, r}})
	}
	return out
}

type reading struct{ kept }

// Scopes records why there may be more of them.
func (p reading) Scopes(ctx context.Context) ([]providers.Scope, error) {
	scopes, err := p.Provider.Scopes(ctx)
	if err != nil {
		p.run.unlisted(p.Describe().Name, err)
	}
	return scopes, err
}

// Collect sends what is kept, or keeps what is sent. Of a scope that could not be read as a
// whole, or not to its end, the cells that were read are kept for another process.
func (p reading) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	p.run.asked(s, want)
	p.run.mu.Lock()
	whole := p.run.whole[segmentName(s)]
	p.run.mu.Unlock()
	if whole != nil && reflect.DeepEqual(whole.want, want) {
		p.run.reused.Add(int64(len(whole.cells)))
		return whole.replay(ctx, out)
	}
	taking := p.run.spool(s, want)
	err := p.Provider.Collect(ctx, s, want, both{out, taking, ctx.Err, &p.run.reused})
	switch {
	case ctx.Err() != nil:
	case err != nil:
		taking.Failed(s, want, err)
	default:
		p.run.finish(taking)
	}
	return err
}

// both sends to the run first: what is judged is on disk. It is a providers.Remembering.
type both struct {
	out    providers.Sink
	taken  *spool
	cut    func() error // not nil: the collection is being ended before its time
	reused *atomic.Int64
}

// Plan implements providers.Sink.
func (b both) Plan(cells ...providers.Cell) { b.taken.Plan(cells...); b.out.Plan(cells...) }

// Resource implements providers.Sink.
func (b both) Resource(r providers.Resource) { b.taken.Resource(r); b.out.Resource(r) }

// Gap implements providers.Sink.
func (b both) Gap(g providers.Gap) { b.taken.Gap(g); b.out.Gap(g) }

// Done implements providers.Sink.
func (b both) Done(c providers.Cell) { b.taken.finished(c, b.cut() != nil); b.out.Done(c) }

// Has implements providers.Remembering: it sends what an earlier process has read of the
// cell.
func (b both) Has(c providers.Cell) bool {
	read := b.taken.take(c)
	if read == nil {
		return false
	}
	for _, g := range read.gaps {
		b.taken.Record.Gap(g)
		b.out.Gap(g)
	}
	if err := b.taken.each(read.lines, b.out.Resource); err != nil {
		// What was sent stands, and nobody knows what is missing.
		g := providers.Gap{Scope: c.Scope, Region: c.Region, Type: c.Type, Reason: providers.Failed, Err: "what was read before the interruption cannot be read back: " + plain(err).Error()}
		b.taken.Record.Gap(g)
		b.out.Gap(g)
	}
	b.taken.Done(c)
	b.out.Done(c)
	b.reused.Add(1)
	return true
}
