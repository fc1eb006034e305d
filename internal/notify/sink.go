package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// sighting is a finding as the security service of a cloud is to have it.
type sighting struct {
	finding.Finding
	Active bool `json:"active"` // it fails and nothing excuses it
}

// refreshEvery is how often an open finding is told again: services forget what nobody
// has told them for long (Security Hub after 90 days).
const refreshEvery = 30 * 24 * time.Hour

// sightings returns the findings of a provider that changed since the run before, on a
// first run all, and those that are due to be told again. What could not be looked at is
// left as it is.
func sightings(news News, provider string, least finding.Severity) []sighting {
	var out []sighting
	add := func(f finding.Finding, active bool) {
		if f.Resource.Provider == provider && f.Severity.Rank() <= least.Rank() && f.History != nil {
			out = append(out, sighting{f, active})
		}
	}
	first := news.Run.Since == nil
	for _, f := range news.Alive {
		if f.Verdict != finding.Fail || f.History == nil || !f.History.Status.Failing() {
			continue
		}
		changed := first || f.History.Status != finding.StatusOpen
		if changed || refreshed(f.History.FirstSeen, news.Run.Since.Run.Time, news.Run.Time) {
			add(f, f.Counts())
		}
	}
	if !first {
		for _, list := range [][]finding.Finding{news.Run.Since.Fixed, news.Run.Since.Gone} {
			for _, f := range list {
				add(f, false)
			}
		}
	}
	slices.SortFunc(out, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.Resource.Scope, b.Resource.Scope), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

// refreshed reports whether a period since the finding was first seen ended between two
// runs.
func refreshed(first, before, now time.Time) bool {
	return now.Sub(first)/refreshEvery != before.Sub(first)/refreshEvery
}

// batches divides a list by account and into parts of a size.
func batches(list []sighting, size int) [][]sighting {
	var out [][]sighting
	for _, s := range list {
		last := len(out) - 1
		if last < 0 || len(out[last]) == size || out[last][0].Resource.Scope != s.Resource.Scope {
			out = append(out, nil)
			last++
		}
		out[last] = append(out[last], s)
	}
	return out
}
