package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/providers"
)

// Options says how to read a plan.
type Options struct {
	// Name is the plan's file name. It is the scope's id and stands in messages.
	Name string
	// Schemas holds <type>.json: what of a resource may leave the plan. A type
	// without a schema is not described.
	Schemas fs.FS
	// Sources holds the files that the plan was made from, nil where there are none.
	// They give findings their file and line, and say what local values are.
	Sources fs.FS
	// SourceDir is the directory of the root module in Sources, "" for its top. Modules
	// that are called from further up ("../modules/vpc") have to be in Sources too.
	SourceDir string
	// Prefix is put before the addresses that resources have as ids, so that those of
	// several plans differ. Source.Address is without it.
	Prefix string
	// AllowIncomplete accepts a plan that says that it leaves something out, such
	// as one made with -target. What a resource that is left out might configure is
	// then unknown.
	AllowIncomplete bool
}

// Provider reads one plan.
type Provider struct {
	r       io.ReaderAt
	name    string
	prefix  string
	ix      *index
	types   []*described
	byType  map[string]*described // by Terraform type
	sources *sources
	view    view
	touched *touched
	whole   func(providers.Type) bool // of the view of before: types that are sent in full
	holders bool                      // resources say which tags their account or project has

	mu    sync.Mutex
	notes map[string]map[string]bool // addresses by what there is to know of them
	// sent is what came from where, for Locate.
	sent map[sentKey]provenance

	locating sync.Mutex
	locator  *collector

	settling    sync.Mutex
	settlements map[providers.Type]*settlement
}

// described is a mapping with the schema of its type, which is read when it is
// first needed: most plans hold few of the types.
type described struct {
	mapping
	files  fs.FS
	once   sync.Once
	schema *schema
	err    error
	// generic says that there is no mapping and no schema for the type, see addGeneric.
	generic bool
}

func (d *described) read() (*schema, error) {
	d.once.Do(func() { d.schema, d.err = readSchema(d.files, d.typ) })
	return d.schema, d.err
}

// Open reads the outline of a plan. The file has to stay as it is until the last
// Collect. The error is an *Error when the file is not one whole plan.
func Open(r io.ReaderAt, size int64, opt Options) (*Provider, error) {
	ix, err := readIndex(r, size, opt.Name, planDocument())
	if err != nil {
		return nil, err
	}
	if ix.incomplete && !opt.AllowIncomplete {
		return nil, &Error{
			Kind: Incomplete, File: opt.Name, Offset: -1,
			Why: "the plan is incomplete: it was made with -target, or Terraform put changes off to another run",
			Fix: "plan without -target, or allow incomplete plans",
		}
	}
	p, err := newProvider(r, ix, opt)
	if err != nil {
		return nil, err
	}
	for _, address := range ix.leavesOut() {
		p.note("the plan leaves out resources of its configuration, made with -target or -exclude perhaps, and they are not judged", address)
	}
	return p, nil
}

// newProvider makes the provider of what is in the index.
func newProvider(r io.ReaderAt, ix *index, opt Options) (*Provider, error) {
	p := &Provider{r: r, name: opt.Name, prefix: opt.Prefix, ix: ix, byType: map[string]*described{}, notes: map[string]map[string]bool{}, touched: newTouched(), sources: newSources(opt.Sources, opt.SourceDir)}
	for _, m := range mappings() {
		if _, err := fs.Stat(opt.Schemas, string(m.typ)+".json"); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		d := &described{mapping: m, files: opt.Schemas}
		p.types = append(p.types, d)
		for _, t := range append([]string{string(m.typ)}, m.also...) {
			p.byType[t] = d
		}
	}
	if err := p.addGeneric(p.collector()); err != nil {
		return nil, fmt.Errorf("open %s: %w", ix.what, err)
	}
	for _, t := range p.Types() {
		if _, err := p.byType[string(t)].read(); err != nil {
			return nil, fmt.Errorf("open %s: %w", ix.what, err)
		}
	}
	return p, nil
}

