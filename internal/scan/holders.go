package scan

import (
	"time"

	"github.com/metsuke-dev/metsuke/internal/estate"
	"github.com/metsuke-dev/metsuke/providers"
)

// What a planned resource inherits from an account or project outside of the plan, the
// inventory beside which it is judged knows.

// holding is the type whose resources say of every project which labels it has.
const holding = "google_project"

// readHolders notes the tags of accounts and projects that the inventory holds.
func (b *beside) readHolders() {
	b.accounts, b.projects = map[estate.ScopeID]providers.HolderTags{}, map[string]providers.HolderTags{}
	for _, s := range b.estate.Scopes() {
		if tags := s.TagsOf(providers.Account); s.Provider == "aws" {
			b.accounts[estate.IDOf(s)] = tags
		}
		for _, r := range b.estate.Of(estate.IDOf(s), holding) {
			if tags := r.Scope.TagsOf(providers.Project); tags.Of != "" {
				b.projects[tags.Of] = tags
			}
		}
	}
}

// held returns a planned resource with the tags of its account or project, where the plan
// does not tell them and the inventory does.
func (b *beside) held(r providers.Resource) providers.Resource {
	h := providers.HolderOf(r.Type)
	planned := r.Scope.TagsOf(h)
	if h == "" || planned.Unknown != providers.Outside {
		return r
	}
	live, ok := b.projects[planned.Of]
	if h == providers.Account {
		in, _ := b.match.Scope(keyOf(r))
		live, ok = b.accounts[in]
	}
	if ok {
		if live.Unknown == "" {
			live.Of += ", as read live on " + b.time.UTC().Format(time.DateOnly)
		}
		r.Scope = r.Scope.WithTags(h, live)
	}
	return r
}
