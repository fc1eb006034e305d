package metsuke.github.org.base_permission_minimal_test

import data.metsuke.github.org.base_permission_minimal as policy

organisation(permission, allowed) := {
	"resource": {"attributes": {"default_repository_permission": permission}},
	"params": {"allowed": allowed},
}

every_member(permission) := {{
	"message": sprintf("every member has %s access to every repository", [permission]),
	"path": "default_repository_permission",
}}

test_fails_with_write_or_admin if {
	policy.deny == every_member("write") with input as organisation("write", ["none", "read"])
	policy.deny == every_member("admin") with input as organisation("admin", ["none", "read"])
}

test_read_fails_only_when_it_is_not_allowed if {
	policy.deny == every_member("read") with input as organisation("read", ["none"])
	policy.deny == set() with input as organisation("read", ["none", "read"])
}

test_passes_with_none if {
	policy.deny == set() with input as organisation("none", ["none"])
}
