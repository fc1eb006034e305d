package parity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/plangen"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
)

// maskings is how often each plan is judged with something else unknown.
const maskings = 3

// Whatever of a plan is known after the apply only, a verdict is the one with all of it
// known, or it is unknown.
func TestWhatOnlyTheApplyTellsNeverFlipsAVerdict(t *testing.T) {
	e := load(t)
	s, err := e.NewSession(engine.Config{Now: now()})
	if err != nil {
		t.Fatal(err)
	}
	compared, unknown := 0, 0
	for name, plan := range everyPlan(t, e) {
		full := judgePlan(t, s, plan)
		for i := range maskings {
			m := masker{rand.New(rand.NewPCG(uint64(i), uint64(len(name))))}
			masked := copied(t, plan)
			hidden := m.plan(masked)
			for key, verdict := range judgePlan(t, s, masked) {
				want, there := full[key]
				switch {
				case !there: // a stand-in for what a reference no longer tells
				case verdict == finding.Unknown && want != finding.Unknown:
					unknown++
				case verdict != want && want != finding.Unknown:
					t.Errorf("%s, %d: %s is %s instead of %s without %v", name, i, key, verdict, want, hidden)
				}
				compared++
			}
		}
	}
	if unknown*100 < compared || unknown*2 > compared {
		t.Errorf("of %d verdicts %d became unknown: the masks show nothing", compared, unknown)
	}
}

// everyPlan returns the plans of all fixtures, and a generated one, by name.
func everyPlan(t *testing.T, e *engine.Engine) map[string]map[string]any {
	t.Helper()
	out := map[string]map[string]any{}
	for _, p := range e.Policies() {
		text, err := fs.ReadFile(policies.Files, fixtureFile(p))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var fixtures []fixture
		if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&fixtures); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		for _, f := range fixtures {
			out[p.ID+", "+f.Name] = copied(t, f.Plan)
		}
	}
	var b bytes.Buffer
	if err := plangen.Write(&b, plangen.Options{Resources: 300, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	var plan map[string]any
	if err := json.Unmarshal(b.Bytes(), &plan); err != nil {
		t.Fatal(err)
	}
	out["generated"] = plan
	return out
}

func copied(t *testing.T, plan map[string]any) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(encode(t, plan), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func judgePlan(t *testing.T, s *engine.Session, plan map[string]any) map[string]finding.Verdict {
	t.Helper()
	run, err := scan.Run(t.Context(), scan.Input{
		Mode: "scan", Now: now(), Providers: []providers.Provider{fixture{Plan: plan}.planProvider(t)}, Session: s, Passes: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]finding.Verdict{}
	for _, f := range run.Findings {
		out[fmt.Sprintf("%s on %s %s", f.Policy, f.Resource.Type, f.Resource.ID)] = f.Verdict
	}
	return out
}

// masker makes values unknown as Terraform does when an expression refers to something
// that only the apply tells.
type masker struct{ dice *rand.Rand }

// plan masks values of the resources that a plan creates and returns where.
func (m masker) plan(plan map[string]any) []string {
	var hidden []string
	blocks := map[string]map[string]any{}
	config, _ := plan["configuration"].(map[string]any)
	root, _ := config["root_module"].(map[string]any)
	expressionsBelow(root, "", blocks)
	changes, _ := plan["resource_changes"].([]any)
	for _, c := range changes {
		r := c.(map[string]any)
		change := r["change"].(map[string]any)
		after, _ := change["after"].(map[string]any)
		if actions, _ := change["actions"].([]any); after == nil || len(actions) != 1 || actions[0] != "create" {
			continue
		}
		mask, _ := change["after_unknown"].(map[string]any)
		if mask == nil {
			mask = map[string]any{}
		}
		// What nobody configured is computed when it is unknown: it has its default then.
		expressions := blocks[fmt.Sprintf("%s|%v.%v", path(r), r["type"], r["name"])]
		for _, k := range slices.Sorted(maps.Keys(after)) {
			if expressions[k] == nil || after[k] == nil || mask[k] != nil || k == "tags" || m.dice.IntN(3) > 0 {
				continue
			}
			text, _ := after[k].(string)
			whole, part := m.value(after[k])
			switch {
			case whole:
				delete(after, k)
				mask[k] = true
			case part != nil:
				mask[k] = part
			default:
				continue
			}
			// A constant may not stay, for Terraform knows what it reads; a block keeps its own.
			if _, block := expressions[k].([]any); whole || !block {
				from := "terraform_data.later.output"
				if whole && text != "" && m.dice.IntN(2) == 0 {
					from = "terraform_data.later.id" // there is always one
				}
				expressions[k] = map[string]any{"references": []any{from, "terraform_data.later"}}
			}
			hidden = append(hidden, fmt.Sprintf("%v.%s: %v", r["address"], k, mask[k]))
		}
		change["after_unknown"] = mask
	}
	plan["resource_changes"] = append(changes, map[string]any{
		"address": "terraform_data.later", "mode": "managed", "type": "terraform_data", "name": "later",
		"change": map[string]any{"actions": []any{"create"}, "before": nil, "after": map[string]any{}, "after_unknown": map[string]any{"id": true, "output": true}},
	})
	return hidden
}

// path returns the modules of a resource without the keys of their instances.
func path(r map[string]any) string {
	address, _ := r["module_address"].(string)
	var out []string
	for _, step := range strings.Split(address, ".") {
		name, _, _ := strings.Cut(step, "[")
		out = append(out, name)
	}
	return strings.Join(out, ".")
}

// expressionsBelow collects the expressions of every block by module and address.
func expressionsBelow(module map[string]any, at string, out map[string]map[string]any) {
	resources, _ := module["resources"].([]any)
	for _, r := range resources {
		b := r.(map[string]any)
		e, _ := b["expressions"].(map[string]any)
		out[fmt.Sprintf("%s|%v.%v", at, b["type"], b["name"])] = e
	}
	calls, _ := module["module_calls"].(map[string]any)
	for name, c := range calls {
		inner, _ := c.(map[string]any)["module"].(map[string]any)
		expressionsBelow(inner, strings.TrimPrefix(at+".module."+name, "."), out)
	}
}

// value decides to hide all of a value, or parts of what it holds: then it takes these
// out and returns the mask.
func (m masker) value(v any) (whole bool, mask any) {
	if m.dice.IntN(3) == 0 {
		return true, nil
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if w, part := m.value(v[k]); w && m.dice.IntN(2) == 0 {
				delete(v, k)
				out[k] = true
			} else if part != nil {
				out[k] = part
			}
		}
		return false, out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			switch w, part := m.value(v[i]); {
			case part != nil:
				out[i] = part
			case w && m.dice.IntN(2) == 0:
				v[i], out[i] = nil, true
			default:
				out[i] = false
			}
		}
		return false, out
	}
	return false, nil
}
