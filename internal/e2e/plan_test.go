package e2e

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

type obj = map[string]any

// part is a Terraform resource of an estate, as it is before and after a change; nil is
// not there.
type part struct {
	typ, name     string
	before, after obj
	refs          map[string]string // attributes that refer to another part: its address and attribute
	computed      []string
}

func (p part) address() string { return p.typ + "." + p.name }

// block is one resource of a plan.
type block struct {
	part
	actions []string
	unknown obj
}

// planOf writes the plan of the blocks.
func planOf(t *testing.T, blocks []block) *terraform.Provider {
	t.Helper()
	changes, resources := []any{}, []any{}
	in := map[string]bool{}
	for _, b := range blocks {
		in[b.address()] = true
	}
	for _, b := range blocks {
		after := maps.Clone(b.after)
		for k := range b.unknown {
			delete(after, k)
		}
		changes = append(changes, obj{
			"address": b.address(), "mode": "managed", "type": b.typ, "name": b.name, "provider_name": "registry.terraform.io/hashicorp/aws",
			"change": obj{"actions": b.actions, "before": b.before, "after": after, "after_unknown": b.unknown},
		})
		whole := b.after
		if whole == nil {
			continue
		}
		expressions := obj{}
		for k, v := range whole {
			to, refers := b.refs[k]
			target, _, _ := cutLast(to)
			switch {
			case slices.Contains(b.computed, k):
			case refers && in[target]:
				expressions[k] = obj{"references": []string{to, target}}
			default:
				expressions[k] = obj{"constant_value": v}
			}
		}
		resources = append(resources, obj{"address": b.address(), "mode": "managed", "type": b.typ, "name": b.name, "provider_config_key": "aws", "expressions": expressions})
	}
	text, err := json.Marshal(obj{
		"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes,
		"configuration": obj{
			"provider_config": obj{"aws": obj{"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": obj{"region": obj{"constant_value": "eu-west-1"}}}},
			"root_module":     obj{"resources": resources},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	p, err := terraform.Open(strings.NewReader(string(text)), int64(len(text)), terraform.Options{Name: "plan.json", Schemas: schemas})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func cutLast(ref string) (before, after string, found bool) {
	i := strings.LastIndexByte(ref, '.')
	if i < 0 {
		return ref, "", false
	}
	return ref[:i], ref[i+1:], true
}
