package terraform

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func every(providers.Type) bool { return true }

func selves(t *testing.T, p *Provider) []providers.Self {
	t.Helper()
	out, err := p.Selves(t.Context(), every)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b providers.Self) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func TestAPlanSaysWhichLiveResourcesItsOwnAre(t *testing.T) {
	queue := func(name string) obj {
		return obj{"id": "https://sqs.eu-west-1.amazonaws.com/111111111111/" + name, "arn": "arn:aws:sqs:eu-west-1:111111111111:" + name, "name": name}
	}
	p := open(t, fixture(t,
		res{address: "aws_sqs_queue.new", after: obj{"name": "new"}, unknown: obj{"arn": true, "id": true}},
		res{address: "aws_sqs_queue.kept", action: "no-op", after: queue("kept")},
		res{address: "aws_sqs_queue.gone", action: "delete", after: queue("gone")},
		res{address: "aws_sqs_queue.left", action: "forget", after: queue("left")},
		res{address: "aws_sqs_queue.secret", action: "update", after: queue("secret"), wasSecret: obj{"id": true, "arn": true}},
		res{address: "google_storage_bucket.b", action: "update", after: obj{"id": "b", "name": "b", "project": "shop", "self_link": "https://www.googleapis.com/storage/v1/b/b"}},
	), Options{})
	want := []providers.Self{
		{
			Type: "aws_sqs_queue", ID: "aws_sqs_queue.gone", Exists: true, Account: "111111111111",
			Names: []string{"arn:aws:sqs:eu-west-1:111111111111:gone", "https://sqs.eu-west-1.amazonaws.com/111111111111/gone", "gone"},
		},
		{
			Type: "aws_sqs_queue", ID: "aws_sqs_queue.kept", Exists: true, Account: "111111111111",
			Names: []string{"arn:aws:sqs:eu-west-1:111111111111:kept", "https://sqs.eu-west-1.amazonaws.com/111111111111/kept", "kept"},
		},
		{Type: "aws_sqs_queue", ID: "aws_sqs_queue.new"},
		{Type: "aws_sqs_queue", ID: "aws_sqs_queue.secret", Exists: true, Names: []string{"secret"}},
		{Type: "google_storage_bucket", ID: "google_storage_bucket.b", Exists: true, Account: "shop", Names: []string{"https://www.googleapis.com/storage/v1/b/b", "b"}},
	}
	if diff := cmp.Diff(want, selves(t, p)); diff != "" {
		t.Errorf("selves (-want +got):\n%s", diff)
	}
}

func TestWhatStandsInForAResourceNamesIt(t *testing.T) {
	p := open(t, fixture(t,
		res{address: sgIngress + ".a", after: obj{"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"}},
		res{address: "aws_sqs_queue_policy.p", after: obj{"queue_url": "https://sqs.eu-west-1.amazonaws.com/111111111111/orders", "policy": "{}"}},
		res{address: "aws_sns_topic_policy.p", after: obj{"policy": "{}"}, unknown: obj{"arn": true}},
	), Options{})
	collect(t, p)
	want := []providers.Self{
		{Type: "aws_sns_topic", ID: "aws_sns_topic_policy.p", Exists: true, Outside: true},
		{
			Type: "aws_sqs_queue", ID: "aws_sqs_queue_policy.p", Exists: true, Outside: true, Account: "111111111111",
			Names: []string{"https://sqs.eu-west-1.amazonaws.com/111111111111/orders", "orders"},
		},
		{Type: "aws_security_group", ID: sgIngress + ".a", Exists: true, Outside: true, Names: []string{"sg-1"}},
	}
	if diff := cmp.Diff(want, selves(t, p)); diff != "" {
		t.Errorf("selves (-want +got):\n%s", diff)
	}
}

// liveGroup is a security group as a saved inventory has it.
func liveGroup(rules ...any) providers.Resource {
	return providers.Resource{
		Type: "aws_security_group", ID: "arn:aws:ec2:eu-west-1:111111111111:security-group/sg-1", Name: "web", Region: "eu-west-1", Tags: map[string]string{"owner": "ann"},
		Attributes: obj{"description": "d", "egress": []any{}, "ingress": rules, "name": "web", "network_interfaces": []any{}, "prefix_list_cidrs": obj{}, "vpc_id": "vpc-1"},
	}
}

// saved is a rule with the numbers of a file.
func saved(change obj) obj {
	r := rule(change)
	for _, port := range []string{"from_port", "to_port"} {
		b, err := json.Marshal(r[port])
		if err != nil {
			panic(err)
		}
		r[port] = json.Number(b)
	}
	return r
}

func ingressRule(action, name, cidr string, port int, was obj) res {
	after := func(cidr string, port int) obj {
		return obj{"security_group_id": "sg-1", "cidr_ipv4": cidr, "ip_protocol": "tcp", "from_port": port, "to_port": port}
	}
	r := res{address: sgIngress + "." + name, action: action, after: after(cidr, port)}
	if was != nil {
		r.before = after(was["cidr"].(string), was["port"].(int))
	}
	return r
}

