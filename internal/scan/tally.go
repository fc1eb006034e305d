package scan

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// tally turns results into findings and counts. It is safe for concurrent use.
type tally struct {
	in     Input
	mu     sync.Mutex
	counts map[string]*finding.Counts // by policy
	kept   finding.Packed
	// groups count the verdicts for the scorecards; nil where nobody asks.
	groups map[finding.Tally]*finding.Counts
}

func newTally(in Input) *tally {
	t := &tally{in: in, counts: map[string]*finding.Counts{}}
	if in.Tallies {
		t.groups = map[finding.Tally]*finding.Counts{}
	}
	for _, p := range in.Session.Policies() {
		t.counts[p.ID] = &finding.Counts{}
	}
	return t
}

// locator is implemented by providers that can tell where in the user's files an
// attribute of a resource is written, nil where that is not known. The key is that of
// the finding.
type locator interface {
	Locate(r providers.Resource, path, key string) *providers.Source
}

// add keeps what the policies say of a resource. The locator may be nil.
func (t *tally) add(r providers.Resource, results []engine.Result, at locator) {
	found := t.findingsOf(r, results, at)
	t.put(found, results...)
	if t.groups != nil {
		t.group(r, results)
	}
}

// group counts the verdicts on a resource for the scorecards.
func (t *tally) group(r providers.Resource, results []engine.Result) {
	_, whose := t.whose(r)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, res := range results {
		key := finding.Tally{
			Owner: whose.Owner, OwnerUnknown: whose.Unknown != "", Provider: r.Scope.Provider, Scope: r.Scope.ID,
			Category: res.Policy.Category, Severity: res.Policy.Severity,
		}
		if t.groups[key] == nil {
			t.groups[key] = &finding.Counts{}
		}
		t.groups[key].Add(res.Verdict, 1)
	}
}

// whose says what keeps the resource and who owns it.
func (t *tally) whose(r providers.Resource) (*finding.ManagedBy, finding.Ownership) {
	var by *finding.ManagedBy
	if t.in.ManagedBy != nil {
		by = t.in.ManagedBy(r)
	}
	if t.in.Owner == nil {
		return by, finding.Ownership{}
	}
	return by, t.in.Owner(r, by)
}

// put counts verdicts and keeps the findings of them.
func (t *tally) put(findings []finding.Finding, results ...engine.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, res := range results {
		t.counts[res.Policy.ID].Add(res.Verdict, 1)
	}
	for _, f := range findings {
		t.kept.Add(f)
	}
}

// reports reports whether there are findings of a result.
func (t *tally) reports(res engine.Result) bool {
	return t.in.Passes || res.Verdict != finding.Pass && res.Verdict != finding.NotApplicable
}

// findingsOf turns results into findings. The locator may be nil.
func (t *tally) findingsOf(r providers.Resource, results []engine.Result, at locator) []finding.Finding {
	about := finding.Resource{
		Provider: r.Scope.Provider, Scope: r.Scope.ID, ScopeName: r.Scope.Name, Type: r.Type, ID: r.ID, Name: r.Name, Region: r.Region, Source: r.Source,
	}
	n := 0
	for _, res := range results {
		if t.reports(res) {
			n += max(len(res.Denies), 1)
		}
	}
	if n == 0 {
		return nil
	}
	var whose finding.Ownership
	about.ManagedBy, whose = t.whose(r)
	fs := make([]finding.Finding, 0, n)
	for _, res := range results {
		if !t.reports(res) {
			continue
		}
		base := finding.Finding{
			Policy: res.Policy.ID, Title: res.Policy.Title, Category: res.Policy.Category, Severity: res.Policy.Severity,
			Verdict: res.Verdict, Resource: about, Owner: whose.Owner, OwnerUnknown: whose.Unknown,
		}
		switch res.Verdict {
		case finding.Fail:
			for _, d := range res.Denies {
				f := base
				f.Message, f.Path, f.Key, f.Defects, f.MonthlyCost = d.Message, d.Path, d.Key, d.Defects, d.MonthlyCost
				if d.Severity != "" {
					f.Severity = d.Severity
				}
				if d.AtLeast != "" {
					f.Message += "; it may be worse: " + d.AtLeast
				}
				f.Fingerprint = finding.Fingerprint(f.Policy, about, cmp.Or(d.Key, d.Path))
				f.Resource.Source = sourceOf(r, f.Path, f.Key, at)
				fs = append(fs, f)
			}
		case finding.Unknown:
			base.Message, base.Path, base.Reason = res.Message, res.Path, res.Reason
			base.Resource.Source = sourceOf(r, base.Path, "", at)
			base.Fingerprint = finding.Fingerprint(base.Policy, about, "unknown")
			fs = append(fs, base)
		case finding.Pass, finding.NotApplicable:
			base.Fingerprint = finding.Fingerprint(base.Policy, about, string(res.Verdict))
			fs = append(fs, base)
		}
	}
	return fs
}

