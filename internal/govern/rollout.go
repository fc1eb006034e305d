package govern

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Stage lets policies warn until a day, after which they block.
type Stage struct {
	Policies string // id, former id or pattern
	Until    string // the last day on which they only warn
}

// Rollout says until which day each policy only warns, by its id.
type Rollout map[string]string

// NewRollout resolves the stages. Where several are for a policy, its own id goes before
// a pattern, and a longer pattern before a shorter one. A stage whose day is over is
// left out. An error names a day that is none.
func NewRollout(stages []Stage, names Names, now time.Time) (Rollout, error) {
	stages = slices.SortedFunc(slices.Values(stages), func(a, b Stage) int {
		return cmp.Or(cmp.Compare(len(a.Policies), len(b.Policies)), cmp.Compare(a.Policies, b.Policies))
	})
	wide, own := map[string]string{}, map[string]string{}
	for _, s := range stages {
		if _, err := ParseDay(s.Until); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Policies, err)
		}
		for _, id := range names.matching(s.Policies) {
			if s.Policies == id || slices.Contains(names[id], s.Policies) {
				own[id] = s.Until
			} else {
				wide[id] = s.Until
			}
		}
	}
	out := Rollout{}
	for id := range names {
		until := cmp.Or(own[id], wide[id])
		if until == "" {
			continue
		}
		if day, err := ParseDay(until); err == nil && !over(day, now) {
			out[id] = until
		}
	}
	return out, nil
}

// Warn returns the findings, those that fail a policy that only warns with the day.
func (r Rollout) Warn(findings []finding.Finding) []finding.Finding {
	out := slices.Clone(findings)
	for i, f := range out {
		if f.Verdict == finding.Fail {
			out[i].WarnUntil = r[f.Policy]
		}
	}
	return out
}
