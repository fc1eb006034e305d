package scan

import (
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Watchers returns one that tells all of them; nil ones are left out.
func Watchers(ws ...Watcher) Watcher {
	var out watchers
	for _, w := range ws {
		if w != nil {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

type watchers []Watcher

// Seen implements Watcher.
func (ws watchers) Seen(r providers.Resource) {
	for _, w := range ws {
		w.Seen(r)
	}
}

// Judged implements Watcher.
func (ws watchers) Judged(r providers.Resource, policy string, v finding.Verdict) {
	for _, w := range ws {
		w.Judged(r, policy, v)
	}
}

// Read implements Watcher.
func (ws watchers) Read(c providers.Cell) {
	for _, w := range ws {
		w.Read(c)
	}
}