// Name returns the id of the plan's scope.
func (p *Provider) Name() string { return p.name }

// Describe reports every type that can be read from a plan. A plan costs no calls.
// A type whose schema cannot be read has no attributes.
func (p *Provider) Describe() providers.Description {
	d := providers.Description{Name: "terraform", Title: "Terraform " + p.ix.what}
	for _, t := range p.types {
		ti := providers.TypeInfo{Type: t.typ, Global: true, Attributes: []string{"tags"}}
		if s, err := t.read(); err == nil {
			ti.Attributes = append(s.names(), "tags")
		}
		d.Types = append(d.Types, ti)
	}
	return d
}

// Scopes returns the plan.
func (p *Provider) Scopes(context.Context) ([]providers.Scope, error) {
	return []providers.Scope{p.scope()}, nil
}

func (p *Provider) scope() providers.Scope {
	return providers.Scope{Provider: "terraform", ID: p.name, Name: p.name}
}

// names returns the Terraform types that are or hold resources of the type.
func (d *described) names() []string {
	names := append([]string{string(d.typ)}, d.also...)
	for _, s := range d.satellites {
		if s.alone {
			names = append(names, s.typ)
		}
	}
	for t := range d.inside {
		names = append(names, t)
	}
	return names
}

// Types returns the model types of which the plan holds a resource to judge, sorted.
func (p *Provider) Types() []providers.Type {
	set := map[providers.Type]bool{}
	for _, d := range p.types {
		if !p.sendsAny(d) {
			continue
		}
		for _, t := range d.names() {
			if slices.ContainsFunc(p.ix.byType[t], func(i int) bool { return p.ix.entries[i].judged(p.view) }) {
				set[d.typ] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// Collect sends the resources of the wanted types, of a plan as they are after the
// apply unless the provider is that of Before.
func (p *Provider) Collect(ctx context.Context, scope providers.Scope, want []providers.Want, out providers.Sink) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if scope.Provider != "terraform" || scope.ID != p.name {
		return fmt.Errorf("collect: %s %s is not this %s", scope.Provider, scope.ID, p.ix.what)
	}
	c := p.collector()
	for _, d := range p.types {
		w, ok := providers.Find(want, d.typ)
		if !ok || !p.sendsAny(d) {
			continue
		}
		if err := c.collect(ctx, d, w, out); err != nil {
			return fmt.Errorf("collect %s: %w", d.typ, err)
		}
	}
	return nil
}

// collect sends the resources of one type.
func (c *collector) collect(ctx context.Context, d *described, w providers.Want, out providers.Sink) error {
	var resources []int
	for _, t := range append([]string{string(d.typ)}, d.also...) {
		for _, i := range c.ix.byType[t] {
			if c.ix.entries[i].judged(c.p.view) {
				resources = append(resources, i)
			}
		}
	}
	slices.Sort(resources)
	f := c.fold(&d.mapping, w.Attributes, resources)
	inside, err := c.inside(ctx, &d.mapping)
	if err != nil {
		return err
	}
	if len(resources)+len(f.alone)+len(inside) == 0 {
		return c.err
	}
	if _, err := d.read(); err != nil {
		return err
	}
	cell := providers.Cell{Scope: c.p.scope(), Type: d.typ}
	out.Plan(cell)
	var buf []byte
	for _, i := range resources {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !c.p.sends(d, i) {
			continue
		}
		buf = c.read(buf, i)
		n := newNode(c, i, buf)
		n.folded, n.gone = f.nodes[i], f.gone[i]
		if err := c.send(d, n, w, f, out); err != nil {
			return err
		}
	}
	for _, n := range inside {
		if c.p.sends(d, n.within.entry) {
			if err := c.send(d, n, w, f, out); err != nil {
				return err
			}
		}
	}
	for _, n := range f.alone {
		if c.p.sendsStandIn(d, n) {
			if err := c.send(d, n, w, f, out); err != nil {
				return err
			}
		}
	}
	out.Done(cell)
	clear(c.families) // of what satellites of this type refer to; others seldom do
	return c.err
}

// send describes a resource and sends it. It notes whether it may be another one before
// the apply.
func (c *collector) send(d *described, n *node, w providers.Want, f *folding, out providers.Sink) error {
	c.touched = n.altered() || f.touches(n)
	r := c.resource(d, n, w, f)
	if c.err != nil {
		return c.err
	}
	if c.touched && c.p.view == viewAfter && n.existed() {
		c.p.touched.add(d.typ, n.address, n.steadyEntry())
	}
	out.Resource(r)
	return nil
}

// inside returns the blocks of other resources that are resources of the type.
func (c *collector) inside(ctx context.Context, m *mapping) ([]*node, error) {
	var out []*node
	for _, t := range slices.Sorted(maps.Keys(m.inside)) {
		for _, i := range c.ix.byType[t] {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if c.ix.entries[i].judged(c.p.view) {
				out = append(out, m.inside[t](c.load(i))...)
			}
		}
	}
	return out, c.err
}

// resource describes one resource.
func (c *collector) resource(d *described, n *node, w providers.Want, f *folding) providers.Resource {
	r := providers.Resource{
		Scope: c.scopeOf(d, n), Type: d.typ, ID: n.address, Name: nameOf(d, n),
		Tags: map[string]string{}, Attributes: make(map[string]any, len(w.Attributes)), Source: n.source(),
	}
	sh := &shaper{unknown: map[string]providers.Reason{}}
	if n.outside() {
		sh.mark("region", providers.Outside)
	} else {
		switch region := regionOf(&d.mapping, n).(type) {
		case string:
			r.Region = region
		case unknown:
			sh.mark("region", region.reason)
		}
	}
	for _, a := range w.Attributes {
		s, ok := d.schema.properties[a]
		if !ok && a != "tags" {
			if d.generic {
				sh.mark(a, providers.Unsupported)
			}
			continue
		}
		if n.outside() && !d.configures(n, a) {
			sh.mark(a, providers.Outside)
			continue
		}
		if !n.outside() && (f.all[a] || f.masked[n.entry][a]) || c.leftOut(d, n, a) {
			sh.mark(a, deferred)
			continue
		}
		if a == "tags" {
			r.Tags = sh.tags(tagTree(&d.mapping, n))
			continue
		}
		var v any
		switch get := d.attributes[a]; {
		case get != nil:
			v = get(n)
		case n.has(a):
			if v = n.at(a); isUnknown(v) {
				v = n.givenOr(a, s, v)
			}
		default:
			v = unknown{deferred} // not an attribute of Terraform's: only the live resource tells
		}
		if v = sh.shape(s, v, a); sh.unknown[a] == "" {
			r.Attributes[a] = v
		}
	}
	if len(sh.unknown) > 0 {
		r.Unknown = sh.unknown
	}
	c.p.remember(d.typ, n)
	return r
}

// configures reports whether one of the node's satellites bears on the attribute.
func (d *described) configures(n *node, attribute string) bool {
	return slices.ContainsFunc(d.satellites, func(s satellite) bool {
		return slices.Contains(s.affects, attribute) && len(n.folded[s.typ]) > 0
	})
}

// leftOut reports whether the attribute depends on a satellite that an
// incomplete plan may lack.
func (c *collector) leftOut(d *described, n *node, attribute string) bool {
	return (c.ix.incomplete || len(c.ix.absence.types) > 0) && slices.ContainsFunc(d.satellites, func(s satellite) bool {
		return (c.ix.incomplete || c.ix.absence.types[s.typ]) && slices.Contains(s.affects, attribute) && len(n.folded[s.typ]) == 0
	})
}

func nameOf(d *described, n *node) string {
	if n.called != "" {
		return n.called
	}
	if d.called != nil {
		if s := d.called(n); s != "" {
			return s
		}
	}
	a := d.name
	if a == "" {
		a = "name"
	}
	if s, ok := n.at(a).(string); ok && s != "" {
		return s
	}
	return n.title()
}
