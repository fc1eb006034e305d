package govern

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// repositoryOf is a repository with teams: a slug and a role each.
func repositoryOf(teams ...string) providers.Resource {
	list := []any{}
	for i := 0; i < len(teams); i += 2 {
		list = append(list, map[string]any{"organization": "acme", "slug": teams[i], "role": teams[i+1]})
	}
	return providers.Resource{
		Scope: providers.Scope{Provider: "github", ID: "acme"}, Type: "github_repository", ID: "https://github.com/acme/api", Name: "api",
		Tags: map[string]string{}, Attributes: map[string]any{"teams": list},
	}
}

// hidden makes a part of the repository unknown.
func hidden(r providers.Resource, path string, why providers.Reason) providers.Resource {
	r.Unknown = map[string]providers.Reason{path: why}
	return r
}

const teamOwners = `
owners:
  - name: payments
    aliases: [checkout-team]
    contacts: {github: acme/pay}
  - name: platform
    contacts: {github: "@acme/infra"}
  - name: web
unowned:
  aliases: [org-admins]
`

func TestTheTeamWithTheFirstOfTheRolesIsTheOwner(t *testing.T) {
	const file = teamOwners + "rules: [{github_team: [admin, maintain, release-manager]}, {type: github_*, resource: '*/api', owner: web}]\n"
	for name, c := range map[string]struct {
		r    providers.Resource
		want finding.Ownership
	}{
		"by the contact of an owner":               {repositoryOf("pay", "admin"), finding.Ownership{Owner: "payments"}},
		"by the name of an owner":                  {repositoryOf("Platform", "admin"), finding.Ownership{Owner: "platform"}},
		"by an alias":                              {repositoryOf("checkout-team", "maintain"), finding.Ownership{Owner: "payments"}},
		"who is not listed is an owner too":        {repositoryOf("data", "admin"), finding.Ownership{Owner: "acme/data"}},
		"the roles have an order":                  {repositoryOf("pay", "maintain", "infra", "admin"), finding.Ownership{Owner: "platform"}},
		"a custom role":                            {repositoryOf("infra", "Release-Manager", "pay", "write"), finding.Ownership{Owner: "platform"}},
		"two teams of one owner":                   {repositoryOf("pay", "admin", "checkout-team", "admin"), finding.Ownership{Owner: "payments"}},
		"only one is listed":                       {repositoryOf("data", "admin", "pay", "admin", "guild", "admin"), finding.Ownership{Owner: "payments"}},
		"two are listed: the next rule":            {repositoryOf("infra", "admin", "pay", "admin"), finding.Ownership{Owner: "web"}},
		"two, with another of a lesser role":       {repositoryOf("infra", "admin", "pay", "admin", "checkout-team", "maintain"), finding.Ownership{Owner: "web"}},
		"two, and none is listed":                  {repositoryOf("data", "admin", "guild", "admin"), finding.Ownership{Owner: "web"}},
		"a team that is nobody is like none":       {repositoryOf("org-admins", "admin", "pay", "maintain"), finding.Ownership{Owner: "payments"}},
		"only other roles":                         {repositoryOf("pay", "write", "infra", "read"), finding.Ownership{Owner: "web"}},
		"no team":                                  {repositoryOf(), finding.Ownership{Owner: "web"}},
		"teams that could not be read":             {hidden(repositoryOf(), "teams", "denied"), finding.Ownership{Unknown: "denied"}},
		"teams that nobody asked for":              {providers.Resource{Type: "github_repository", ID: "x/api"}, finding.Ownership{Unknown: "uncollected"}},
		"one that is not known":                    {hidden(repositoryOf("pay", "admin", "", "admin"), "teams.1.slug", "deferred"), finding.Ownership{Unknown: "deferred"}},
		"one with a lesser role is not known":      {hidden(repositoryOf("pay", "admin", "", "read"), "teams.1.slug", "deferred"), finding.Ownership{Owner: "payments"}},
		"a role that is not known":                 {hidden(repositoryOf("pay", "admin", "infra", ""), "teams.1.role", "sensitive"), finding.Ownership{Unknown: "sensitive"}},
		"what is not there and should be":          {repositoryOf("", "admin"), finding.Ownership{Unknown: "failed"}},
		"other resources have no teams":            {providers.Resource{Type: "github_organization", ID: "https://github.com/api"}, finding.Ownership{Owner: "web"}},
		"other resources of the same organisation": {providers.Resource{Type: "github_membership", ID: "https://github.com/x"}, finding.Ownership{}},
	} {
		if diff := cmp.Diff(c.want, ownersOf(t, file).Of(c.r, nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestValuesDecideBetweenTeamsInTheirOrder(t *testing.T) {
	const file = teamOwners + `
rules:
  - github_team: [admin, push]
    values: {acme/infra: platform, "p*": payments, legacy: unowned}
  - owner: web
`
	for name, c := range map[string]struct {
		r    providers.Resource
		want string
	}{
		"the first value that a team has":          {repositoryOf("pay", "admin", "infra", "admin"), "platform"},
		"a pattern":                                {repositoryOf("psp", "admin", "pay", "admin"), "payments"},
		"the next role where nobody has the first": {repositoryOf("web", "admin", "pay", "write"), "payments"},
		"nobody, for good":                         {repositoryOf("legacy", "pull", "legacy", "push"), ""},
		"teams that are not there decide nothing":  {repositoryOf("web", "admin"), "web"},
	} {
		if got := ownersOf(t, file).Of(c.r, nil); got.Unknown != "" || got.Owner != c.want {
			t.Errorf("%s: it is %q's (%s), want %q's", name, got.Owner, got.Unknown, c.want)
		}
	}
}

func TestATeamOfAnOrganisationThatIsNotKnownIsNobodyElses(t *testing.T) {
	somewhere := func(slug string) providers.Resource {
		r := hidden(repositoryOf(slug, "admin"), "teams.0.organization", "deferred")
		r.Attributes["teams"].([]any)[0].(map[string]any)["organization"] = nil
		return r
	}
	for name, c := range map[string]struct {
		rule, slug string
		want       finding.Ownership
	}{
		"a name that is listed for all organisations": {"github_team: admin", "web", finding.Ownership{Owner: "web"}},
		"a contact in one organisation":               {"github_team: admin", "pay", finding.Ownership{Unknown: "deferred"}},
		"nobody who is listed":                        {"github_team: admin", "data", finding.Ownership{Unknown: "deferred"}},
		"a value for all organisations":               {"github_team: admin, values: {pay: web}", "pay", finding.Ownership{Owner: "web"}},
		"a value for one organisation":                {"github_team: admin, values: {acme/p*: web, pay: payments}", "pay", finding.Ownership{Unknown: "deferred"}},
		"a value for another team of one":             {"github_team: admin, values: {acme/x*: web, pay: payments}", "pay", finding.Ownership{Owner: "payments"}},
	} {
		if diff := cmp.Diff(c.want, ownersOf(t, teamOwners+"rules: [{"+c.rule+"}]\n").Of(somewhere(c.slug), nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestItIsExplainedWhyATeamIsTheOwnerOrNot(t *testing.T) {
	o := ownersOf(t, teamOwners+"rules: [{github_team: admin, account: acme}]\n")
	for name, c := range map[string]struct {
		r       providers.Resource
		outcome Outcome
		why     string
	}{
		"the owner":         {repositoryOf("pay", "admin", "infra", "push"), Matched, "account is acme; the team acme/pay has the role admin"},
		"several":           {repositoryOf("pay", "admin", "infra", "admin", "data", "admin"), Passed, "account is acme; it is ambiguous: acme/pay, acme/infra have the role admin"},
		"several strangers": {repositoryOf("a", "admin", "b", "admin"), Passed, "account is acme; it is ambiguous: acme/a, acme/b have the role admin, and none of them is listed"},
		"nobody":            {repositoryOf("org-admins", "admin"), Passed, "account is acme; acme/org-admins has the role admin, which names nobody"},
		"none":              {repositoryOf("pay", "push"), Passed, "account is acme; no team has the role admin"},
		"not read":          {hidden(repositoryOf(), "teams", "denied"), Unsure, "account is acme; the teams of the repository could not be read: denied"},
	} {
		got := o.Explain(c.r, nil).Tried[0]
		if got.Outcome != c.outcome || got.Why != c.why {
			t.Errorf("%s: %s, %s\nwant %s, %s", name, got.Outcome, got.Why, c.outcome, c.why)
		}
	}
}

func TestOnlyRulesByTeamAskForTeams(t *testing.T) {
	want := []providers.Want{{Type: "github_repository", Attributes: []string{"teams"}}}
	if diff := cmp.Diff(want, ownersOf(t, "rules: [{tag: owner}, {github_team: admin}]").Wants()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ownersOf(t, "rules: [{tag: owner}]").Wants(); got != nil {
		t.Errorf("no rule is by team, and %v is asked for", got)
	}
}
