package terraform

import (
	"encoding/json"
	"regexp"
	"strings"
)

// unset returns the value of an attribute, and the fallback where it is null or
// empty or where a new resource leaves it to the API, whose default the caller
// knows for certain.
func unset(n *node, fallback any, attribute string, path ...any) any {
	v := n.at(attribute, path...)
	if isUnknown(v) && n.isNew() && !n.configured(attribute, path...) {
		return fallback
	}
	return or(v, fallback)
}

// sinceIntroduced is the value, but unknown where the state of an existing resource is
// of a provider from before there was the attribute: only the live resource tells.
func sinceIntroduced(n *node, attribute string, value any) any {
	if !n.has(attribute) && !n.isNew() {
		return unknown{deferred}
	}
	return value
}

// later is the attribute of a resource that the API sets: the fallback while the
// resource is not there.
func later(n *node, fallback any, attribute string) any {
	if n.isNew() {
		return fallback
	}
	return or(n.at(attribute), fallback)
}

// null is an attribute that a plan does not have, because only the live resource
// can have it.
func null(*node) any { return nil }

// global is the region of what has none.
func global(*node) any { return nil }

var projectStep = regexp.MustCompile(`(?:^|/)projects/([^/]+)/`)

// projectIn returns the project that a path names: projects/p/locations/...
func projectIn(v any) any {
	return then(v, func(v any) any {
		s, _ := v.(string)
		if m := projectStep.FindStringSubmatch(s); m != nil && m[1] != "-" {
			return m[1]
		}
		return unknown{deferred}
	})
}

// googleProject returns the project of a resource, which the provider plans; where
// it does not, the provider block may say.
func googleProject(n *node) any {
	if v := n.at("project"); v != nil && !isUnknown(v) && v != "" {
		return v
	}
	if n.configured("project") {
		return n.at("project")
	}
	if v := n.provider("project"); v != nil && v != "" {
		return v
	}
	return unknown{deferred} // from the environment
}

// googleIAM names the three resources that set the IAM policy of a resource.
func googleIAM(prefix string) []string {
	return []string{prefix + "_iam_member", prefix + "_iam_binding", prefix + "_iam_policy"}
}

// iamSatellites are the three as satellites.
func iamSatellites(prefix, ref string, by ...string) []satellite {
	var out []satellite
	for _, typ := range googleIAM(prefix) {
		out = append(out, satellite{typ: typ, ref: ref, by: by, affects: []string{"iam_bindings"}})
	}
	return out
}

// iamBindings returns the bindings that the satellites set.
func iamBindings(prefix string) func(n *node) any {
	return func(n *node) any {
		var parts []*node
		for _, typ := range googleIAM(prefix) {
			parts = append(parts, n.all(typ)...)
		}
		return bindingsOf(parts)
	}
}

// bindingsOf puts the bindings of IAM resources together.
func bindingsOf(parts []*node) any {
	out := []any{}
	for _, s := range parts {
		switch {
		case strings.HasSuffix(s.typ, "_iam_member"):
			out = append(out, map[string]any{"role": s.at("role"), "members": []any{s.shown("member")}, "condition": s.at("condition")})
		case strings.HasSuffix(s.typ, "_iam_binding"):
			out = append(out, map[string]any{"role": s.at("role"), "members": s.shown("members"), "condition": s.at("condition")})
		default:
			l, ok := policyData(s.at("policy_data")).([]any)
			if !ok {
				return policyData(s.at("policy_data"))
			}
			out = append(out, l...)
		}
	}
	return out
}

// policyData reads the JSON of an IAM policy.
func policyData(v any) any {
	return then(v, func(v any) any {
		s, _ := v.(string)
		var policy struct {
			Bindings []map[string]any `json:"bindings"`
		}
		if err := json.Unmarshal([]byte(s), &policy); err != nil {
			return unknown{deferred}
		}
		out := []any{}
		for _, b := range policy.Bindings {
			out = append(out, b)
		}
		return out
	})
}
