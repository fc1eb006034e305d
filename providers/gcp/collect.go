package gcp

import (
	"context"
	"slices"
	"strings"

	"cloud.google.com/go/asset/apiv1/assetpb"

	"github.com/metsuke-dev/metsuke/providers"
)

// collection is one Collect under way.
type collection struct {
	p     *Provider
	c     *clients
	scope providers.Scope
	out   providers.Sink
	kinds []kind
	want  map[providers.Type]map[string]bool

	above    *hierarchy        // nil where nobody asks
	projects []document        // with their billing information
	ids      map[string]string // project number -> ID
	policies map[string][]any  // full resource name -> bindings of its IAM policy
	noPolicy *failure          // why policies is not complete
	advice   adviceCache
	enforced constraintCache
}

// Collect sends every resource of the wanted types in s to out.
func (p *Provider) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	c := &collection{
		p: p, scope: s, out: out,
		want:     map[providers.Type]map[string]bool{},
		ids:      map[string]string{},
		policies: map[string][]any{},
		advice:   adviceCache{},
		enforced: constraintCache{},
	}
	for _, k := range kinds() {
		if w, ok := providers.Find(want, k.typ); ok {
			c.kinds = append(c.kinds, k)
			c.want[k.typ] = map[string]bool{}
			for _, a := range w.Attributes {
				c.want[k.typ][a] = true
			}
		}
	}
	if len(c.kinds) == 0 {
		return ctx.Err()
	}
	if p.where {
		c.above = newHierarchy()
	}
	var err error
	if c.c, err = p.connect(ctx); err != nil {
		return err
	}
	for _, k := range c.kinds {
		out.Plan(c.cell(k))
	}
	c.kinds = slices.DeleteFunc(c.kinds, func(k kind) bool {
		had := providers.Had(out, c.cell(k))
		if had {
			delete(c.want, k.typ)
		}
		return had
	})
	if len(c.kinds) > 0 {
		c.run(ctx)
	}
	return ctx.Err()
}

// done says that nothing more comes of the kinds.
func (c *collection) done(kinds ...kind) {
	for _, k := range kinds {
		c.out.Done(c.cell(k))
	}
}

func (c *collection) cell(k kind) providers.Cell {
	return providers.Cell{Scope: c.scope, Type: k.typ}
}

// run reads the projects first, because other assets name only their number,
// then the policies, and then hands over one page of resources after the other.
func (c *collection) run(ctx context.Context) {
	if err := c.readProjects(ctx); err != nil {
		c.notListed(failed(listResources(), err), c.kinds)
		c.done(c.kinds...)
		return
	}
	c.readPolicies(ctx)
	var rest []kind
	for _, k := range c.kinds {
		if k.typ == project().typ {
			c.emitAll(ctx, k, c.projects)
			c.done(k)
			continue
		}
		rest = append(rest, k)
	}
	for _, together := range c.listings(rest) {
		c.read(ctx, together)
		c.done(together...)
	}
}

// listings says which kinds are listed together. A project has little of each, and one
// listing of all of them takes the fewest calls. Of what holds projects every kind takes
// many pages anyway: listed one after the other, those that are done need not be read
// again when the scan is cut short.
func (c *collection) listings(kinds []kind) [][]kind {
	if len(kinds) == 0 {
		return nil
	}
	if strings.HasPrefix(c.scope.ID, "projects/") {
		return [][]kind{kinds}
	}
	return slices.Collect(slices.Chunk(kinds, 1))
}

// read hands over the resources of the kinds.
func (c *collection) read(ctx context.Context, kinds []kind) {
	var types []string
	for _, k := range kinds {
		types = append(types, k.assets...)
	}
	err := c.p.list(ctx, c.c, c.scope.ID, assetpb.ContentType_RESOURCE, types, func(page []*assetpb.Asset) {
		for _, k := range kinds {
			var docs []document
			for _, a := range page {
				if slices.Contains(k.assets, a.GetAssetType()) {
					docs = append(docs, newDocument(a, c.ids))
				}
			}
			c.emitAll(ctx, k, docs)
		}
	})
	if err != nil {
		c.notListed(failed(listResources(), err), kinds)
	}
}

// notListed reports that the resources of the kinds were not listed in full.
func (c *collection) notListed(f failure, kinds []kind) {
	for _, k := range kinds {
		g := f.gap()
		g.Scope, g.Type = c.scope, k.typ
		c.out.Gap(g)
	}
}

