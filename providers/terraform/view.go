package terraform

import (
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/providers"
)

// view says of which moment resources are described.
type view uint8

const (
	viewAfter  view = iota // after the apply; of a state, as it is
	viewBefore             // before the apply
)

// judged reports whether the resource is there in the view and for the plan to answer
// for. A deposed object is on its way out beside the resource that took its place, and
// one that is forgotten is no longer managed: neither is judged in any view.
func (e entry) judged(v view) bool {
	return e.exists(v) && e.flags&flagForgotten == 0
}

// exists reports whether the resource is there in the view. What is forgotten stays
// where it is, so that it still configures other resources.
func (e entry) exists(v view) bool {
	absent := flagDeposed | flagOther
	if v == viewBefore {
		absent |= flagNew
	} else if e.flags&flagForgotten == 0 {
		absent |= flagGone
	}
	return e.flags&absent == 0
}

// steady reports whether the plan leaves the resource as it is.
func (e entry) steady() bool { return e.flags&flagSteady != 0 }

// touched keeps which resources a plan may change, also by changing what configures
// them or what they are joined with. Collect fills it; it is safe for concurrent use.
type touched struct {
	mu  sync.Mutex
	ids map[providers.Type]map[string]bool
	// entries are those of them that the plan itself leaves alone.
	entries map[providers.Type]map[int]bool
	// standIns say under which address a satellite without its resource is judged, by
	// type and then by its own address and by what its reference has in common with
	// others, so that both views call it the same.
	standIns map[providers.Type]map[string]string
	// outsides are what stands in after the apply, by type and address.
	outsides map[providers.Type]map[string]outside
}

// outside is a resource that is not in the plan and has satellites there.
type outside struct {
	ref   string // the value of the satellites' reference, "" where it is not known
	entry int    // of one of the satellites
}

func newTouched() *touched {
	return &touched{
		ids: map[providers.Type]map[string]bool{}, entries: map[providers.Type]map[int]bool{}, standIns: map[providers.Type]map[string]string{},
		outsides: map[providers.Type]map[string]outside{},
	}
}

// add notes a resource; entry is -1 where the plan changes the resource itself.
func (t *touched) add(typ providers.Type, id string, entry int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(t.ids, typ, id, true)
	if entry >= 0 {
		put(t.entries, typ, entry, true)
	}
}

func put[K comparable, V any](m map[providers.Type]map[K]V, typ providers.Type, key K, v V) {
	if m[typ] == nil {
		m[typ] = map[K]V{}
	}
	m[typ][key] = v
}

func (t *touched) id(typ providers.Type, id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ids[typ][id]
}

func (t *touched) entry(typ providers.Type, entry int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.entries[typ][entry]
}

func (t *touched) any(typ providers.Type) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.ids[typ]) > 0
}

func (t *touched) nameStandIn(typ providers.Type, key, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	put(t.standIns, typ, key, id)
}

// standIn returns the address under the first of the keys that has one.
func (t *touched) standIn(typ providers.Type, keys ...string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		if id, ok := t.standIns[typ][k]; ok {
			return id, true
		}
	}
	return "", false
}

// Touches reports whether the plan may change how the resource is judged: by changing
// the resource, what configures it or what it refers to. It is known of the types and
// attributes that have been collected.
func (p *Provider) Touches(t providers.Type, id string) bool { return p.touched.id(t, id) }

// Alters reports whether the plan makes, changes or takes away a resource of the type,
// or something that configures one. It is known once the type has been collected.
func (p *Provider) Alters(t providers.Type) bool {
	d := p.byType[string(t)]
	return d != nil && (p.touched.any(t) || slices.ContainsFunc(d.names(), func(n string) bool { return p.ix.altered[n] }))
}

// Before returns a provider of the same plan that describes the resources as they are
// before the apply, under the addresses that they will have after it. Of the types for
// which whole is false it sends only those that Touches tells and those that the plan
// destroys: the others are the same in both. So the same Wants must have been collected
// first.
func (p *Provider) Before(whole func(providers.Type) bool) providers.Provider {
	return &Provider{
		r: p.r, name: p.name, prefix: p.prefix, ix: p.ix, types: p.types, byType: p.byType, sources: p.sources,
		notes: map[string]map[string]bool{}, touched: p.touched, view: viewBefore, whole: whole, holders: p.holders,
	}
}

// sends reports whether the provider sends the resource of the entry as one of type d.
func (p *Provider) sends(d *described, i int) bool {
	e := p.ix.entries[i]
	return p.view == viewAfter || !e.steady() || p.whole(d.typ) || p.touched.entry(d.typ, i)
}

// sendsAny reports whether there may be anything to send of the type.
func (p *Provider) sendsAny(d *described) bool {
	return p.view == viewAfter || p.whole(d.typ) || p.Alters(d.typ)
}

// sendsStandIn is sends for what stands in for a resource outside of the plan.
func (p *Provider) sendsStandIn(d *described, n *node) bool {
	return p.view == viewAfter || p.whole(d.typ) || p.touched.id(d.typ, n.address) || n.altered()
}
