package terraform

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func all(providers.Type) bool     { return true }
func nothing(providers.Type) bool { return false }

// earlier collects the resources as they are before the apply.
func earlier(t testing.TB, p *Provider, whole func(providers.Type) bool) map[string]providers.Resource {
	t.Helper()
	return collect(t, p.Before(whole).(*Provider)).byID()
}

// The plan was made by Terraform 1.11: one resource for each thing that a plan can do.
func TestWhatIsThereBeforeTheApplyHasItsOldValuesAndItsNewAddress(t *testing.T) {
	p := openFile(t, "actions.json")
	collect(t, p)
	type brief struct {
		Action string
		Key    any
	}
	got := map[string]brief{}
	for id, r := range earlier(t, p, all) {
		got[id] = brief{r.Source.Action, r.Attributes["kms_master_key_id"]}
	}
	want := map[string]brief{
		"aws_sqs_queue.keep": {"no-op", nil},
		"aws_sqs_queue.new":  {"update", nil}, // it was aws_sqs_queue.old
		"aws_sqs_queue.imp":  {"import", nil},
		"aws_sqs_queue.repl": {"replace", "1"},
		"aws_sqs_queue.cbd":  {"replace", "1"},
		"aws_sqs_queue.del":  {"delete", nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("before the apply (-want +got):\n%s", diff)
	}
	delete(want, "aws_sqs_queue.keep")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(earlier(t, p, nothing)))); diff != "" {
		t.Errorf("what may be another one before the apply (-want +got):\n%s", diff)
	}
}

// bucketOf is a bucket that the plan leaves alone.
func bucketOf(name string) res {
	return res{address: "aws_s3_bucket." + name, action: "no-op", after: obj{"bucket": name, "id": name, "arn": "arn:aws:s3:::" + name}, config: obj{"bucket": name}}
}

func versioningOf(name, action, bucket string) res {
	return res{
		address: s3Versioning + "." + name, action: action, config: obj{"bucket": "=aws_s3_bucket." + bucket + ".id"},
		after: obj{"bucket": bucket, "versioning_configuration": []any{obj{"status": "Enabled"}}},
	}
}

