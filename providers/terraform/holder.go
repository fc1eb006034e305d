package terraform

import (
	"github.com/metsuke-dev/metsuke/providers"
)

// ReadHolderTags makes resources say which tags their account or project has of its own, as
// far as the plan tells: where that is a resource of the plan itself. It is called before
// Collect.
func (p *Provider) ReadHolderTags() { p.holders = true }

// holder is an account or project of the plan.
type holder struct {
	tags    providers.HolderTags
	altered bool // another view may show others
}

// holderKind says which resources of a plan are accounts or projects.
type holderKind struct {
	typ string // Terraform type
	id  string // the attribute by which resources name it
}

func holderKinds() map[providers.Holder]holderKind {
	return map[providers.Holder]holderKind{
		providers.Account: {"aws_organizations_account", "id"},
		providers.Project: {"google_project", "project_id"},
	}
}

// scopeOf returns the plan's scope as the resource has it.
func (c *collector) scopeOf(d *described, n *node) providers.Scope {
	s := c.p.scope()
	if !c.p.holders {
		return s
	}
	h := providers.HolderOf(d.typ)
	if h == "" {
		return s
	}
	id := d.holderOf(h, n)
	found, ok := c.holdersOf(h)[id]
	switch {
	case id == "":
		return s.WithTags(h, providers.HolderTags{Of: "its " + string(h), Unknown: providers.Outside})
	case !ok:
		return s.WithTags(h, providers.HolderTags{Of: string(h) + " " + id, Unknown: providers.Outside})
	}
	c.touched = c.touched || found.altered
	return s.WithTags(h, found.tags)
}

// holderOf returns the id of the account or project that the resource is in, "" where the
// plan does not tell.
func (d *described) holderOf(h providers.Holder, n *node) string {
	switch get := d.attributes["project"]; {
	case h == providers.Account:
		return accountOf(n)
	case get != nil:
		return firstString(get(n))
	case n.has("project"):
		return firstString(googleProject(n))
	}
	return ""
}

// holdersOf returns the accounts or projects of the plan by their ids.
func (c *collector) holdersOf(h providers.Holder) map[string]holder {
	if out, ok := c.holders[h]; ok {
		return out
	}
	kind, out := holderKinds()[h], map[string]holder{}
	for _, i := range c.ix.byType[kind.typ] {
		if !c.ix.entries[i].judged(c.p.view) {
			continue
		}
		n := c.load(i)
		id, _ := n.at(kind.id).(string)
		if id == "" {
			continue
		}
		one := holder{tags: providers.HolderTags{Of: string(h) + " " + id}, altered: n.altered()}
		sh := &shaper{unknown: map[string]providers.Reason{}}
		one.tags.Tags = sh.tags(tagTree(&mapping{}, n))
		for _, why := range sh.unknown {
			one.tags.Tags, one.tags.Unknown = nil, why
		}
		out[id] = one
	}
	c.holders[h] = out
	return out
}
