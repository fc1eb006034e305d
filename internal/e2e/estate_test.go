package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/providers"
)

// inventoried is the provider of a saved inventory.
type inventoried struct {
	types     []providers.TypeInfo
	scope     providers.Scope
	resources []providers.Resource
	missed    map[providers.Type]bool
}

func (i *inventoried) Describe() providers.Description {
	return providers.Description{Name: "aws", Types: i.types}
}

func (i *inventoried) Scopes(context.Context) ([]providers.Scope, error) {
	return []providers.Scope{i.scope}, nil
}

func (i *inventoried) Collect(_ context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	for _, w := range want {
		c := providers.Cell{Scope: s, Type: w.Type}
		out.Plan(c)
		for _, r := range i.resources {
			if r.Type == w.Type {
				out.Resource(r)
			}
		}
		if i.missed[w.Type] {
			out.Gap(providers.Gap{Scope: s, Type: w.Type, Reason: providers.Denied})
			continue
		}
		out.Done(c)
	}
	return nil
}

// Plan, Done and Gap leave the estate as it is: it is all there.
func (i *inventoried) Plan(...providers.Cell) {}
func (i *inventoried) Done(providers.Cell)    {}
func (i *inventoried) Gap(providers.Gap)      {}

func (i *inventoried) Resource(r providers.Resource) { i.resources = append(i.resources, r) }

// liveOf returns the inventory of an estate: what the plan of the whole of it says when
// nothing changes, under the ids that live resources have.
func liveOf(t *testing.T, session *engine.Session, parts []part, ids map[string]string) *inventoried {
	t.Helper()
	p := planOf(t, still(parts))
	want, err := session.Wants(session.Types())
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range session.Types() {
		for u, as := range session.Joins(typ) {
			want = append(want, providers.Want{Type: u, Attributes: as})
		}
	}
	byType := map[providers.Type][]string{}
	for _, w := range want {
		byType[w.Type] = append(byType[w.Type], w.Attributes...)
	}
	all := []providers.Want{}
	for _, typ := range slices.Sorted(maps.Keys(byType)) {
		all = append(all, providers.Want{Type: typ, Attributes: slices.Compact(slices.Sorted(slices.Values(append(byType[typ], "tags"))))})
	}
	out := &inventoried{scope: providers.Scope{Provider: "aws", ID: "111111111111", Name: "shop"}, missed: map[providers.Type]bool{}}
	scopes, _ := p.Scopes(t.Context())
	if err := p.Collect(t.Context(), scopes[0], all, out); err != nil {
		t.Fatal(err)
	}
	for _, d := range p.Describe().Types {
		d.Global = false
		out.types = append(out.types, d)
	}
	for i, r := range out.resources {
		r.ID, r.Scope, r.Source = ids[r.ID], out.scope, nil
		r.Attributes = named(r.Attributes, ids).(map[string]any)
		for path := range r.Unknown { // a plan has to leave open what is attached besides; an account does not
			if list, _, ok := strings.Cut(path, "."); ok && r.Type == "aws_iam_user" {
				r.Attributes[list] = slices.DeleteFunc(r.Attributes[list].([]any), func(v any) bool { return v == nil })
				delete(r.Unknown, path)
			}
		}
		out.resources[i] = r
	}
	return out
}

// named replaces Terraform addresses by the ids of live resources.
func named(v any, ids map[string]string) any {
	switch v := v.(type) {
	case string:
		if id, ok := ids[v]; ok {
			return id
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = named(e, ids)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[k] = named(e, ids)
		}
		return out
	}
	return v
}

// still is the plan of an estate that changes nothing.
func still(parts []part) []block {
	var out []block
	for _, p := range parts {
		if p.before = p.after; p.after != nil {
			out = append(out, block{part: p, actions: []string{"no-op"}})
		}
	}
	return out
}

