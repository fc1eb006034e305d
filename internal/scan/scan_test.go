package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers"
)

const schema = `{"title": "T", "description": "T.", "type": "object", "properties": {"open": {"type": ["boolean", "null"]}}}`

const openPolicy = `# METADATA
# title: Doors are closed
# scope: package
# custom:
#   severity: high
#   category: security
#   types: [test_door]
package metsuke.test.open

deny contains {"message": "is open", "path": "open"} if input.resource.attributes.open
`

const guardedPolicy = `# METADATA
# title: Doors have a guard
# scope: package
# custom:
#   severity: low
#   category: security
#   types: [test_door]
#   uses: {test_guard: [open]}
package metsuke.test.guarded

deny contains {"message": "nobody guards it", "path": "open"} if count(input.related.test_guard) == 0
`

// scripted is a provider that sends what a test tells it to.
type scripted struct {
	scopes    []providers.Scope
	scopesErr error
	collect   func(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error
}

func (scripted) Describe() providers.Description {
	call := []providers.Call{{Operation: "Test.List", Permissions: []string{"test:List"}}}
	return providers.Description{Name: "test", Title: "Test", Types: []providers.TypeInfo{
		{Type: "test_door", Calls: call, Attributes: []string{"open", "tags"}},
		{Type: "test_guard", Calls: call, Attributes: []string{"open"}},
	}}
}

func (p scripted) Scopes(context.Context) ([]providers.Scope, error) { return p.scopes, p.scopesErr }

func (p scripted) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	return p.collect(ctx, s, want, out)
}

var site = providers.Scope{Provider: "test", ID: "site"}

func door(id string, open any, tags map[string]string) providers.Resource {
	if tags == nil {
		tags = map[string]string{}
	}
	return providers.Resource{Scope: site, Type: "test_door", ID: id, Region: "east", Tags: tags, Attributes: map[string]any{"open": open}}
}

