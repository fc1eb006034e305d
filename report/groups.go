package report

import (
	"cmp"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// unknownGroup is the unknown verdicts of one policy for one cause.
type unknownGroup struct {
	Policy, Title string
	Severity      finding.Severity
	Reason        providers.Reason
	Paths         []string
	Permission    string
	Message       string // of the first, with its resource
	Example       finding.Resource
	Count         int
}

// unknownGroups compresses unknown findings: the worst policies first, then the
// most verdicts.
func unknownGroups(findings []finding.Finding) []unknownGroup {
	type key struct {
		policy     string
		severity   finding.Severity
		reason     providers.Reason
		permission string
	}
	by := map[key]*unknownGroup{}
	for _, f := range findings {
		if f.Verdict != finding.Unknown {
			continue
		}
		k := key{f.Policy, f.Severity, f.Reason, f.Permission}
		g := by[k]
		if g == nil {
			g = &unknownGroup{Policy: f.Policy, Title: f.Title, Severity: f.Severity, Reason: f.Reason, Permission: f.Permission, Message: f.Message, Example: f.Resource}
			by[k] = g
		}
		g.Count++
		if f.Path != "" && !slices.Contains(g.Paths, f.Path) {
			g.Paths = append(g.Paths, f.Path)
		}
	}
	var out []unknownGroup
	for _, g := range by {
		slices.Sort(g.Paths)
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b unknownGroup) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Policy, b.Policy),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Permission, b.Permission))
	})
	return out
}

// gapGroup is the whole scopes and cells of one type that could not be read for
// one cause.
type gapGroup struct {
	Provider   string
	Type       providers.Type // "" is a whole scope
	Reason     providers.Reason
	Call       string
	Permission string
	Err        string // of the first
	Scopes     []string
	Regions    []string
	Count      int
}

// gapGroups compresses the gaps that are whole scopes or cells, the most
// frequent first, and counts the others: those are parts of resources, which
// show as unknown verdicts where a policy reads them.
func gapGroups(gaps []providers.Gap) (groups []gapGroup, parts int) {
	type key struct {
		provider         string
		kind             providers.Type
		reason           providers.Reason
		call, permission string
	}
	by := map[key]*gapGroup{}
	for _, g := range gaps {
		if g.ID != "" || g.Path != "" {
			parts++
			continue
		}
		k := key{g.Scope.Provider, g.Type, g.Reason, g.Call, g.Permission}
		group := by[k]
		if group == nil {
			group = &gapGroup{Provider: g.Scope.Provider, Type: g.Type, Reason: g.Reason, Call: g.Call, Permission: g.Permission, Err: g.Err}
			by[k] = group
		}
		group.Count++
		if s := scopeName(g.Scope.ID, g.Scope.Name); !slices.Contains(group.Scopes, s) {
			group.Scopes = append(group.Scopes, s)
		}
		if g.Region != "" && !slices.Contains(group.Regions, g.Region) {
			group.Regions = append(group.Regions, g.Region)
		}
	}
	for _, g := range by {
		slices.Sort(g.Scopes)
		slices.Sort(g.Regions)
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b gapGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Call, b.Call), cmp.Compare(a.Permission, b.Permission))
	})
	return groups, parts
}

// what names what a gap group could not read.
func (g gapGroup) what() string {
	if g.Type == "" {
		return "everything of " + g.Provider
	}
	return string(g.Type)
}

// where names the scopes, and the regions where there are any.
func (g gapGroup) where() string {
	s := some(g.Scopes, 3)
	if len(g.Regions) > 0 {
		s += " in " + some(g.Regions, 3)
	}
	return s
}

// sentence says on one line what a gap group could not read, and why.
func (g gapGroup) sentence() string {
	s := g.what() + " in " + g.where() + ": " + string(g.Reason)
	if c := cmp.Or(cure(string(g.Reason), g.Permission), g.Err); c != "" {
		s += " (" + cut(clean(c), 100) + ")"
	}
	return clean(s)
}
