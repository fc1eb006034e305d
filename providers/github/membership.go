package github

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

func membership() collector {
	return collector{
		info: providers.TypeInfo{
			Type:       "github_membership",
			Global:     true,
			Calls:      []providers.Call{listMembers(), listCollaborators()},
			Attributes: []string{"role", "username"},
			Details: []providers.Detail{
				{
					Attributes: []string{"added_at", "last_audit_event_at"},
					Calls:      []providers.Call{getOrganization(), listAuditLog()},
				},
				{
					Attributes: []string{"external_identity", "identity_provider_configured"},
					Calls:      []providers.Call{getOrganization(), queryIdentities(), queryEnterpriseIdentities(), getInstallation()},
				},
				{
					Attributes: []string{"last_contribution_at"},
					Calls:      []providers.Call{getOrganization(), queryContributions()},
				},
				{
					Attributes: []string{"two_factor_disabled"},
					Calls:      []providers.Call{listMembersWithout2FA(), listCollaboratorsWithout2FA()},
				},
			},
		},
		read: readMemberships,
	}
}

// The roles of a membership; the first two are GitHub's own.
const (
	roleAdmin   = "admin"
	roleMember  = "member"
	roleOutside = "outside_collaborator"
)

// person is one membership while it is being read.
type person struct {
	*draft
	login string
	role  string
}

func readMemberships(ctx context.Context, r *run, c *cell) {
	people := listPeople(ctx, r, c)
	if len(people) > 0 {
		if c.wants("two_factor_disabled") {
			twoFactor(ctx, r, c, people)
		}
		if c.wants("external_identity", "identity_provider_configured") {
			externalIdentities(ctx, r, c, people)
		}
		if c.wants("last_contribution_at") {
			contributions(ctx, r, c, people)
		}
		if c.wants("added_at", "last_audit_event_at") {
			auditLog(ctx, r, c, people)
		}
	}
	for _, p := range people {
		p.send()
	}
}

// listPeople returns everybody who could be listed, sorted by login. What could not
// be listed is a gap of the whole cell.
func listPeople(ctx context.Context, r *run, c *cell) []*person {
	byLogin := map[string]*person{}
	add := func(role string) func(*gh.User) {
		return func(u *gh.User) {
			key := strings.ToLower(u.GetLogin())
			if byLogin[key] != nil {
				return // somebody whose role changed between the two lists
			}
			p := &person{c.draft(r.api.web+"/orgs/"+r.scope.ID+"/people/"+u.GetLogin(), u.GetLogin()), u.GetLogin(), role}
			p.set("username", p.login)
			p.set("role", role)
			byLogin[key] = p
		}
	}
	path := "orgs/" + r.scope.ID + "/members"
	read := true
	for _, role := range []string{roleAdmin, roleMember} {
		resp, err := list(ctx, r.api, listMembers(), path, url.Values{"role": {role}}, add(role))
		if err == nil {
			err = publicOnly(resp)
		}
		if err != nil {
			c.gap(asFailure(listMembers(), err), "")
			read = false
			break
		}
	}
	if read && len(byLogin) == 0 {
		// An App that may not read members gets an empty list, without an error.
		c.gap(denied(listMembers(), "GitHub lists no member, though every organisation has an owner"), "")
	}
	if _, err := list(ctx, r.api, listCollaborators(), "orgs/"+r.scope.ID+"/outside_collaborators", nil, add(roleOutside)); err != nil {
		c.gap(asFailure(listCollaborators(), err), "")
	}
	var people []*person
	for _, p := range byLogin {
		people = append(people, p)
	}
	slices.SortFunc(people, func(a, b *person) int { return cmp.Compare(a.login, b.login) })
	return people
}

// publicOnly returns an error when a classic token without a scope for organisations
// got the list: GitHub then leaves out members who do not show their membership.
// Other tokens tell no scopes; without the right they are refused the
// list of outside collaborators.
func publicOnly(resp *gh.Response) error {
	scopes := resp.Header.Values("X-Oauth-Scopes")
	if len(scopes) == 0 {
		return nil
	}
	for _, s := range strings.Split(strings.Join(scopes, ","), ",") {
		switch strings.TrimSpace(s) {
		case "read:org", "write:org", "admin:org":
			return nil
		}
	}
	return denied(listMembers(), "without the scope read:org GitHub lists those members only who show their membership to everybody")
}

// twoFactor enters who has no second factor. GitHub tells it as a filter of the two
// lists of people, and to owners only.
func twoFactor(ctx context.Context, r *run, c *cell, people []*person) {
	without := map[string]bool{}
	add := func(u *gh.User) { without[strings.ToLower(u.GetLogin())] = true }
	filter := url.Values{"filter": {"2fa_disabled"}}
	read := func(call providers.Call, path string) *failure {
		if _, err := list(ctx, r.api, call, "orgs/"+r.scope.ID+path, filter, add); err != nil {
			f := asFailure(call, err)
			c.gap(f, "", "two_factor_disabled")
			return f
		}
		return nil
	}
	members := read(listMembersWithout2FA(), "/members")
	collaborators := read(listCollaboratorsWithout2FA(), "/outside_collaborators")
	for _, p := range people {
		f := members
		if p.role == roleOutside {
			f = collaborators
		}
		if f != nil {
			p.mark(f, "two_factor_disabled")
			continue
		}
		p.set("two_factor_disabled", without[strings.ToLower(p.login)])
	}
}

func externalIdentities(ctx context.Context, r *run, c *cell, people []*person) {
	org, f := r.organization(ctx)
	var linked map[string]map[string]any
	var configured bool
	if f == nil {
		linked, configured, f = linkedIdentities(ctx, r, org)
	}
	if f != nil {
		markAll(c, people, f, "external_identity", "identity_provider_configured")
		return
	}
	for _, p := range people {
		p.set("identity_provider_configured", configured)
		if id, ok := linked[strings.ToLower(p.login)]; ok {
			p.set("external_identity", id)
		} else {
			p.set("external_identity", nil)
		}
	}
}

// markAll makes the attributes unknown for everybody, under one gap.
func markAll(c *cell, people []*person, f *failure, attributes ...string) {
	c.gap(f, "", c.wanted(attributes)...)
	for _, p := range people {
		p.mark(f, attributes...)
	}
}
