package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// given is a team's role on the repository; id is the team's, or a reference to it.
func given(id, permission string) res {
	r := of(ghTeamRepository, "repository", "name", obj{"permission": permission})
	r.address = ghTeamRepository + "." + permission
	r.config["team_id"] = id
	if id[0] == '=' {
		r.unknown["team_id"] = true
	} else {
		r.after["team_id"] = id
	}
	return r
}

func team(name string, unknown, after obj) res {
	return res{address: "github_team.t", after: joined(obj{"name": name}, after), unknown: unknown, config: obj{"name": name}}
}

func TestTheTeamsOfAPlannedRepository(t *testing.T) {
	isNew, isOld := newRepository(nil), oldRepository(obj{"full_name": "acme/api"})
	one := func(slug, role any) []any { return []any{obj{"organization": nil, "slug": slug, "role": role}} }
	later := obj{"id": true, "slug": true}
	collaborators := func(after obj, config any) res {
		r := of(ghCollaborators, "repository", "name", after)
		r.config["team"] = config
		return r
	}
	fork := newRepository(obj{"fork": "true"})
	for name, c := range map[string]struct {
		plan    []res
		want    any
		unknown []string // what of it is not known
	}{
		"nobody's":                       {[]res{isNew}, []any{}, nil},
		"by a slug":                      {[]res{isNew, given("payments", "push")}, one("payments", "write"), []string{".0.organization"}},
		"a custom role":                  {[]res{isNew, given("payments", "release-manager")}, one("payments", "release-manager"), []string{".0.organization"}},
		"a team that the plan makes":     {[]res{isNew, given("=github_team.t.id", "admin"), team("Site Reliability", later, nil)}, one("site-reliability", "admin"), []string{".0.organization"}},
		"a name that is not yet a slug":  {[]res{isNew, given("=github_team.t.id", "admin"), team("R&D", later, nil)}, one(nil, "admin"), []string{".0.organization", ".0.slug"}},
		"a team that is there":           {[]res{isNew, given("4711", "pull"), team("R&D", nil, obj{"id": "4711", "slug": "r-d"})}, one("r-d", "read"), []string{".0.organization"}},
		"an id of a team outside":        {[]res{isNew, given("4712", "admin"), team("R&D", nil, obj{"id": "4711", "slug": "r-d"})}, one(nil, "admin"), []string{".0.organization", ".0.slug"}},
		"a fork":                         {[]res{fork, given("payments", "admin")}, nil, []string{""}},
		"a repository that exists":       {[]res{isOld, given("payments", "admin")}, nil, []string{""}},
		"one that exists, authoritative": {[]res{isOld, collaborators(obj{"team": []any{obj{"team_id": "payments", "permission": "maintain"}}}, nil)}, []any{obj{"organization": "acme", "slug": "payments", "role": "maintain"}}, nil},
		"with teams that are ignored": {
			[]res{isOld, collaborators(obj{"team": []any{obj{"team_id": "payments", "permission": "maintain"}}, "ignore_team": []any{obj{"team_id": "admins"}}}, nil)}, nil, []string{""},
		},
		"authoritative, without a team": {[]res{isOld, collaborators(obj{"team": []any{}}, nil)}, []any{}, nil},
		"authoritative, of a new team": {
			[]res{isNew, collaborators(obj{"team": []any{obj{"permission": nil}}}, []any{obj{"team_id": "=github_team.t.slug"}}), team("Payments", later, nil)}, one("payments", "write"), []string{".0.organization"},
		},
		"authoritative, of several new teams": {
			[]res{isNew, collaborators(obj{"team": []any{obj{"permission": "admin"}, obj{"team_id": "web", "permission": "pull"}}}, []any{obj{"team_id": "=github_team.t.slug"}, obj{"team_id": "web"}}), team("Payments", later, nil)},
			[]any{obj{"organization": nil, "slug": nil, "role": "admin"}, obj{"organization": nil, "slug": "web", "role": "read"}},
			[]string{".0.organization", ".0.slug", ".1.organization"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := attributes(t, "github_repository.r", c.plan...)
			seen := obj{}
			for _, path := range []string{"", ".0.organization", ".0.slug", ".0.role", ".1.organization", ".1.slug", ".1.role"} {
				if why, open := got["? teams"+path]; open {
					seen[path] = why
				}
			}
			want := obj{}
			for _, path := range c.unknown {
				want[path] = "deferred"
			}
			if diff := cmp.Diff(c.want, got["teams"]); diff != "" {
				t.Errorf("teams (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, seen); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
		})
	}
}
