package github_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/github"
)

// teamsOf returns the teams of a repository as team:role.
func teamsOf(t *testing.T, r providers.Resource) []string {
	t.Helper()
	list, ok := r.Attributes["teams"].([]any)
	if !ok {
		t.Fatalf("%s has no list of teams: %v", r.Name, r.Attributes["teams"])
	}
	out := []string{}
	for _, e := range list {
		team := e.(map[string]any)
		out = append(out, team["organization"].(string)+"/"+team["slug"].(string)+":"+team["role"].(string))
	}
	return out
}

func TestTheTeamsOfARepositoryAreThoseThatWereGivenARole(t *testing.T) {
	out := everything(t)
	for name, want := range map[string][]string{
		"checkout-api":    {"hoshino-logistics/engineering:read", "hoshino-logistics/payments:admin", "hoshino-logistics/platform:write"},
		"warehouse-ui":    {"hoshino-logistics/engineering:read", "hoshino-logistics/warehouse:admin", "hoshino-logistics/warehouse-ui-guild:admin"},
		"route-planner":   {"hoshino-logistics/engineering:read", "hoshino-logistics/routing:release-manager"},
		"design-system":   {"hoshino-logistics/engineering:write"}, // which its child teams inherit
		"old-website":     {"hoshino-logistics/incident-2026:read"},
		"legacy-billing":  {"hoshino-logistics/payments:maintain"},
		"infra-terraform": {"hoshino-logistics/engineering:read", "hoshino-logistics/platform:admin"},
		"empty-sandbox":   {},
	} {
		if diff := cmp.Diff(want, teamsOf(t, out.named(t, name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTeamsAreListedOnlyWhereSomebodyWantsThem(t *testing.T) {
	var mu sync.Mutex
	var made []string
	observe := func(op string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(op, "/teams") {
			made = append(made, op)
		}
	}
	p := over(demo(t, githubsim.Faults{Observe: observe}))
	collect(t, p, "github_repository", "name", "visibility")
	if len(made) != 0 {
		t.Errorf("nobody wants the teams, and there was %v", made)
	}
	collect(t, p, "github_repository", "name", "teams")
	if diff := cmp.Diff(8, len(made)); diff != "" { // the list, and the repositories of seven teams
		t.Errorf("calls (-want +got):\n%s\n%v", diff, made)
	}
}

func TestTeamsThatMayBeHiddenMakeThoseOfEveryRepositoryUnknown(t *testing.T) {
	const everyone = `{"login":"hoshino-logistics","node_id":"O_1","public_repos":3,"created_at":"2018-03-12T08:41:05Z"}`
	const list, repos = "GET /orgs/{org}/teams", "GET /orgs/{org}/teams/{team_slug}/repos"
	asWorkflow := func(c *github.Config) { c.Token, c.Orgs = "ghs_simulated", []string{githubsim.Login} }
	for name, c := range map[string]struct {
		over   func(http.RoundTripper) http.RoundTripper
		change func(*github.Config)
		want   gap
	}{
		"the credential is none of an owner": {
			func(rt http.RoundTripper) http.RoundTripper {
				return instead(rt, "/orgs/hoshino-logistics", 200, everyone)
			}, nil,
			gap{"", "teams", list, "organization:administration:read", "denied", "GitHub shows secret teams to their members and to owners of the organisation only, and the credential is none of an owner"},
		},
		"the list is refused": {
			func(rt http.RoundTripper) http.RoundTripper {
				return instead(rt, "/orgs/hoshino-logistics/teams", 403, `{"message":"Resource not accessible by personal access token"}`)
			}, nil,
			gap{"", "teams", list, "organization:members:read", "denied", "403: Resource not accessible by personal access token"},
		},
		"one team is hidden": {
			func(rt http.RoundTripper) http.RoundTripper {
				return instead(rt, "/teams/routing/repos", 404, `{"message":"Not Found"}`)
			}, nil,
			gap{"", "teams", repos, "organization:members:read", "denied", "404: Not Found"},
		},
		"the repositories of a team fail": {
			func(rt http.RoundTripper) http.RoundTripper {
				return instead(rt, "/teams/routing/repos", 502, `{"message":"Server Error"}`)
			}, nil,
			gap{"", "teams", repos, "", "failed", "502: Server Error"},
		},
		"a team has no name": {
			func(rt http.RoundTripper) http.RoundTripper {
				return instead(rt, "/orgs/hoshino-logistics/teams", 200, `[{"slug":"payments"},null]`)
			}, nil,
			gap{"", "teams", list, "", "failed", "the list holds a team without a name"},
		},
		"a repository of a team has no name": {
			func(rt http.RoundTripper) http.RoundTripper {
				return instead(rt, "/teams/routing/repos", 200, `[{"role_name":"admin"}]`)
			}, nil,
			gap{"", "teams", repos, "", "failed", "the repositories of the team routing hold one without a name"},
		},
		"an App that may not read members gets no team": {
			func(rt http.RoundTripper) http.RoundTripper {
				return instead(rt, "/orgs/hoshino-logistics/teams", 200, `[]`)
			}, asWorkflow,
			gap{"", "teams", list, "organization:members:read", "denied", "GitHub lists no team, to an App that may not be allowed to read members"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var change []func(*github.Config)
			if c.change != nil {
				change = append(change, c.change)
			}
			out := collect(t, over(c.over(demo(t, githubsim.Faults{})), change...), "github_repository", "name", "teams")
			if diff := cmp.Diff([]gap{c.want}, gapsOf(out)); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			for _, r := range out.resources {
				if diff := cmp.Diff(map[string]providers.Reason{"teams": providers.Reason(c.want.Reason)}, r.Unknown); diff != "" {
					t.Errorf("%s (-want +got):\n%s", r.Name, diff)
				}
			}
		})
	}
}

func TestAnAppIsShownSecretTeamsAlthoughItIsNoOwner(t *testing.T) {
	const everyone = `{"login":"hoshino-logistics","node_id":"O_1","public_repos":3,"created_at":"2018-03-12T08:41:05Z"}`
	p := over(instead(demo(t, githubsim.Faults{}), "/orgs/hoshino-logistics", 200, everyone), func(c *github.Config) {
		c.Token, c.Orgs = "ghs_simulated", []string{githubsim.Login}
	})
	out := collect(t, p, "github_repository", "teams")
	if diff := cmp.Diff([]string{"hoshino-logistics/incident-2026:read"}, teamsOf(t, out.named(t, "old-website"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARoleIsToldByWhatItPermitsWhereItHasNoName(t *testing.T) {
	const repos = `[
		{"name":"checkout-api","owner":{"login":"Hoshino-Logistics"},"permissions":{"admin":false,"maintain":true,"push":true,"triage":true,"pull":true}},
		{"name":"Warehouse-UI","permissions":{"admin":false,"push":true,"pull":true}},
		{"name":"route-planner","permissions":{"triage":true,"pull":true}},
		{"name":"old-website","role_name":"pull","permissions":{"pull":true}},
		{"name":"design-system","role_name":"push","permissions":{"push":true,"pull":true}},
		{"name":"legacy-billing","permissions":{"admin":true}},
		{"name":"infra-terraform","owner":{"login":"somebody"},"permissions":{"admin":true}}]`
	rt := instead(demo(t, githubsim.Faults{}), "/orgs/hoshino-logistics/teams", 200, `[{"slug":"core","parent":null},{"slug":"core","parent":null}]`)
	out := collect(t, over(instead(rt, "/teams/core/repos", 200, repos)), "github_repository", "teams")
	for name, want := range map[string][]string{
		"checkout-api":    {"hoshino-logistics/core:maintain"},
		"warehouse-ui":    {"hoshino-logistics/core:write"},
		"route-planner":   {"hoshino-logistics/core:triage"},
		"old-website":     {"hoshino-logistics/core:read"},
		"design-system":   {"hoshino-logistics/core:write"},
		"legacy-billing":  {"hoshino-logistics/core:admin"},
		"infra-terraform": {}, // a repository of somebody else that has the same name
	} {
		if diff := cmp.Diff(want, teamsOf(t, out.named(t, name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
