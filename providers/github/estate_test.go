package github_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/providers"
)

// everything reads all types of the estate.
func everything(t *testing.T) *recorder {
	t.Helper()
	p := over(demo(t, githubsim.Faults{}))
	out := &recorder{}
	if err := p.Collect(t.Context(), providers.Scope{Provider: "github", ID: githubsim.Login}, p.Describe().Everything(), out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheStrictestOfSeveralRulesetsCounts(t *testing.T) {
	r := everything(t).named(t, "warehouse-ui")
	want := map[string]any{
		"deletion": true, "non_fast_forward": true, "update": false,
		"types": []any{"deletion", "non_fast_forward", "pull_request", "required_status_checks"},
		"pull_request": map[string]any{
			"dismiss_stale_reviews_on_push": true, "require_code_owner_review": true,
			"require_last_push_approval": false, "required_approving_review_count": 2,
		},
		"required_status_checks": map[string]any{"strict": true, "contexts": []any{"build", "e2e"}},
	}
	if diff := cmp.Diff(want, r.Attributes["default_branch_rules"]); diff != "" {
		t.Error(diff)
	}
	if got := r.Attributes["default_branch_protection"]; got != nil {
		t.Errorf("there is no classic protection, got %v", got)
	}
}

func TestTheProtectionOfABranchWithASlash(t *testing.T) {
	want := map[string]any{
		"allows_deletions": false, "allows_force_pushes": false, "enforce_admins": false, "lock_branch": false,
		"required_pull_request_reviews": map[string]any{
			"dismiss_stale_reviews": true, "require_code_owner_reviews": false,
			"require_last_push_approval": false, "required_approving_review_count": 1,
		},
		"required_status_checks": map[string]any{"strict": false, "contexts": []any{"ci"}},
	}
	if diff := cmp.Diff(want, everything(t).named(t, "route-planner").Attributes["default_branch_protection"]); diff != "" {
		t.Error(diff)
	}
}

func TestARepositoryWithoutACommit(t *testing.T) {
	want := map[string]any{
		"archived": false, "fork": false, "name": "empty-sandbox", "visibility": "private",
		"default_branch": "main", "default_branch_exists": false, "default_branch_protection": nil,
		"default_branch_rules": map[string]any{
			"deletion": false, "non_fast_forward": false, "update": false, "types": []any{},
			"pull_request": nil, "required_status_checks": nil,
		},
		"open_secret_alerts": []any{}, "pushed_at": nil, "teams": []any{}, "topics": []any{}, "vulnerability_alerts": false,
		"security_and_analysis": map[string]any{
			"advanced_security":               map[string]any{"status": "disabled"},
			"secret_scanning":                 map[string]any{"status": "disabled"},
			"secret_scanning_push_protection": map[string]any{"status": "disabled"},
		},
	}
	if diff := cmp.Diff(want, everything(t).named(t, "empty-sandbox").Attributes); diff != "" {
		t.Error(diff)
	}
}

func TestCustomPropertiesAreTags(t *testing.T) {
	out := everything(t)
	want := map[string]string{"owner": "payments", "cost-center": "4711", "environment": "production,staging"}
	if diff := cmp.Diff(want, out.named(t, "checkout-api").Tags); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{}, out.named(t, "legacy-billing").Tags); diff != "" {
		t.Error(diff)
	}
}

func TestPeople(t *testing.T) {
	out := everything(t)
	for name, want := range map[string]map[string]any{
		"hana-sato": {
			"username": "hana-sato", "role": "member", "two_factor_disabled": false,
			"added_at": "2026-06-15T09:00:00Z", "last_audit_event_at": "2026-06-25T11:11:00Z", "last_contribution_at": nil,
			"identity_provider_configured": true,
			"external_identity":            map[string]any{"name_id": "hana-sato@hoshino-logistics.example", "user_name": nil},
		},
		"deploy-hoshino": {
			"username": "deploy-hoshino", "role": "admin", "two_factor_disabled": true,
			"added_at": nil, "last_audit_event_at": "2026-06-30T23:00:00Z", "last_contribution_at": nil,
			"identity_provider_configured": true, "external_identity": nil,
		},
		"oskar-auditor": {
			"username": "oskar-auditor", "role": "outside_collaborator", "two_factor_disabled": false,
			"added_at": nil, "last_audit_event_at": nil, "last_contribution_at": nil,
			"identity_provider_configured": true, "external_identity": nil,
		},
	} {
		if diff := cmp.Diff(want, out.named(t, name).Attributes); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
