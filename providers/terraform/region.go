package terraform

import (
	"regexp"
	"strings"
)

var awsRegion = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d+$`)

// regionOf returns the region of a resource: text, nil for a global resource, or an
// unknown where the plan does not tell, as when the region comes from the environment.
func regionOf(m *mapping, n *node) any {
	if m.region != nil {
		return m.region(n)
	}
	switch n.cloud() {
	case "aws":
		return awsRegionOf(n)
	case "google":
		return googleRegionOf(n)
	}
	return nil
}

func awsRegionOf(n *node) any {
	own := n.at("region")
	if isUnknown(own) && n.configured("region") {
		return own
	}
	for _, v := range []any{own, arnRegion(n.at("arn")), arnRegion(n.at("id")), n.provider("region")} {
		if s, ok := v.(string); ok && awsRegion.MatchString(s) {
			return s
		}
	}
	return unknown{deferred}
}

func googleRegionOf(n *node) any {
	for _, a := range []string{"region", "location", "zone"} {
		v := n.at(a)
		if isUnknown(v) && n.configured(a) {
			return v // not the provider's, which is for what has none of its own
		}
		if s, ok := v.(string); ok && s != "" {
			return googleRegion(s)
		}
	}
	for _, a := range []string{"region", "zone"} {
		if s, ok := n.provider(a).(string); ok && s != "" {
			return googleRegion(s)
		}
	}
	return unknown{deferred}
}

// googleRegion returns the region that a location names: itself, that of a zone, the
// last step of a URL; nil for the global one.
func googleRegion(s string) any {
	s = strings.ToLower(s[strings.LastIndexByte(s, '/')+1:])
	if i := len(s) - 2; i > 0 && s[i] == '-' && strings.Count(s, "-") == 2 {
		s = s[:i] // a zone
	}
	if s == "global" {
		return nil
	}
	return s
}

func arnRegion(v any) any {
	s, _ := v.(string)
	if parts := strings.SplitN(s, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[3]
	}
	return nil
}

// argumentKey names a value of a provider block.
type argumentKey struct {
	provider, name string
	path           [2]any
}

// providerArgument evaluates an argument of the node's provider block. Nobody may change
// what it returns: all resources of the provider are told the same.
func (c *collector) providerArgument(n *node, name string, path []any) any {
	block := n.block()
	if block == nil && c.ix.what == "state" {
		return nil // what came of the provider's defaults is in the resource
	}
	if block == nil {
		return unknown{deferred}
	}
	key := argumentKey{provider: block.provider, name: name}
	if copy(key.path[:], path) < len(path) {
		return c.argumentOf(block.provider, name, path)
	}
	v, ok := c.arguments[key]
	if !ok {
		v = c.argumentOf(block.provider, name, path)
		c.arguments[key] = v
	}
	return v
}

func (c *collector) argumentOf(provider, argument string, path []any) any {
	cfg, ok := c.ix.providers[provider]
	if !ok {
		// Up to Terraform 1.0 a module that inherits its provider has a key of its own.
		// Which of several blocks it was given is then not told, and does not matter
		// where none of the plan's blocks has the argument.
		_, name, _ := strings.Cut(provider, ":")
		several, set := false, false
		for other, cfg := range c.ix.providers {
			several = several || strings.HasPrefix(other, name+".")
			set = set || member(cfg.expressions, argument) != nil
		}
		switch {
		case !set:
			return nil
		case several:
			return unknown{deferred}
		}
		if cfg, ok = c.ix.providers[name]; !ok {
			return nil
		}
	}
	return c.evaluate(member(cfg.expressions, argument), cfg.module == "", path)
}

// evaluate gives the value of an expression in the configuration, where the plan
// holds it: a constant, or a variable of the root module and nothing else.
func (c *collector) evaluate(b []byte, root bool, path []any) any {
	if len(b) == 0 {
		return nil
	}
	if b[0] == '[' { // a nested block
		l := list(b)
		if len(path) == 0 {
			return unknown{deferred}
		}
		i, ok := path[0].(int)
		if !ok || i >= len(l) {
			return nil
		}
		if len(path) == 1 {
			return unknown{deferred}
		}
		name, _ := path[1].(string)
		return c.evaluate(member(l[i], name), root, path[2:])
	}
	refs := references(b, nil)
	if v := member(b, "constant_value"); v != nil && len(refs) == 0 { // with references it is a template not yet filled in
		return at(decode(v, nil, nil), path...)
	}
	for _, r := range refs {
		if st := parseSteps(r); root && len(st) > 1 && st[0].name == "var" && c.ix.root.sensitive[st[1].name] {
			return unknown{sensitive}
		}
	}
	if len(refs) == 1 && root && len(path) == 0 {
		if name, ok := strings.CutPrefix(refs[0], "var."); ok {
			if v, ok := c.ix.variables[name]; ok {
				// A string stands for itself. Of an expression around a list or an
				// object nothing would be seen here: merge(var.tags, {...}).
				if v := decode(v, nil, nil); !isList(v) && !isObject(v) {
					return v
				}
			}
		}
	}
	return unknown{deferred}
}

func isObject(v any) bool { _, ok := v.(map[string]any); return ok }
