package terraform

import (
	"fmt"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// tagTree returns the tags of a resource as the provider will set them: an
// object of strings, nil for none, or an unknown.
func tagTree(m *mapping, n *node) any {
	if m.tags != nil {
		return m.tags(n)
	}
	switch n.cloud() {
	case "aws":
		return withDefaults(n, []string{"tags_all"}, "tags", n.provider("default_tags", 0, "tags"))
	case "google":
		return withDefaults(n, []string{"effective_labels", "terraform_labels"}, "labels", n.provider("default_labels"))
	}
	for _, a := range []string{"tags", "labels"} {
		if v := n.at(a); n.has(a) && !isList(v) {
			return v
		}
	}
	return nil
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// withDefaults returns the first of the attributes that hold all tags, those of
// the provider's defaults included. Where the plan does not tell it, the
// resource's own tags and the defaults of the provider block make it up.
func withDefaults(n *node, whole []string, own string, defaults any) any {
	mine, shown := n.at(own), false
	if mine == (unknown{sensitive}) {
		return mine // Terraform does not mask what the provider makes of it
	}
	for _, a := range whole {
		shown = shown || n.has(a)
		if v := n.at(a); v != nil && !isUnknown(v) {
			return ownFirst(v, mine, func(v any) bool { return defaults == unknown{sensitive} || n.c.ix.isSecret(v) })
		}
	}
	if mine == (unknown{deferred}) {
		if written, ok := n.writtenTags(own); ok {
			mine = written
		}
	}
	switch {
	case !shown && !n.has(own):
		return nil // a type without tags
	case isUnknown(mine):
		return mine
	case !shown && isUnknown(defaults):
		return mine // a provider that shows no such attribute knows no defaults either
	case isUnknown(defaults):
		return defaults
	}
	out := map[string]any{}
	for _, from := range []any{defaults, mine} {
		l, _ := from.(map[string]any)
		for k, v := range l {
			out[k] = v
		}
	}
	return out
}

// ownFirst gives the unknown values in all of a resource's tags those of its own tags:
// they take precedence over defaults, and AWS provider 3 leaves empty ones unknown. What
// Terraform masks among its own tags is masked in all of them, where Terraform does not
// know that it is the same; and so are the defaults that secret says it of. It does so in
// place.
func ownFirst(all, own any, secret func(any) bool) any {
	tags, ok := all.(map[string]any)
	if !ok {
		return map[string]any{}
	}
	mine, _ := own.(map[string]any)
	for k, v := range tags {
		switch _, set := mine[k]; {
		case isUnknown(v) && mine[k] != nil, mine[k] == (unknown{sensitive}):
			tags[k] = mine[k]
		case !set && secret(v):
			tags[k] = unknown{sensitive}
		}
	}
	return tags
}

// tags turns the tree into the tags of a resource; unknown ones are left out and noted.
func (sh *shaper) tags(v any) map[string]string {
	out := map[string]string{}
	switch v := v.(type) {
	case unknown:
		sh.mark("tags", v.reason)
	case map[string]any:
		for k, e := range v {
			switch e := e.(type) {
			case unknown:
				if strings.Contains(k, ".") {
					sh.mark("tags", e.reason) // the key could not be told apart in a path
				} else {
					sh.mark("tags."+k, e.reason)
				}
			case nil:
				out[k] = ""
			case string:
				out[k] = e
			case map[string]any, []any:
				sh.mark("tags", providers.Failed) // no tag is an object or a list
			default:
				out[k] = fmt.Sprint(e)
			}
		}
	case nil:
	default:
		sh.mark("tags", providers.Failed)
	}
	return out
}
