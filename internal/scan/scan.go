// Package scan is the one way through: scopes, inventory, evaluation, findings. It
// holds no knowledge of a provider, a policy or a format.
package scan

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/providers"
)

// Input is everything that a run depends on.
type Input struct {
	Mode      string // scan, gate, state or demo
	Version   string
	Now       time.Time
	Providers []providers.Provider
	Session   *engine.Session
	// Scope, Region and Type say what is read; nil is everything. A type that is left
	// out is still collected where a policy joins it.
	Scope  func(providers.Scope) bool
	Region func(string) bool
	Type   func(providers.Type) bool
	// Owner says whose a resource is, with what keeps it where ManagedBy tells; nil is that
	// nobody asks.
	Owner func(r providers.Resource, by *finding.ManagedBy) finding.Ownership
	// Extra says what a provider is asked for whether or not a policy is about its types; nil
	// is nothing. A type that the run leaves out is not asked for.
	Extra func(providers.Description) []providers.Want
	// Tallies counts the verdicts by owner, account, category and severity.
	Tallies bool
	// Changes tells the findings that a plan introduces from those that were there, and
	// what it fixes.
	Changes bool
	// Passes keeps a finding for every passing and not applicable verdict as well.
	Passes bool
	// Parallel is how many scopes are read at once; default 8.
	Parallel int
	Progress Progress
	Watcher  Watcher // nil is nobody
	// ManagedBy says what keeps a live resource; nil where nobody asks.
	ManagedBy func(providers.Resource) *finding.ManagedBy
	// Tags asks for the tags of everything, also where that takes further calls; Besides for
	// attributes that no policy reads, of the types that are read: those that tell owners.
	Tags     bool
	Besides  []providers.Want
	Against  *Against                 // the live estate beside which plans are judged; nil is none
	Statuses []finding.ProviderStatus // of the providers that take part and those that do not
	Digests  map[string]string        // of policies, parameters and the like
}

// Progress is told how far a run is. It is safe for concurrent use.
type Progress interface {
	Scopes(provider string, n int)
	Planned(cells int)
	Done(c providers.Cell)
	Resource()
}

// Watcher is told what a run looks at, for whoever has to tell what is gone from what
// was not looked at. It is safe for concurrent use.
type Watcher interface {
	Seen(r providers.Resource) // read, judged or not
	Judged(r providers.Resource, policy string, v finding.Verdict)
	Read(c providers.Cell) // listed in full; told at the end
}

type noProgress struct{}

func (noProgress) Scopes(string, int)  {}
func (noProgress) Planned(int)         {}
func (noProgress) Done(providers.Cell) {}
func (noProgress) Resource()           {}

// present is implemented by providers that know beforehand which types they hold,
// so that no other policy is compiled.
type present interface{ Types() []providers.Type }

// Run reads and judges everything that the input selects. When ctx is cancelled it
// returns what was read and judged until then, marked as interrupted, and no error.
func Run(ctx context.Context, in Input) (finding.Run, error) {
	if in.Progress == nil {
		in.Progress = noProgress{}
	}
	if in.Parallel <= 0 {
		in.Parallel = 8
	}
	r := &run{in: in, log: inventory.NewLog(), tally: newTally(in), live: newLive(ctx, in.Against)}
	out := finding.Run{
		Mode: in.Mode, Version: in.Version, Time: in.Now.UTC(), Providers: in.Statuses, Digests: map[string]string{},
		Scopes: []providers.Scope{}, Findings: []finding.Finding{},
	}
	g := &errgroup.Group{}
	g.SetLimit(in.Parallel)
	var changes []*compared
	for _, p := range in.Providers {
		want, err := r.wants(p)
		if err != nil {
			return out, err
		}
		scopes, err := p.Scopes(ctx)
		if err != nil {
			whole := providers.Scope{Provider: p.Describe().Name}
			if len(scopes) == 0 {
				// What could not even be listed counts as asked for and not read: without
				// it the share of what was read would be that of the other providers.
				for _, w := range want {
					r.log.Plan(providers.Cell{Scope: whole, Type: w.Type})
				}
			}
			r.log.Gap(inventory.GapOf(whole, err))
		}
		scopes = slices.DeleteFunc(slices.Clone(scopes), func(s providers.Scope) bool { return in.Scope != nil && !in.Scope(s) })
		in.Progress.Scopes(p.Describe().Name, len(scopes))
		for i := range out.Providers {
			if out.Providers[i].Name == p.Describe().Name {
				out.Providers[i].Scopes = len(scopes)
			}
		}
		out.Scopes = append(out.Scopes, scopes...)
		if c, ok := unwrap[Changing](p); ok && in.Changes {
			changes = append(changes, &compared{change: c, scopes: scopes, again: map[providers.Type]bool{}, failing: map[mark]failure{}})
		}
		for _, together := range groups(p, scopes) {
			g.Go(func() error { return r.scopes(ctx, p, together, want) })
		}
	}
	if err := g.Wait(); err != nil && ctx.Err() == nil {
		return out, err
	}
	out.Interrupted = ctx.Err() != nil
	told := false // what was there before the changes
	if !out.Interrupted {
		err := r.judgeChanges(ctx, changes)
		if err != nil && ctx.Err() == nil {
			return out, err
		}
		told, out.Interrupted = err == nil, ctx.Err() != nil
	}
	out.Findings = r.tally.kept.Findings()
	if told {
		out.Fixed = r.compare(changes, out.Findings)
	}
	out.Notes = append(out.Notes, r.live.Notes()...)
	slices.SortFunc(out.Scopes, compareScopes)
	out.Coverage = r.log.Coverage()
	if in.Watcher != nil {
		for _, c := range r.log.Read() {
			in.Watcher.Read(c)
		}
	}
	r.tally.finish(&out)
	for k, v := range in.Digests {
		out.Digests[k] = v
	}
	out.Digests["inventory"] = r.log.Digest()
	return out, nil
}