func TestASatelliteThatComesGoesOrMovesTouchesTheResourceThatItConfigures(t *testing.T) {
	moves := versioningOf("v", "replace", "a")
	moves.before = obj{"bucket": "b", "versioning_configuration": []any{obj{"status": "Enabled"}}}
	suspends := versioningOf("v", "update", "a")
	suspends.before = obj{"bucket": "a", "versioning_configuration": []any{obj{"status": "Suspended"}}}
	stale := versioningOf("v", "delete", "a")
	stale.deposed = "12345678"
	for _, tt := range []struct {
		name          string
		satellite     res
		before, after map[string]any
		touched       []string
	}{
		{"created", versioningOf("v", "create", "a"), obj{"a": "Disabled", "b": "Disabled"}, obj{"a": "Enabled", "b": "Disabled"}, []string{"aws_s3_bucket.a"}},
		{"deleted", versioningOf("v", "delete", "a"), obj{"a": "Enabled", "b": "Disabled"}, obj{"a": "Disabled", "b": "Disabled"}, []string{"aws_s3_bucket.a"}},
		{"updated", suspends, obj{"a": "Suspended", "b": "Disabled"}, obj{"a": "Enabled", "b": "Disabled"}, []string{"aws_s3_bucket.a"}},
		{"given to another bucket", moves, obj{"a": "Disabled", "b": "Enabled"}, obj{"a": "Enabled", "b": "Disabled"}, []string{"aws_s3_bucket.a", "aws_s3_bucket.b"}},
		{"left alone", versioningOf("v", "no-op", "a"), obj{"a": "Enabled", "b": "Disabled"}, obj{"a": "Enabled", "b": "Disabled"}, nil},
		{"no longer managed", versioningOf("v", "forget", "a"), obj{"a": "Enabled", "b": "Disabled"}, obj{"a": "Enabled", "b": "Disabled"}, nil},
		{"an old object on its way out", stale, obj{"a": "Disabled", "b": "Disabled"}, obj{"a": "Disabled", "b": "Disabled"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, fixture(t, bucketOf("a"), bucketOf("b"), tt.satellite), Options{})
			status := func(rs map[string]providers.Resource) map[string]any {
				out := obj{}
				for _, r := range rs {
					out[r.Name] = at(r.Attributes["versioning"], "status")
				}
				return out
			}
			if diff := cmp.Diff(tt.after, status(collect(t, p).byID())); diff != "" {
				t.Errorf("after the apply (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.before, status(earlier(t, p, all))); diff != "" {
				t.Errorf("before the apply (-want +got):\n%s", diff)
			}
			var touched []string
			for id := range earlier(t, p, nothing) {
				touched = append(touched, id)
			}
			slices.Sort(touched)
			if diff := cmp.Diff(tt.touched, touched); diff != "" {
				t.Errorf("touched (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatTheAccountSetsTouchesEveryBucketOfIt(t *testing.T) {
	setting := func(action string) res {
		return res{address: "aws_s3_account_public_access_block.a", action: action, after: obj{"id": "111111111111", "block_public_acls": true}}
	}
	for action, want := range map[string][2]any{"create": {nil, true}, "delete": {true, nil}, "forget": {true, true}, "no-op": {true, true}} {
		p := open(t, fixture(t, bucketOf("b"), setting(action)), Options{})
		block := func(rs map[string]providers.Resource) any {
			return at(rs["aws_s3_bucket.b"].Attributes["account_public_access_block"], "block_public_acls")
		}
		if got := [2]any{block(earlier(t, p, all)), block(collect(t, p).byID())}; got != want {
			t.Errorf("%s: before and after are %v, want %v", action, got, want)
		}
		if got, want := p.Touches("aws_s3_bucket", "aws_s3_bucket.b"), want[0] != want[1]; got != want {
			t.Errorf("%s: touches the bucket: %v, want %v", action, got, want)
		}
	}
}

func TestWhatWasSecretBeforeOrWillBeIsNotDecoded(t *testing.T) {
	queue := res{
		address: "aws_sqs_queue.q", action: "update", config: obj{"policy": "x"},
		before: obj{"id": "q", "kms_master_key_id": "canary-1", "policy": "canary-2", "tags_all": obj{"a": "canary-3", "b": "plain"}, "sqs_managed_sse_enabled": true}, wasSecret: obj{"kms_master_key_id": true, "tags_all": obj{"a": true}},
		after: obj{"id": "q", "kms_master_key_id": "k", "policy": "p", "sqs_managed_sse_enabled": true, "tags_all": obj{"a": "x", "b": "y"}}, sensitive: obj{"policy": true, "tags_all": obj{}},
	}
	p := open(t, fixture(t, queue), Options{})
	collect(t, p)
	r := earlier(t, p, all)["aws_sqs_queue.q"]
	b, err := r.MarshalJSON()
	if err != nil || strings.Contains(string(b), "canary") {
		t.Errorf("a secret is in %s (%v)", b, err)
	}
	want := map[string]providers.Reason{"kms_master_key_id": sensitive, "policy": sensitive, "tags.a": sensitive, "region": deferred}
	if diff := cmp.Diff(want, r.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"b": "plain"}, r.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestARuleThatIsJudgedAloneHasOneAddressBeforeAndAfter(t *testing.T) {
	rule := func(name, action string) res {
		return res{
			address: sgIngress + "." + name, action: action, config: obj{"security_group_id": "sg-1"},
			after: obj{"security_group_id": "sg-1", "cidr_ipv4": "0.0.0.0/0", "from_port": 22, "to_port": 22, "ip_protocol": "tcp"},
		}
	}
	// The first rule is new, so that before the apply the second one is the first.
	p := open(t, fixture(t, rule("a", "create"), rule("b", "no-op"), rule("c", "delete")), Options{})
	after := slices.Sorted(maps.Keys(collect(t, p).byID()))
	before := slices.Sorted(maps.Keys(earlier(t, p, nothing)))
	want := []string{sgIngress + ".a"}
	if !slices.Equal(after, want) || !slices.Equal(before, want) {
		t.Errorf("after %v, before %v, want %v", after, before, want)
	}
	if !p.Touches("aws_security_group", want[0]) || !p.Alters("aws_security_group") {
		t.Error("the rules are not told to change the group that they stand for")
	}
}

func TestAPlanThatOnlyCreatesHasNothingBefore(t *testing.T) {
	p := open(t, fixture(t, s3Satellites()...), Options{})
	collect(t, p)
	if got := earlier(t, p, all); len(got) > 0 {
		t.Errorf("before the apply there are %v", slices.Sorted(maps.Keys(got)))
	}
	if p.Touches("aws_s3_bucket", "aws_s3_bucket.b") {
		t.Error("a new bucket has nothing to compare with")
	}
}

func TestWhatIsReplacedByForgettingItHasNothingBefore(t *testing.T) {
	plan := strings.Replace(fixture(t, bucketOf("a")), `"actions":["no-op"]`, `"actions":["create","forget"]`, 1)
	p := open(t, plan, Options{})
	if got := slices.Sorted(maps.Keys(collect(t, p).byID())); !slices.Equal(got, []string{"aws_s3_bucket.a"}) {
		t.Errorf("after the apply there are %v", got)
	}
	if got := earlier(t, p, all); len(got) > 0 {
		t.Errorf("the old bucket stays as it is, unmanaged, and is %v", got)
	}
}

// settled turns a plan into the one that is made when it has been applied, with every
// value that is still unknown then left out.
func settled(t testing.TB, plan string) map[string]any {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal([]byte(plan), &tree); err != nil {
		t.Fatal(err)
	}
	var kept []any
	for _, rc := range tree["resource_changes"].([]any) {
		c := rc.(obj)["change"].(obj)
		if c["after"] == nil {
			continue
		}
		c["actions"], c["before"], c["before_sensitive"], c["after_unknown"] = []any{"no-op"}, c["after"], c["after_sensitive"], obj{}
		kept = append(kept, rc)
	}
	tree["resource_changes"] = kept
	return tree
}

func jsonOf(t testing.TB, tree any) string {
	t.Helper()
	b, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAPlanThatChangesNothingIsTheSameBeforeAndAfter(t *testing.T) {
	resources := 0
	for i, sample := range append(samples(t), fixture(t, sgPlan()...)) {
		p := open(t, jsonOf(t, settled(t, sample)), Options{})
		want := collect(t, p).byID()
		if diff := cmp.Diff(want, earlier(t, p, all)); diff != "" {
			t.Errorf("sample %d (-after +before):\n%s", i, diff)
		}
		if got := earlier(t, p, nothing); len(got) > 0 {
			t.Errorf("sample %d: %d resources are told to be touched", i, len(got))
		}
		resources += len(want)
	}
	if resources < 50 {
		t.Errorf("%d resources show little", resources)
	}
}

// What Touches leaves out is judged once: it has to be the same in both views whatever
// else the plan does.
func TestWhatThePlanIsNotSaidToTouchIsTheSameBeforeAndAfter(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	same, touched := 0, 0
	for _, sample := range append(samples(t), fixture(t, sgPlan()...)) {
		calm := jsonOf(t, settled(t, sample))
		for range 60 {
			var tree map[string]any
			if err := json.Unmarshal([]byte(calm), &tree); err != nil {
				t.Fatal(err)
			}
			list, _ := tree["resource_changes"].([]any)
			if len(list) == 0 {
				continue
			}
			for range 1 + rng.IntN(3) {
				disturb(rng, list[rng.IntN(len(list))].(obj)["change"].(obj))
			}
			p := open(t, jsonOf(t, tree), Options{})
			after := collect(t, p).byID()
			before := earlier(t, p, all)
			for id, r := range after {
				if r.Source.Action != "no-op" || p.Touches(r.Type, id) {
					touched++
					continue
				}
				was := before[id]
				if diff := cmp.Diff(r, was); diff != "" {
					t.Fatalf("%s (-after +before):\n%s", id, diff)
				}
				same++
			}
			for id, r := range earlier(t, p, nothing) {
				if _, there := after[id]; !there && r.Source.Action == "no-op" && !p.Touches(r.Type, id) {
					t.Fatalf("%s is there before only, and nothing happens to it", id)
				}
				if diff := cmp.Diff(before[id], r); diff != "" {
					t.Fatalf("%s alone (-whole +touched):\n%s", id, diff)
				}
			}
		}
	}
	if same < 300 || touched < 150 {
		t.Errorf("%d the same and %d touched show little", same, touched)
	}
}

// disturb makes something happen to a resource that the plan leaves alone.
func disturb(rng *rand.Rand, c map[string]any) {
	after, ok := c["after"].(obj)
	if !ok {
		return
	}
	switch rng.IntN(5) {
	case 0:
		c["actions"], c["before"] = []any{"create"}, nil
	case 1:
		c["actions"], c["after"] = []any{"delete"}, nil
	case 2:
		c["actions"], c["after"] = []any{"forget"}, nil
	case 3:
		c["actions"], c["before"] = []any{"update"}, change(rng, maps.Clone(after))
	case 4:
		keys := slices.Sorted(maps.Keys(after))
		if len(keys) == 0 {
			return
		}
		k := keys[rng.IntN(len(keys))]
		c["actions"], c["before"], c["after_unknown"] = []any{"delete", "create"}, maps.Clone(after), obj{k: true}
		delete(after, k)
	}
}

func TestATypeWithoutASchemaThatIsDestroyedIsDescribedAsItWas(t *testing.T) {
	p := open(t, fixture(t, res{address: "aws_sfn_state_machine.gone", action: "delete", after: obj{"tags_all": obj{"Owner": "shop"}}}), Options{})
	if got := collect(t, p).resources; len(got) > 0 {
		t.Errorf("after the apply there are %v", got)
	}
	if diff := cmp.Diff(map[string]string{"Owner": "shop"}, earlier(t, p, nothing)["aws_sfn_state_machine.gone"].Tags); diff != "" {
		t.Errorf("tags before the apply (-want +got):\n%s", diff)
	}
}
