package scan

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// doors is a provider of doors, all of them guarded by nobody.
func doors(all ...providers.Resource) scripted {
	return scripted{scopes: []providers.Scope{site}, collect: func(_ context.Context, _ providers.Scope, _ []providers.Want, out providers.Sink) error {
		for _, c := range cells(out, "test_door", "test_guard") {
			for _, d := range all {
				if c.Type == d.Type {
					out.Resource(d)
				}
			}
			out.Done(c)
		}
		return nil
	}}
}

func TestVerdictsAreCountedByOwnerAndSeverityWhereSomebodyAsks(t *testing.T) {
	unread := door("back", true, nil)
	unread.Unknown = map[string]providers.Reason{"tags": providers.Denied}
	p := doors(door("front", true, map[string]string{"team": "b"}), door("side", false, map[string]string{"team": "b"}), door("roof", false, nil), unread)
	tally := func(owner string, s finding.Severity, unknown bool, pass, fail int) finding.Tally {
		return finding.Tally{
			Owner: owner, Provider: "test", Scope: "site", Category: finding.Security, Severity: s, OwnerUnknown: unknown,
			Counts: finding.Counts{Pass: pass, Fail: fail},
		}
	}
	want := []finding.Tally{
		tally("", finding.High, false, 1, 0), tally("", finding.High, true, 0, 1), tally("", finding.Low, false, 0, 1), tally("", finding.Low, true, 0, 1),
		tally("b", finding.High, false, 1, 1), tally("b", finding.Low, false, 0, 2),
	}
	if diff := cmp.Diff(want, judgeAll(t, p, func(in *Input) { in.Tallies = true }).Tallies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := judgeAll(t, p, nil).Tallies; got != nil {
		t.Errorf("nobody asked for %v", got)
	}
}

func TestAFindingWhoseTagsWereNotReadIsNotCalledNobodys(t *testing.T) {
	unread := door("back", true, nil)
	unread.Unknown = map[string]providers.Reason{"tags": providers.Denied}
	run := judgeAll(t, doors(unread), nil)
	for _, f := range run.Findings {
		if diff := cmp.Diff(finding.Ownership{Unknown: providers.Denied}, f.Ownership()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Policy, diff)
		}
	}
	if len(run.Findings) != 2 {
		t.Errorf("%d findings", len(run.Findings))
	}
}

func TestWhatWouldTellOwnersIsAmongTheCures(t *testing.T) {
	ownerless := func(id string) providers.Resource {
		r := door(id, true, nil)
		r.Unknown = map[string]providers.Reason{"keepers": providers.Denied}
		return r
	}
	p := scripted{scopes: []providers.Scope{site}, collect: func(_ context.Context, _ providers.Scope, want []providers.Want, out providers.Sink) error {
		if w, _ := providers.Find(want, "test_door"); !slices.Contains(w.Attributes, "keepers") {
			t.Errorf("the keepers are not asked for: %v", want)
		}
		for _, c := range cells(out, "test_door", "test_guard") {
			if c.Type == "test_door" {
				out.Resource(ownerless("front"))
				out.Resource(ownerless("back"))
				out.Gap(providers.Gap{Scope: site, Region: "east", Type: "test_door", Path: "keepers", Permission: "test:ListKeepers", Reason: providers.Denied})
			}
			out.Done(c)
		}
		return nil
	}}
	run := judgeAll(t, p, func(in *Input) {
		in.Besides = []providers.Want{{Type: "test_door", Attributes: []string{"keepers"}}}
		in.Owner = func(r providers.Resource, _ *finding.ManagedBy) finding.Ownership {
			return finding.Ownership{Unknown: r.Unknown["keepers"]}
		}
	})
	if diff := cmp.Diff([]finding.Cure{{Permission: "test:ListKeepers", Owners: 2}}, run.Coverage.Cures); diff != "" {
		t.Errorf("cures (-want +got):\n%s", diff)
	}
}
