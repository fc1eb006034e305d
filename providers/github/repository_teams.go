package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	gh "github.com/google/go-github/v88/github"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
)

// grant is a role that a team has on a repository.
type grant struct{ team, role string }

// repositoryTeams enters which teams were given a role on each repository.
//
// It lists the teams and then the repositories of each: a call for a hundred of either. To
// ask every repository takes a call for each one, and does not tell custom roles; GraphQL
// does not tell those either.
func repositoryTeams(ctx context.Context, r *run, c *cell, repos []*repo) {
	const attribute = "teams"
	grants, f := listGrants(ctx, r)
	if f != nil {
		// The team that could not be read may be that of any repository.
		c.gap(f, "", attribute)
		for _, rp := range repos {
			rp.mark(f, attribute)
		}
		return
	}
	for _, rp := range repos {
		of := grants[strings.ToLower(rp.name)]
		slices.SortFunc(of, func(a, b grant) int { return cmp.Compare(a.team, b.team) })
		out := []any{}
		for _, g := range of {
			out = append(out, map[string]any{"organization": r.scope.ID, "slug": g.team, "role": g.role})
		}
		rp.set(attribute, out)
	}
}

// listGrants returns the roles of teams by the names of repositories, in lower case. What
// a child team has from its parent is not its own.
func listGrants(ctx context.Context, r *run) (map[string][]grant, *failure) {
	if f := r.seesSecretTeams(ctx); f != nil {
		return nil, f
	}
	parents := map[string]string{} // by slug; "" is none
	var teams []string
	_, err := list(ctx, r.api, listTeams(), "orgs/"+r.scope.ID+"/teams", nil, func(t *gh.Team) {
		if _, twice := parents[t.GetSlug()]; !twice { // a list that changes while it is read repeats
			teams = append(teams, t.GetSlug())
		}
		parents[t.GetSlug()] = t.GetParent().GetSlug()
	})
	switch {
	case err != nil:
	case len(teams) == 0:
		err = r.hasNoTeams(ctx)
	case slices.Contains(teams, ""):
		err = errors.New("the list holds a team without a name")
	}
	if err != nil {
		return nil, asFailure(listTeams(), err)
	}
	var mu sync.Mutex
	roles := map[string]map[string]string{} // by team, by repository
	var g errgroup.Group
	g.SetLimit(defaultConcurrency)
	for _, team := range teams {
		g.Go(func() error {
			of, err := teamRoles(ctx, r, team)
			mu.Lock()
			defer mu.Unlock()
			roles[team] = of
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, asFailure(listTeamRepositories(), err)
	}
	out := map[string][]grant{}
	for _, team := range teams {
		for name, role := range roles[team] {
			if parent := parents[team]; parent == "" || roles[parent][name] != role {
				out[name] = append(out[name], grant{team, role})
			}
		}
	}
	return out, nil
}

// hasNoTeams returns an error when an empty list of teams may be one that an App gets
// which may not read members, as it gets one of members.
func (r *run) hasNoTeams(ctx context.Context) error {
	const hidden = "GitHub lists no team, to an App that may not be allowed to read members"
	switch {
	case r.cfg.App != nil:
		if f := r.appReadsMembers(ctx, listTeams(), hidden); f != nil {
			return f
		}
	case strings.HasPrefix(r.cfg.Token, "ghs_"): // an App's, which does not tell what it may do
		return denied(listTeams(), hidden)
	}
	return nil
}

// teamRoles returns the roles that a team has on repositories, those of its parents among
// them, by the name of the repository in lower case.
func teamRoles(ctx context.Context, r *run, team string) (map[string]string, error) {
	out := map[string]string{}
	path := "orgs/" + r.scope.ID + "/teams/" + url.PathEscape(team) + "/repos"
	nameless := false
	_, err := list(ctx, r.api, listTeamRepositories(), path, nil, func(in *gh.Repository) {
		nameless = nameless || in.GetName() == ""
		if owner := in.GetOwner().GetLogin(); owner == "" || strings.EqualFold(owner, r.scope.ID) {
			out[strings.ToLower(in.GetName())] = roleOf(in)
		}
	})
	if err == nil && nameless {
		err = fmt.Errorf("the repositories of the team %s hold one without a name", team)
	}
	return out, err
}

// roleOf returns the role under the name that people see. A server that does not know
// custom roles tells only what the role permits.
func roleOf(in *gh.Repository) string {
	switch role := in.GetRoleName(); role {
	case "":
	case "push":
		return "write"
	case "pull":
		return "read"
	default:
		return role
	}
	p := in.GetPermissions()
	switch {
	case p.GetAdmin():
		return "admin"
	case p.GetMaintain():
		return "maintain"
	case p.GetPush():
		return "write"
	case p.GetTriage():
		return "triage"
	}
	return "read"
}

// seesSecretTeams returns nil when the credential sees all teams, and otherwise why it
// may not: GitHub leaves secret teams out of the list for everybody but their members and
// the owners of the organisation, without a word. Apps that may read members are shown
// all of them.
func (r *run) seesSecretTeams(ctx context.Context) *failure {
	if r.cfg.App != nil || strings.HasPrefix(r.cfg.Token, "ghs_") {
		return nil
	}
	org, f := r.organization(ctx)
	switch {
	case f != nil:
		return f
	case org.TwoFactorRequirementEnabled == nil: // which owners are shown
		return denied(providers.Call{Operation: listTeams().Operation, Permissions: getOrganization().Permissions},
			"GitHub shows secret teams to their members and to owners of the organisation only, and the credential is none of an owner")
	}
	return nil
}