// randomEstate makes up an estate with a change to it.
func randomEstate(rng *rand.Rand) (parts []part, ids map[string]string) {
	ids = map[string]string{}
	const arn = "arn:aws:%s:eu-west-1:111111111111:%s"
	flip := func() bool { return rng.IntN(2) == 0 }
	// change puts a part there before, after or both, of which make gives a state.
	change := func(p part, made func() obj, always bool) {
		switch n := rng.IntN(6); {
		case n == 0 && !always:
			p.before = made()
		case n == 1 && !always:
			p.after = made()
		case n < 4:
			p.before = made()
			p.after = p.before
		default:
			p.before, p.after = made(), made()
		}
		for _, state := range []obj{p.before, p.after} {
			if own, ok := state["tags"]; ok {
				state["tags_all"] = own
			}
		}
		parts = append(parts, p)
	}
	tags := func() obj { return obj{"Owner": []string{"ann", "bob"}[rng.IntN(2)]} }
	for i := range 2 {
		name := fmt.Sprintf("b%d", i)
		bucket := part{typ: "aws_s3_bucket", name: name, computed: []string{"id", "arn", "region", "tags_all", "grant", "versioning", "lifecycle_rule"}}
		ids[bucket.address()] = "arn:aws:s3:::" + name
		change(bucket, func() obj {
			logging := []any{}
			if flip() {
				logging = []any{obj{"target_bucket": "logs", "target_prefix": "x"}}
			}
			return obj{
				"bucket": name, "id": name, "arn": ids[bucket.address()], "region": "eu-west-1", "tags": tags(), "grant": []any{}, "policy": "",
				"versioning": []any{obj{"enabled": true, "mfa_delete": flip()}}, "lifecycle_rule": []any{}, "logging": logging,
			}
		}, true)
		block := part{typ: "aws_s3_bucket_public_access_block", name: name, refs: map[string]string{"bucket": bucket.address() + ".id"}, computed: []string{"id"}}
		change(block, func() obj {
			return obj{"id": name, "bucket": name, "block_public_acls": true, "block_public_policy": flip(), "ignore_public_acls": true, "restrict_public_buckets": true}
		}, true)
	}
	for i := range 1 + rng.IntN(2) {
		trail := part{typ: "aws_cloudtrail", name: fmt.Sprintf("t%d", i), computed: []string{"id", "arn"}}
		ids[trail.address()] = fmt.Sprintf(arn, "cloudtrail", "trail/"+trail.name)
		change(trail, func() obj {
			return obj{
				"id": trail.name, "arn": ids[trail.address()], "name": trail.name, "s3_bucket_name": fmt.Sprintf("b%d", rng.IntN(2)), "is_multi_region_trail": flip(), "is_organization_trail": false,
				"enable_logging": true, "event_selector": []any{}, "advanced_event_selector": []any{}, "enable_log_file_validation": true, "include_global_service_events": true, "tags_all": obj{},
			}
		}, false)
	}
	group := part{typ: "aws_security_group", name: "g", computed: []string{"id", "arn", "ingress", "egress", "tags_all"}}
	ids[group.address()] = fmt.Sprintf(arn, "ec2", "security-group/sg-0123456789abcdef0")
	groupAt := len(parts)
	parts = append(parts, group)
	rules := [2][]any{}
	for i := range 2 {
		rule := part{typ: "aws_vpc_security_group_ingress_rule", name: fmt.Sprintf("r%d", i), refs: map[string]string{"security_group_id": group.address() + ".id"}, computed: []string{"id"}}
		change(rule, func() obj {
			port := [][]int{{22, 443}, {5432, 80}}[i][rng.IntN(2)] // a group has no rule twice
			return obj{"id": rule.name, "security_group_id": "sg-0123456789abcdef0", "cidr_ipv4": []string{"0.0.0.0/0", "10.0.0.0/8"}[rng.IntN(2)], "ip_protocol": "tcp", "from_port": port, "to_port": port}
		}, false)
		for when, state := range []obj{parts[len(parts)-1].before, parts[len(parts)-1].after} {
			if state != nil {
				rules[when] = append(rules[when], obj{
					"cidr_blocks": []any{state["cidr_ipv4"]}, "ipv6_cidr_blocks": []any{}, "prefix_list_ids": []any{}, "security_groups": []any{}, "self": false, "description": "",
					"from_port": state["from_port"], "to_port": state["to_port"], "protocol": "tcp",
				})
			}
		}
	}
	inGroup := func(rules []any) obj {
		if rules == nil {
			rules = []any{}
		}
		return obj{"id": "sg-0123456789abcdef0", "arn": ids[group.address()], "name": "g", "vpc_id": "vpc-1", "ingress": rules, "egress": []any{}, "tags_all": obj{}}
	}
	parts[groupAt].before, parts[groupAt].after = inGroup(rules[0]), inGroup(rules[1])
	instance := part{typ: "aws_instance", name: "i", computed: []string{"id", "arn", "tags_all"}}
	ids[instance.address()] = fmt.Sprintf(arn, "ec2", "instance/i-0123456789abcdef0")
	change(instance, func() obj {
		return obj{"id": "i-0123456789abcdef0", "arn": ids[instance.address()], "ami": "ami-1", "tags": tags(), "instance_state": "running"}
	}, true)
	volume := part{typ: "aws_ebs_volume", name: "v", computed: []string{"id", "arn", "tags_all"}}
	ids[volume.address()] = fmt.Sprintf(arn, "ec2", "volume/vol-0123456789abcdef0")
	change(volume, func() obj {
		return obj{"id": "vol-0123456789abcdef0", "arn": ids[volume.address()], "size": 8, "type": "gp3", "encrypted": true, "tags": tags()}
	}, true)
	attachment := part{typ: "aws_volume_attachment", name: "a", computed: []string{"id"}, refs: map[string]string{"volume_id": volume.address() + ".id", "instance_id": instance.address() + ".id"}}
	change(attachment, func() obj {
		return obj{"id": "vai-1", "volume_id": "vol-0123456789abcdef0", "instance_id": "i-0123456789abcdef0", "device_name": "/dev/sdf"}
	}, true)
	user := part{typ: "aws_iam_user", name: "u", computed: []string{"id", "arn", "tags_all"}}
	ids[user.address()] = "arn:aws:iam::111111111111:user/u"
	change(user, func() obj {
		return obj{"id": "u", "arn": ids[user.address()], "name": "u", "path": "/", "tags": tags()}
	}, true)
	for i, policy := range []string{"AdministratorAccess", "ReadOnlyAccess"} {
		change(part{typ: "aws_iam_user_policy_attachment", name: fmt.Sprintf("p%d", i), refs: map[string]string{"user": user.address() + ".name"}, computed: []string{"id"}}, func() obj {
			return obj{"id": policy, "user": "u", "policy_arn": "arn:aws:iam::aws:policy/" + policy}
		}, false)
	}
	return parts, ids
}

