package engine

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Whether a resource inherits a tag is one of a few cases, unlike the value of an
// attribute: for each key it does, or it does not. So a policy that looks at inherited tags
// is asked in all of them, and has a verdict where it is the same in each.

// maxOpen bounds of how many keys it may be open whether they are inherited, so that there
// are not too many cases. With more of them the verdict is unknown.
const maxOpen = 6

// suppose judges a resource of which it is not known whether it inherits some tags.
func (ev *evaluator) suppose(ctx context.Context, r providers.Resource, h heritage, rel *Related) ([]Result, error) {
	out, err := ev.evaluate(ctx, h.with(r, 0), rel, nil)
	if err != nil {
		return nil, err
	}
	left := make([]bool, len(ev.policies)) // those of which the verdict is not settled
	cases := make([][]Result, len(ev.policies))
	any1 := false
	for i, p := range ev.policies {
		left[i] = p.reads.inherit()
		any1 = any1 || left[i]
		cases[i] = []Result{out[i]}
	}
	if !any1 {
		return out, nil
	}
	path, message, reason := h.why()
	unknown := func(p *compiled) Result {
		return Result{Policy: p.Policy, Verdict: finding.Unknown, Path: path, Reason: reason, Message: message}
	}
	settle := func(i int) {
		out[i], left[i] = unknown(ev.policies[i]), false
	}
	for _, chosen := range casesOf(len(h.open)) {
		if !slices.Contains(left, true) {
			break
		}
		if len(h.open) > maxOpen {
			for i := range left {
				if left[i] {
					settle(i)
				}
			}
			break
		}
		results, err := ev.evaluate(ctx, h.with(r, chosen), rel, left)
		if err != nil {
			return nil, err
		}
		for i := range left {
			if !left[i] {
				continue
			}
			cases[i] = append(cases[i], results[i])
			if first := cases[i][0]; first.Verdict != results[i].Verdict || first.Verdict == finding.Unknown && first.Path != results[i].Path {
				settle(i)
			}
		}
	}
	for i := range left {
		if left[i] && out[i].Verdict == finding.Fail {
			if out[i] = certainly(ev.policies[i].Policy, cases[i], message); len(out[i].Denies) == 0 {
				settle(i)
			}
		}
	}
	return out, nil
}

// casesOf returns the cases besides that of nothing inherited: which of n tags are. What is
// inherited as a whole comes first, because there most verdicts differ.
func casesOf(n int) []uint {
	n = min(n, maxOpen)
	all := uint(1)<<n - 1
	out := make([]uint, 0, all)
	for chosen := all; chosen > 0; chosen-- {
		out = append(out, chosen)
	}
	slices.SortStableFunc(out, func(a, b uint) int { return cmp.Compare(bits.OnesCount(b), bits.OnesCount(a)) })
	return out
}

// certainly returns what fails in every case, each time as in the case where it is least
// bad. Where another is worse, it says what would have to be known to tell.
func certainly(p *Policy, cases []Result, why string) Result {
	common := cases[0].Denies
	worse := map[string]bool{}
	mark := func(d Deny) string { return d.Key + "\x00" + d.Path }
	for _, c := range cases[1:] {
		var both []Deny
		for _, a := range common {
			i := slices.IndexFunc(c.Denies, func(b Deny) bool { return mark(a) == mark(b) })
			if i < 0 {
				continue
			}
			b := c.Denies[i]
			if !a.equal(b) {
				worse[mark(a)] = true
			}
			both = append(both, milder(a, b, p.Severity))
		}
		common = both
	}
	if len(common) == 0 {
		return Result{Policy: p}
	}
	common = slices.Clone(common)
	for i, d := range common {
		if worse[mark(d)] && d.AtLeast == "" {
			common[i].AtLeast = why
		}
	}
	return failed(p, common)
}

// milder returns the one of two elements that is graded milder, or else has fewer defects.
func milder(a, b Deny, usual finding.Severity) Deny {
	rank := func(d Deny) int { return cmp.Or(d.Severity, usual).Rank() }
	if cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(len(a.Defects), len(b.Defects))) > 0 {
		return b
	}
	return a
}

// inherit reports whether inherited tags are read.
func (rs reads) inherit() bool {
	return slices.ContainsFunc(rs, func(r read) bool {
		return r.path[0] == "resource" && (len(r.path) == 1 || r.path[1] == inheritedPath)
	})
}
