package e2e

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
)

// inheriting are the policies that look at inherited tags.
func inheriting() []string {
	return []string{"common-tags-allowed-values", "common-tags-empty-value", "common-tags-mandatory-keys", "common-tags-untagged"}
}

// inheritance lets resources inherit every key of the default standard.
func inheritance() []engine.Inherit {
	from := []providers.Holder{providers.Account, providers.Project}
	return []engine.Inherit{{Key: "Owner", From: from}, {Key: "Environment", Names: []string{"env"}, From: from}, {Key: "CostCenter", From: from}}
}

// scanInheriting scans the live part of the simulated estate with what resources inherit.
// A plan does not tell what accounts have.
func scanInheriting(t *testing.T, inherit []engine.Inherit, f demo.Faults, wrap func(providers.Provider) providers.Provider) finding.Run {
	t.Helper()
	s, err := shipped(t).NewSession(engine.Config{Policies: inheriting(), Now: demo.Now(), Inherit: inherit})
	if err != nil {
		t.Fatal(err)
	}
	estate, err := demo.New(f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = estate.Close() }()
	var ps []providers.Provider
	for _, p := range estate.Providers {
		if p.Describe().Name == "terraform" {
			continue
		}
		if h, ok := p.(interface{ ReadHolderTags() }); ok {
			h.ReadHolderTags()
		}
		ps = append(ps, wrap(p))
	}
	out, err := scan.Run(t.Context(), scan.Input{Mode: "demo", Now: demo.Now(), Providers: ps, Session: s, Passes: true})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// moving hands over every resource with the tags of its account or project moved onto it.
type moving struct {
	providers.Provider
	inherit []engine.Inherit
}

func (m moving) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	return m.Provider.Collect(ctx, s, want, mover{out, m.inherit})
}

type mover struct {
	providers.Sink
	inherit []engine.Inherit
}

func (m mover) Resource(r providers.Resource) {
	m.Sink.Resource(moved(r, m.inherit))
}

// moved puts the tags onto the resource that it inherits. What carries nothing but tags of
// a service is left as it is: with a tag of its own it would be somebody's.
func moved(r providers.Resource, inherit []engine.Inherit) providers.Resource {
	holder := providers.HolderOf(r.Type)
	tags := maps.Clone(r.Tags)
	for _, in := range inherit {
		if !slices.Contains(in.From, holder) || carries(r.Tags, in, holder) {
			continue
		}
		for k, v := range r.Scope.TagsOf(holder).Tags {
			if carries(map[string]string{k: v}, in, holder) {
				tags[k] = v
			}
		}
	}
	if len(r.Tags) > 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(r.Tags)), ofPeople) {
		return r
	}
	r.Tags = tags
	return r
}

// carries reports whether a key of the standard is among the tags, as AWS takes it
// literally and Google Cloud in any way of writing it.
func carries(tags map[string]string, in engine.Inherit, holder providers.Holder) bool {
	plain := func(key string) string { return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(key)) }
	for k := range tags {
		if k == in.Key || holder == providers.Project && slices.ContainsFunc(append(slices.Clone(in.Names), in.Key), func(n string) bool { return plain(n) == plain(k) }) {
			return true
		}
	}
	return false
}

// ofPeople reports whether people set the key, and no service of a cloud.
func ofPeople(key string) bool {
	return !strings.HasPrefix(key, "aws:") && !strings.HasPrefix(key, "goog-")
}

func asItIs(p providers.Provider) providers.Provider { return p }

func TestAnEstateIsJudgedAsIfInheritedTagsWereItsResources(t *testing.T) {
	none := verdicts(scanInheriting(t, nil, demo.Faults{}, asItIs))
	inherited := verdicts(scanInheriting(t, inheritance(), demo.Faults{}, asItIs))
	own := verdicts(scanInheriting(t, nil, demo.Faults{}, func(p providers.Provider) providers.Provider { return moving{p, inheritance()} }))
	if diff := cmp.Diff(own, inherited); diff != "" {
		t.Errorf("with the tags moved and inherited (-moved +inherited):\n%s", diff)
	}
	changed := 0
	for k, v := range inherited {
		if none[k] != v {
			changed++
		}
	}
	if changed < 10 {
		t.Errorf("inheritance changes %d verdicts only", changed)
	}
}

