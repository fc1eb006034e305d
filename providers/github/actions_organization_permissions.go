package github

import (
	"context"

	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

func actionsOrganizationPermissions() collector {
	return collector{
		info: providers.TypeInfo{
			Type:       "github_actions_organization_permissions",
			Global:     true,
			Calls:      []providers.Call{getActionsPermissions()},
			Attributes: []string{"allowed_actions", "enabled_repositories", "sha_pinning_required"},
			Details: []providers.Detail{
				{Attributes: []string{"allowed_actions_config"}, Calls: []providers.Call{getSelectedActions()}},
			},
		},
		read: readActionsOrganizationPermissions,
	}
}

func readActionsOrganizationPermissions(ctx context.Context, r *run, c *cell) {
	var p gh.ActionsPermissions
	path := "orgs/" + r.scope.ID + "/actions/permissions"
	if _, err := r.api.get(ctx, getActionsPermissions(), path, nil, &p); err != nil {
		c.gap(asFailure(getActionsPermissions(), err), "")
		return
	}
	d := c.draft(r.api.web+"/organizations/"+r.scope.ID+"/settings/actions", r.scope.ID)
	d.set("allowed_actions", orNull(p.AllowedActions))
	d.set("enabled_repositories", p.GetEnabledRepositories())
	d.set("sha_pinning_required", orNull(p.SHAPinningRequired))
	if c.wants("allowed_actions_config") {
		selectedActions(ctx, r, d, p.GetAllowedActions() == "selected")
	}
	d.send()
}

// selectedActions reads what is allowed. GitHub answers 409 unless the choice is
// "selected", so it is asked only then.
func selectedActions(ctx context.Context, r *run, d *draft, selected bool) {
	if !selected {
		d.set("allowed_actions_config", nil)
		return
	}
	var a gh.ActionsAllowed
	path := "orgs/" + r.scope.ID + "/actions/permissions/selected-actions"
	if _, err := r.api.get(ctx, getSelectedActions(), path, nil, &a); err != nil {
		d.unknown(asFailure(getSelectedActions(), err), "allowed_actions_config")
		return
	}
	d.set("allowed_actions_config", map[string]any{
		"github_owned_allowed": a.GetGithubOwnedAllowed(),
		"patterns_allowed":     sorted(a.PatternsAllowed),
		"verified_allowed":     a.GetVerifiedAllowed(),
	})
}
