package terraform

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// res is a resource of a plan in a test. The rest of what Terraform writes about it
// follows from these.
type res struct {
	address   string         // `module.a["x"].aws_s3_bucket.b[0]`, `data.aws_iam_policy_document.d`
	action    string         // create unless given
	after     map[string]any // before it, for a delete
	before    map[string]any // the same as after unless given; a create has none
	wasSecret map[string]any // the mask of before
	importing bool
	deposed   string
	moved     string         // the address that it had
	unknown   map[string]any // the mask: {"id": true}
	sensitive map[string]any // the mask
	// config holds the expressions of the block, once for all instances: values are
	// constants, a string that begins with = is references (=aws_s3_bucket.b.id or
	// =aws_s3_bucket.b,each.key), a list of objects is nested blocks.
	config map[string]any
}

// fixture writes the plan of the resources as Terraform would.
func fixture(t testing.TB, resources ...res) string {
	t.Helper()
	type mod struct {
		Resources   []map[string]any          `json:"resources,omitempty"`
		ModuleCalls map[string]map[string]any `json:"module_calls,omitempty"`
	}
	root := &mod{}
	seen := map[string]*mod{"": root}
	blocks := map[string]bool{}
	changes := []any{}
	for _, r := range resources {
		steps := parseSteps(r.address)
		m, module := root, ""
		for ; steps[0].name == "module"; steps = steps[2:] {
			path := module + "." + steps[1].name
			if seen[path] == nil {
				seen[path] = &mod{}
				if m.ModuleCalls == nil {
					m.ModuleCalls = map[string]map[string]any{}
				}
				call := map[string]any{"source": "./" + steps[1].name, "expressions": map[string]any{}, "module": seen[path]}
				if steps[1].key != nil {
					call["for_each_expression"] = map[string]any{}
				}
				m.ModuleCalls[steps[1].name] = call
			}
			m, module = seen[path], path
		}
		mode := "managed"
		if steps[0].name == "data" {
			mode, steps = "data", steps[1:]
		}
		change := map[string]any{"address": r.address, "mode": mode, "type": steps[0].name, "name": steps[1].name}
		if steps[1].key != nil {
			change["index"] = steps[1].key
		}
		if i := strings.LastIndex(r.address, "."+steps[0].name+"."); i > 0 && strings.HasPrefix(r.address, "module.") {
			change["module_address"] = strings.TrimSuffix(r.address[:i], ".data")
		}
		actions := []string{"create"}
		switch r.action {
		case "", "create":
		case "replace":
			actions = []string{"delete", "create"}
		default:
			actions = []string{r.action}
		}
		c := map[string]any{"actions": actions, "before": r.after, "after": r.after, "after_unknown": r.unknown, "after_sensitive": r.sensitive}
		if r.before != nil {
			c["before"] = r.before
		}
		switch r.action {
		case "", "create":
			c["before"] = nil
		case "delete", "forget":
			c["after"] = nil
		}
		if r.wasSecret != nil {
			c["before_sensitive"] = r.wasSecret
		}
		if r.importing {
			c["importing"] = map[string]any{"id": "x"}
		}
		if r.deposed != "" {
			change["deposed"] = r.deposed
		}
		if r.moved != "" {
			change["previous_address"] = r.moved
		}
		change["change"] = c
		changes = append(changes, change)
		if key := module + " " + mode + steps[0].name + "." + steps[1].name; !blocks[key] && r.action != "delete" && r.action != "forget" {
			blocks[key] = true
			block := map[string]any{
				"mode": mode, "type": steps[0].name, "name": steps[1].name, "provider_config_key": "aws", "expressions": expression(r.config),
			}
			if steps[1].key != nil {
				block["for_each_expression"] = map[string]any{} // one that refers to nothing
			}
			m.Resources = append(m.Resources, block)
		}
	}
	b, err := json.Marshal(map[string]any{
		"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes,
		"configuration": map[string]any{"root_module": root},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func expression(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = expression(e)
		}
		return out
	case []any:
		if len(v) > 0 {
			if _, block := v[0].(map[string]any); block {
				out := []any{}
				for _, e := range v {
					out = append(out, expression(e))
				}
				return out
			}
		}
	case string:
		if names, ok := strings.CutPrefix(v, "="); ok {
			refs := []string{}
			for _, r := range strings.Split(names, ",") {
				for refs = append(refs, r); strings.Count(r, ".") > 1 && !strings.HasPrefix(r, "each.") && !strings.HasPrefix(r, "count."); {
					r = r[:strings.LastIndex(r, ".")]
					if r == "data."+strings.TrimPrefix(r, "data.") && strings.Count(r, ".") == 1 {
						break
					}
					refs = append(refs, r)
				}
			}
			return map[string]any{"references": refs}
		}
	}
	return map[string]any{"constant_value": v}
}

// attributes collects the one resource of the plan with the address and returns its
// attributes, what is unknown written in their place as "? reason".
func attributes(t testing.TB, address string, resources ...res) map[string]any {
	t.Helper()
	p := open(t, fixture(t, resources...), Options{})
	r, ok := collect(t, p).byID()[address]
	if !ok {
		t.Fatalf("the plan has no %s", address)
	}
	out := maps.Clone(r.Attributes)
	for _, path := range slices.Sorted(maps.Keys(r.Unknown)) {
		if path != "region" && path != "tags" && !strings.HasPrefix(path, "tags.") {
			out["? "+path] = string(r.Unknown[path])
		}
	}
	return out
}

type obj = map[string]any
