package metsuke.github.actions.allowed_actions_restricted_test

import data.metsuke.github.actions.allowed_actions_restricted as policy

actions(repositories, allowed, patterns) := {"resource": {"attributes": {
	"enabled_repositories": repositories,
	"allowed_actions": allowed,
	"allowed_actions_config": config(patterns),
}}}

config(null) := null

config(patterns) := {"github_owned_allowed": true, "verified_allowed": false, "patterns_allowed": patterns} if is_array(patterns)

test_fails_when_all_actions_are_allowed if {
	policy.deny == {{"message": "workflows may use every action on GitHub", "path": "allowed_actions"}} with input as actions("all", "all", null)
}

test_fails_for_a_pattern_that_allows_everything if {
	policy.deny == {{
		"message": "the pattern */* allows every action on GitHub",
		"path": "allowed_actions_config",
		"key": "*/*",
	}} with input as actions("all", "selected", ["hoshino/*", "*/*"])
	policy.deny == {{
		"message": "the pattern */*@v* allows every action on GitHub",
		"path": "allowed_actions_config",
		"key": "*/*@v*",
	}} with input as actions("selected", "selected", ["*/*@v*"])
}

test_passes_with_selected_and_local_actions if {
	policy.deny == set() with input as actions("all", "selected", ["hoshino/*", "docker/build-push-action@*"])
	policy.deny == set() with input as actions("all", "local_only", null)
}

test_does_not_apply_where_actions_are_off if {
	not policy.applicable with input as actions("none", null, null)
	policy.applicable with input as actions("selected", "all", null)
}