// sourceOf returns where the attribute is written, or else the resource.
func sourceOf(r providers.Resource, path, key string, at locator) *providers.Source {
	if at != nil {
		if s := at.Locate(r, path, key); s != nil {
			return s
		}
	}
	return r.Source
}

// finish names the permissions that unknown findings lack, sorts, and sums up.
func (t *tally) finish(out *finding.Run) {
	for _, p := range t.in.Session.Policies() {
		pol := p.Policy
		pol.Counts = *t.counts[p.ID]
		out.Policies = append(out.Policies, pol)
	}
	cures := newCures(out.Coverage.Gaps)
	for i := range out.Findings {
		if f := &out.Findings[i]; f.Verdict == finding.Unknown {
			f.Permission = cures.permission(f)
		}
	}
	finding.Sort(out.Findings)
	out.Coverage.Cures = cures.ranked(out.Findings, t.in.Besides)
	for key, counts := range t.groups {
		key.Counts = *counts
		out.Tallies = append(out.Tallies, key)
	}
	slices.SortFunc(out.Tallies, finding.CompareTallies)
}

// cures finds the permission that would resolve an unknown.
type cures struct {
	gaps []providers.Gap
	by   map[string]string // scope, type, resource ("" is every one) and attribute -> permission
}

func newCures(gaps []providers.Gap) cures {
	c := cures{gaps: gaps, by: map[string]string{}}
	for _, g := range gaps {
		if g.Permission == "" {
			continue
		}
		for _, path := range strings.Split(g.Path, ",") {
			top, _, _ := strings.Cut(path, ".")
			c.by[cureKey(g.Scope.Provider, g.Scope.ID, g.Type, g.ID, top)] = g.Permission
		}
	}
	return c
}

func cureKey(provider, scope string, t providers.Type, id, attribute string) string {
	return strings.Join([]string{provider, scope, string(t), id, attribute}, "\x00")
}

func (c cures) permission(f *finding.Finding) string {
	if t, ok := strings.CutPrefix(f.Path, "related."); ok {
		typ, _, _ := strings.Cut(t, ".")
		return c.by[cureKey(f.Resource.Provider, f.Resource.Scope, providers.Type(typ), "", "")]
	}
	top, _, _ := strings.Cut(f.Path, ".")
	if top == "inherited_tags" || top == "organizational_unit" { // of the account itself
		return c.by[cureKey(f.Resource.Provider, f.Resource.Scope, "", "", top)]
	}
	for _, id := range []string{f.Resource.ID, ""} {
		if p := c.by[cureKey(f.Resource.Provider, f.Resource.Scope, f.Resource.Type, id, top)]; p != "" {
			return p
		}
	}
	return ""
}

// owners returns the permissions that would tell whose a resource is: by its tags, those
// of its account, the unit of that, or what is asked for besides.
func (c cures) owners(f *finding.Finding, besides []providers.Want) []string {
	if f.OwnerUnknown != providers.Denied {
		return nil // there is nothing to grant
	}
	w, _ := providers.Find(besides, f.Resource.Type)
	var out []string
	for _, attribute := range append([]string{"tags", "inherited_tags", "organizational_unit"}, w.Attributes...) {
		if p := c.permission(&finding.Finding{Resource: f.Resource, Path: attribute}); p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// ranked returns the permissions by how much their grant would resolve.
func (c cures) ranked(findings []finding.Finding, besides []providers.Want) []finding.Cure {
	by := map[string]*finding.Cure{}
	of := func(p string) *finding.Cure {
		if by[p] == nil {
			by[p] = &finding.Cure{Permission: p}
		}
		return by[p]
	}
	ownerless := map[string]bool{} // resources that were counted
	for i := range findings {
		f := &findings[i]
		if f.Permission != "" {
			of(f.Permission).Unknowns++
		}
		if key := cureKey(f.Resource.Provider, f.Resource.Scope, f.Resource.Type, f.Resource.ID, ""); f.OwnerUnknown != "" && !ownerless[key] {
			ownerless[key] = true
			for _, p := range c.owners(f, besides) {
				of(p).Owners++
			}
		}
	}
	for _, g := range c.gaps {
		if g.Permission != "" && g.ID == "" && g.Path == "" {
			of(g.Permission).Cells++
		}
	}
	out := []finding.Cure{}
	for _, cure := range by {
		out = append(out, *cure)
	}
	slices.SortFunc(out, func(a, b finding.Cure) int {
		return cmp.Or(cmp.Compare(b.Unknowns+b.Cells, a.Unknowns+a.Cells), cmp.Compare(b.Cells, a.Cells), cmp.Compare(b.Owners, a.Owners), cmp.Compare(a.Permission, b.Permission))
	})
	return out
}
