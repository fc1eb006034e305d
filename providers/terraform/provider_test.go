package terraform

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
		FormatVersion: "1.2", TerraformVersion: "1.11.4", Managed: 8,
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
				if s.properties[a] == nil && a != "tags" {
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

// The plan was made by Terraform 1.11 with terraform_data in the place of queues:
// one resource for each thing that a plan can do.
func TestWhatIsThereAfterTheApplyIsEmittedWithItsAction(t *testing.T) {
	p := openFile(t, "actions.json")
	got := map[string]string{}
	for _, r := range collect(t, p).resources {
		got[r.ID] = r.Source.Action
	}
	want := map[string]string{
		"aws_sqs_queue.keep": "no-op", "aws_sqs_queue.new": "update", "aws_sqs_queue.imp": "import", "aws_sqs_queue.repl": "replace", "aws_sqs_queue.cbd": "replace",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	counts := map[string]int{"no-op": 1, "update": 1, "import": 1, "replace": 2, "delete": 1, "forget": 1}
	if diff := cmp.Diff(counts, p.Summary().Actions); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}

func TestTheRegionComesFromTheResourceItsARNOrItsProvider(t *testing.T) {
	queue := func(after obj, provider, config string, unknown ...string) string {
		q := res{address: "aws_sqs_queue.q", after: after, unknown: obj{"id": true, "region": len(unknown) > 0}, config: obj{}}
		if slices.Contains(unknown, "region") {
			q.config["region"] = "=data.aws_region.r.region"
		}
		plan := fixture(t, q)
		plan = strings.Replace(plan, `"provider_config_key":"aws"`, `"provider_config_key":"`+provider+`"`, 1)
		return strings.Replace(plan, `"configuration":{`, `"variables":{"r":{"value":"ap-south-1"},"prefix":{"value":"eu"}},"configuration":{"provider_config":`+config+`,`, 1)
	}
	region := func(expression string) string {
		return `{"aws":{"name":"aws","expressions":{"region":` + expression + `}}}`
	}
	for _, tt := range []struct{ name, plan, want string }{
		{"its own argument", queue(obj{"region": "eu-west-1"}, "aws", region(`{"constant_value":"us-east-1"}`)), "eu-west-1"},
		{"its ARN", queue(obj{"arn": "arn:aws:sqs:us-gov-west-1:111111111111:q"}, "aws", region(`{"constant_value":"us-east-1"}`)), "us-gov-west-1"},
		{"a constant of the provider", queue(obj{}, "aws", region(`{"constant_value":"us-east-1"}`)), "us-east-1"},
		{"a variable of the provider", queue(obj{}, "aws", region(`{"references":["var.r"]}`)), "ap-south-1"},
		{"an expression around a variable tells nothing", queue(obj{}, "aws", region(`{"references":["var.prefix"]}`)), ""},
		{"a template that is not filled in tells nothing", queue(obj{}, "aws", region(`{"constant_value":"${var.r}","references":["var.x","var.r"]}`)), ""},
		{"the environment is not in the plan", queue(obj{}, "aws", `{"aws":{"name":"aws"}}`), ""},
		{"an argument that is not known yet", queue(obj{}, "aws", region(`{"constant_value":"us-east-1"}`), "region"), ""},
		{"what the provider computes is its region", queue(obj{}, "aws", region(`{"constant_value":"us-east-1"}`), "computed"), "us-east-1"},
		{"an alias", queue(obj{}, "aws.west", `{"aws":{"name":"aws","expressions":{"region":{"constant_value":"us-east-1"}}},"aws.west":{"name":"aws","alias":"west","expressions":{"region":{"constant_value":"us-west-2"}}}}`), "us-west-2"},
		{"a module inherits the only provider", queue(obj{}, "m:aws", region(`{"constant_value":"us-east-1"}`)), "us-east-1"},
		{"which of two providers a module was given is not told", queue(obj{}, "m:aws", `{"aws":{"name":"aws","expressions":{"region":{"constant_value":"us-east-1"}}},"aws.west":{"name":"aws","alias":"west"}}`), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := collect(t, open(t, tt.plan, Options{})).resources[0]
			if r.Region != tt.want {
				t.Errorf("got %q, want %q", r.Region, tt.want)
			}
			if untold := r.Unknown["region"] == deferred; untold != (tt.want == "") {
				t.Errorf("with the region %q it is unknown: %v", r.Region, untold)
			}
		})
	}
}

func TestDefaultTagsThatNoProviderBlockHasAreNone(t *testing.T) {
	plain, tagged := `{"name":"aws","expressions":{}}`, `{"name":"aws","expressions":{"default_tags":[{"tags":{"constant_value":{"Owner":"a"}}}]}}`
	queue := fixture(t, res{address: "aws_sqs_queue.q", after: obj{"tags": nil}, unknown: obj{"id": true, "tags_all": true}, config: obj{}})
	queue = strings.Replace(queue, `"provider_config_key":"aws"`, `"provider_config_key":"m:aws"`, 1)
	for blocks, want := range map[string]providers.Reason{
		`{"aws":` + plain + `,"aws.west":` + plain + `}`:  "",
		`{"aws":` + plain + `,"aws.west":` + tagged + `}`: deferred,
	} {
		plan := strings.Replace(queue, `"configuration":{`, `"configuration":{"provider_config":`+blocks+`,`, 1)
		if got := collect(t, open(t, plan, Options{})).resources[0].Unknown["tags"]; got != want {
			t.Errorf("with %s: the tags are unknown because of %q, want %q", blocks, got, want)
		}
	}
}

func TestAllTagsOfAResourceAreItsOwnAndTheProvidersDefaults(t *testing.T) {
	for _, tt := range []struct {
		name    string
		after   obj
		unknown obj
		tags    map[string]string
		why     map[string]providers.Reason
	}{
		{"the whole is shown", obj{"tags": obj{"a": "1"}, "tags_all": obj{"a": "1", "b": "2"}}, obj{}, map[string]string{"a": "1", "b": "2"}, nil},
		{"a value of its own is not unknown", obj{"tags": obj{"k.io/x": ""}, "tags_all": obj{"b": "2"}}, obj{"tags_all": obj{"k.io/x": true}}, map[string]string{"k.io/x": "", "b": "2"}, nil},
		{"a default value is unknown", obj{"tags": obj{"a": "1"}, "tags_all": obj{"a": "1"}}, obj{"tags_all": obj{"b": true}}, map[string]string{"a": "1"}, map[string]providers.Reason{"tags.b": deferred}},
		{"a provider without default tags", obj{"tags": obj{"a": "1"}}, obj{}, map[string]string{"a": "1"}, nil},
		{"the whole is unknown", obj{"tags": obj{"a": "1"}}, obj{"tags_all": true}, map[string]string{}, map[string]providers.Reason{"tags": deferred}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var whole map[string]any
			if err := json.Unmarshal([]byte(fixture(t, res{address: "aws_sqs_queue.q", after: tt.after, unknown: tt.unknown})), &whole); err != nil {
				t.Fatal(err)
			}
			delete(whole, "configuration") // without it the provider's defaults are not known
			b, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			r := collect(t, open(t, string(b), Options{}), providers.Want{Type: "aws_sqs_queue", Attributes: []string{"tags"}}).resources[0]
			if diff := cmp.Diff(tt.tags, r.Tags); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
			unknown := maps.Clone(r.Unknown)
			delete(unknown, "region")
			if diff := cmp.Diff(tt.why, unknown, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTagsOfAProviderThatThePlanDoesNotTellAreUnknown(t *testing.T) {
	for _, tt := range []struct {
		name, defaults string
		tags           map[string]string
		unknown        map[string]providers.Reason
	}{
		{"constants", `[{"tags":{"constant_value":{"Stage":"dev"}}}]`, map[string]string{"Owner": "x", "Stage": "dev"}, nil},
		{"none", ``, map[string]string{"Owner": "x"}, nil},
		{"a variable may be merged with more", `[{"tags":{"references":["var.r"]}}]`, map[string]string{}, map[string]providers.Reason{"tags": deferred}},
		{"a local", `[{"tags":{"references":["local.tags"]}}]`, map[string]string{}, map[string]providers.Reason{"tags": deferred}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expressions := `{}`
			if tt.defaults != "" {
				expressions = `{"default_tags":` + tt.defaults + `}`
			}
			plan := fixture(t, res{address: "aws_sqs_queue.q", after: obj{"tags": obj{"Owner": "x"}}, unknown: obj{"id": true, "tags_all": true}})
			plan = strings.Replace(plan, `"configuration":{`, `"configuration":{"provider_config":{"aws":{"name":"aws","expressions":`+expressions+`}},`, 1)
			p := open(t, plan, Options{})
			r := collect(t, p, providers.Want{Type: "aws_sqs_queue", Attributes: []string{"tags"}}).resources[0]
			if diff := cmp.Diff(tt.tags, r.Tags); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
			unknown := maps.Clone(r.Unknown)
			delete(unknown, "region") // these providers have none
			if diff := cmp.Diff(tt.unknown, unknown, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASatelliteOfSeveralPossibleParentsByValueIsToldApartByReference(t *testing.T) {
	queue := func(name string) res {
		return res{address: "aws_sqs_queue." + name, action: "no-op", after: obj{"id": "https://sqs/same", "url": "https://sqs/same", "name": "same", "policy": "", "kms_master_key_id": nil, "sqs_managed_sse_enabled": true}}
	}
	policy := res{
		address: "aws_sqs_queue_policy.p", action: "no-op", config: obj{"queue_url": "=aws_sqs_queue.b.id"},
		after: obj{"queue_url": "https://sqs/same", "policy": `{"Statement":[{"Sid":"p","Effect":"Deny"}]}`},
	}
	got := policiesOf(t, collect(t, open(t, fixture(t, queue("a"), queue("b"), policy), Options{})))
	if diff := cmp.Diff(map[string]any{"aws_sqs_queue.a": nil, "aws_sqs_queue.b": "p"}, got); diff != "" {
		t.Errorf("by reference (-want +got):\n%s", diff)
	}
	policy.config = obj{"queue_url": "=local.url"}
	got = policiesOf(t, collect(t, open(t, fixture(t, queue("a"), queue("b"), policy), Options{})))
	if diff := cmp.Diff(map[string]any{"aws_sqs_queue.a": "?", "aws_sqs_queue.b": "?", "aws_sqs_queue_policy.p": "p"}, got); diff != "" {
		t.Errorf("by nothing (-want +got):\n%s", diff)
	}
}

func TestASatelliteOfTheSameNameInAnotherAccountIsNotFoldedByItsValue(t *testing.T) {
	plan := fixture(t,
		res{address: "aws_s3_bucket.b", action: "no-op", after: obj{"bucket": "logs", "id": "logs"}},
		res{address: "aws_s3_bucket_versioning.v", action: "no-op", after: obj{"bucket": "logs", "versioning_configuration": []any{obj{"status": "Enabled"}}}, config: obj{"bucket": "logs"}},
	)
	plan = strings.Replace(plan, `"configuration":{`, `"configuration":{"provider_config":{"aws":{"name":"aws"},"aws.other":{"name":"aws","alias":"other"}},`, 1)
	status := func(plan string) any {
		return at(collect(t, open(t, plan, Options{})).byID()["aws_s3_bucket.b"].Attributes["versioning"], "status")
	}
	if got := status(plan); got != "Enabled" {
		t.Errorf("with one provider, versioning is %v", got)
	}
	i := strings.LastIndex(plan, `"provider_config_key":"aws"`)
	plan = plan[:i] + `"provider_config_key":"aws.other"` + plan[i+len(`"provider_config_key":"aws"`):]
	if got := status(plan); got != nil {
		t.Errorf("with two providers, versioning is %v", got)
	}
}

func TestARuleOfAGroupThatIsNotInThePlanIsJudgedAlone(t *testing.T) {
	open22 := func(name, group string, config obj) res {
		return res{
			address: sgIngress + "." + name, config: config, unknown: obj{"id": true},
			after: obj{
				"security_group_id": group, "cidr_ipv4": "0.0.0.0/0", "cidr_ipv6": nil, "description": nil, "from_port": 22, "to_port": 22, "ip_protocol": "tcp",
				"prefix_list_id": nil, "referenced_security_group_id": nil,
			},
		}
	}
	config := obj{"security_group_id": "=data.aws_security_group.d.id"}
	p := open(t, fixture(t, open22("a", "sg-1", config), open22("b", "sg-1", config), open22("c", "sg-2", config)), Options{})
	if want := []providers.Type{"aws_security_group"}; !slices.Equal(p.Types(), want) {
		t.Errorf("types are %v, want %v", p.Types(), want)
	}
	got := collect(t, p).byID()
	if len(got) != 2 {
		t.Fatalf("got %d resources, want one for each group: %+v", len(got), got)
	}
	r := got[sgIngress+".a"]
	want := []any{rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "from_port": int64(22), "to_port": int64(22)}), nil}
	if diff := cmp.Diff(want, r.Attributes["ingress"]); diff != "" {
		t.Errorf("ingress (-want +got):\n%s", diff)
	}
	reasons := map[string]providers.Reason{
		"description": providers.Outside, "egress": providers.Outside, "ingress.1": providers.Outside, "name": providers.Outside, "network_interfaces": providers.Outside,
		"prefix_list_cidrs": providers.Outside, "region": providers.Outside, "tags": providers.Outside, "vpc_id": providers.Outside,
	}
	if diff := cmp.Diff(reasons, r.Unknown); diff != "" || r.Name != "sg-1" || r.Source.Address != sgIngress+".a" {
		t.Errorf("%s at %+v, unknown (-want +got):\n%s", r.Name, r.Source, diff)
	}
}

func TestWhatConfiguresAResourceOutsideOfThePlanIsNoted(t *testing.T) {
	p := open(t, fixture(t, newBucket(), res{address: s3Versioning + ".v", after: obj{"bucket": "elsewhere"}, config: obj{"bucket": "elsewhere"}}), Options{})
	collect(t, p)
	want := []string{"aws_s3_bucket_versioning configures resources that are not in the plan: aws_s3_bucket_versioning.v"}
	if diff := cmp.Diff(want, p.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// Terraform masks what is sensitive where it was written, and not in tags_all, which the
// provider makes of it.
func TestASensitiveTagIsSensitiveInAllTagsToo(t *testing.T) {
	for _, tt := range []struct {
		name     string
		mask     any
		defaults string
		tags     map[string]string
		unknown  map[string]providers.Reason
	}{
		{"one value", obj{"Owner": true}, `{}`, map[string]string{"Stage": "dev"}, map[string]providers.Reason{"tags.Owner": sensitive}},
		{"all of them", true, `{}`, map[string]string{}, map[string]providers.Reason{"tags": sensitive}},
		{"a default", obj{}, `{"references":["var.stage"]}`, map[string]string{"Owner": "canary"}, map[string]providers.Reason{"tags.Stage": sensitive}},
		{"a default by way of a local value", obj{}, `{"references":["local.tags"]}`, map[string]string{"Owner": "canary"}, map[string]providers.Reason{"tags.Stage": sensitive}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, strings.Replace(fixture(t, res{
				address: "aws_sqs_queue.q", after: obj{"tags": obj{"Owner": "canary"}, "tags_all": obj{"Owner": "canary", "Stage": "dev"}},
				unknown: obj{"id": true}, sensitive: obj{"tags": tt.mask, "tags_all": obj{}},
			}), `"configuration":{"root_module":{`, `"variables":{"stage":{"value":["x",`+map[bool]string{true: `"dev"`, false: `"y"`}[strings.Contains(tt.defaults, "local")]+`]},"owner":{"value":"canary"}},
 "configuration":{"provider_config":{"aws":{"name":"aws","expressions":{"default_tags":[{"tags":`+tt.defaults+`}]}}},
 "root_module":{"variables":{"stage":{"sensitive":true},"owner":{}},`, 1), Options{})
			r := collect(t, p, providers.Want{Type: "aws_sqs_queue", Attributes: []string{"tags"}}).resources[0]
			unknown := maps.Clone(r.Unknown)
			delete(unknown, "region")
			if diff := cmp.Diff(tt.tags, r.Tags); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unknown, unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
		})
	}
}