func TestDenyingTheTagsOfAccountsOnlyTurnsVerdictsIntoUnknown(t *testing.T) {
	full := verdicts(scanInheriting(t, inheritance(), demo.Faults{}, asItIs))
	r := scanInheriting(t, inheritance(), demo.Faults{Deny: func(op string) bool { return op == "Organizations.ListTagsForResource" }}, asItIs)
	unknown, decided := 0, 0
	for k, v := range verdicts(r) {
		switch {
		case v == finding.Unknown:
			unknown++
		case v != full[k]:
			t.Errorf("%s says %s of %s, with full access %s", k.policy, v, k.resource, full[k])
		default:
			decided++
		}
	}
	if unknown < 10 || decided < 300 {
		t.Errorf("%d verdicts are unknown and %d are not", unknown, decided)
	}
	var cure finding.Cure
	for _, c := range r.Coverage.Cures {
		if c.Permission == "organizations:ListTagsForResource" {
			cure = c
		}
	}
	if cure.Unknowns == 0 {
		t.Errorf("nothing says which permission is missing: %+v", r.Coverage.Cures)
	}
}

func TestTagsOfAccountsAreAskedForWhereAPolicyLooksAtThem(t *testing.T) {
	e := shipped(t)
	type asked struct {
		policy  string
		inherit bool
	}
	got := map[asked]bool{}
	digests := map[string]bool{}
	for _, policy := range []string{"common-tags-untagged", "common-tags-key-case", "aws-s3-bucket-public-access-block"} {
		for _, inherit := range [][]engine.Inherit{nil, inheritance()} {
			s, err := e.NewSession(engine.Config{Policies: []string{policy}, Now: demo.Now(), Inherit: inherit})
			if err != nil {
				t.Fatal(err)
			}
			if got[asked{policy, inherit != nil}], err = s.Inherits(); err != nil {
				t.Fatal(err)
			}
			digests[s.ParamsDigest()] = true
		}
	}
	want := map[asked]bool{
		{"common-tags-untagged", false}: false, {"common-tags-untagged", true}: true,
		{"common-tags-key-case", false}: false, {"common-tags-key-case", true}: false,
		{"aws-s3-bucket-public-access-block", false}: false, {"aws-s3-bucket-public-access-block", true}: false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(digests) != len(want) {
		t.Errorf("%d digests of the parameters, want %d: what is inherited belongs to them", len(digests), len(want))
	}
}

func TestTooManyKeysThatMayBeInheritedAreUnknown(t *testing.T) {
	var inherit []engine.Inherit
	keys := []any{}
	for _, k := range []string{"A", "B", "C", "D", "E", "F", "G", "H", "I"} {
		inherit, keys = append(inherit, engine.Inherit{Key: k, From: []providers.Holder{providers.Account}}), append(keys, k)
	}
	s, err := shipped(t).NewSession(engine.Config{
		Policies: []string{"common-tags-mandatory-keys"}, Now: demo.Now(), Inherit: inherit, Params: map[string]any{"required_tags": append(keys, "Z")},
	})
	if err != nil {
		t.Fatal(err)
	}
	scope := providers.Scope{Provider: "aws", ID: "1"}.WithTags(providers.Account, providers.HolderTags{Of: "account 1", Unknown: providers.Denied})
	got := map[int]finding.Verdict{}
	for own := range 3 {
		r := providers.Resource{Scope: scope, Type: "aws_sqs_queue", ID: "q", Tags: map[string]string{}}
		for _, in := range inherit[:own] {
			r.Tags[in.Key] = "x"
		}
		got[len(inherit)-own] = heirVerdicts(t, s, r)["common-tags-mandatory-keys"].Verdict
	}
	// Z is missing, whatever the account has; of nine other keys that is not looked at.
	if diff := cmp.Diff(map[int]finding.Verdict{9: finding.Unknown, 8: finding.Fail, 7: finding.Fail}, got); diff != "" {
		t.Errorf("verdicts by the number of keys that may be inherited (-want +got):\n%s", diff)
	}
}
