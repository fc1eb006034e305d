package metsuke.github.org.secure_defaults_new_repos_test

import data.metsuke.github.org.secure_defaults_new_repos as policy

organisation(on, configurations) := {"resource": {"attributes": {
	"dependency_graph_enabled_for_new_repositories": true,
	"dependabot_alerts_enabled_for_new_repositories": true,
	"dependabot_security_updates_enabled_for_new_repositories": true,
	"secret_scanning_enabled_for_new_repositories": on,
	"secret_scanning_push_protection_enabled_for_new_repositories": on,
	"code_security_default_configurations": configurations,
}}}

configuration(kind, enforcement, push_protection) := {
	"name": "Baseline",
	"default_for_new_repos": kind,
	"enforcement": enforcement,
	"dependency_graph": "enabled",
	"dependabot_alerts": "enabled",
	"dependabot_security_updates": "not_set",
	"secret_scanning": "enabled",
	"secret_scanning_push_protection": push_protection,
}

scanning := {
	"message": "new repositories start without secret scanning",
	"path": "secret_scanning_enabled_for_new_repositories",
	"key": "secret_scanning",
}

push_protection := {
	"message": "new repositories start without push protection of secret scanning",
	"path": "secret_scanning_push_protection_enabled_for_new_repositories",
	"key": "secret_scanning_push_protection",
}

test_fails_for_each_feature_that_is_off if {
	policy.deny == {scanning, push_protection} with input as organisation(false, [])
}

test_passes_with_all_of_them if {
	policy.deny == set() with input as organisation(true, [])
}

test_passes_with_an_enforced_configuration if {
	policy.deny == set() with input as organisation(false, [configuration("all", "enforced", "enabled")])
	policy.deny == set() with input as organisation(false, [
		configuration("public", "enforced", "enabled"),
		configuration("private_and_internal", "enforced", "enabled"),
	])
}

test_a_configuration_counts_for_what_it_switches_on if {
	policy.deny == {push_protection} with input as organisation(false, [configuration("all", "enforced", "disabled")])
}

test_a_configuration_for_some_repositories_or_by_choice_is_none if {
	policy.deny == {scanning, push_protection} with input as organisation(false, [configuration("public", "enforced", "enabled")])
	policy.deny == {scanning, push_protection} with input as organisation(false, [configuration("all", "unenforced", "enabled")])
}
