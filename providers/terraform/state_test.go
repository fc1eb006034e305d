package terraform

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func openState(t testing.TB, state string) *Provider {
	t.Helper()
	p, err := OpenState(strings.NewReader(state), int64(len(state)), Options{Name: "state.json", Schemas: schemas(t)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A state as Terraform 1.11 writes it: modules below modules, keys of both kinds, a
// sensitive value, a tainted object and a deposed one.
const nestedState = `{"format_version":"1.0","terraform_version":"1.11.4","values":{"outputs":{"o":{"sensitive":false,"value":1}},"root_module":{
 "resources":[
  {"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","provider_name":"registry.terraform.io/hashicorp/aws","schema_version":0,"tainted":true,
   "values":{"id":"https://sqs/q","url":"https://sqs/q","arn":"arn:aws:sqs:eu-central-1:111111111111:q","name":"q","kms_master_key_id":"canary","sqs_managed_sse_enabled":false,"policy":"","tags_all":{"Owner":"a"}},
   "sensitive_values":{"kms_master_key_id":true,"tags_all":{}}},
  {"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","deposed_key":"deadbeef","values":{"id":"https://sqs/old","sqs_managed_sse_enabled":false},"sensitive_values":{}},
  {"address":"data.aws_region.r","mode":"data","type":"aws_region","name":"r","values":{"region":"eu-central-1"},"sensitive_values":{}},
  {"address":"aws_sqs_queue_policy.p","mode":"managed","type":"aws_sqs_queue_policy","name":"p","depends_on":["aws_sqs_queue.q"],
   "values":{"queue_url":"https://sqs/q","policy":"{\"Statement\":[{\"Sid\":\"p\",\"Effect\":\"Deny\"}]}"},"sensitive_values":{}}],
 "child_modules":[{"resources":[],"address":"module.a","child_modules":[{"address":"module.a.module.b[\"x.y\"]","resources":[
  {"address":"module.a.module.b[\"x.y\"].aws_sqs_queue.this[0]","mode":"managed","type":"aws_sqs_queue","name":"this","index":0,
   "values":{"id":"https://sqs/t","url":"https://sqs/t","arn":"arn:aws:sqs:us-east-1:111111111111:t","name":"t","kms_master_key_id":"alias/k","sqs_managed_sse_enabled":true,"policy":"","tags_all":null},"sensitive_values":{}}]}]}]}}}`

func TestTheResourcesOfAStateAreDescribedAsTheyAre(t *testing.T) {
	p := openState(t, nestedState)
	scope := providers.Scope{Provider: "terraform", ID: "state.json", Name: "state.json"}
	deny := map[string]any{"statements": []any{map[string]any{
		"sid": "p", "effect": "Deny", "principals": nil, "not_principals": nil, "actions": nil, "not_actions": nil, "resources": nil, "not_resources": nil, "conditions": []any{},
	}}}
	nested := `module.a.module.b["x.y"].aws_sqs_queue.this[0]`
	want := map[string]providers.Resource{
		"aws_sqs_queue.q": {
			Scope: scope, Type: "aws_sqs_queue", ID: "aws_sqs_queue.q", Name: "q", Region: "eu-central-1", Tags: map[string]string{"Owner": "a"},
			Attributes: map[string]any{"policy": deny, "sqs_managed_sse_enabled": false}, Unknown: map[string]providers.Reason{"kms_master_key_id": sensitive},
			Source: &providers.Source{Address: "aws_sqs_queue.q"},
		},
		nested: {
			Scope: scope, Type: "aws_sqs_queue", ID: nested, Name: "t", Region: "us-east-1", Tags: map[string]string{},
			Attributes: map[string]any{"policy": nil, "sqs_managed_sse_enabled": true, "kms_master_key_id": "alias/k"},
			Source:     &providers.Source{Address: nested, Module: `module.a.module.b["x.y"]`},
		},
	}
	if diff := cmp.Diff(want, collect(t, p).byID()); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"an old object that the next apply destroys is not judged: aws_sqs_queue.q"}, p.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if s := p.Summary(); s.Managed != 3 || p.Describe().Title != "Terraform state" {
		t.Errorf("%s of %+v", p.Describe().Title, s)
	}
}

// Terraform 0.12 wrote addresses without the module and the key.
func TestShortAddressesOfAnOldStateAreMadeWhole(t *testing.T) {
	p := openState(t, `{"format_version":"0.1","terraform_version":"0.12.31","values":{"root_module":{"child_modules":[{"resources":[
		{"address":"aws_sqs_queue.a","mode":"managed","type":"aws_sqs_queue","name":"a","index":"k","values":{"name":"a"}},
		{"address":"aws_sqs_queue.b","mode":"managed","type":"aws_sqs_queue","name":"b","values":{"name":"b"}}],"address":"module.m"}]}}}`)
	got := collect(t, p).byID()
	for _, id := range []string{`module.m.aws_sqs_queue.a["k"]`, "module.m.aws_sqs_queue.b"} {
		if _, ok := got[id]; !ok {
			t.Errorf("there is no %s", id)
		}
	}
}

// stateOf writes the state that an applied plan leaves behind.
func stateOf(t testing.TB, tree map[string]any) string {
	t.Helper()
	root := obj{}
	modules := map[string]obj{"": root}
	list := func(m obj, key string, v any) { l, _ := m[key].([]any); m[key] = append(l, v) }
	for _, rc := range tree["resource_changes"].([]any) {
		rc := rc.(obj)
		module, _ := rc["module_address"].(string)
		if modules[module] == nil {
			modules[module] = obj{"address": module}
			list(root, "child_modules", modules[module])
		}
		c := rc["change"].(obj)
		r := obj{"address": rc["address"], "mode": rc["mode"], "type": rc["type"], "name": rc["name"], "values": c["after"], "sensitive_values": c["after_sensitive"]}
		if rc["index"] != nil {
			r["index"] = rc["index"]
		}
		list(modules[module], "resources", r)
	}
	return jsonOf(t, obj{"format_version": "1.0", "values": obj{"root_module": root}})
}

func TestAStateSaysWhatAPlanSaysThatChangesNothing(t *testing.T) {
	resources := 0
	for i, sample := range append(samples(t), fixture(t, sgPlan()...)) {
		tree := settled(t, sample)
		delete(tree, "configuration") // a state has none
		tree["resource_drift"] = []any{}
		tree["planned_values"] = obj{}
		p, err := Open(strings.NewReader(jsonOf(t, tree)), int64(len(jsonOf(t, tree))), Options{Name: "state.json", Schemas: schemas(t)})
		if err != nil {
			t.Fatal(err)
		}
		want := collect(t, p).byID()
		for id, r := range want {
			r.Source = &providers.Source{Address: r.Source.Address, Module: r.Source.Module}
			want[id] = r
		}
		if diff := cmp.Diff(want, collect(t, openState(t, stateOf(t, tree))).byID()); diff != "" {
			t.Errorf("sample %d (-plan +state):\n%s", i, diff)
		}
		resources += len(want)
	}
	if resources < 50 {
		t.Errorf("%d resources show little", resources)
	}
}

func TestASettingOfOneOfManyAccountsIsNobodys(t *testing.T) {
	state := func(other string) string {
		r := func(typ, name string, values obj) obj {
			return obj{"address": typ + "." + name, "mode": "managed", "type": typ, "name": name, "values": values, "sensitive_values": obj{}}
		}
		return jsonOf(t, obj{"format_version": "1.0", "values": obj{"root_module": obj{"resources": []any{
			r("aws_s3_bucket", "b", obj{"bucket": "b", "id": "b", "arn": "arn:aws:s3:::b"}),
			r("aws_s3_account_public_access_block", "a", obj{"id": "111111111111", "block_public_acls": true}),
			r("aws_sqs_queue", "one", obj{"arn": "arn:aws:sqs:eu-west-1:111111111111:one"}),
			r("aws_sqs_queue", "other", obj{"arn": "arn:aws:sqs:eu-west-1:" + other + ":other"}),
		}}}})
	}
	one := collect(t, openState(t, state("111111111111"))).byID()["aws_s3_bucket.b"]
	if at(one.Attributes["account_public_access_block"], "block_public_acls") != true {
		t.Errorf("of one account, the setting is %v", one.Attributes["account_public_access_block"])
	}
	many := collect(t, openState(t, state("222222222222"))).byID()["aws_s3_bucket.b"]
	if many.Unknown["account_public_access_block"] != deferred {
		t.Errorf("of two accounts, the setting is %v", many.Attributes["account_public_access_block"])
	}
}

func TestAStateWithoutResourcesHasNothingToJudge(t *testing.T) {
	for _, state := range []string{`{"format_version":"1.0"}`, `{"format_version":"1.0","values":{"root_module":{}}}`, `{"format_version":"0.2","values":null}`} {
		p := openState(t, state)
		if got := collect(t, p).resources; len(got) > 0 || len(p.Types()) > 0 || p.Summary().Managed > 0 {
			t.Errorf("%s holds %v", state, got)
		}
	}
}

func TestWhatIsNoWholeStateIsRefusedWithTheCure(t *testing.T) {
	for _, tt := range []struct {
		name, state string
		kind        Kind
		says        string
	}{
		{"nothing", " \n", Empty, "the state is empty; run `terraform show -json > state.json`"},
		{"cut off", nestedState[:200], Truncated, "the state is truncated"},
		{"text", "No state.", Syntax, "this is not a state: found 'N'"},
		{"UTF-16", utf16le("\ufeff" + nestedState), Encoding, "the state is encoded in UTF-16"},
		{"bytes that are not UTF-8", strings.Replace(nestedState, "Owner", "O\xffner", 1), Encoding, "the state holds bytes that are not UTF-8"},
		{"two", nestedState + nestedState, Concatenated, "several states in one file"},
		{"a plan", smallPlan, NotState, "this is a plan, not a state; judge it without --state"},
		{"Terraform's own format", `{"version":4,"serial":1,"lineage":"x","outputs":{},"resources":[]}`, NotState, "own format"},
		{"one that OpenTofu encrypted", `{"serial":1,"lineage":"x","meta":{},"encrypted_data":"SIK=","encryption_version":"v0"}`, NotState, "OpenTofu encrypted; where the encryption is configured"},
		{"other JSON", `{"a":1}`, NotState, "it lacks format_version"},
		{"a future format", `{"format_version":"2.0","values":{}}`, Version, "format version \"2.0\""},
		{"a resource without a type", `{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"x"}]}}}`, NotState, "lacks its type or name"},
		{"deep modules", `{"format_version":"1.0","values":{"root_module":` + strings.Repeat(`{"child_modules":[`, 1000) + strings.Repeat(`]}`, 1000) + `}}`, Syntax, "nested more than 1000 levels deep"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := OpenState(strings.NewReader(tt.state), int64(len(tt.state)), Options{Name: "state.json", Schemas: schemas(t)})
			var e *Error
			if !errors.As(err, &e) || e.Kind != tt.kind || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "state.json") {
				t.Errorf("got %v, want %s saying %q", err, tt.kind, tt.says)
			}
		})
	}
}

