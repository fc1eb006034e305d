// Package e2e tests the whole pipeline on the simulated estate: real providers,
// real policies, and what must hold whatever happens to the calls. It has tests only.
package e2e

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/report"
)

func shipped(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Load(engine.Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var session struct {
	once sync.Once
	all  *engine.Session
}

// allPolicies is shared by the tests, as policies are compiled once in a session.
func allPolicies(t *testing.T) *engine.Session {
	t.Helper()
	session.once.Do(func() {
		s, err := shipped(t).NewSession(engine.Config{Now: demo.Now()})
		if err != nil {
			t.Fatal(err)
		}
		session.all = s
	})
	return session.all
}

// run scans the simulated estate with the policies (all when nil) and the faults.
func run(t *testing.T, ctx context.Context, ids []string, f demo.Faults) finding.Run {
	t.Helper()
	s := allPolicies(t)
	if ids != nil {
		var err error
		if s, err = shipped(t).NewSession(engine.Config{Policies: ids, Now: demo.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	estate, err := demo.New(f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = estate.Close() }()
	out, err := scan.Run(ctx, scan.Input{
		Mode: "demo", Version: "test", Now: demo.Now(), Providers: estate.Providers, Session: s, Owner: govern.OwnersByTags([]string{"owner"}).Of, Passes: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func render(t *testing.T, r finding.Run) string {
	t.Helper()
	rep, err := report.New("json", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := rep.Report(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

type judged struct{ policy, resource string }

// verdicts returns the verdict of every policy on every resource.
func verdicts(r finding.Run) map[judged]finding.Verdict {
	out := map[judged]finding.Verdict{}
	for _, f := range r.Findings {
		// The scope is left out: a credential that may not see the organisation finds
		// the same resources project by project.
		out[judged{f.Policy, f.Resource.Region + " " + f.Resource.ID}] = f.Verdict
	}
	return out
}

func TestTheSameEstateGivesTheSameReport(t *testing.T) {
	full := render(t, run(t, t.Context(), nil, demo.Faults{}))
	for name, f := range map[string]demo.Faults{
		"again": {}, "throttled once": {Throttle: 1}, "in pages of one": {PageSize: 1},
	} {
		if diff := cmp.Diff(strings.Split(full, "\n"), strings.Split(render(t, run(t, t.Context(), nil, f)), "\n")); diff != "" {
			t.Errorf("%s: the report differs:\n%s", name, diff)
		}
	}
}

func TestEverythingIsReadAndEveryPolicyOfTheEstateJudgesSomething(t *testing.T) {
	r := run(t, t.Context(), nil, demo.Faults{})
	if !r.Coverage.Complete() {
		t.Errorf("coverage is %d of %d cells with the gaps %+v", r.Coverage.CellsRead, r.Coverage.CellsPlanned, r.Coverage.Gaps)
	}
	if ids := r.Unmatched(); len(ids) > 0 {
		t.Errorf("these policies judged nothing: %v", ids)
	}
}

func TestDenyingCallsOnlyTurnsVerdictsIntoUnknown(t *testing.T) {
	var mu sync.Mutex
	ops := map[string]bool{}
	full := verdicts(run(t, t.Context(), nil, demo.Faults{Observe: func(op string) { mu.Lock(); ops[op] = true; mu.Unlock() }}))
	all := slices.Sorted(maps.Keys(ops))
	if len(all) < 50 {
		t.Fatalf("the estate is read with %d operations only: %v", len(all), all)
	}
	rnd := rand.New(rand.NewPCG(7, 11))
	unknowns := 0
	for range 24 {
		denied := map[string]bool{}
		for range 1 + rnd.IntN(len(all)/3) {
			denied[all[rnd.IntN(len(all))]] = true
		}
		r := run(t, t.Context(), nil, demo.Faults{Deny: func(op string) bool { return denied[op] }})
		flipped := 0
		for k, v := range verdicts(r) {
			want, ok := full[k]
			switch {
			case !ok:
				t.Errorf("%s judges %s, which full access does not show", k.policy, k.resource)
				flipped++
			case v == finding.Unknown:
				unknowns++
			case v != want:
				t.Errorf("%s says %s of %s, with full access %s", k.policy, v, k.resource, want)
				flipped++
			}
		}
		if flipped > 0 {
			t.Fatalf("%d verdicts flipped with these calls denied: %v", flipped, slices.Sorted(maps.Keys(denied)))
		}
		if r.Coverage.Complete() {
			t.Errorf("denied %v, and the coverage claims to be complete", slices.Sorted(maps.Keys(denied)))
		}
	}
	if unknowns == 0 {
		t.Error("no verdict became unknown: nothing was tried")
	}
}

func TestSelectingTaggingPoliciesMakesNoCallPerBucket(t *testing.T) {
	e := shipped(t)
	var ids []string
	for _, p := range e.Policies() {
		if p.Category == finding.Tagging && slices.Contains(p.Types, "aws_s3_bucket") {
			ids = append(ids, p.ID)
		}
	}
	var mu sync.Mutex
	calls := map[string]int{}
	r := run(t, t.Context(), ids, demo.Faults{Observe: func(op string) {
		if strings.HasPrefix(op, "S3.") {
			mu.Lock()
			calls[op]++
			mu.Unlock()
		}
	}})
	judged := 0
	for _, f := range r.Findings {
		if f.Resource.Type == "aws_s3_bucket" && f.Resource.Provider == "aws" {
			judged++
		}
	}
	if judged == 0 {
		t.Fatal("no bucket was judged")
	}
	if diff := cmp.Diff(map[string]int{"S3.ListBuckets": 3}, calls); diff != "" { // one for each account
		t.Errorf("S3 calls (-want +got):\n%s", diff)
	}
}

func TestAnInterruptedRunReportsWhatItHasAndSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := run(t, ctx, nil, demo.Faults{Observe: func(op string) {
		if op == "RDS.DescribeDBInstances" {
			cancel()
		}
	}})
	if !r.Interrupted {
		t.Error("the run does not say that it was interrupted")
	}
	if r.Coverage.CellsRead == r.Coverage.CellsPlanned {
		t.Errorf("the coverage claims that all of %d cells were read", r.Coverage.CellsPlanned)
	}
	full := verdicts(run(t, t.Context(), nil, demo.Faults{}))
	for k, v := range verdicts(r) {
		if v != finding.Unknown && full[k] != v {
			t.Errorf("%s says %s of %s, the whole run says %s", k.policy, v, k.resource, full[k])
		}
	}
}
