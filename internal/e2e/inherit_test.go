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
