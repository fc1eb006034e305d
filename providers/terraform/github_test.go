package terraform

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newRepository is a repository that does not exist yet.
func newRepository(after obj) res {
	r := res{
		address: "github_repository.r",
		after:   obj{"name": "api", "archived": false, "auto_init": false},
		unknown: obj{"id": true, "node_id": true, "default_branch": true, "fork": true, "visibility": true, "private": true, "topics": true, "security_and_analysis": true, "vulnerability_alerts": true},
		config:  obj{"name": "api"},
	}
	for k, v := range after {
		r.after[k], r.config[k] = v, v
		delete(r.unknown, k)
	}
	return r
}

// oldRepository is one that exists, with what the provider read back from it.
func oldRepository(after obj) res {
	r := res{
		address: "github_repository.r", action: "no-op", config: obj{"name": "api"},
		after: obj{
			"id": "api", "node_id": "R_1", "name": "api", "archived": false, "auto_init": false, "default_branch": "main", "fork": "false", "visibility": "private",
			"topics": []any{"go"}, "vulnerability_alerts": true,
			"security_and_analysis": []any{obj{"advanced_security": []any{}, "secret_scanning": []any{obj{"status": "enabled"}}, "secret_scanning_push_protection": []any{obj{"status": "disabled"}}}},
		},
	}
	for k, v := range after {
		r.after[k] = v
	}
	return r
}

// of is a resource that configures the repository, whose id is not known yet.
func of(typ, ref, attribute string, after obj) res {
	r := res{address: typ + ".s", after: after, unknown: obj{"id": true}, config: obj{ref: "=github_repository.r." + attribute}}
	if attribute == "node_id" {
		r.unknown[ref] = true
	} else {
		after[ref] = "api"
	}
	return r
}

func joined(parts ...obj) obj {
	out := obj{}
	for _, p := range parts {
		for k, v := range p {
			out[k] = v
		}
	}
	return out
}

// openRules are the demands of rulesets when the plan has none: the organisation's are not in it.
func openRules() obj {
	return obj{
		"default_branch_rules":                          obj{"deletion": nil, "non_fast_forward": nil, "pull_request": nil, "required_status_checks": nil, "types": nil, "update": nil},
		"? default_branch_rules.deletion":               "deferred",
		"? default_branch_rules.non_fast_forward":       "deferred",
		"? default_branch_rules.pull_request":           "deferred",
		"? default_branch_rules.required_status_checks": "deferred",
		"? default_branch_rules.types":                  "deferred",
		"? default_branch_rules.update":                 "deferred",
	}
}

