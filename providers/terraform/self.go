package terraform

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// identifying are the attributes that name a live resource, the most telling first.
// Terraform providers set them as follows: arn is AWS's; html_url and full_name are
// GitHub's; self_link, unique_id and number are Google's; volume_id is that of a disk
// within an instance; id is the import id, often one of the others.
func identifying() []string {
	return []string{"arn", "html_url", "self_link", "volume_id", "unique_id", "full_name", "number", "id"}
}

// Selves returns, of the model types for which types is true, what the plan knows of the
// live resources that its own are: those that it changes, leaves or destroys. Resources
// that it makes are there for the account that they are in. What stands in for resources
// outside of the plan is among them once its type has been collected.
func (p *Provider) Selves(ctx context.Context, types func(providers.Type) bool) ([]providers.Self, error) {
	in := func(v view) *collector {
		one := &Provider{r: p.r, name: p.name, prefix: p.prefix, ix: p.ix, types: p.types, byType: p.byType, sources: p.sources, touched: newTouched(), notes: map[string]map[string]bool{}, view: v}
		return one.collector()
	}
	was, is := in(viewBefore), in(viewAfter)
	var out []providers.Self
	for _, d := range p.types {
		if !types(d.typ) {
			continue
		}
		for _, t := range append([]string{string(d.typ)}, d.also...) {
			for _, i := range p.ix.byType[t] {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				n := selfOf(was, is, i)
				if n == nil {
					continue
				}
				s := d.self(n, p.ix.entries[i].flags&flagNew == 0)
				if p.ix.entries[i].flags&flagDeposed != 0 {
					s.ID += " (deposed)" // beside the object that took its place
				}
				out = append(out, s)
			}
		}
		for t, blocks := range d.inside {
			for _, i := range p.ix.byType[t] {
				n := selfOf(was, is, i)
				if n == nil {
					continue
				}
				for _, b := range blocks(n) {
					out = append(out, d.self(b, p.ix.entries[i].flags&flagNew == 0))
				}
			}
		}
		out = append(out, p.touched.standInSelves(d.typ, was)...)
		if was.err != nil || is.err != nil {
			return nil, firstError(was.err, is.err)
		}
	}
	return out, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// selfOf returns the resource as it is before the change or, when it is new, after it.
// It is nil for what the plan has no say in.
func selfOf(was, is *collector, i int) *node {
	e := was.ix.entries[i]
	switch {
	case e.flags&(flagOther|flagData|flagForgotten) != 0:
		return nil
	case e.flags&flagNew != 0:
		return is.load(i)
	}
	return was.load(i)
}

// self says what the node tells of its live resource.
func (d *described) self(n *node, exists bool) providers.Self {
	s := providers.Self{Type: d.typ, ID: n.address, Exists: exists, Account: accountOf(n), Config: n.providerKey()}
	if !exists {
		return s
	}
	for _, a := range identifying() {
		if v, ok := n.at(a).(string); ok && v != "" && !slices.Contains(s.Names, v) {
			s.Names = append(s.Names, v)
		}
	}
	if name := firstString(n.at(cmp.Or(d.name, "name"))); name != "" && !slices.Contains(s.Names, name) {
		s.Names = append(s.Names, name)
	}
	return s
}

// accountOf returns the account, project or organisation that the resource or its
// provider configuration names, "" when neither does.
func accountOf(n *node) string {
	switch n.cloud() {
	case "google":
		return firstString(n.at("project"), n.provider("project"))
	case "github":
		if org, _, ok := strings.Cut(firstString(n.at("full_name")), "/"); ok {
			return org
		}
		return firstString(n.provider("owner"), n.provider("organization"))
	}
	for _, v := range []any{n.at("arn"), n.provider("assume_role", 0, "role_arn")} {
		if account := arnAccount(v); account != "" {
			return account
		}
	}
	if ids, ok := n.provider("allowed_account_ids").([]any); ok && len(ids) == 1 {
		return firstString(ids[0])
	}
	return ""
}

// arnAccount returns the account of an ARN, "" where it has none.
func arnAccount(v any) string {
	s, _ := v.(string)
	if parts := strings.SplitN(s, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[4]
	}
	return ""
}

func firstString(values ...any) string {
	for _, v := range values {
		if s, ok := v.(string); ok && s != "" {
			return s
		}
	}
	return ""
}

// standInSelves returns what is known of the resources outside of the plan that
// satellites configure.
func (t *touched) standInSelves(typ providers.Type, c *collector) []providers.Self {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []providers.Self
	for id, o := range t.outsides[typ] {
		n := c.load(o.entry)
		s := providers.Self{Type: typ, ID: id, Exists: true, Outside: true, Config: n.providerKey(), Account: arnAccount(o.ref)}
		if s.Account == "" {
			s.Account = accountOf(n)
		}
		if o.ref != "" {
			s.Names = []string{o.ref}
		}
		if strings.HasPrefix(o.ref, "https://sqs.") { // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
			if parts := strings.Split(o.ref, "/"); len(parts) == 5 {
				s.Account, s.Names = parts[3], append(s.Names, parts[4])
			}
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b providers.Self) int { return strings.Compare(a.ID, b.ID) })
	return out
}
