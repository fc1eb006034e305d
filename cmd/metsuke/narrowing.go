package main

import (
	"slices"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// narrowing is what the flags of a command leave of what there is: of the rest the run
// says nothing, neither that it is fixed nor that it is not visible. What the
// configuration leaves out is not part of it: that is what is wanted of every run.
type narrowing struct {
	Providers []string          `json:"providers,omitempty"` // patterns, as selection has them
	Accounts  []string          `json:"accounts,omitempty"`
	Regions   []string          `json:"regions,omitempty"`
	Types     []string          `json:"types,omitempty"`
	Names     map[string]string `json:"names,omitempty"`    // of the accounts, by their ids
	Policies  []string          `json:"policies,omitempty"` // ids; none is every policy
	Scopes    []string          `json:"scopes,omitempty"`   // ids of the plans of a gate; none is every scope
	// Judged are the types of the policies, where these are narrowed: cells of others are
	// asked for at most because a policy joins them.
	Judged []providers.Type `json:"judged,omitempty"`
}

// narrowed says what the flags leave. It is called before the configuration adds to them.
func (s *selection) narrowed() narrowing {
	return narrowing{
		Providers: slices.Clone(s.providers), Accounts: slices.Clone(s.accounts), Regions: slices.Clone(s.regions), Types: slices.Clone(s.types),
	}
}

// choosesPolicies reports whether flags choose policies.
func (s *selection) choosesPolicies() bool {
	return len(s.policies)+len(s.categories)+len(s.severities)+len(s.frameworks)+len(s.types) > 0
}

// nothing reports whether nothing is left out.
func (n narrowing) nothing() bool {
	return len(n.Providers)+len(n.Accounts)+len(n.Regions)+len(n.Types)+len(n.Policies)+len(n.Scopes) == 0
}

// wholeProviders reports whether nothing but providers is left out.
func (n narrowing) wholeProviders() bool {
	n.Providers = nil
	return n.nothing()
}

// asked reports whether the run was asked about the subject. One without a policy is a
// cell.
func (n narrowing) asked(s finding.Subject) bool {
	account := []string{s.Scope}
	if name := n.Names[s.Scope]; name != "" {
		account = append(account, name)
	}
	return pick(n.Providers, s.Provider) && pick(n.Accounts, account...) && (s.Region == "" || pick(n.Regions, s.Region)) &&
		pick(n.Types, string(s.Type)) && (len(n.Scopes) == 0 || slices.Contains(n.Scopes, s.Scope)) &&
		n.askedBy(s)
}

// askedBy reports whether a policy that is selected is about the subject.
func (n narrowing) askedBy(s finding.Subject) bool {
	switch {
	case len(n.Policies) == 0:
		return true
	case s.Policy == "":
		return slices.Contains(n.Judged, s.Type)
	}
	return slices.Contains(n.Policies, s.Policy)
}

// narrowing returns what the flags left of the run.
func (s *setup) narrowing(e *engine.Engine, t target, scopes []providers.Scope) (narrowing, error) {
	n := s.flags
	n.Names = map[string]string{}
	for _, sc := range scopes {
		if sc.Name != "" {
			n.Names[sc.ID] = sc.Name
		}
		if t.mode == "gate" || t.mode == "state" {
			n.Scopes = append(n.Scopes, sc.ID)
		}
	}
	if s.flagged {
		var err error
		if n.Policies, err = s.sel.choose(e); err != nil {
			return n, err
		}
		for _, id := range n.Policies {
			pol, _ := e.Policy(id)
			n.Judged = append(n.Judged, pol.Types...)
		}
		slices.Sort(n.Judged)
		n.Judged = slices.Compact(n.Judged)
	}
	return n, nil
}