func TestWhatNobodyConfiguresOnANewRepository(t *testing.T) {
	want := joined(openRules(), obj{
		"archived": false, "default_branch_exists": false, "default_branch_protection": nil, "fork": false, "name": "api",
		"open_secret_alerts": []any{}, "teams": []any{}, "topics": []any{}, "visibility": "public",
		"? default_branch": "deferred", "? pushed_at": "deferred", "? security_and_analysis": "deferred", "? vulnerability_alerts": "deferred",
	})
	if diff := cmp.Diff(want, attributes(t, "github_repository.r", newRepository(nil))); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestARepositoryThatExists(t *testing.T) {
	want := joined(openRules(), obj{
		"archived": false, "default_branch": "main", "fork": false, "name": "api", "topics": []any{"go"}, "visibility": "private", "vulnerability_alerts": true,
		"security_and_analysis": obj{
			"advanced_security": nil, "secret_scanning": obj{"status": "enabled"}, "secret_scanning_push_protection": obj{"status": "disabled"},
		},
		"? security_and_analysis.advanced_security": "deferred",
		"? default_branch_exists":                   "deferred", "? default_branch_protection": "deferred", "? open_secret_alerts": "deferred", "? pushed_at": "deferred", "? teams": "deferred",
	})
	if diff := cmp.Diff(want, attributes(t, "github_repository.r", oldRepository(nil))); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestSatellitesOfARepository(t *testing.T) {
	got := attributes(t, "github_repository.r",
		newRepository(obj{"visibility": "internal", "auto_init": true}),
		of(ghDefaultBranch, "repository", "name", obj{"branch": "trunk"}),
		of(ghProtection, "repository_id", "node_id", obj{
			"pattern": "trunk", "allows_deletions": false, "allows_force_pushes": true, "enforce_admins": true, "lock_branch": nil,
			"required_pull_request_reviews": []any{obj{"required_approving_review_count": 2, "dismiss_stale_reviews": nil, "require_code_owner_reviews": true, "require_last_push_approval": false}},
			"required_status_checks":        []any{},
		}),
		of(ghRuleset, "repository", "name", obj{
			"target": "branch", "enforcement": "active",
			"conditions": []any{obj{"ref_name": []any{obj{"include": []any{"~DEFAULT_BRANCH"}, "exclude": []any{}}}}},
			"rules":      []any{obj{"deletion": nil, "non_fast_forward": true, "update": false}},
		}),
		of(ghTopics, "repository", "name", obj{"topics": []any{"public-approved"}}),
		of(ghVulnerability, "repository", "name", obj{"enabled": false}),
	)
	rules := openRules()
	delete(rules, "? default_branch_rules.non_fast_forward")
	delete(rules, "? default_branch_rules.types")
	rules["default_branch_rules"].(obj)["non_fast_forward"] = true
	rules["default_branch_rules"].(obj)["types"] = []any{"non_fast_forward", nil}
	rules["? default_branch_rules.types.1"] = "deferred"
	want := joined(rules, obj{
		"archived": false, "default_branch": "trunk", "default_branch_exists": true, "fork": false, "name": "api", "teams": []any{}, "topics": []any{"public-approved"},
		"visibility": "internal", "vulnerability_alerts": false,
		"default_branch_protection": obj{
			"allows_deletions": false, "allows_force_pushes": true, "enforce_admins": true, "lock_branch": false, "required_status_checks": nil,
			"required_pull_request_reviews": obj{
				"dismiss_stale_reviews": false, "require_code_owner_reviews": true, "require_last_push_approval": false, "required_approving_review_count": int64(2),
			},
		},
		"? open_secret_alerts": "deferred", "? pushed_at": "deferred", "? security_and_analysis": "deferred",
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// Rulesets of which the plan does not know may only add to these demands.
func TestWhatRulesetsDemandTogether(t *testing.T) {
	ruleset := func(name string, rules obj) res {
		r := of(ghRuleset, "repository", "name", obj{
			"target": "branch", "enforcement": "active", "rules": []any{rules},
			"conditions": []any{obj{"ref_name": []any{obj{"include": []any{"~DEFAULT_BRANCH"}, "exclude": []any{}}}}},
		})
		r.address = ghRuleset + "." + name
		return r
	}
	checks := func(strict any, contexts ...string) []any {
		required := []any{}
		for _, c := range contexts {
			required = append(required, obj{"context": c, "integration_id": 0})
		}
		return []any{obj{"strict_required_status_checks_policy": strict, "required_check": required}}
	}
	got := attributes(
		t, "github_repository.r", newRepository(nil),
		ruleset("checks", obj{"deletion": true, "creation": false, "pull_request": []any{}, "required_status_checks": checks(nil, "test", "build")}),
		ruleset("more", obj{"deletion": true, "pull_request": []any{obj{"required_approving_review_count": 2}}, "required_status_checks": checks(true, "build")}),
	)
	want := openRules()
	for _, told := range []string{"deletion", "types", "required_status_checks"} {
		delete(want, "? default_branch_rules."+told)
	}
	rules := want["default_branch_rules"].(obj)
	rules["deletion"] = true
	rules["types"] = []any{"deletion", "pull_request", "required_status_checks", nil}
	want["? default_branch_rules.types.3"] = "deferred"
	rules["required_status_checks"] = obj{"strict": true, "contexts": []any{"build", "test", nil}}
	want["? default_branch_rules.required_status_checks.contexts.2"] = "deferred"
	maps.DeleteFunc(got, func(name string, _ any) bool { return !strings.Contains(name, "default_branch_rules") })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestARepositoryThatBeganWithACommitHasItsDefaultBranch(t *testing.T) {
	got := attributes(t, "github_repository.r", oldRepository(obj{"auto_init": true}))
	if diff := cmp.Diff(true, got["default_branch_exists"]); diff != "" {
		t.Errorf("default_branch_exists (-want +got):\n%s", diff)
	}
}

func TestWhichProtectionHoldsForTheDefaultBranch(t *testing.T) {
	checks := obj{"strict": true, "contexts": []any{}, "checks": []any{"build:15368", "lint:all", "e2e"}}
	v3 := of(ghProtectionV3, "repository", "name", obj{"branch": "main", "enforce_admins": false, "required_status_checks": []any{checks}})
	glob := of(ghProtection, "repository_id", "name", obj{"pattern": "ma*", "enforce_admins": true})
	other := of(ghProtection, "repository_id", "name", obj{"pattern": "release/*"})
	plain := func(admins bool, checks any) obj {
		return obj{
			"allows_deletions": false, "allows_force_pushes": false, "enforce_admins": admins, "lock_branch": false,
			"required_pull_request_reviews": nil, "required_status_checks": checks,
		}
	}
	made := newRepository(obj{"default_branch": "main"})
	for name, c := range map[string]struct {
		resources []res
		want      any // nil: none; "?": unknown
	}{
		"its name, of the older resource":        {[]res{made, v3}, plain(false, obj{"strict": true, "contexts": []any{"build", "lint:all", "e2e"}})},
		"its name before a pattern":              {[]res{made, glob, v3}, plain(false, obj{"strict": true, "contexts": []any{"build", "lint:all", "e2e"}})},
		"a pattern":                              {[]res{made, glob}, plain(true, nil)},
		"none that matches":                      {[]res{made, other}, nil},
		"a pattern, where there may be an older": {[]res{oldRepository(nil), glob}, "?"},
		"none in the plan, of one that exists":   {[]res{oldRepository(nil), other}, "?"},
		"a default branch that is not known yet": {[]res{newRepository(nil), glob}, "?"},
	} {
		t.Run(name, func(t *testing.T) {
			got := attributes(t, "github_repository.r", c.resources...)
			if c.want == "?" {
				if got["? default_branch_protection"] != "deferred" {
					t.Errorf("default_branch_protection is %v", got["default_branch_protection"])
				}
				return
			}
			if diff := cmp.Diff(c.want, got["default_branch_protection"]); diff != "" {
				t.Errorf("default_branch_protection (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCustomPropertiesOfANewRepositoryAreTags(t *testing.T) {
	owner := of(ghProperty, "repository", "name", obj{"property_name": "owner", "property_value": []any{"payments"}})
	places := of(ghProperty, "repository", "name", obj{"property_name": "environment", "property_value": []any{"production", "staging"}})
	places.address = ghProperty + ".t"
	p := open(t, fixture(t, newRepository(nil), owner, places), Options{})
	r := collect(t, p).byID()["github_repository.r"]
	if diff := cmp.Diff(map[string]string{"owner": "payments", "environment": "production,staging"}, r.Tags); diff != "" || r.Unknown["tags"] != "" {
		t.Errorf("tags (-want +got), unknown %v:\n%s", r.Unknown, diff)
	}
	p = open(t, fixture(t, oldRepository(nil), owner), Options{})
	if r := collect(t, p).byID()["github_repository.r"]; r.Unknown["tags"] != deferred || len(r.Tags) > 0 {
		t.Errorf("tags are %v, unknown %v", r.Tags, r.Unknown)
	}
}

func TestSettingsOfAnOrganisation(t *testing.T) {
	settings := res{address: "github_organization_settings.o", after: obj{
		"billing_email": "it@example.com", "name": "Hoshino", "default_repository_permission": "write", "members_can_create_public_repositories": false,
		"dependabot_alerts_enabled_for_new_repositories": true, "secret_scanning_enabled_for_new_repositories": nil,
	}}
	want := obj{
		"default_repository_permission": "write", "members_can_create_public_repositories": false,
		"dependabot_alerts_enabled_for_new_repositories": true, "dependabot_security_updates_enabled_for_new_repositories": false,
		"dependency_graph_enabled_for_new_repositories": false, "secret_scanning_enabled_for_new_repositories": false,
		"secret_scanning_push_protection_enabled_for_new_repositories": false,
		"? code_security_default_configurations":                       "deferred", "? identity_provider": "deferred", "? login": "deferred",
		"? plan": "deferred", "? two_factor_requirement_enabled": "deferred",
	}
	if diff := cmp.Diff(want, attributes(t, "github_organization_settings.o", settings)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestActionsPermissions(t *testing.T) {
	for name, c := range map[string]struct{ after, want obj }{
		"all": {
			obj{"enabled_repositories": "all", "allowed_actions": "all", "allowed_actions_config": []any{}, "sha_pinning_required": true},
			obj{"enabled_repositories": "all", "allowed_actions": "all", "allowed_actions_config": nil, "sha_pinning_required": true},
		},
		"selected": {
			obj{"enabled_repositories": "selected", "allowed_actions": "selected", "allowed_actions_config": []any{obj{"github_owned_allowed": true, "patterns_allowed": []any{"*/*"}, "verified_allowed": nil}}, "sha_pinning_required": false},
			obj{"enabled_repositories": "selected", "allowed_actions": "selected", "allowed_actions_config": obj{"github_owned_allowed": true, "patterns_allowed": []any{"*/*"}, "verified_allowed": false}, "sha_pinning_required": false},
		},
		"off": {
			obj{"enabled_repositories": "none", "allowed_actions": nil, "allowed_actions_config": []any{}, "sha_pinning_required": false},
			obj{"enabled_repositories": "none", "allowed_actions": nil, "? allowed_actions_config": "deferred", "sha_pinning_required": false},
		},
		"left open": {
			obj{"enabled_repositories": "all", "allowed_actions": "", "allowed_actions_config": []any{}},
			obj{"enabled_repositories": "all", "? allowed_actions": "deferred", "? allowed_actions_config": "deferred", "? sha_pinning_required": "deferred"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := res{address: "github_actions_organization_permissions.a", after: c.after}
			if diff := cmp.Diff(c.want, attributes(t, r.address, r)); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMembership(t *testing.T) {
	r := res{address: "github_membership.m", after: obj{"username": "mori", "role": nil}}
	want := obj{
		"username": "mori", "role": "member",
		"? added_at": "deferred", "? external_identity": "deferred", "? identity_provider_configured": "deferred",
		"? last_audit_event_at": "deferred", "? last_contribution_at": "deferred", "? two_factor_disabled": "deferred",
	}
	if diff := cmp.Diff(want, attributes(t, r.address, r)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestARulesetOfTheOrganisationHoldsForTheRepositoriesThatItNames(t *testing.T) {
	repository := res{
		address: "github_repository.r", after: obj{"name": "api-Gateway"}, unknown: obj{"id": true, "node_id": true, "default_branch": true}, config: obj{"name": "api-Gateway"},
	}
	ruleset := func(conditions obj, change func(obj)) res {
		conditions["ref_name"] = []any{obj{"include": []any{"~DEFAULT_BRANCH"}, "exclude": []any{}}}
		after := obj{
			"name": "all", "target": "branch", "enforcement": "active", "conditions": []any{conditions},
			"rules": []any{obj{"deletion": true, "non_fast_forward": nil, "update": nil}},
		}
		if change != nil {
			change(after)
		}
		return res{address: "github_organization_ruleset.o", after: after, unknown: obj{"id": true}, config: obj{"name": "all"}}
	}
	names := func(include, exclude []any) obj {
		return obj{"repository_id": []any{}, "repository_name": []any{obj{"include": include, "exclude": exclude, "protected": nil}}}
	}
	for name, c := range map[string]struct {
		ruleset res
		want    any
	}{
		"of all":                     {ruleset(names([]any{"~ALL"}, []any{}), nil), true},
		"by name":                    {ruleset(names([]any{"web", "api-Gateway"}, nil), nil), true},
		"by a pattern":               {ruleset(names([]any{"api-*"}, []any{"web-*"}), nil), true},
		"excluded":                   {ruleset(names([]any{"~ALL"}, []any{"API-*"}), nil), nil},
		"perhaps excluded":           {ruleset(names([]any{"~ALL"}, []any{"{api,web}-*"}), nil), nil},
		"others":                     {ruleset(names([]any{"web-*"}, []any{}), nil), nil},
		"by a pattern not known":     {ruleset(names([]any{"a[p]i-*"}, []any{}), nil), nil},
		"in another case":            {ruleset(names([]any{"API-gateway"}, []any{}), nil), nil},
		"by id":                      {ruleset(obj{"repository_id": []any{17}}, nil), nil},
		"by a property as well":      {ruleset(joined(names([]any{"~ALL"}, []any{}), obj{"repository_property": []any{obj{}}}), nil), nil},
		"that is only tried out":     {ruleset(names([]any{"~ALL"}, []any{}), func(o obj) { o["enforcement"] = "evaluate" }), nil},
		"on tags":                    {ruleset(names([]any{"~ALL"}, []any{}), func(o obj) { o["target"] = "tag" }), nil},
		"that says nothing of names": {ruleset(obj{}, nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := attributes(t, "github_repository.r", repository, c.ruleset)
			if diff := cmp.Diff(c.want, got["default_branch_rules"].(obj)["deletion"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, open := got["? default_branch_rules.deletion"]; open != (c.want == nil) {
				t.Errorf("unknown: %v", open)
			}
		})
	}
}
