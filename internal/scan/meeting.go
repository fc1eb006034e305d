package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/estate"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// meeting returns the types of which live resources join something that the plan
// changes.
func (b *beside) meeting() []providers.Type {
	if b.change == nil {
		return nil
	}
	var out []providers.Type
	for _, t := range b.j.run.in.Session.Types() {
		if in := b.j.run.in; in.Type != nil && !in.Type(t) {
			continue
		}
		for u := range b.j.run.in.Session.Joins(t) {
			if b.change.Alters(u) && !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// meetable adds to what a plan is asked for what policies read of its resources when
// live ones join them.
func (r *run) meetable(p providers.Provider, want []providers.Want) []providers.Want {
	d := p.Describe()
	has, filtered := p.(present)
	for _, j := range r.joinedBy(r.in.Session.Types()) {
		if _, ok := d.Type(j.Type); !ok || filtered && !slices.Contains(has.Types(), j.Type) {
			continue
		}
		i := slices.IndexFunc(want, func(w providers.Want) bool { return w.Type == j.Type })
		if i < 0 {
			want = append(want, j)
			continue
		}
		want[i].Attributes = slices.Compact(slices.Sorted(slices.Values(slices.Concat(want[i].Attributes, j.Attributes))))
	}
	return want
}

// judgeMeeting judges the live resources that are not planned and join something that
// the plan changes, with and without the plan, and reports what differs.
func (b *beside) judgeMeeting(ctx context.Context) error {
	for _, t := range b.joining {
		for _, s := range b.estate.Scopes() {
			if !b.match.Holds(estate.IDOf(s)) {
				continue
			}
			for _, r := range b.estate.Of(estate.IDOf(s), t) {
				if b.match.Taken(r) || b.j.run.in.Region != nil && !b.j.run.in.Region(r.Region) {
					continue
				}
				if err := b.judgeLive(ctx, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (b *beside) judgeLive(ctx context.Context, r providers.Resource) error {
	session, scope := b.j.run.in.Session, estate.IDOf(r.Scope)
	before, err := session.Evaluate(ctx, r, b.before(scope))
	if err != nil {
		return wrap(r, err)
	}
	after, err := session.Evaluate(ctx, r, b.after(scope))
	if err != nil {
		return wrap(r, err)
	}
	tally, watcher := b.j.run.tally, b.j.run.in.Watcher
	if watcher != nil {
		watcher.Seen(r)
	}
	for i := range after {
		if len(after[i].Policy.Uses) == 0 {
			continue
		}
		was, is := failingOf(tally.findingsOf(r, before[i:i+1], nil)), failingOf(tally.findingsOf(r, after[i:i+1], nil))
		var brings []finding.Finding
		for mark, f := range is {
			if before, old := was[mark]; !old || f.WorseThan(before.Severity, before.Defects) {
				f.Change = finding.Introduced
				brings = append(brings, f)
			}
		}
		if after[i].Verdict == finding.Unknown && before[i].Verdict != finding.Unknown {
			brings = append(brings, tally.findingsOf(r, after[i:i+1], nil)...)
		}
		if len(brings) > 0 {
			tally.put(brings, after[i])
		}
		// What fails as before is not reported: to call that judged would be to say that the
		// rest of what is known of it is gone.
		if watcher != nil && len(brings) == len(is) {
			watcher.Judged(r, after[i].Policy.ID, after[i].Verdict)
		}
		for mark, f := range was {
			if _, still := is[mark]; !still && after[i].Verdict != finding.Unknown {
				f.Change = finding.Fixed
				b.mu.Lock()
				b.fixed = append(b.fixed, f)
				b.mu.Unlock()
			}
		}
	}
	return nil
}

// failingOf returns the findings that fail, by what identifies them.
func failingOf(fs []finding.Finding) map[mark]finding.Finding {
	out := map[mark]finding.Finding{}
	for _, f := range fs {
		if f.Verdict != finding.Fail {
			continue
		}
		m := markOf(f)
		if other, twice := out[m]; twice {
			f = other.Together(f)
		}
		out[m] = f
	}
	return out
}

// readPrior reads what live resources may join of the plan as it is before the change. The
// plan knows it from the accounts themselves, and later than the inventory; what it does
// not tell is unknown before and after.
func (b *beside) readPrior(ctx context.Context) error {
	before := b.change.Before(func(t providers.Type) bool { return b.j.joined[t] })
	want := b.j.run.joinedBy(b.j.run.in.Session.Types())
	for _, s := range b.j.scopes {
		if err := before.Collect(ctx, s, want, &gathered{into: b}); err != nil {
			return fmt.Errorf("read %s as it is before: %w", s.ID, err)
		}
	}
	return nil
}

// gathered is a Sink that keeps resources.
type gathered struct{ into *beside }

// Plan implements providers.Sink.
func (gathered) Plan(...providers.Cell) {}

// Done implements providers.Sink.
func (gathered) Done(providers.Cell) {}

// Gap implements providers.Sink. What it is about is Missed of the plan itself.
func (gathered) Gap(providers.Gap) {}

// Resource implements providers.Sink.
func (g gathered) Resource(r providers.Resource) {
	g.into.mu.Lock()
	defer g.into.mu.Unlock()
	g.into.prior = append(g.into.prior, r)
}

// before returns the live resources of a scope, those of the plan as it knows them before
// the change.
func (b *beside) before(s estate.ScopeID) *engine.Related {
	key := estate.ScopeID{Provider: s.Provider, ID: s.ID + " before"}
	b.mu.Lock()
	defer b.mu.Unlock()
	if rel := b.related[key]; rel != nil {
		return rel
	}
	rel := engine.NewRelated()
	b.related[key] = rel
	for _, r := range b.prior {
		if in, ok := b.match.Scope(keyOf(r)); ok && in == s && !StandsIn(r) {
			rel.Add(b.joined(r))
		}
	}
	for _, w := range b.j.run.joinedBy(b.j.run.in.Session.Types()) {
		for _, r := range b.estate.Of(s, w.Type) {
			if !b.match.Taken(r) {
				rel.Add(r)
			}
		}
		if why, missed := b.estate.Missed(s, w.Type); missed {
			rel.Miss(w.Type, why)
		} else if b.match.Doubtful(w.Type) {
			rel.Miss(w.Type, providers.Outside)
		}
	}
	return rel
}

// missedNotes says which joined types the inventory does not have in full.
func (b *beside) missedNotes() {
	for _, s := range b.estate.Scopes() {
		id := estate.IDOf(s)
		if b.related[id] == nil {
			continue
		}
		for t := range b.j.joined {
			if why, missed := b.estate.Missed(id, t); missed && why != providers.Unsupported {
				b.note("the inventory does not hold every %s of %s (%s): what depends on them is unknown", t, strings.TrimSpace(s.Name+" "+s.ID), why)
			}
		}
	}
}
