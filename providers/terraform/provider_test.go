package terraform

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

// sink keeps what it is sent.
type sink struct {
	planned, done []providers.Cell
	resources     []providers.Resource
	gaps          []providers.Gap
}

func (s *sink) Plan(cells ...providers.Cell)  { s.planned = append(s.planned, cells...) }
func (s *sink) Done(c providers.Cell)         { s.done = append(s.done, c) }
func (s *sink) Resource(r providers.Resource) { s.resources = append(s.resources, r) }
func (s *sink) Gap(g providers.Gap)           { s.gaps = append(s.gaps, g) }
func (s *sink) byID() map[string]providers.Resource {
	out := map[string]providers.Resource{}
	for _, r := range s.resources {
		out[r.ID] = r
	}
	return out
}

func schemas(t testing.TB) fs.FS {
	t.Helper()
	sub, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func open(t testing.TB, plan string, opt Options) *Provider {
	t.Helper()
	if opt.Schemas == nil {
		opt.Schemas = schemas(t)
	}
	if opt.Name == "" {
		opt.Name = "plan.json"
	}
	p, err := Open(strings.NewReader(plan), int64(len(plan)), opt)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func openFile(t testing.TB, name string) *Provider {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, string(b), Options{})
}

// collect reads everything wanted of the types; without attributes, everything.
func collect(t testing.TB, p *Provider, want ...providers.Want) *sink {
	t.Helper()
	if len(want) == 0 {
		want = p.Describe().Everything()
	}
	out := &sink{}
	if err := p.Collect(t.Context(), p.scope(), want, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func everything(p *Provider, t providers.Type) providers.Want {
	w, _ := providers.Find(p.Describe().Everything(), t)
	return w
}

func TestTheProviderKeepsTheContract(t *testing.T) {
	b, err := os.ReadFile("testdata/conformance.json")
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, string(b), Options{})
	types := p.Types()
	providertest.Run(t, providertest.Config{
		New: func(t *testing.T, _ providertest.Faults) providers.Provider {
			return only{open(t, string(b), Options{}), types}
		},
		Schemas: schemas(t),
	})
}

// only describes the types that the plan holds: the suite wants an estate with
// resources of every type that is described.
type only struct {
	*Provider
	types []providers.Type
}

func (o only) Describe() providers.Description {
	d := o.Provider.Describe()
	d.Types = slices.DeleteFunc(d.Types, func(ti providers.TypeInfo) bool { return !slices.Contains(o.types, ti.Type) })
	return d
}

func TestAQueueAndItsPolicyBecomeOneResource(t *testing.T) {
	p := openFile(t, "sqs.json")
	got := collect(t, p).byID()
	statements := func(action string) map[string]any {
		return map[string]any{"statements": []any{map[string]any{
			"sid": nil, "effect": "Allow", "principals": []any{map[string]any{"type": "AWS", "id": "*"}}, "not_principals": nil,
			"actions": []any{action}, "not_actions": nil, "resources": []any{"*"}, "not_resources": nil, "conditions": []any{},
		}}}
	}
	scope := providers.Scope{Provider: "terraform", ID: "plan.json", Name: "plan.json"}
	want := map[string]providers.Resource{
		"aws_sqs_queue.new": {
			Scope: scope, Type: "aws_sqs_queue", ID: "aws_sqs_queue.new", Name: "new", Region: "eu-central-1",
			Tags:       map[string]string{"Owner": "data", "Stage": "dev"},
			Attributes: map[string]any{"kms_master_key_id": nil, "policy": statements("sqs:sendmessage")},
			Unknown:    map[string]providers.Reason{"sqs_managed_sse_enabled": providers.Deferred},
			Source:     &providers.Source{Address: "aws_sqs_queue.new", Action: "create"},
		},
		`module.q["a.b"].aws_sqs_queue.this[0]`: {
			Scope: scope, Type: "aws_sqs_queue", ID: `module.q["a.b"].aws_sqs_queue.this[0]`, Name: "this[0]", Region: "us-east-1",
			Tags:       map[string]string{},
			Attributes: map[string]any{"kms_master_key_id": "alias/k", "policy": statements("sqs:*"), "sqs_managed_sse_enabled": false},
			Unknown:    map[string]providers.Reason{"tags.Owner": providers.Deferred},
			Source:     &providers.Source{Address: `module.q["a.b"].aws_sqs_queue.this[0]`, Module: `module.q["a.b"]`, Action: "update"},
		},
		"aws_sqs_queue.bare": {
			Scope: scope, Type: "aws_sqs_queue", ID: "aws_sqs_queue.bare", Name: "bare", Region: "eu-central-1",
			Tags:       map[string]string{},
			Attributes: map[string]any{"policy": nil, "sqs_managed_sse_enabled": true},
			Unknown:    map[string]providers.Reason{"kms_master_key_id": providers.Sensitive, "tags": providers.Deferred},
			Source:     &providers.Source{Address: "aws_sqs_queue.bare", Action: "replace"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if want := []providers.Type{"aws_sqs_queue"}; !slices.Equal(p.Types(), want) {
		t.Errorf("types are %v, want %v", p.Types(), want)
	}
	wantSummary := Summary{
		FormatVersion: "1.2", TerraformVersion: "1.11.4",
		Actions: map[string]int{"create": 3, "update": 2, "replace": 1, "delete": 2},
		Skipped: map[string]int{"aws_unheard_of": 1},
	}
	if diff := cmp.Diff(wantSummary, p.Summary()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestASensitiveValueIsNowhereInTheResult(t *testing.T) {
	got := collect(t, openFile(t, "sqs.json"))
	for _, r := range got.resources {
		b, err := r.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("canary")) {
			t.Errorf("%s holds a sensitive value: %s", r.ID, b)
		}
	}
}

func TestEveryDescribedTypeHasAReadableSchemaAndIsListedOnce(t *testing.T) {
	p := open(t, smallPlan, Options{})
	seen := map[string]bool{}
	for _, d := range p.types {
		s, err := d.read()
		if err != nil || len(s.names()) == 0 {
			t.Errorf("%s: %v", d.typ, err)
			continue
		}
		for a := range d.attributes {
			if s.properties[a] == nil {
				t.Errorf("%s maps %s, which its schema does not have", d.typ, a)
			}
		}
		for _, sat := range d.satellites {
			if sat.ref == "" || len(sat.by) == 0 || len(sat.affects) == 0 {
				t.Errorf("%s: satellite %s lacks its reference or what it affects", d.typ, sat.typ)
			}
			for _, a := range sat.affects {
				if s.properties[a] == nil {
					t.Errorf("%s: satellite %s affects %s, which the schema does not have", d.typ, sat.typ, a)
				}
			}
		}
		for _, name := range append([]string{string(d.typ)}, d.also...) {
			if seen[name] {
				t.Errorf("%s is mapped twice", name)
			}
			seen[name] = true
		}
	}
	if !slices.IsSortedFunc(mappings(), func(a, b mapping) int { return strings.Compare(string(a.typ), string(b.typ)) }) {
		t.Error("mappings are not in alphabetical order")
	}
}
