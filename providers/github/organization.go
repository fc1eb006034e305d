package github

import (
	"context"

	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

func organization() collector {
	return collector{
		info: providers.TypeInfo{
			Type:   "github_organization",
			Global: true,
			Calls:  []providers.Call{getOrganization()},
			Attributes: []string{
				"default_repository_permission",
				"dependabot_alerts_enabled_for_new_repositories",
				"dependabot_security_updates_enabled_for_new_repositories",
				"dependency_graph_enabled_for_new_repositories",
				"login",
				"members_can_create_public_repositories",
				"plan",
				"secret_scanning_enabled_for_new_repositories",
				"secret_scanning_push_protection_enabled_for_new_repositories",
				"two_factor_requirement_enabled",
			},
			Details: []providers.Detail{
				{
					Attributes: []string{"code_security_default_configurations"},
					Calls:      []providers.Call{listDefaultCodeSecurity()},
				},
				{
					Attributes: []string{"identity_provider"},
					Calls:      []providers.Call{querySAML(), queryEnterpriseSAML(), getInstallation()},
				},
			},
		},
		read: readOrganization,
	}
}

func readOrganization(ctx context.Context, r *run, c *cell) {
	org, f := r.organization(ctx)
	if f != nil {
		c.gap(f, "")
		return
	}
	d := c.draft(r.api.web+"/"+r.scope.ID, org.GetLogin())
	d.Created = org.GetCreatedAt().UTC()
	d.set("login", org.GetLogin())
	ownerOnly(d, org)
	if c.wants("code_security_default_configurations") {
		defaultCodeSecurity(ctx, r, d)
	}
	if c.wants("identity_provider") {
		identityProvider(ctx, r, org, d)
	}
	d.send()
}

// ownerOnly sets what GitHub shows to owners. To anybody else it is null, or not
// there at all, which says nothing about the setting.
func ownerOnly(d *draft, org *gh.Organization) {
	var hidden []string
	setting := func(name string, value any) {
		if value == nil {
			hidden = append(hidden, name)
			return
		}
		d.set(name, value)
	}
	setting("default_repository_permission", orNull(org.DefaultRepoPermission))
	setting("dependabot_alerts_enabled_for_new_repositories", orNull(org.DependabotAlertsEnabledForNewRepos))
	setting("dependabot_security_updates_enabled_for_new_repositories", orNull(org.DependabotSecurityUpdatesEnabledForNewRepos))
	setting("dependency_graph_enabled_for_new_repositories", orNull(org.DependencyGraphEnabledForNewRepos))
	setting("members_can_create_public_repositories", orNull(org.MembersCanCreatePublicRepos))
	setting("plan", plan(org.Plan))
	setting("secret_scanning_enabled_for_new_repositories", orNull(org.SecretScanningEnabledForNewRepos))
	setting("secret_scanning_push_protection_enabled_for_new_repositories", orNull(org.SecretScanningPushProtectionEnabledForNewRepos))
	setting("two_factor_requirement_enabled", orNull(org.TwoFactorRequirementEnabled))
	if len(hidden) > 0 {
		d.unknown(denied(getOrganization(), "GitHub shows these settings to owners of the organisation only"), hidden...)
	}
}

func plan(p *gh.Plan) any {
	if p == nil {
		return nil
	}
	return map[string]any{"name": p.GetName(), "seats": orNull(p.Seats), "filled_seats": orNull(p.FilledSeats)}
}

func defaultCodeSecurity(ctx context.Context, r *run, d *draft) {
	call := listDefaultCodeSecurity()
	path := "orgs/" + r.scope.ID + "/code-security/configurations/defaults"
	out := []any{}
	_, err := list(ctx, r.api, call, path, nil, func(def *gh.CodeSecurityConfigurationWithDefaultForNewRepos) {
		c := def.Configuration
		if c == nil {
			return // "none": these repositories get no configuration
		}
		out = append(out, map[string]any{
			"name":                            c.Name,
			"default_for_new_repos":           def.GetDefaultForNewRepos(),
			"enforcement":                     orNull(c.Enforcement),
			"dependency_graph":                orNull(c.DependencyGraph),
			"dependabot_alerts":               orNull(c.DependabotAlerts),
			"dependabot_security_updates":     orNull(c.DependabotSecurityUpdates),
			"secret_scanning":                 orNull(c.SecretScanning),
			"secret_scanning_push_protection": orNull(c.SecretScanningPushProtection),
		})
	})
	if err != nil {
		d.unknown(asFailure(call, err), "code_security_default_configurations")
		return
	}
	d.set("code_security_default_configurations", out)
}
