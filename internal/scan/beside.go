package scan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/estate"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// beside is what the judge of one plan knows of the live resources.
type beside struct {
	*live
	j        *judge
	plan     Planned
	match    *estate.Match
	change   Changing                                // nil where the plan does not tell
	names    map[string]string                       // the ids of live selves by those of planned resources
	joining  []providers.Type                        // of which live resources join something that the plan changes
	prior    []providers.Resource                    // what live resources may join of the plan, as it is before
	accounts map[estate.ScopeID]providers.HolderTags // of live accounts
	projects map[string]providers.HolderTags         // of live projects, by whose they are
	related  map[estate.ScopeID]*engine.Related      // planned and live, by live scope; that of the zero ScopeID is for what is in none
}

// beside finds the live resources that the plan's resources meet. It is called when
// the plan has been read.
func (r *run) beside(ctx context.Context, p providers.Provider, j *judge) (*beside, error) {
	if r.live == nil {
		return nil, nil
	}
	plan, ok := unwrap[Planned](p)
	if !ok {
		return nil, fmt.Errorf("%s does not say which live resources its own are", p.Describe().Name)
	}
	b := &beside{live: r.live, j: j, plan: plan, related: map[estate.ScopeID]*engine.Related{}}
	needed := slices.Clone(r.joinedBy(slices.Collect(maps.Keys(j.want))))
	b.change, _ = unwrap[Changing](p)
	waiting := map[providers.Type]bool{}
	for _, res := range j.waiting {
		waiting[res.Type] = true
	}
	judged := slices.Collect(maps.Keys(waiting))
	if !r.prior {
		b.joining = b.meeting()
		judged = append(judged, b.joining...)
		if len(b.joining) > 0 {
			if err := b.readPrior(ctx); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range judged {
		want, err := r.in.Session.Wants([]providers.Type{t})
		if err != nil {
			return nil, err
		}
		needed = append(append(needed, want...), providers.Want{Type: t, Attributes: []string{"tags"}}) // these name the owner
	}
	needed = providers.Also(needed, r.in.Besides)
	types := map[providers.Type]bool{}
	for _, w := range needed {
		types[w.Type] = true
	}
	inherits, err := r.in.Session.Inherits()
	if err != nil {
		return nil, err
	}
	if inherits {
		needed = append(needed, providers.Want{Type: holding, Attributes: []string{"tags"}})
	}
	if err := r.live.estate.Need(ctx, needed); err != nil {
		return nil, err
	}
	selves, err := plan.Selves(ctx, func(t providers.Type) bool { return types[t] })
	if err != nil {
		return nil, err
	}
	b.match = r.live.estate.Match(selves, r.live.accounts)
	b.name()
	b.readHolders()
	if !r.prior {
		b.tell()
	}
	return b, nil
}

// joinedBy returns what policies on the types read of those that they join.
func (r *run) joinedBy(types []providers.Type) []providers.Want {
	sets := map[providers.Type][]string{}
	for _, t := range types {
		for u, as := range r.in.Session.Joins(t) {
			sets[u] = append(sets[u], as...)
		}
	}
	var out []providers.Want
	for _, t := range slices.Sorted(maps.Keys(sets)) {
		out = append(out, providers.Want{Type: t, Attributes: slices.Compact(slices.Sorted(slices.Values(sets[t])))})
	}
	return out
}

// tell notes what the verdicts rest on.
func (b *beside) tell() {
	for _, s := range b.match.Assumed {
		b.note("the plan does not say which account it is for: it is judged beside %s, the only one of %s in the inventory", s.ID, s.Provider)
	}
	for _, account := range b.match.Elsewhere {
		b.note("the plan changes the account %s, which the inventory does not hold: what depends on other resources there is unknown", account)
	}
	if n := b.match.Unplaced; n > 0 && len(b.match.Elsewhere) == 0 {
		b.note("resources of which the plan does not tell the account: %d; what depends on other resources is unknown for them, --against-account says where they are", n)
	}
	if n := b.match.Missing; n > 0 {
		b.note("resources that exist, says the plan, and that the inventory does not have: %d; it may be older than they are", n)
	}
}

// StandsIn reports whether the resource of a plan stands in for one that is not there:
// something of it is outside of the plan.
func StandsIn(r providers.Resource) bool {
	return slices.Contains(slices.Collect(maps.Values(r.Unknown)), providers.Outside)
}

func keyOf(r providers.Resource) estate.Key { return estate.Key{Type: r.Type, ID: r.ID} }

// relatedTo returns what the resource of the plan joins.
func (b *beside) relatedTo(r providers.Resource) *engine.Related {
	s, _ := b.match.Scope(keyOf(r))
	return b.after(s)
}

// after returns the planned and live resources of a live scope together. Those of no
// scope that can be told are nobody's: every join with them is unknown.
func (b *beside) after(s estate.ScopeID) *engine.Related {
	b.mu.Lock()
	defer b.mu.Unlock()
	if rel := b.related[s]; rel != nil {
		return rel
	}
	rel := engine.NewRelated()
	b.related[s] = rel
	if s.ID == "" {
		for _, r := range b.j.planned {
			rel.Add(r)
		}
		for t := range b.j.joined {
			rel.Miss(t, providers.Outside)
		}
		return rel
	}
	types := map[providers.Type]bool{}
	for _, t := range b.j.run.in.Session.Types() {
		for u := range b.j.run.in.Session.Joins(t) {
			types[u] = true
		}
	}
	replaced := map[string]bool{} // live ids of completed stand-ins
	for _, r := range b.j.planned {
		in, ok := b.match.Scope(keyOf(r))
		if self, found := b.match.Live(keyOf(r)); found && in == s {
			full, filled := b.plan.Complete(r, self)
			if filled && StandsIn(r) {
				full.ID, full.Name, full.Source = self.ID, self.Name, nil
				rel.Add(full)
				replaced[self.Region+" "+self.ID] = true
				continue
			}
			if filled {
				r = full
			}
		}
		switch {
		case ok && in == s:
			rel.Add(b.joined(r))
		case !ok && !StandsIn(r): // it may be in this account
			rel.Miss(r.Type, providers.Outside)
		}
	}
	for t := range types {
		for _, r := range b.estate.Of(s, t) {
			if !b.match.Taken(r) && !replaced[r.Region+" "+r.ID] {
				rel.Add(r)
			}
		}
		if why, missed := b.estate.Missed(s, t); missed {
			rel.Miss(t, why)
		} else if b.match.Doubtful(t) {
			rel.Miss(t, providers.Outside)
		}
		if why, missed := b.j.missed(t); missed {
			rel.Miss(t, why)
		}
	}
	return rel
}

// complete judges a resource once more, completed from the live one that it stands in for
// or that it is. What failed of the live resource
// before the plan is kept, to tell what the plan brings.
func (b *beside) complete(ctx context.Context, r providers.Resource, rel *engine.Related, results []engine.Result) (providers.Resource, []engine.Result, error) {
	self, ok := b.match.Live(keyOf(r))
	if !ok {
		return r, results, nil
	}
	full, ok := b.plan.Complete(r, self)
	if !ok || b.j.run.prior && StandsIn(r) {
		return r, results, nil
	}
	session := b.j.run.in.Session
	after, err := session.Evaluate(ctx, b.joined(full), rel)
	if err != nil {
		return r, nil, err
	}
	out := slices.Clone(results)
	for i, res := range results {
		switch {
		case res.Verdict == finding.Unknown, !StandsIn(r):
			out[i] = after[i]
		case res.Verdict == finding.Fail:
			out[i] = graded(res, after[i])
		}
	}
	if b.j.run.prior {
		return full, out, nil
	}
	now := full // as the live resource is, under the name of the one that is planned
	now.Region, now.Tags, now.Attributes, now.Unknown = self.Region, self.Tags, self.Attributes, self.Unknown
	if slices.Contains(b.joining, r.Type) {
		rel = b.before(estate.IDOf(self.Scope))
	}
	before, err := session.Evaluate(ctx, b.joined(now), rel)
	if err != nil {
		return r, nil, err
	}
	b.keep(full, b.failedBefore(r, results, out, before))
	for i, res := range results {
		if res.Verdict == finding.Unknown {
			out[i] = b.readLive(r, after[i], before[i])
		}
	}
	return full, out, nil
}

// graded returns what fails of a stand-in with the severity that it has beside the live
// resource, where the plan alone leaves open how bad it is.
func graded(alone, after engine.Result) engine.Result {
	alone.Denies = slices.Clone(alone.Denies)
	for i, d := range alone.Denies {
		same := func(o engine.Deny) bool { return cmp.Or(o.Key, o.Path) == cmp.Or(d.Key, d.Path) }
		if at := slices.IndexFunc(after.Denies, same); d.AtLeast != "" && at >= 0 {
			alone.Denies[i] = after.Denies[at]
		}
	}
	return alone
}

// readLive says of what fails that it rests on what was read live, and when that was. What
// stands in for a live resource also fails for what the plan alone brings.
func (b *beside) readLive(r providers.Resource, after, before engine.Result) engine.Result {
	if after.Verdict != finding.Fail {
		return after
	}
	after.Denies = slices.Clone(after.Denies)
	for i, d := range after.Denies {
		if !StandsIn(r) || slices.ContainsFunc(before.Denies, func(o engine.Deny) bool { return o.Message == d.Message && o.Key == d.Key }) {
			after.Denies[i].Message += " (as read live on " + b.time.UTC().Format(time.DateOnly) + ")"
		}
	}
	return after
}

// failedBefore returns, of the results of the live resource, those that tell what the plan
// brings and mends: where the plan alone did not.
func (b *beside) failedBefore(r providers.Resource, alone, after, before []engine.Result) []engine.Result {
	var was []engine.Result
	for i, res := range alone {
		touched := StandsIn(r) || b.change == nil || b.change.Touches(r.Type, r.ID)
		switch {
		case res.Verdict == finding.Unknown && (touched || after[i].Verdict == finding.Fail):
			was = append(was, before[i])
		case res.Verdict == finding.Pass && StandsIn(r):
			was = append(was, before[i])
		case res.Verdict == finding.Fail: // what else fails of the live resource is not the plan's
			before[i].Denies = slices.DeleteFunc(slices.Clone(before[i].Denies), func(d engine.Deny) bool {
				return !slices.ContainsFunc(res.Denies, func(o engine.Deny) bool { return cmp.Or(o.Key, o.Path) == cmp.Or(d.Key, d.Path) })
			})
			was = append(was, before[i])
		}
	}
	return was
}

// keep remembers what failed before the plan.
func (b *beside) keep(r providers.Resource, was []engine.Result) {
	failing := slices.DeleteFunc(b.j.run.tally.findingsOf(r, was, nil), func(f finding.Finding) bool { return f.Verdict != finding.Fail })
	b.mu.Lock()
	defer b.mu.Unlock()
	key := [2]string{r.Scope.Provider, r.Scope.ID}
	b.was[key] = append(b.was[key], failing...)
}