func TestADamagedStateIsRefusedOrReadButNeverPanics(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	read := 0
	for _, sample := range []string{nestedState, stateOf(t, settled(t, fixture(t, s3Satellites()...))), stateOf(t, settled(t, fixture(t, sgPlan()...)))} {
		for range 100 {
			var tree map[string]any
			if err := json.Unmarshal([]byte(sample), &tree); err != nil {
				t.Fatal(err)
			}
			for range 1 + rng.IntN(8) {
				tree["values"] = change(rng, tree["values"])
			}
			damaged := jsonOf(t, tree)
			p, err := OpenState(strings.NewReader(damaged), int64(len(damaged)), Options{Name: "state.json", Schemas: schemas(t)})
			var e *Error
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("%v is not an *Error", err)
			}
			if err == nil {
				collect(t, p)
				read++
			}
		}
	}
	if read == 0 {
		t.Error("no changed state could be read: the test shows nothing")
	}
}

// A state has every argument, also those that nobody wrote.
func TestABlockDeviceInAStateHasItsOwnTagsUnlessTheInstanceGivesItsVolumesSome(t *testing.T) {
	for _, tt := range []struct{ name, volumeTags, want string }{
		{"its own", "null", "disk"},
		{"those of the instance", `{"Owner":"volume"}`, "volume"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := collect(t, openState(t, `{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[
 {"address":"aws_instance.a","mode":"managed","type":"aws_instance","name":"a","values":{"id":"i-1","volume_tags":`+tt.volumeTags+`,
  "root_block_device":[{"volume_id":"vol-1","tags":null,"tags_all":{"Owner":"disk"}}]},"sensitive_values":{}}]}}}`)).byID()["aws_instance.a/root_block_device"]
			if diff := cmp.Diff(map[string]string{"Owner": tt.want}, r.Tags); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
		})
	}
}
