package engine

import (
	"maps"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// leaveOut takes back the verdicts of policies that have nothing to say about a
// resource that is not in the plan and of which only what something else configures
// is known: a security group because of a rule of its own. Whoever wrote the rule is
// answerable for what it opens, not for the description and the tags of the group.
// A policy that reads both keeps its verdict, unknown where it depends on the rest.
func (ev *evaluator) leaveOut(r providers.Resource, results []Result) {
	if !slices.Contains(slices.Collect(maps.Values(r.Unknown)), providers.Outside) {
		return
	}
	for i, p := range ev.policies {
		if p.reads.allOutside(r.Unknown) {
			results[i] = Result{Policy: p.Policy, Verdict: finding.NotApplicable}
		}
	}
}

// allOutside reports whether something is read of a resource, and all of it is
// outside of the plan. Its id, type and name are always known and do not count.
func (rs reads) allOutside(unknown map[string]providers.Reason) bool {
	some := false
	for _, r := range rs {
		if len(r.path) < 2 || r.path[0] != "resource" {
			continue
		}
		name := ""
		switch r.path[1] {
		case "attributes":
			if len(r.path) > 2 {
				name = r.path[2]
			}
		case "tags", "tag_keys":
			name = "tags"
		case "region":
			name = "region"
		default:
			continue
		}
		if unknown[name] != providers.Outside {
			return false
		}
		some = true
	}
	return some
}
