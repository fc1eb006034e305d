package finding

import (
	"cmp"
	"slices"
)

// Compare orders findings for every report: failures before unknowns, what a plan
// brings before what was there, the worst severity first, then by policy, resource and
// key.
func Compare(a, b Finding) int { return ComparePointers(&a, &b) }

// ComparePointers is Compare without copies.
func ComparePointers(a, b *Finding) int {
	// Nothing is compared that does not decide: runs are long.
	r, s := &a.Resource, &b.Resource
	switch {
	case verdictRank(a.Verdict) != verdictRank(b.Verdict):
		return verdictRank(a.Verdict) - verdictRank(b.Verdict)
	case changeRank(a.Change) != changeRank(b.Change):
		return changeRank(a.Change) - changeRank(b.Change)
	case a.Severity.Rank() != b.Severity.Rank():
		return a.Severity.Rank() - b.Severity.Rank()
	case a.Policy != b.Policy:
		return cmp.Compare(a.Policy, b.Policy)
	case r.Provider != s.Provider:
		return cmp.Compare(r.Provider, s.Provider)
	case r.Scope != s.Scope:
		return cmp.Compare(r.Scope, s.Scope)
	case r.Region != s.Region:
		return cmp.Compare(r.Region, s.Region)
	case r.Type != s.Type:
		return cmp.Compare(r.Type, s.Type)
	case r.ID != s.ID:
		return cmp.Compare(r.ID, s.ID)
	}
	return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
}

// Sort orders findings with Compare. It moves each of them once: they are large.
func Sort(fs []Finding) { SortTies(fs, func(int, int) int { return 0 }) }

// SortTies is Sort, with ties to say in which order those come that Compare makes no
// difference between, by where they were.
func SortTies(fs []Finding, ties func(i, j int) int) {
	order := make([]int32, len(fs)) // what belongs at each place is now where
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := ComparePointers(&fs[a], &fs[b]); c != 0 {
			return c
		}
		return ties(int(a), int(b))
	})
	for i := range order {
		if order[i] == int32(i) {
			continue
		}
		first, to := fs[i], i
		for from := order[to]; from != int32(i); from = order[to] {
			fs[to] = fs[from]
			order[to], to = int32(to), int(from)
		}
		fs[to], order[to] = first, int32(to)
	}
}

func verdictRank(v Verdict) int {
	switch v {
	case Fail:
		return 0
	case Unknown:
		return 1
	case Pass:
		return 2
	case NotApplicable:
		return 3
	}
	return -1
}

// changeRank is the same for what a plan brings and where nothing is planned.
func changeRank(c Change) int {
	switch c {
	case Existing:
		return 1
	case Fixed:
		return 2
	case Introduced:
	}
	return 0
}

// Changed counts the failing findings by what a plan has to do with them, and what it
// mends. All three are 0 where nothing is planned.
func (r Run) Changed() (introduced, existing, fixed int) {
	for _, f := range r.Findings {
		switch {
		case f.Verdict != Fail:
		case f.Change == Introduced:
			introduced++
		case f.Change == Existing:
			existing++
		}
	}
	return introduced, existing, len(r.Fixed)
}

// Totals counts the verdicts of every policy.
func (r Run) Totals() Counts {
	var c Counts
	for _, p := range r.Policies {
		c.Pass += p.Counts.Pass
		c.Fail += p.Counts.Fail
		c.Unknown += p.Counts.Unknown
		c.NotApplicable += p.Counts.NotApplicable
	}
	return c
}

// Failing returns the findings that count at or above the severity, those that a
// plan leaves as they were only where existing says so.
func (r Run) Failing(at Severity, existing bool) []Finding {
	var out []Finding
	for _, f := range r.Findings {
		if f.Fails(at, existing) {
			out = append(out, f)
		}
	}
	return out
}

// Fails reports whether the finding counts and is at or above the severity; one that a
// plan leaves as it was only where existing says so.
func (f Finding) Fails(at Severity, existing bool) bool {
	return f.Counts() && f.Severity.Rank() <= at.Rank() && (existing || f.Change != Existing)
}

// Policy returns the policy with the id.
func (r Run) Policy(id string) (Policy, bool) {
	i, ok := slices.BinarySearchFunc(r.Policies, id, func(p Policy, id string) int { return cmp.Compare(p.ID, id) })
	if !ok {
		return Policy{}, false
	}
	return r.Policies[i], true
}

// Unmatched returns the ids of the policies that judged no resource.
func (r Run) Unmatched() []string {
	var out []string
	for _, p := range r.Policies {
		if p.Counts.Total() == 0 {
			out = append(out, p.ID)
		}
	}
	return out
}