// split puts what changes and some of the rest into a plan, with some of what it changes
// unknown.
func split(rng *rand.Rand, parts []part) []block {
	var out []block
	for _, p := range parts {
		if p.before == nil && p.after == nil {
			continue
		}
		b := block{part: p, unknown: obj{}}
		same := p.before != nil && p.after != nil && jsonOf(p.before) == jsonOf(p.after)
		switch {
		case same && (p.typ == "aws_cloudtrail" || rng.IntN(2) == 0), p.typ == "aws_security_group" && rng.IntN(3) > 0:
			continue // it is live only
		case p.typ == "aws_security_group": // its state still shows the rules from before
			b.actions, b.after = []string{"no-op"}, p.before
		case same:
			b.actions = []string{"no-op"}
		case p.before == nil:
			b.actions = []string{"create"}
			b.unknown["id"] = true
			if p.after["arn"] != nil {
				b.unknown["arn"] = true
			}
		case p.after == nil:
			b.actions = []string{"delete"}
		default:
			b.actions = []string{"update"}
		}
		for _, k := range slices.Sorted(maps.Keys(p.after)) {
			v := p.after[k]
			changes := p.before == nil || jsonOf(p.before[k]) != jsonOf(v)
			if changes && !same && b.actions[0] != "no-op" && p.refs[k] == "" && !slices.Contains(p.computed, k) && rng.IntN(4) == 0 {
				b.unknown[k] = true
				if k == "tags" {
					b.unknown["tags_all"] = true
				}
			}
		}
		out = append(out, b)
	}
	return out
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// damage takes something out of an inventory, as a scan that was denied it would.
func damage(rng *rand.Rand, live *inventoried) {
	for i, r := range live.resources {
		if rng.IntN(6) > 0 {
			continue
		}
		names := append(slices.Sorted(maps.Keys(r.Attributes)), "tags")
		a := names[rng.IntN(len(names))]
		r.Attributes, r.Unknown = maps.Clone(r.Attributes), maps.Clone(r.Unknown)
		if delete(r.Attributes, a); a == "tags" {
			r.Tags = map[string]string{}
		}
		if r.Unknown == nil {
			r.Unknown = map[string]providers.Reason{}
		}
		for path := range r.Unknown {
			if strings.HasPrefix(path, a+".") {
				delete(r.Unknown, path)
			}
		}
		r.Unknown[a] = providers.Denied
		live.resources[i] = r
	}
	if rng.IntN(5) == 0 {
		live.missed[live.types[rng.IntN(len(live.types))].Type] = true
	}
}
