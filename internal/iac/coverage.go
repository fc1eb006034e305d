package iac

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Coverage counts what a run reads by what keeps it. It is told by internal/scan what is
// read, and is safe for concurrent use.
type Coverage struct {
	ix    *Index
	owner func(providers.Resource) finding.Ownership

	mu        sync.Mutex
	total     finding.Managed
	accounts  map[string]*finding.ManagedGroup
	owners    map[string]*finding.ManagedGroup
	ownerless finding.ManagedGroup // of which it cannot be told whose they are
	unmanaged []finding.Resource
	projects  map[place]bool // of Google, by scope
	read      map[cell]bool
}

// place is a project seen in a scope.
type place struct{ scope, project string }

// cell was read in full.
type cell struct {
	provider, scope, region string
	typ                     providers.Type
}

// NewCoverage returns an empty Coverage. The function says whose a resource is.
func NewCoverage(ix *Index, owner func(providers.Resource) finding.Ownership) *Coverage {
	return &Coverage{
		ix: ix, owner: owner, accounts: map[string]*finding.ManagedGroup{}, owners: map[string]*finding.ManagedGroup{},
		projects: map[place]bool{}, read: map[cell]bool{},
	}
}

// Seen counts a resource.
func (c *Coverage) Seen(r providers.Resource) {
	by := c.ix.ManagedBy(r)
	if by == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ix.met(r)
	if r.Scope.Provider == "gcp" {
		c.projects[place{r.Scope.ID, project(r.ID)}] = true
	}
	whose := &c.ownerless.Managed
	if o := c.owner(r); o.Unknown == "" {
		whose = group(c.owners, o.Owner)
	}
	for _, m := range []*finding.Managed{&c.total, group(c.accounts, r.Scope.Provider+" "+r.Scope.ID), whose} {
		m.Add(by.Tool)
	}
	if by.Tool == finding.Unmanaged {
		c.unmanaged = append(c.unmanaged, finding.Resource{
			Provider: r.Scope.Provider, Scope: r.Scope.ID, ScopeName: r.Scope.Name, Type: r.Type, ID: r.ID, Name: r.Name, Region: r.Region, ManagedBy: by,
		})
	}
}

// group returns the count of a name.
func group(in map[string]*finding.ManagedGroup, name string) *finding.Managed {
	if in[name] == nil {
		in[name] = &finding.ManagedGroup{Name: name}
	}
	return &in[name].Managed
}

// Judged is of no interest.
func (c *Coverage) Judged(providers.Resource, string, finding.Verdict) {}

// Read notes a cell that was read in full.
func (c *Coverage) Read(in providers.Cell) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read[cell{in.Scope.Provider, in.Scope.ID, in.Region, in.Type}] = true
}

// Result sums up, after the run. The states are those given, read or not.
func (c *Coverage) Result(states []finding.State) *finding.IaC {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := &finding.IaC{
		States: states, Managed: c.total, ByAccount: groups(c.accounts), ByOwner: groups(c.owners),
		Unmanaged: append([]finding.Resource{}, c.unmanaged...), Gone: []finding.StateEntry{},
	}
	if c.ownerless.Total() > 0 {
		c.ownerless.OwnerUnknown = true
		out.ByOwner = append(out.ByOwner, c.ownerless)
	}
	slices.SortFunc(out.Unmanaged, func(a, b finding.Resource) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	})
	for _, e := range c.ix.entries {
		switch {
		case e.found || e.Part:
		case c.lookedFor(e):
			gone := finding.StateEntry{State: e.state, Address: e.Address, Type: e.Type}
			if e.Deposed {
				gone.Address += " (deposed)" // beside the object that took its place
			}
			out.Gone = append(out.Gone, gone)
		default:
			out.NotLookedFor++
		}
	}
	slices.SortFunc(out.Gone, func(a, b finding.StateEntry) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Address, b.Address))
	})
	return out
}

func groups(in map[string]*finding.ManagedGroup) []finding.ManagedGroup {
	out := make([]finding.ManagedGroup, 0, len(in))
	for _, name := range slices.Sorted(maps.Keys(in)) {
		out = append(out, *in[name])
	}
	return out
}

// lookedFor reports whether the run would have found the resource of the entry if it
// were there: the cell that it would be in is known, and was read in full.
func (c *Coverage) lookedFor(e *indexed) bool {
	typ := providers.Type(modelType(e.Type))
	for _, key := range e.Keys {
		_, id, _ := strings.Cut(key, " ")
		switch {
		case strings.HasPrefix(id, "arn:"):
			// arn:partition:service:region:account:resource
			parts := strings.SplitN(id, ":", 6)
			if len(parts) < 6 || parts[4] == "" {
				continue // of a bucket, which can be in any account
			}
			if c.read[cell{"aws", parts[4], parts[3], typ}] || c.read[cell{"aws", parts[4], "", typ}] {
				return true
			}
		case strings.HasPrefix(id, "projects/"):
			for at := range c.projects {
				if at.project != "" && at.project == project(id) && c.read[cell{"gcp", at.scope, "", typ}] {
					return true
				}
			}
		case strings.HasPrefix(e.Type, "github_"):
			org, _, _ := strings.Cut(id, "/")
			org, _, _ = strings.Cut(org, ":")
			for at := range c.read {
				if at.provider == "github" && strings.EqualFold(at.scope, org) && at.typ == typ {
					return true
				}
			}
		}
	}
	return false
}

// project is the Google project in a path or full name, "" for none.
func project(id string) string {
	_, rest, _ := strings.Cut(googlePath(id), "projects/")
	name, _, more := strings.Cut(rest, "/")
	if !more {
		return "" // the project itself
	}
	return name
}