func TestALiveGroupCompletesTheRulesThatArePlanned(t *testing.T) {
	https := saved(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "from_port": 443, "to_port": 443})
	https443 := rule(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "from_port": int64(443), "to_port": int64(443)})
	ssh := func(cidrs ...any) obj {
		return rule(obj{"cidr_blocks": cidrs, "from_port": int64(22), "to_port": int64(22)})
	}
	for name, c := range map[string]struct {
		rules []res
		live  []any
		want  []any
	}{
		"a rule is added":   {[]res{ingressRule("create", "a", "10.0.0.0/8", 22, nil)}, []any{https}, []any{https443, ssh("10.0.0.0/8")}},
		"a rule is kept":    {[]res{ingressRule("no-op", "a", "0.0.0.0/0", 443, nil)}, []any{https}, []any{https443}},
		"a rule is changed": {[]res{ingressRule("update", "a", "10.0.0.0/8", 22, obj{"cidr": "0.0.0.0/0", "port": 443})}, []any{https}, []any{ssh("10.0.0.0/8")}},
		"one goes and one comes": {
			[]res{ingressRule("delete", "a", "0.0.0.0/0", 443, nil), ingressRule("create", "b", "10.0.0.0/8", 22, nil)},
			[]any{https},
			[]any{ssh("10.0.0.0/8")},
		},
		"one of two sources goes": {
			[]res{ingressRule("delete", "a", "0.0.0.0/0", 22, nil), ingressRule("create", "b", "10.0.0.0/8", 80, nil)},
			[]any{saved(obj{"cidr_blocks": []any{"192.0.2.0/24", "0.0.0.0/0"}, "from_port": 22, "to_port": 22, "description": "ssh"})},
			[]any{
				rule(obj{"cidr_blocks": []any{"192.0.2.0/24"}, "from_port": int64(22), "to_port": int64(22), "description": "ssh"}),
				rule(obj{"cidr_blocks": []any{"10.0.0.0/8"}, "from_port": int64(80), "to_port": int64(80)}),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, fixture(t, c.rules...), Options{})
			var r providers.Resource
			for _, r = range collect(t, p).byID() {
				break
			}
			got, ok := p.Complete(r, liveGroup(c.live...))
			if !ok {
				t.Fatal("it stands in for nothing")
			}
			if diff := cmp.Diff(c.want, got.Attributes["ingress"]); diff != "" {
				t.Errorf("ingress (-want +got):\n%s", diff)
			}
			if got.Unknown != nil || got.Region != "eu-west-1" || got.ID != r.ID || got.Tags["owner"] != "ann" || got.Attributes["vpc_id"] != "vpc-1" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestWhatIsUnknownOfALiveOrPlannedRuleStaysUnknown(t *testing.T) {
	planned := ingressRule("create", "a", "", 22, nil)
	planned.unknown = obj{"cidr_ipv4": true}
	p := open(t, fixture(t, planned), Options{})
	r := collect(t, p).byID()[planned.address]
	live := liveGroup(saved(obj{"cidr_blocks": nil, "from_port": 443, "to_port": 443}))
	live.Unknown = map[string]providers.Reason{"ingress.0.cidr_blocks": providers.Denied, "network_interfaces": providers.Throttled}
	delete(live.Attributes, "network_interfaces")
	delete(live.Attributes, "egress")
	got, _ := p.Complete(r, live)
	want := map[string]providers.Reason{
		"ingress.0.cidr_blocks": providers.Denied, "ingress.1.cidr_blocks": deferred, "network_interfaces": providers.Throttled, "egress": providers.Uncollected,
	}
	if diff := cmp.Diff(want, got.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}

func TestALiveRoleCompletesWhatIsAttachedToIt(t *testing.T) {
	p := open(t, fixture(t,
		res{address: "aws_iam_role_policy_attachment.a", after: obj{"role": "deploy", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
		res{address: "aws_iam_role_policy_attachment.b", action: "delete", after: obj{"role": "deploy", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
		res{address: "aws_iam_role_policy.p", action: "update", before: obj{"role": "deploy", "name": "p", "policy": "{}"}, after: obj{"role": "deploy", "name": "p", "policy": `{"Statement": []}`}},
	), Options{})
	r := collect(t, p).byID()["aws_iam_role_policy_attachment.a"]
	got, _ := p.Complete(r, providers.Resource{
		Type: "aws_iam_role", ID: "arn:aws:iam::111111111111:role/deploy", Name: "deploy",
		Attributes: obj{"managed_policy_arns": []any{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/job-function/Billing"}, "inline_policy": []any{}},
	})
	if diff := cmp.Diff([]any{"arn:aws:iam::aws:policy/job-function/Billing", "arn:aws:iam::aws:policy/AdministratorAccess"}, got.Attributes["managed_policy_arns"]); diff != "" {
		t.Errorf("managed policies (-want +got):\n%s", diff)
	}
	if got.Unknown["inline_policy"] != providers.Outside {
		t.Errorf("a policy of the role that the plan changes is not in it: %v", got.Unknown)
	}
	if _, ok := p.Complete(providers.Resource{Type: "aws_iam_role", ID: "aws_iam_role.r"}, got); ok {
		t.Error("a resource of the plan was completed")
	}
}
