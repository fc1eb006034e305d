package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Whether a resource inherits a tag is one of a few cases, unlike the value of an
// attribute: for each key it does, or it does not. So a policy that looks at inherited tags
// is asked in all of them, and has a verdict where it is the same in each.

// maxOpen bounds of how many keys it may be open whether they are inherited, so that there
// are not too many cases. With more of them the verdict is unknown.
const maxOpen = 8

// supposition is how a resource is judged of which it is not known whether it inherits some
// tags.
type supposition struct {
	ev    *evaluator
	h     heritage
	cases [][]Result // by policy
	left  []bool     // policies of which the verdict is not settled
	out   []Result
	keys  []string // under what results are kept that took an argument; "" is not at all
}

// suppose judges a resource of which it is not known whether it inherits some tags.
func (ev *evaluator) suppose(ctx context.Context, r providers.Resource, h heritage, rel *Related) ([]Result, error) {
	none, err := ev.evaluate(ctx, h.with(r, 0), rel, nil)
	if err != nil {
		return nil, err
	}
	s := &supposition{ev: ev, h: h, cases: make([][]Result, len(none)), left: make([]bool, len(none)), out: none, keys: make([]string, len(none))}
	for i, p := range ev.policies {
		s.left[i], s.cases[i] = p.reads.inherit(), []Result{none[i]}
	}
	// What all of them are comes first, because there most verdicts differ: with some
	// value, which takes no argument about what is unknown, and with any.
	all := uint(1)<<len(h.open) - 1
	full := h.with(r, all)
	some := full
	some.veiled = nil
	if err := s.try(ctx, some, rel, &asked{only: s.left}); err != nil {
		return nil, err
	}
	s.recall(r)
	argued := &asked{only: s.left, argued: make([]bool, len(none))}
	if err := s.try(ctx, full, rel, argued); err != nil {
		return nil, err
	}
	if err := s.argue(ctx, full, rel, argued.argued); err != nil {
		return nil, err
	}
	for _, chosen := range casesOf(len(h.open)) {
		if err := s.try(ctx, h.with(r, chosen), rel, &asked{only: s.left}); err != nil {
			return nil, err
		}
	}
	for i := range s.left {
		if s.left[i] && len(h.open) > maxOpen {
			s.unsettle(i)
		}
		if s.left[i] {
			s.settle(i)
		}
		if argued.argued[i] && s.keys[i] != "" {
			ev.supposed.keep(s.keys[i], s.out[i])
		}
	}
	return s.out, nil
}

// supposed are results that took an argument, by all that the policy reads. The same tags
// come again and again.
type supposed struct {
	mu   sync.Mutex
	kept map[string]Result
}

func (k *supposed) keep(key string, res Result) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil || len(k.kept) >= maxKept {
		k.kept = map[string]Result{}
	}
	k.kept[key] = res
}

func (k *supposed) at(key string) (Result, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	res, ok := k.kept[key]
	return res, ok
}

// recall settles what was found out about another resource that the policies left cannot tell
// from this one.
func (s *supposition) recall(r providers.Resource) {
	none := s.h.with(r, 0)
	unknown := s.ev.unknowns(none)
	for i, p := range s.ev.policies {
		if !s.left[i] || len(blindSpots(p.reads, unknown)) > 0 {
			continue
		}
		read := []any{p.ID, s.h.from, s.h.certain, fmt.Sprintf("%q", s.h.open)}
		for _, one := range p.reads {
			switch {
			case one.path[0] == "related", len(one.path) < 2 && one.path[0] == "resource":
				read = nil
			case one.path[0] == "resource" && one.path[1] != inheritedPath && read != nil:
				v, ok := lookupField(none, one.path[1:])
				read = append(read, ok, v)
			}
			if read == nil {
				break
			}
		}
		text, err := json.Marshal(read)
		if read == nil || err != nil {
			continue
		}
		s.keys[i] = string(text)
		if res, ok := s.ev.supposed.at(s.keys[i]); ok {
			s.out[i], s.left[i] = res, false
		}
	}
}

// try judges one case by the policies that are left. Where the verdict is another than in
// the cases before, it is unknown.
func (s *supposition) try(ctx context.Context, r subject, rel *Related, ask *asked) error {
	if !slices.Contains(s.left, true) {
		return nil
	}
	results, err := s.ev.evaluate(ctx, r, rel, ask)
	if err != nil {
		return err
	}
	for i := range s.left {
		if !s.left[i] {
			continue
		}
		s.cases[i] = append(s.cases[i], results[i])
		if first := s.cases[i][0]; first.Verdict != results[i].Verdict || first.Verdict == finding.Unknown && first.Path != results[i].Path {
			s.unsettle(i)
		}
	}
	return nil
}

// argue judges all cases at once by the policies of which the last one had to be argued
// about: those look at values, and each further case would take another argument.
func (s *supposition) argue(ctx context.Context, r subject, rel *Related, argued []bool) error {
	only := make([]bool, len(s.left))
	for i := range only {
		only[i] = s.left[i] && argued[i]
	}
	if !slices.Contains(only, true) {
		return nil
	}
	_, _, r.blind = s.h.why()
	results, err := s.ev.evaluate(ctx, r, rel, &asked{only: only})
	if err != nil {
		return err
	}
	for i := range only {
		if only[i] && results[i].Verdict != finding.Unknown && results[i].Verdict == s.cases[i][0].Verdict {
			s.cases[i] = append(s.cases[i], results[i])
			s.settle(i)
		}
	}
	return nil
}

// settle says what is so in every case.
func (s *supposition) settle(i int) {
	s.left[i] = false
	if s.out[i].Verdict != finding.Fail {
		return
	}
	_, message, _ := s.h.why()
	if s.out[i] = certainly(s.ev.policies[i].Policy, s.cases[i], message); len(s.out[i].Denies) == 0 {
		s.unsettle(i)
	}
}

// unsettle says that the verdict depends on what is inherited.
func (s *supposition) unsettle(i int) {
	path, message, reason := s.h.why()
	s.out[i] = Result{Policy: s.ev.policies[i].Policy, Verdict: finding.Unknown, Path: path, Reason: reason, Message: message}
	s.left[i] = false
}

// asked says which policies judge; nil is all of them.
type asked struct {
	only   []bool // the results of the others are empty
	argued []bool // is set for those of which something unknown had to be argued about; nil where nobody asks
}

func (a *asked) skips(i int) bool { return a != nil && !a.only[i] }

func (a *asked) argue(i int) {
	if a != nil && a.argued != nil {
		a.argued[i] = true
	}
}

// casesOf returns the cases between nothing inherited and all of it: which of n tags are,
// those with most of them first. There are none where they would be too many.
func casesOf(n int) []uint {
	if n > maxOpen {
		return nil
	}
	all := uint(1)<<n - 1
	out := make([]uint, 0, all)
	for chosen := uint(1); chosen < all; chosen++ {
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
