package scan

import (
	"context"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/providers"
)

// Changing is implemented by providers of what is going to be, such as a Terraform
// plan: Collect describes the resources as they are after the change. With Input.Changes, Run tells
// the findings that the change brings from those that were there, and from those that
// it mends. A provider that wraps another one has an Unwrap method.
type Changing interface {
	// Touches reports, after Collect, whether the change may alter how the resource is
	// judged. What was there and is not touched was judged the same before.
	Touches(t providers.Type, id string) bool
	// Alters reports, after Collect, whether a resource of the type comes, goes or is
	// touched.
	Alters(t providers.Type) bool
	// Before returns a provider of the resources as they are before the change, under
	// the ids of after it. Of a type for which whole is false it sends only those that
	// are touched or go away.
	Before(whole func(providers.Type) bool) providers.Provider
}

// compared is what a provider's scopes hold before and after its change.
type compared struct {
	change Changing
	scopes []providers.Scope
	// again are the types of which every resource is judged before the change, because
	// something that their policies join changes.
	again map[providers.Type]bool
	// before are findings of what fails before, and failing where they are in it and how
	// bad they are.
	before  finding.Packed
	failing map[mark]failure
}

// failure is a finding that fails before a change.
type failure struct {
	at       int // in compared.before
	severity finding.Severity
	defects  []string
}

// keep notes what fails before the change.
func (c *compared) keep(f finding.Finding) {
	m, at := markOf(f), c.before.Len()
	c.before.Add(f)
	if was, twice := c.failing[m]; twice { // such as two statements with one name
		at = was.at
		f = f.Together(finding.Finding{Severity: was.severity, Defects: was.defects})
	}
	c.failing[m] = failure{at, f.Severity, f.Defects}
}

// mark identifies a finding within a run. The same address can be in several plans.
type mark struct{ provider, scope, fingerprint string }

func markOf(f finding.Finding) mark {
	return mark{f.Resource.Provider, f.Resource.Scope, f.Fingerprint}
}

// judgeBefore judges the resources of a change as they are before it, those only of
// which the change may alter a verdict. It judges nothing when nothing was there.
func (r *run) judgeBefore(ctx context.Context, c *compared) error {
	whole := map[providers.Type]bool{}
	for _, t := range r.in.Session.Types() {
		joins := r.in.Session.Joins(t)
		for u := range joins {
			c.again[t] = c.again[t] || c.change.Alters(u)
		}
		if c.again[t] || c.change.Alters(t) {
			whole[t] = whole[t] || c.again[t]
			for u := range joins {
				whole[u] = true
			}
		}
	}
	p := c.change.Before(func(t providers.Type) bool { return whole[t] })
	want, err := r.wants(p)
	if err != nil || len(want) == 0 {
		return err
	}
	in := r.in
	in.Progress, in.Watcher, in.Passes = noProgress{}, nil, false
	prior := &run{in: in, log: inventory.NewLog(), tally: newTally(in), live: r.live, prior: true, skip: func(res providers.Resource) bool {
		goes := res.Source != nil && res.Source.Action == "delete"
		return !goes && !c.again[res.Type] && !c.change.Touches(res.Type, res.ID)
	}}
	for _, together := range groups(p, c.scopes) {
		if err := prior.scopes(ctx, p, together, want); err != nil {
			return err
		}
	}
	for f := range prior.tally.kept.All() {
		if f.Verdict == finding.Fail {
			c.keep(f)
		}
	}
	return nil
}

// of says what the change has to do with a finding that fails after it. Where nobody
// knows whether it was there, such as when the verdict before is unknown, the change
// answers for it.
func (c *compared) of(f finding.Finding) finding.Change {
	if was, ok := c.failing[markOf(f)]; ok {
		if f.WorseThan(was.severity, was.defects) {
			return finding.Introduced
		}
		return finding.Existing
	}
	if c.again[f.Resource.Type] || c.change.Touches(f.Resource.Type, f.Resource.ID) {
		return finding.Introduced
	}
	if s := f.Resource.Source; s != nil && (s.Action == "no-op" || s.Action == "import") {
		return finding.Existing
	}
	return finding.Introduced
}

func (c *compared) fails(m mark) bool {
	_, was := c.failing[m]
	return was
}

// judgeChanges judges what the changes may alter as it is before them.
func (r *run) judgeChanges(ctx context.Context, all []*compared) error {
	for _, c := range all {
		if err := r.judgeBefore(ctx, c); err != nil {
			return err
		}
		for _, s := range c.scopes {
			for _, f := range r.live.failedIn(s) {
				c.keep(f)
			}
		}
	}
	return nil
}

// compare sets Change of every failing finding of the scopes that change, and returns
// what failed before and certainly does no more.
func (r *run) compare(all []*compared, findings []finding.Finding) []finding.Finding {
	by := map[[2]string]*compared{}
	for _, c := range all {
		for _, s := range c.scopes {
			by[[2]string{s.Provider, s.ID}] = c
		}
	}
	type pair struct {
		provider, scope, policy string
		typ                     providers.Type
		id                      string
	}
	pairOf := func(f *finding.Finding) pair {
		return pair{f.Resource.Provider, f.Resource.Scope, f.Policy, f.Resource.Type, f.Resource.ID}
	}
	still, open := map[mark]bool{}, map[pair]bool{}
	for i := range findings {
		f := &findings[i]
		c := by[[2]string{f.Resource.Provider, f.Resource.Scope}]
		if c == nil {
			continue
		}
		switch f.Verdict {
		case finding.Fail:
			f.Change = c.of(*f)
			if m := markOf(*f); c.fails(m) {
				still[m] = true
			}
		case finding.Unknown:
			open[pairOf(f)] = true
		case finding.Pass, finding.NotApplicable:
		}
	}
	var fixed []finding.Finding
	for _, c := range all {
		at := 0
		for f := range c.before.All() {
			m := markOf(f)
			if c.failing[m].at == at && !still[m] && !open[pairOf(&f)] {
				f.Change = finding.Fixed
				fixed = append(fixed, f)
			}
			at++
		}
	}
	fixed = append(fixed, r.live.mended()...)
	slices.SortFunc(fixed, finding.Compare)
	return fixed
}