func judgeAll(t *testing.T, p providers.Provider, change func(*Input)) finding.Run {
	t.Helper()
	e, err := engine.Load(engine.Source{FS: fstest.MapFS{
		"schemas/test_door.json":  {Data: []byte(schema)},
		"schemas/test_guard.json": {Data: []byte(schema)},
		"open.rego":               {Data: []byte(openPolicy)},
		"guarded.rego":            {Data: []byte(guardedPolicy)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	s, err := e.NewSession(engine.Config{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Mode: "scan", Now: now, Providers: []providers.Provider{p}, Session: s, Owner: ownedBy("cost-owner", "team")}
	if change != nil {
		change(&in)
	}
	run, err := Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// ownedBy finds owners by the tags.
func ownedBy(keys ...string) func(providers.Resource, *finding.ManagedBy) finding.Ownership {
	return govern.OwnersByTags(keys).Of
}

type brief struct {
	Policy, ID, Owner string
	Verdict           finding.Verdict
	Permission        string
}

func briefs(r finding.Run) []brief {
	var out []brief
	for _, f := range r.Findings {
		out = append(out, brief{f.Policy, f.Resource.ID, f.Owner, f.Verdict, f.Permission})
	}
	return out
}

func cells(out providers.Sink, types ...providers.Type) []providers.Cell {
	var cs []providers.Cell
	for _, t := range types {
		cs = append(cs, providers.Cell{Scope: site, Region: "east", Type: t})
	}
	out.Plan(cs...)
	return cs
}

func TestAJoinedTypeThatWasNotListedMakesTheVerdictUnknownAndNamesTheCure(t *testing.T) {
	p := scripted{scopes: []providers.Scope{site}, collect: func(_ context.Context, _ providers.Scope, _ []providers.Want, out providers.Sink) error {
		for _, c := range cells(out, "test_door", "test_guard") {
			if c.Type == "test_door" {
				out.Resource(door("front", true, map[string]string{"CostOwner": "ann", "team": "b"}))
			} else {
				out.Gap(providers.Gap{Scope: site, Region: "east", Type: "test_guard", Call: "Test.List", Permission: "test:List", Reason: providers.Denied})
			}
			out.Done(c)
		}
		return nil
	}}
	run := judgeAll(t, p, nil)
	want := []brief{
		{"test-open", "front", "ann", finding.Fail, ""},
		{"test-guarded", "front", "ann", finding.Unknown, "test:List"},
	}
	if diff := cmp.Diff(want, briefs(run)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]finding.Cure{{Permission: "test:List", Unknowns: 1, Cells: 1}}, run.Coverage.Cures); diff != "" {
		t.Errorf("cures (-want +got):\n%s", diff)
	}
	if run.Coverage.CellsRead != 1 || run.Coverage.CellsPlanned != 2 {
		t.Errorf("coverage is %d of %d", run.Coverage.CellsRead, run.Coverage.CellsPlanned)
	}
}

func TestAnEmptyListingThatWasReadInFullIsAnAnswer(t *testing.T) {
	p := scripted{scopes: []providers.Scope{site}, collect: func(_ context.Context, _ providers.Scope, _ []providers.Want, out providers.Sink) error {
		for _, c := range cells(out, "test_door", "test_guard") {
			if c.Type == "test_door" {
				out.Resource(door("front", false, nil))
			}
			out.Done(c)
		}
		return nil
	}}
	run := judgeAll(t, p, nil)
	if diff := cmp.Diff([]brief{{"test-guarded", "front", "", finding.Fail, ""}}, briefs(run)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if !run.Coverage.Complete() {
		t.Errorf("coverage: %+v", run.Coverage)
	}
}

func TestAScopeThatCannotBeReadCountsAsCellsAskedFor(t *testing.T) {
	p := scripted{
		scopes: []providers.Scope{site}, scopesErr: errors.New("the organisation may not be listed"),
		collect: func(context.Context, providers.Scope, []providers.Want, providers.Sink) error {
			return errors.New("the role cannot be assumed")
		},
	}
	run := judgeAll(t, p, nil)
	if run.Coverage.CellsRead != 0 || run.Coverage.CellsPlanned != 2 {
		t.Errorf("coverage is %d of %d, want 0 of 2", run.Coverage.CellsRead, run.Coverage.CellsPlanned)
	}
	var got []string
	for _, g := range run.Coverage.Gaps {
		got = append(got, g.Scope.ID+": "+g.Err)
	}
	if diff := cmp.Diff([]string{": the organisation may not be listed", "site: the role cannot be assumed"}, got); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotSelectedIsJoinedButNotJudged(t *testing.T) {
	p := scripted{scopes: []providers.Scope{site, {Provider: "test", ID: "other"}}, collect: func(_ context.Context, s providers.Scope, _ []providers.Want, out providers.Sink) error {
		if s.ID != "site" {
			t.Errorf("scope %s was read although it is not selected", s.ID)
		}
		for _, c := range cells(out, "test_door", "test_guard") {
			if c.Type == "test_door" {
				west := door("west", true, nil)
				west.Region = "west"
				out.Resource(west)
				out.Resource(door("east", false, nil))
			} else {
				out.Resource(providers.Resource{Scope: site, Type: "test_guard", ID: "g", Tags: map[string]string{}, Attributes: map[string]any{"open": nil}})
			}
			out.Done(c)
		}
		return nil
	}}
	run := judgeAll(t, p, func(in *Input) {
		in.Scope = func(s providers.Scope) bool { return s.ID == "site" }
		in.Region = func(r string) bool { return r != "west" }
		in.Type = func(ty providers.Type) bool { return ty == "test_door" }
		in.Passes = true
	})
	want := []brief{
		{"test-open", "east", "", finding.Pass, ""},
		{"test-guarded", "east", "", finding.Pass, ""},
	}
	if diff := cmp.Diff(want, briefs(run)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestACellThatWasPlannedAndNeverDoneIsAGap(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := scripted{scopes: []providers.Scope{site}, collect: func(ctx context.Context, _ providers.Scope, _ []providers.Want, out providers.Sink) error {
		cs := cells(out, "test_door", "test_guard")
		out.Resource(door("front", true, nil))
		out.Done(cs[0])
		cancel()
		return ctx.Err()
	}}
	e, err := engine.Load(engine.Source{FS: fstest.MapFS{"schemas/test_door.json": {Data: []byte(schema)}, "open.rego": {Data: []byte(openPolicy)}}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.NewSession(engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := Run(ctx, Input{Mode: "scan", Providers: []providers.Provider{p}, Session: s})
	if err != nil {
		t.Fatal(err)
	}
	if !run.Interrupted || run.Coverage.CellsRead != 1 || len(run.Coverage.Gaps) != 1 || run.Coverage.Gaps[0].Reason != providers.Interrupted {
		t.Errorf("interrupted %v, coverage %+v", run.Interrupted, run.Coverage)
	}
	if diff := cmp.Diff([]brief{{"test-open", "front", "", finding.Fail, ""}}, briefs(run)); diff != "" {
		t.Errorf("what was read is judged all the same (-want +got):\n%s", diff)
	}
}

func TestAProviderThatListsNoScopesCountsAsCellsAskedFor(t *testing.T) {
	run := judgeAll(t, scripted{scopesErr: errors.New("the token is expired")}, nil)
	if run.Coverage.CellsRead != 0 || run.Coverage.CellsPlanned != 2 || run.Coverage.Ratio() != 0 {
		t.Errorf("coverage is %d of %d", run.Coverage.CellsRead, run.Coverage.CellsPlanned)
	}
	if len(run.Coverage.Gaps) != 1 || run.Coverage.Gaps[0].Err != "the token is expired" {
		t.Errorf("gaps: %+v", run.Coverage.Gaps)
	}
}

// watched notes what a Watcher is told.
type watched struct {
	mu    sync.Mutex
	notes []string
}

func (w *watched) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

func (w *watched) Seen(r providers.Resource) { w.note("seen %s", r.ID) }

func (w *watched) Judged(r providers.Resource, policy string, v finding.Verdict) {
	w.note("judged %s by %s: %s", r.ID, policy, v)
}

func (w *watched) Read(c providers.Cell) { w.note("read %s %s", c.Type, c.Region) }

func TestAWatcherIsToldWhatTheRunLooksAt(t *testing.T) {
	p := scripted{scopes: []providers.Scope{site}, collect: func(_ context.Context, _ providers.Scope, _ []providers.Want, out providers.Sink) error {
		for _, c := range cells(out, "test_door", "test_guard") {
			if c.Type == "test_door" {
				west := door("west", true, nil)
				west.Region = "west"
				out.Resource(west)
				out.Resource(door("east", false, nil))
			} else {
				out.Gap(providers.Gap{Scope: site, Region: "east", Type: "test_guard", Reason: providers.Denied})
			}
			out.Done(c)
		}
		return nil
	}}
	w := &watched{}
	judgeAll(t, p, func(in *Input) {
		in.Region = func(r string) bool { return r == "east" }
		in.Watcher = w
	})
	slices.Sort(w.notes)
	want := []string{
		"judged east by test-guarded: unknown", "judged east by test-open: pass", "read test_door east", "seen east", "seen west",
	}
	if diff := cmp.Diff(want, w.notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