// readProjects lists the projects under the scope.
func (c *collection) readProjects(ctx context.Context) error {
	types := []string{projectAsset}
	if w := c.want[project().typ]; w["billing_account"] || w["billing_enabled"] {
		types = append(types, billingAsset)
	}
	if c.above != nil {
		types = append(types, folderAsset)
	}
	billing := map[string]object{} // by what the name calls the project: its ID or its number
	err := c.p.list(ctx, c.c, c.scope.ID, assetpb.ContentType_RESOURCE, types, func(page []*assetpb.Asset) {
		for _, a := range page {
			d := newDocument(a, nil)
			if d.asset == billingAsset {
				billing[d.holder] = d.data
				continue
			}
			if d.asset == folderAsset {
				c.above.add(d)
				continue
			}
			d.holder = d.data.textOr("", "projectId")
			if n, ok := projectNumber(d).(string); ok {
				c.ids[n] = d.holder
			}
			c.projects = append(c.projects, d)
			if c.above != nil {
				c.above.add(d)
			}
		}
	})
	for i, d := range c.projects {
		number, _ := projectNumber(d).(string)
		for _, name := range []string{d.holder, number} {
			if b, ok := billing[name]; ok {
				c.projects[i].billing = b
			}
		}
	}
	return err
}

// readPolicies lists the IAM policies that some wanted attribute holds. Assets
// without a policy are not in the listing, so that half a listing is worth
// nothing: it is then unknown for all of them.
func (c *collection) readPolicies(ctx context.Context) {
	var types []string
	for _, k := range c.kinds {
		for _, p := range k.policies {
			if c.want[k.typ][p.attribute] {
				types = append(types, p.asset)
			}
		}
	}
	if len(types) == 0 {
		return
	}
	err := c.p.list(ctx, c.c, c.scope.ID, assetpb.ContentType_IAM_POLICY, types, func(page []*assetpb.Asset) {
		for _, a := range page {
			c.policies[a.GetName()] = bindings(a.GetIamPolicy())
		}
	})
	if err == nil {
		return
	}
	f := failed(listPolicies(), err)
	c.noPolicy = &f
	for _, k := range c.kinds {
		for _, p := range k.policies {
			if c.want[k.typ][p.attribute] {
				g := f.gap()
				g.Scope, g.Type, g.Path = c.scope, k.typ, p.attribute
				c.out.Gap(g)
			}
		}
	}
}

// emitAll makes the further calls that the resources take, and hands them over.
func (c *collection) emitAll(ctx context.Context, k kind, docs []document) {
	c.fetchAdvice(ctx, k, docs)
	c.fetchConstraints(ctx, k, docs)
	for _, d := range docs {
		c.emit(k, d)
	}
}

// emit hands over one resource with the wanted attributes.
func (c *collection) emit(k kind, d document) {
	want := c.want[k.typ]
	r := providers.Resource{
		Scope:      c.scope,
		Type:       k.typ,
		ID:         d.id,
		Name:       k.name(d),
		Region:     d.region(),
		Tags:       map[string]string{},
		Attributes: map[string]any{},
	}
	if c.above != nil {
		r.Scope = c.above.place(c.scope, d)
	}
	if k.created != "" {
		r.Created = instant(d.data.text(k.created))
	}
	unknown := func(attribute string, f failure, report bool) {
		if r.Unknown == nil {
			r.Unknown = map[string]providers.Reason{}
		}
		r.Unknown[attribute] = f.reason
		if report {
			g := f.gap()
			g.Scope, g.Type, g.ID, g.Path = c.scope, k.typ, d.id, attribute
			c.out.Gap(g)
		}
	}
	if k.labels != nil && want["tags"] {
		for key, v := range k.labels(d.data) {
			if s, ok := v.(string); ok {
				r.Tags[key] = s
			}
		}
	}
	for name, v := range k.read(d) {
		switch why, gone := v.(missing); {
		case !want[name]:
		case gone:
			unknown(name, failure{call: listResources().operation, reason: providers.Failed, err: string(why)}, true)
		default:
			r.Attributes[name] = v
		}
	}
	for _, p := range k.policies {
		switch {
		case !want[p.attribute]:
		case c.noPolicy != nil:
			unknown(p.attribute, *c.noPolicy, false) // the cell's gap says it for all
		default:
			r.Attributes[p.attribute] = c.policyOf(p.of(d))
		}
	}
	for _, a := range k.advice {
		if want[a.attribute] {
			if got := c.advice[adviceKey(a, d)]; got.failure != nil {
				unknown(a.attribute, *got.failure, true)
			} else {
				r.Attributes[a.attribute] = got.of(d)
			}
		}
	}
	for _, l := range k.constraints {
		if want[l.attribute] {
			if got := c.enforced[constraintKey(l, d)]; got.failure != nil {
				unknown(l.attribute, *got.failure, true)
			} else {
				r.Attributes[l.attribute] = got.enforced
			}
		}
	}
	c.out.Resource(r)
}

func (c *collection) policyOf(name string) []any {
	if b, ok := c.policies[name]; ok {
		return b
	}
	return []any{}
}
