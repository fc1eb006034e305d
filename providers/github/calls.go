package github

import "github.com/metsuke-dev/metsuke/providers"

// The calls that the provider makes, each beside the permission that it takes. A
// permission is written <who grants it>:<GitHub App permission>:<access>; see
// AppPermissions. The same names serve fine-grained tokens.

func listUserOrgs() providers.Call {
	return providers.Call{Operation: "GET /user/orgs"}
}

func getInstallation() providers.Call {
	return providers.Call{Operation: "GET /app/installations/{installation_id}"}
}

// getOrganization answers everybody, with null for what owners only may see.
func getOrganization() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}", Permissions: []string{"organization:administration:read"}}
}

func listDefaultCodeSecurity() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/code-security/configurations/defaults", Permissions: []string{"organization:administration:read"}}
}

func querySAML() providers.Call {
	return providers.Call{Operation: "POST /graphql organization.samlIdentityProvider", Permissions: []string{"organization:members:read"}}
}

func queryEnterpriseSAML() providers.Call {
	return providers.Call{Operation: "POST /graphql enterprise.ownerInfo.samlIdentityProvider", Permissions: []string{"enterprise:administration:read"}}
}

func queryIdentities() providers.Call {
	return providers.Call{Operation: "POST /graphql organization.samlIdentityProvider.externalIdentities", Permissions: []string{"organization:members:read"}}
}

func queryEnterpriseIdentities() providers.Call {
	return providers.Call{Operation: "POST /graphql enterprise.ownerInfo.samlIdentityProvider.externalIdentities", Permissions: []string{"enterprise:administration:read"}}
}

func listMembers() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/members", Permissions: []string{"organization:members:read"}}
}

func listCollaborators() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/outside_collaborators", Permissions: []string{"organization:members:read"}}
}

func listMembersWithout2FA() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/members?filter=2fa_disabled", Permissions: []string{"organization:members:read"}}
}

func listCollaboratorsWithout2FA() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/outside_collaborators?filter=2fa_disabled", Permissions: []string{"organization:members:read"}}
}

func queryContributions() providers.Call {
	return providers.Call{Operation: "POST /graphql user.contributionsCollection", Permissions: []string{"organization:members:read", "repository:metadata:read"}}
}

func listAuditLog() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/audit-log", Permissions: []string{"organization:administration:read"}}
}

func getActionsPermissions() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/actions/permissions", Permissions: []string{"organization:administration:read"}}
}

func getSelectedActions() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/actions/permissions/selected-actions", Permissions: []string{"organization:administration:read"}}
}

func listRepositories() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/repos", Permissions: []string{"repository:metadata:read"}}
}

func listPropertyValues() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/properties/values", Permissions: []string{"organization:custom_properties:read"}}
}

func getVulnerabilityAlerts() providers.Call {
	return providers.Call{Operation: "GET /repos/{owner}/{repo}/vulnerability-alerts", Permissions: []string{"repository:administration:read"}}
}

func getBranchProtection() providers.Call {
	return providers.Call{Operation: "GET /repos/{owner}/{repo}/branches/{branch}/protection", Permissions: []string{"repository:administration:read"}}
}

func listBranchRules() providers.Call {
	return providers.Call{Operation: "GET /repos/{owner}/{repo}/rules/branches/{branch}", Permissions: []string{"repository:metadata:read"}}
}

func listSecretAlerts() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/secret-scanning/alerts", Permissions: []string{"repository:secret_scanning_alerts:read"}}
}

func listTeams() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/teams", Permissions: []string{"organization:members:read"}}
}

func listTeamRepositories() providers.Call {
	return providers.Call{Operation: "GET /orgs/{org}/teams/{team_slug}/repos", Permissions: []string{"organization:members:read", "repository:metadata:read"}}
}