type run struct {
	in    Input
	log   *inventory.Log
	tally *tally
	// skip says which resources are only there for others to join; nil is none.
	skip func(providers.Resource) bool
	// live is the estate beside which plans are judged, nil where there is none; prior
	// says that the plans are judged as things are before them.
	live  *live
	prior bool
}

// wants returns what the provider is asked for: what the selected policies read of
// the types that it has, and the types that they join.
func (r *run) wants(p providers.Provider) ([]providers.Want, error) {
	d := p.Describe()
	var types []providers.Type
	has := func(providers.Type) bool { return true }
	if p, filtered := p.(present); filtered {
		there := p.Types()
		has = func(t providers.Type) bool { return slices.Contains(there, t) }
	}
	for _, t := range r.in.Session.Types() {
		if _, ok := d.Type(t); !ok || r.in.Type != nil && !r.in.Type(t) || !has(t) {
			continue
		}
		types = append(types, t)
	}
	want, err := r.in.Session.Wants(types)
	if err != nil {
		return nil, err
	}
	if r.live != nil {
		want = r.meetable(p, want)
	}
	want = providers.Also(want, r.in.Besides)
	if r.in.Extra != nil {
		extra := slices.DeleteFunc(r.in.Extra(d), func(w providers.Want) bool { return r.in.Type != nil && !r.in.Type(w.Type) })
		want = providers.Merge(want, extra)
	}
	for i, w := range want {
		ti, _ := d.Type(w.Type)
		// The owner of a finding is read where that costs no further call.
		tagged := slices.Contains(ti.Attributes, "tags") || r.in.Tags && hasTags(p, d, w.Type)
		if tagged && !slices.Contains(w.Attributes, "tags") {
			want[i].Attributes = append(slices.Clone(w.Attributes), "tags")
		}
	}
	return want, nil
}

// Tagged is implemented by providers that have types with tags which they cannot give,
// such as an inventory that was taken without them.
type Tagged interface{ HasTags(t providers.Type) bool }

// HasTags reports whether the provider's resources of the type have tags, known or not.
func HasTags(p providers.Provider, t providers.Type) bool { return hasTags(p, p.Describe(), t) }

// hasTags is HasTags for what the provider describes.
func hasTags(p providers.Provider, d providers.Description, t providers.Type) bool {
	if told, ok := unwrap[Tagged](p); ok {
		return told.HasTags(t)
	}
	ti, _ := d.Type(t)
	return slices.Contains(ti.AllAttributes(), "tags")
}

// Joint is implemented by providers whose scopes are parts of one thing, such as the
// plans of one change: policies join the resources of all of them.
type Joint interface{ Joint() bool }

// groups returns the scopes that are judged together.
func groups(p providers.Provider, scopes []providers.Scope) [][]providers.Scope {
	if j, ok := unwrap[Joint](p); ok && j.Joint() && len(scopes) > 0 {
		return [][]providers.Scope{scopes}
	}
	var out [][]providers.Scope
	for _, s := range scopes {
		out = append(out, []providers.Scope{s})
	}
	return out
}

// scopes reads scopes one after another and judges them together.
func (r *run) scopes(ctx context.Context, p providers.Provider, scopes []providers.Scope, want []providers.Want) error {
	j := newJudge(ctx, r, p, scopes, want)
	for _, s := range scopes {
		err := p.Collect(ctx, s, want, j)
		if err == nil || ctx.Err() != nil {
			continue
		}
		for _, w := range want {
			// The scope's cells count as asked for although nobody could say how many they are.
			r.log.Plan(providers.Cell{Scope: s, Type: w.Type})
		}
		r.log.Gap(inventory.GapOf(s, err))
	}
	return j.finish(ctx, p)
}

// workers is how many resources of a scope are judged at once.
func workers() int { return runtime.GOMAXPROCS(0) }

func compareScopes(a, b providers.Scope) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.ID, b.ID))
}

func wrap(r providers.Resource, err error) error {
	return fmt.Errorf("judge %s %s: %w", r.Type, r.ID, err)
}
